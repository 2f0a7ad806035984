-- Purpose: what each component that applies earns before any rate and clawback: its facts.
-- Reads:   eligible, component, to_match, scope_month, scope_reach, sales_revenue, pause
-- Writes:  fact (one row per line identity to be priced)
-- Invariant: of an order that is not wholly in scope only the months asked for are there, and none of them twice. Runs a
--            second time for the months that a changed measure reaches.
-- @shards
INSERT INTO fact
WITH billed AS (
    -- In one stretch and one by one, as the orders themselves.
    SELECT m.order_id, m.whole, r.month, r.amount
    FROM to_match m JOIN sales_revenue r ON r.order_id = m.order_id AND r.order_id > %(new_after)s
    WHERE m.order_id > %(new_after)s AND m.whole IS NOT FALSE AND r.month <= %(month)s
    UNION ALL
    SELECT m.order_id, m.whole, r.month, r.amount
    FROM to_match m CROSS JOIN LATERAL (SELECT month, amount FROM sales_revenue WHERE order_id = m.order_id OFFSET 0) r
    WHERE m.order_id <= %(new_after)s AND m.whole IS NOT FALSE AND r.month <= %(month)s
    UNION ALL
    -- Of an order that has been running for years the month asked for is read and not all of them.
    SELECT order_id, FALSE, month, amount FROM scope_month
    WHERE amount IS NOT NULL AND EXISTS (SELECT FROM to_match WHERE NOT whole)  -- not the second time
), earning AS (
    SELECT e.*, m.whole, FALSE AS idle, date_trunc('month', e.activated_on::timestamp)::date AS month, NULL::date AS revenue_month,
           e.activated_on AS service_date, 0::numeric AS revenue
    FROM eligible e
    JOIN component k ON k.id = e.component_id AND (k.kind = 'closing' OR k.kind = 'campaign' AND k.basis <> 'line')
    JOIN to_match m ON m.order_id = e.order_id AND m.whole IS NOT FALSE
    WHERE e.activated_on <= %(cutoff)s
    UNION ALL
    SELECT e.*, b.whole, FALSE, b.month, b.month, (b.month + INTERVAL '1 month' - INTERVAL '1 day')::date, b.amount
    FROM eligible e
    JOIN component k ON k.id = e.component_id AND k.kind = 'recurring' AND (k.basis <> 'units' OR k.measure = 'revenue')
    JOIN billed b ON b.order_id = e.order_id AND b.month >= date_trunc('month', e.activated_on::timestamp)
        AND (k.months IS NULL OR b.month < date_trunc('month', e.activated_on::timestamp) + make_interval(months => k.months))
    UNION ALL
    -- A month on whose last day the order is not active uses up its slot and earns nothing: all of it is taken back.
    SELECT e.*, m.whole, e.cancelled_on <= n.last_day IS TRUE OR EXISTS (
               SELECT FROM pause p WHERE p.order_id = e.order_id AND p.paused_from <= n.last_day AND n.last_day < p.paused_until),
           n.month, n.month, n.last_day, 0
    FROM eligible e
    JOIN component k ON k.id = e.component_id AND k.kind = 'recurring' AND k.basis = 'units' AND k.measure <> 'revenue'
    JOIN to_match m ON m.order_id = e.order_id
    CROSS JOIN LATERAL (
        SELECT month::date AS month, (month + INTERVAL '1 month' - INTERVAL '1 day')::date AS last_day
        FROM generate_series(date_trunc('month', e.activated_on::timestamp), least(
                 %(month)s::timestamp, date_trunc('month', e.activated_on::timestamp) + make_interval(months => coalesce(k.months, 9999) - 1)),
                 '1 month') month) n
    WHERE e.activated_on <= %(cutoff)s
      AND (m.whole IS NOT FALSE OR EXISTS (SELECT FROM scope_month s WHERE s.order_id = e.order_id AND s.month = n.month))
)
SELECT f.order_id, f.component_id, f.certificate_id, f.partner_id, f.activated_on, f.month, f.revenue_month, f.service_date,
       CASE WHEN f.idle THEN 1 ELSE f.clawed_n END, f.clawed_d, f.unproven_n, f.unproven_d,
       -- Held facts do not count until they are released, nor do those of which anything is taken back (rule 11).
       f.hold_reason IN ('', 'withheld') AND f.clawed_n = 0 AND NOT f.idle,
       k.code, k.mode, k.measure,
       -- In a month the order was not active in, only a controller keeps something back, also where another reason hides that.
       CASE WHEN NOT f.idle THEN f.hold_reason WHEN f.withheld THEN 'withheld' ELSE '' END, f.quantity,
       f.base + CASE k.basis WHEN 'revenue' THEN f.revenue ELSE 0 END,
       f.size + CASE k.measure WHEN 'revenue' THEN f.revenue ELSE 0 END
FROM earning f
JOIN component k ON k.id = f.component_id
LEFT JOIN scope_reach r ON f.whole IS NULL AND r.order_id = f.order_id AND r.month_from <= f.month AND f.month < r.month_until
WHERE f.whole IS NOT NULL
   OR r.order_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM scope_month s WHERE s.order_id = f.order_id AND s.month = f.revenue_month);
ANALYZE fact;
