-- Purpose: what partners earn beside their orders: volume bonuses per month, target bonuses per period (rules 13 and 14).
-- Reads:   bonus_window, reached, measured, attained, contracts, versions, settled windows, holds
-- Writes:  entitled (rows without an order), target_due, settling (the actuals this run makes final)
-- Invariant: a settled window has no row here and none is loaded as booked: what it paid is final.
CREATE UNLOGGED TABLE target_due AS
SELECT a.partner_id, k.id AS component_id, k.code, a.kpi, a.period_from, a.period_until, a.target,
       coalesce(z.units, a.actual) AS actual, z.id IS NULL AS settles_now
FROM attained a
JOIN contract_span c ON c.partner_id = a.partner_id AND c.valid_from < a.period_until AND c.valid_until >= a.period_until
JOIN version_span v ON v.schedule = c.schedule AND v.valid_from < a.period_until AND v.valid_until >= a.period_until
JOIN component k ON k.version_id = v.version_id AND k.kind = 'target_bonus' AND k.target = a.kpi
LEFT JOIN commissions_settledwindow z
    ON z.partner_id = a.partner_id AND z.component_code = k.code AND z."window" = 'period' AND z.valid_from = a.period_from
WHERE a.period_until - 1 + coalesce(k.settle_after_days, 45) <= %(cutoff)s;

INSERT INTO settling (partner_id, component_code, "window", valid_from, units, turnover)
SELECT partner_id, code, 'period', period_from, actual, 0 FROM target_due WHERE settles_now;

INSERT INTO entitled
WITH month AS (
    SELECT w.*, m.month::date AS month, k.measure, k.mode, k.basis, k.round_to, k.steps_from, k.steps_rate
    FROM bonus_window w
    JOIN component k ON k.id = w.component_id
    JOIN reached r ON r.partner_id = w.partner_id AND r.code = w.code AND r.name = k."window" AND r.window_from = w.window_from
        AND NOT r.settled
    CROSS JOIN generate_series(w.window_from, least(w.window_until - 1, %(cutoff)s), '1 month') m (month)
), summed AS (
    SELECT m.*, x.until_now, x.until_before
    FROM month m
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(CASE m.measure WHEN 'units' THEN s.units ELSE s.turnover END), 0) AS until_now,
               coalesce(sum(CASE m.measure WHEN 'units' THEN s.units ELSE s.turnover END)
                            FILTER (WHERE s.month < m.month), 0) AS until_before
        FROM measured s
        WHERE s.partner_id = m.partner_id AND s.code = m.code AND s.month >= m.window_from AND s.month <= m.month) x
), worth AS (
    SELECT s.*, commissions_slab(s.steps_from, s.steps_rate, s.until_now) AS rate,
           round((CASE s.mode
                      WHEN 'slab' THEN s.until_now * commissions_slab(s.steps_from, s.steps_rate, s.until_now)
                                     - s.until_before * commissions_slab(s.steps_from, s.steps_rate, s.until_before)
                      ELSE commissions_graduated(s.steps_from, s.steps_rate, s.until_now)
                         - commissions_graduated(s.steps_from, s.steps_rate, s.until_before) END)
                 * CASE s.basis WHEN 'units' THEN 1 ELSE 0.01 END,
                 CASE s.round_to WHEN 1 THEN 0 WHEN 0.1 THEN 1 ELSE 2 END) AS full_amount
    FROM summed s
)
SELECT w.partner_id, 0, w.component_id, '', NULL::bigint, '', w.month, NULL::date, w.month, NULL::bigint, w.window_until - 1,
       w.until_now - w.until_before, w.until_now, w.until_before, w.rate, w.full_amount, 0, 1, 0, w.full_amount, NULL::numeric,
       CASE WHEN EXISTS (
           SELECT FROM commissions_hold h
           WHERE h.released_at IS NULL AND h.order_id IS NULL AND (h.partner_id = w.partner_id OR h.partner_id IS NULL)
             AND h.component_code IN ('', w.code)) THEN 'withheld' ELSE '' END
FROM worth w
UNION ALL
SELECT d.partner_id, 0, d.component_id, '', NULL, '', (d.period_until - INTERVAL '1 month')::date, NULL,
       NULL, NULL, d.period_until - 1, p.base, d.actual, d.target, p.rate, f.amount,
       0, 1, 0, f.amount, NULL,
       CASE WHEN EXISTS (
           SELECT FROM commissions_hold h
           WHERE h.released_at IS NULL AND h.order_id IS NULL AND (h.partner_id = d.partner_id OR h.partner_id IS NULL)
             AND h.component_code IN ('', d.code)) THEN 'withheld' ELSE '' END
FROM target_due d
JOIN component k ON k.id = d.component_id
CROSS JOIN LATERAL (
    -- Percent attained is never divided: from × target against 100 × actual.
    SELECT CASE WHEN k.steps_total THEN 1 ELSE d.actual END AS base,
           coalesce(k.steps_rate[(SELECT count(*) FROM unnest(k.steps_from) b WHERE b * d.target <= 100 * d.actual)], 0) AS rate) p
CROSS JOIN LATERAL (
    SELECT round(p.base * p.rate, CASE k.round_to WHEN 1 THEN 0 WHEN 0.1 THEN 1 ELSE 2 END) AS amount) f
WHERE f.amount <> 0 OR EXISTS (
    SELECT FROM commissions_line l
    WHERE l.order_id IS NULL AND l.partner_id = d.partner_id AND l.component_code = d.code
      AND l.month = (d.period_until - INTERVAL '1 month')::date);
