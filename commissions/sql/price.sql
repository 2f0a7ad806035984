-- Purpose: what each fact earns before any clawback, rounded half away from zero once (rules 8, 10, 11 and 15).
-- Reads:   fact, terms, eligible, component, reached, measured; posted contributions and events (places in settled windows)
-- Writes:  settled_place, place (where each order begins in its graduated window), the view priced (one row per line identity)
-- Invariant: numeric all the way; percent is a multiplication by 0.01, because a division may round before we do.
-- Everybody's place in settled windows, from what counted when they were settled: a line of 0.00 never told its own.
CREATE UNLOGGED TABLE settled_place AS
WITH wanted AS (
    SELECT DISTINCT r.partner_id, r.code, r.name, r.window_from, r.window_until, coalesce(z.run_id, %(since_run)s::bigint) AS run_id
    FROM fact f
    JOIN component k ON k.id = f.component_id AND f.mode = 'graduated'
    JOIN reached r ON r.partner_id = f.partner_id AND r.code = f.code AND r.name = k."window" AND r.settled
        AND r.window_from = commissions_window_from(k."window", f.month)
    -- Settled as the last run left it, if only what is known now says that it was.
    LEFT JOIN commissions_settledwindow z ON z.partner_id = r.partner_id AND z.component_code = r.code AND z."window" = r.name
        AND z.valid_from = r.window_from
), counting AS (
    SELECT w.partner_id, w.code, w.name, w.window_from, w.run_id, c.order_id, c.month, sum(c.units) AS units,
           sum(c.turnover) AS turnover
    FROM wanted w
    JOIN commissions_contribution c ON c.partner_id = w.partner_id AND c.component_code = w.code
        AND c.month >= w.window_from AND c.month < w.window_until AND c.run_id <= w.run_id
    GROUP BY w.partner_id, w.code, w.name, w.window_from, w.run_id, c.order_id, c.month
    HAVING sum(c.units) <> 0 OR sum(c.turnover) <> 0 OR sum(c.clawed) <> 0
)
SELECT c.partner_id, c.code, c.name, c.window_from, c.order_id, c.month,
       coalesce(sum(c.units) OVER ahead, 0) AS units, coalesce(sum(c.turnover) OVER ahead, 0) AS turnover
FROM counting c
JOIN sales_order o ON o.id = c.order_id
JOIN commissions_run s ON s.id = c.run_id
-- A place is final, so it goes by the day of activation known then, whatever was corrected since.
LEFT JOIN LATERAL (
    SELECT coalesce((array_agg(e.activated_on ORDER BY e.occurred_on DESC, e.event_id COLLATE "C" DESC)
                         FILTER (WHERE e.event_type = 'corrected' AND e.activated_on IS NOT NULL))[1],
                    min(e.occurred_on) FILTER (WHERE e.event_type = 'activated')) AS activated_on
    FROM sales_event e
    WHERE o.feed_import_id > s.last_import AND e.order_id = o.order_no AND e.event_type IN ('activated', 'corrected')
      AND e.feed_import_id <= s.last_import AND e.occurred_on < s.month + INTERVAL '1 month') known ON TRUE
WINDOW ahead AS (PARTITION BY c.partner_id, c.code, c.name, c.window_from
                 ORDER BY c.month, coalesce(known.activated_on, o.activated_on), o.order_no COLLATE "C"
                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);
CREATE INDEX ON settled_place (order_id);
ANALYZE settled_place;

CREATE UNLOGGED TABLE place AS
WITH ranked AS (
    SELECT f.order_id, f.partner_id, f.code, f.component_id, f.month, f.revenue_month, f.measure,
           r.name, r.window_from, r.window_until, r.settled, r.units, r.turnover,
           sum(CASE WHEN f.counts THEN f.quantity ELSE 0 END) OVER ahead AS units_ahead,
           sum(CASE WHEN NOT f.counts THEN 0 WHEN f.measure <> 'units' THEN f.size WHEN k.basis <> 'units' THEN f.base ELSE 0 END)
               OVER ahead AS turnover_ahead
    FROM fact f
    JOIN component k ON k.id = f.component_id AND f.mode = 'graduated'
    JOIN sales_order o ON o.id = f.order_id
    -- Nothing is known of a window in which nothing ever counted, and nothing lies ahead in it.
    LEFT JOIN reached r ON r.partner_id = f.partner_id AND r.code = f.code AND r.name = k."window"
        AND r.window_from = commissions_window_from(k."window", f.month)
    WINDOW ahead AS (PARTITION BY f.partner_id, f.code, f.month
                     ORDER BY f.activated_on, o.order_no COLLATE "C", f.revenue_month
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT r.order_id, r.component_id, r.month,
       CASE
           -- A settled window keeps everybody's place; who comes later begins where it ended (rule 12).
           WHEN r.settled THEN coalesce(CASE r.measure WHEN 'units' THEN s.units ELSE s.turnover END,
                                        CASE r.measure WHEN 'units' THEN r.units ELSE r.turnover END)
           WHEN r.measure = 'units' THEN coalesce(r.units_ahead, 0) + coalesce(m.units, 0)
           ELSE coalesce(r.turnover_ahead, 0) + coalesce(m.turnover, 0) END AS place
FROM ranked r
LEFT JOIN LATERAL (
    SELECT sum(m.units) AS units, sum(m.turnover) AS turnover FROM measured m
    WHERE m.partner_id = r.partner_id AND m.code = r.code AND m.month >= r.window_from AND m.month < r.month) m ON NOT r.settled
LEFT JOIN LATERAL (
    SELECT s.units, s.turnover FROM settled_place s
    WHERE s.order_id = r.order_id AND s.partner_id = r.partner_id AND s.code = r.code AND s.name = r.name
      AND s.window_from = r.window_from AND (s.month = r.month OR r.revenue_month IS NULL)
    -- An activation that moved within the window since keeps its place.
    ORDER BY s.month = r.month DESC LIMIT 1) s ON r.settled;
CREATE INDEX ON place (order_id, component_id);
ANALYZE place;

-- @shards
CREATE VIEW priced AS
SELECT f.order_id, f.component_id, f.certificate_id, f.hold_reason, f.partner_id, f.month, f.revenue_month, f.service_date,
       f.base, f.clawed_n, f.clawed_d, f.unproven_n, f.unproven_d,
       CASE k.mode WHEN 'graduated' THEN p.place
                   WHEN 'slab' THEN coalesce(CASE k.measure WHEN 'units' THEN r.units ELSE r.turnover END, 0) END AS measure,
       rate.rate,
       round(CASE k.mode WHEN 'graduated'
                 THEN commissions_graduated(k.steps_from, k.steps_rate, k.steps_sum, p.place + f.size)
                    - commissions_graduated(k.steps_from, k.steps_rate, k.steps_sum, p.place)
                 ELSE f.base * rate.rate END * CASE k.basis WHEN 'units' THEN 1 ELSE 0.01 END,
             CASE k.round_to WHEN 1 THEN 0 WHEN 0.1 THEN 1 ELSE 2 END) AS full_amount
FROM fact f
JOIN component k ON k.id = f.component_id
LEFT JOIN place p ON k.mode = 'graduated' AND p.order_id = f.order_id AND p.component_id = f.component_id AND p.month = f.month
LEFT JOIN reached r ON k.mode = 'slab' AND r.partner_id = f.partner_id AND r.code = f.code AND r.name = k."window"
    AND r.window_from = commissions_window_from(k."window", f.month)
CROSS JOIN LATERAL (
    SELECT CASE k.mode WHEN '' THEN k.rate
                       WHEN 'slab' THEN commissions_slab(k.steps_from, k.steps_rate, coalesce(
                           CASE k.measure WHEN 'units' THEN r.units ELSE r.turnover END, 0))
                       ELSE commissions_slab(k.steps_from, k.steps_rate, p.place) END AS rate) rate
UNION ALL
-- An activated order that no component is for is a visible result, never a silent zero.
SELECT o.order_id, NULL, NULL, CASE WHEN o.has_contract THEN 'not_in_schedule' ELSE 'no_contract' END, o.partner_id,
       date_trunc('month', o.activated_on::timestamp)::date, NULL, o.activated_on, 0, 0, 1, 0, 1, NULL, 0, 0
FROM terms o
WHERE o.whole AND o.activated_on <= %(cutoff)s
  AND NOT EXISTS (
      SELECT FROM eligible e JOIN component k ON k.id = e.component_id AND k.basis <> 'line' WHERE e.order_id = o.order_id)
  -- What its schedule counts for a volume bonus earns nothing of its own, but is not missing from the schedule either.
  AND NOT EXISTS (
      SELECT FROM component k
      WHERE k.version_id = o.version_id AND k.kind = 'window_bonus'
        AND (k.families IS NULL OR o.family = ANY (k.families))
        AND (k.products IS NULL OR o.product = ANY (k.products))
        AND (k.transactions IS NULL OR o.transaction = ANY (k.transactions))
        AND (k.customer_classes IS NULL OR o.customer_class = ANY (k.customer_classes))
        AND (k.partner_kinds IS NULL OR o.partner_kind = ANY (k.partner_kinds))
        AND (k.levels IS NULL OR o.level = ANY (k.levels))
        AND CASE WHEN k.routes IS NULL THEN o.route <> 'closed' ELSE o.route = ANY (k.routes) END);
