-- Purpose: what each order in scope counts for in tiers and volume bonuses, and by how much that changed (rules 10, 11).
-- Reads:   fact, terms, component, contracts, versions, posted contributions and measured months
-- Writes:  bonus_window (who is promised a volume bonus over which window), counted, contribution
-- Invariant: of what an order counted for before, all is taken out, and what it counts for now is put in, so that the sum
--            of all contributions is the measure.
CREATE UNLOGGED TABLE bonus_window AS
-- Who is promised a volume bonus over which window: by contract and version of the window's last day.
WITH month AS (
    SELECT partner_id, date_trunc('month', activated_on::timestamp)::date AS month FROM terms WHERE whole AND activated_on <= %(cutoff)s
    UNION
    SELECT o.partner_id, r.month FROM terms o JOIN sales_revenue r ON r.order_id = o.order_id AND r.month <= %(month)s
    WHERE EXISTS (SELECT FROM component WHERE kind = 'window_bonus' AND measure = 'revenue')
    UNION
    SELECT partner_id, month FROM commissions_measuredmonth WHERE month >= (SELECT since FROM open_window)
), span AS (
    SELECT DISTINCT m.partner_id, w.name, commissions_window_from(w.name, m.month) AS window_from
    FROM month m CROSS JOIN (SELECT DISTINCT "window" AS name FROM component WHERE kind = 'window_bonus') w
), dated AS MATERIALIZED (
    -- Said once: in the conditions below it would be worked out for every contract and version.
    SELECT s.*, commissions_window_until(s.name, s.window_from) AS window_until FROM span s
)
SELECT s.partner_id, k.id AS component_id, k.code, s.window_from, s.window_until, c.schedule, c.level
FROM dated s
JOIN contract_span c ON c.partner_id = s.partner_id AND c.valid_from < s.window_until AND c.valid_until >= s.window_until
JOIN version_span v ON v.schedule = c.schedule AND v.valid_from < s.window_until AND v.valid_until >= s.window_until
JOIN component k ON k.version_id = v.version_id AND k.kind = 'window_bonus' AND k."window" = s.name;
CREATE INDEX ON bonus_window (partner_id);
ANALYZE bonus_window;

-- @shards
CREATE UNLOGGED TABLE counted AS
SELECT order_id, partner_id, code, month, size AS units, size AS turnover, 0 AS clawed
FROM fact WITH NO DATA;
INSERT INTO counted
SELECT f.order_id, f.partner_id, f.code, f.month, sum(f.quantity),
       sum(CASE WHEN f.measure <> 'units' THEN f.size WHEN k.basis <> 'units' THEN f.base ELSE 0 END), 0
FROM fact f JOIN component k ON k.id = f.component_id
WHERE f.measure <> '' AND f.counts
GROUP BY f.order_id, f.partner_id, f.code, f.month;
-- What is clawed back takes no room, but has a place to come back to; what is held has none.
INSERT INTO counted
SELECT f.order_id, f.partner_id, f.code, f.month, 0, 0, 1
FROM fact f JOIN component k ON k.id = f.component_id AND k.kind = 'closing'
WHERE f.mode = 'graduated' AND f.clawed_n > 0 AND f.hold_reason IN ('', 'withheld');
-- What was sold counts in the month of its activation; what was billed in its own, from that month on.
INSERT INTO counted
SELECT o.order_id, o.partner_id, w.code, f.month, o.quantity,
       CASE k.measure WHEN 'order_value' THEN coalesce(o.order_value, 0)
                      WHEN 'monthly_price' THEN coalesce(o.monthly_price, 0) * o.quantity ELSE f.revenue END, 0
FROM terms o
JOIN bonus_window w ON w.partner_id = o.partner_id AND o.activated_on < w.window_until AND o.activated_on <= %(cutoff)s
JOIN component k ON k.id = w.component_id AND (k.measure = 'revenue' OR o.whole AND w.window_from <= o.activated_on)
CROSS JOIN LATERAL (
    SELECT date_trunc('month', o.activated_on::timestamp)::date AS month, 0::numeric AS revenue
    WHERE k.measure <> 'revenue'
    UNION ALL
    SELECT r.month, r.amount FROM sales_revenue r
    WHERE k.measure = 'revenue' AND r.order_id = o.order_id AND r.month <= %(month)s
      AND r.month >= date_trunc('month', o.activated_on::timestamp) AND r.month >= w.window_from AND r.month < w.window_until
      AND (o.whole OR EXISTS (SELECT FROM scope_month s WHERE s.order_id = o.order_id AND s.month = r.month))) f
CROSS JOIN LATERAL (
    SELECT (extract(year FROM o.cancelled_on)::int - extract(year FROM o.activated_on)::int) * 12
         + extract(month FROM o.cancelled_on)::int - extract(month FROM o.activated_on)::int AS months) held
WHERE o.has_contract AND o.in_portfolio
  AND (k.families IS NULL OR o.family = ANY (k.families))
  AND (k.products IS NULL OR o.product = ANY (k.products))
  AND (k.transactions IS NULL OR o.transaction = ANY (k.transactions))
  AND (k.customer_classes IS NULL OR o.customer_class = ANY (k.customer_classes))
  AND (k.partner_kinds IS NULL OR o.partner_kind = ANY (k.partner_kinds))
  AND (k.levels IS NULL OR o.level = ANY (k.levels))
  AND CASE WHEN k.routes IS NULL THEN o.route <> 'closed' ELSE o.route = ANY (k.routes) END
  AND (k.certificate IS NULL OR EXISTS (
      SELECT FROM certified x WHERE x.partner_id = o.partner_id AND x.family = k.certificate
        AND x.valid_from <= o.signed_on AND o.signed_on < x.valid_until))
  AND (o.cancelled_on IS NULL
       OR o.reason IN ('NO_AVAILABILITY', 'PROVIDER_FAULT', 'PROVIDER_TERMINATION', 'PRICE_INCREASE')
       OR o.reason = 'NON_PAYMENT' AND NOT o.has_evidence
       OR o.reason NOT IN ('WITHDRAWAL', 'FRAUD_PARTNER', 'FRAUD_CUSTOMER', 'DUPLICATE')
          AND (k.clawback_months IS NULL OR o.cancelled_on >= o.activated_on + make_interval(months => k.clawback_months)
               OR (SELECT n FROM commissions_share(
                   k.clawback_mode, k.clawback_months, k.clawback_until, k.clawback_percent, o.activated_on, o.cancelled_on,
                   greatest(held.months - (o.activated_on + make_interval(months => held.months) > o.cancelled_on)::int, 0))) = 0));

-- What orders in scope counted for until now is taken out, what they count for now is put in. Sorted, since a sum of numeric
-- for each of a million orders, all in memory at once, takes eight times the room.
SET LOCAL enable_hashagg = off;
INSERT INTO contribution (run_id, order_id, partner_id, component_code, month, units, turnover, clawed)
SELECT %(run)s, order_id, partner_id, code, month, sum(units), sum(turnover), sum(clawed)
FROM (
    SELECT order_id, partner_id, code, month, units, turnover, clawed FROM counted
    UNION ALL
    SELECT c.order_id, c.partner_id, c.component_code, c.month, -c.units, -c.turnover, -c.clawed
    FROM commissions_contribution c JOIN scope_order s ON s.order_id = c.order_id AND s.known
    UNION ALL
    SELECT c.order_id, c.partner_id, c.component_code, c.month, -c.units, -c.turnover, -c.clawed
    FROM commissions_contribution c JOIN scope_month s ON s.order_id = c.order_id AND s.month = c.month
    WHERE c.component_code IN (
        SELECT code FROM component
        WHERE kind = 'recurring' AND measure <> '' OR kind = 'window_bonus' AND measure = 'revenue')) both_sides
GROUP BY order_id, partner_id, code, month
HAVING sum(units) <> 0 OR sum(turnover) <> 0 OR sum(clawed) <> 0;
SET LOCAL enable_hashagg = on;
