-- Purpose: what partners earn beside their orders: volume bonuses per month, target bonuses per period (rules 13 and 14).
-- Reads:   bonus_window, reached, measured, attained, contracts, versions, settled windows, holds
-- Writes:  entitled (rows without an order), target_due, bonus_line, settling (the actuals this run makes final), component
-- Invariant: a settled window has no row here and none is loaded as booked: what it paid is final. Except what a hold kept
--            back when it was settled: that stays owed, by the component and the measure of then.
-- @rest
CREATE UNLOGGED TABLE target_due AS
SELECT a.partner_id, k.id AS component_id, k.code, a.kpi, a.period_from, a.period_until, a.target,
       coalesce(z.units, a.actual) AS actual, z.id IS NULL AS settles_now, z.turnover AS was_target, z.component_id AS was_component
FROM attained a
JOIN contract_span c ON c.partner_id = a.partner_id AND c.valid_from < a.period_until AND c.valid_until >= a.period_until
JOIN version_span v ON v.schedule = c.schedule AND v.valid_from < a.period_until AND v.valid_until >= a.period_until
JOIN component k ON k.version_id = v.version_id AND k.kind = 'target_bonus' AND k.target = a.kpi
LEFT JOIN commissions_settledwindow z
    ON z.partner_id = a.partner_id AND z.component_code = k.code AND z."window" = 'period' AND z.valid_from = a.period_from
-- What is settled stays so, also by a version that would have waited longer.
WHERE z.id IS NOT NULL OR a.period_until - 1 + coalesce(k.settle_after_days, 45) <= %(cutoff)s;

INSERT INTO settling (partner_id, component_code, "window", valid_from, units, turnover, component_id)
SELECT partner_id, code, 'period', period_from, actual, target, component_id FROM target_due WHERE settles_now;

-- Of a window that only now turns out to have been settled before, the last notice names what was promised then.
UPDATE settling s
SET component_id = n.component_id
FROM (
    SELECT DISTINCT ON (s.partner_id, s.component_code, s."window", s.valid_from)
           s.partner_id, s.component_code, s."window", s.valid_from, l.component_id
    FROM settling s
    JOIN commissions_line l ON l.order_id IS NULL AND l.kind = 'window_bonus' AND l.hold_reason = 'withheld' AND l.measure IS NOT NULL
        AND l.partner_id = s.partner_id AND l.component_code = s.component_code
        AND l.month >= s.valid_from AND l.month < commissions_window_until(s."window", s.valid_from)
    JOIN commissions_component k ON k.id = l.component_id AND k."window" = s."window"
    WHERE s.known_by IS NOT NULL
    ORDER BY s.partner_id, s.component_code, s."window", s.valid_from, l.id DESC) n
WHERE s.known_by IS NOT NULL AND s.partner_id = n.partner_id AND s.component_code = n.component_code
  AND s."window" = n."window" AND s.valid_from = n.valid_from;

-- The last line of every volume bonus, and the run and component its window was settled by.
CREATE UNLOGGED TABLE bonus_line AS
SELECT DISTINCT ON (l.partner_id, l.component_code, l.month)
       l.id, l.partner_id, l.component_code, l.month, l.hold_reason, k."window",
       -- What ends before the first window that may be open is settled, whether something was stored of it or not.
       z.run_id IS NOT NULL OR w.window_until <= (SELECT since FROM open_window) AS settled,
       z.run_id AS settled_run, z.component_id AS settled_component
FROM commissions_line l
JOIN commissions_component k ON k.id = l.component_id
CROSS JOIN LATERAL (
    SELECT commissions_window_from(k."window", l.month) AS window_from,
           commissions_window_until(k."window", commissions_window_from(k."window", l.month)) AS window_until) w
LEFT JOIN (
    SELECT run_id, partner_id, component_code, "window", valid_from, component_id FROM commissions_settledwindow
    UNION ALL
    SELECT known_by, partner_id, component_code, "window", valid_from, component_id FROM settling WHERE known_by IS NOT NULL) z
    ON z.partner_id = l.partner_id AND z.component_code = l.component_code AND z."window" = k."window" AND z.valid_from = w.window_from
WHERE l.order_id IS NULL AND l.kind = 'window_bonus'
ORDER BY l.partner_id, l.component_code, l.month, l.id DESC;
INSERT INTO component
SELECT k.*, commissions_sums(k.steps_from, k.steps_rate) FROM commissions_component k
WHERE k.id IN (SELECT settled_component FROM bonus_line WHERE hold_reason = 'withheld')
  AND NOT EXISTS (SELECT FROM component c WHERE c.id = k.id);

INSERT INTO entitled
WITH month AS (
    SELECT w.partner_id, w.component_id, w.code, w.window_from, w.window_until, m.month::date AS month, NULL::bigint AS settled_run
    FROM bonus_window w
    JOIN component k ON k.id = w.component_id
    JOIN reached r ON r.partner_id = w.partner_id AND r.code = w.code AND r.name = k."window" AND r.window_from = w.window_from
        AND NOT r.settled
    CROSS JOIN generate_series(w.window_from, least(w.window_until - 1, %(cutoff)s), '1 month') m (month)
    UNION ALL
    SELECT l.partner_id, l.settled_component, l.component_code, commissions_window_from(l."window", l.month),
           commissions_window_until(l."window", commissions_window_from(l."window", l.month)), l.month, l.settled_run
    FROM bonus_line l WHERE l.hold_reason = 'withheld' AND l.settled_component IS NOT NULL
), summed AS (
    SELECT m.*, k.mode, k.basis, k.round_to, k.steps_from, k.steps_rate, x.until_now, x.until_before
    FROM month m
    JOIN component k ON k.id = m.component_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(CASE k.measure WHEN 'units' THEN s.units ELSE s.turnover END), 0) AS until_now,
               coalesce(sum(CASE k.measure WHEN 'units' THEN s.units ELSE s.turnover END)
                            FILTER (WHERE s.month < m.month), 0) AS until_before
        FROM (
            SELECT units, turnover, month FROM measured
            WHERE m.settled_run IS NULL AND partner_id = m.partner_id AND code = m.code
              AND month >= m.window_from AND month <= m.month
            UNION ALL
            SELECT units, turnover, month FROM commissions_measuredmonth
            WHERE m.settled_run IS NOT NULL AND run_id <= m.settled_run AND partner_id = m.partner_id AND component_code = m.code
              AND month >= m.window_from AND month <= m.month) s) x
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
           SELECT FROM holding h
           WHERE h.order_id IS NULL AND (h.partner_id = w.partner_id OR h.partner_id IS NULL)
             AND h.component_code IN ('', w.code)) THEN 'withheld' ELSE '' END
FROM worth w
UNION ALL
SELECT d.partner_id, 0, d.component_id, '', NULL, '', (d.period_until - INTERVAL '1 month')::date, NULL,
       NULL, NULL, d.period_until - 1, p.base, d.actual, d.target, p.rate, f.amount,
       0, 1, 0, f.amount, NULL,
       CASE WHEN EXISTS (
           SELECT FROM holding h
           WHERE h.order_id IS NULL AND (h.partner_id = d.partner_id OR h.partner_id IS NULL)
             AND h.component_code IN ('', d.code)) THEN 'withheld' ELSE '' END
FROM target_due d
JOIN component k ON k.id = d.component_id
CROSS JOIN LATERAL (
    -- Percent attained is never divided: from × target against 100 × actual; to ten places, since a third of a year's target
    -- is no decimal.
    SELECT CASE WHEN k.steps_total THEN 1 ELSE d.actual END AS base,
           coalesce(k.steps_rate[(
               SELECT count(*) FROM unnest(k.steps_from) b WHERE d.target > 0 AND round(b * d.target - 100 * d.actual, 10) <= 0)], 0) AS rate) p
CROSS JOIN LATERAL (
    SELECT round(p.base * p.rate, CASE k.round_to WHEN 1 THEN 0 WHEN 0.1 THEN 1 ELSE 2 END) AS amount) f
WHERE f.amount <> 0 OR EXISTS (
    SELECT FROM commissions_line l
    WHERE l.order_id IS NULL AND l.partner_id = d.partner_id AND l.component_code = d.code
      AND l.month = (d.period_until - INTERVAL '1 month')::date);
