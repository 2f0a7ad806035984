-- Purpose: target and actual of every period that is over, for the bonus of the commission engine.
-- Reads:   targets_periods(), the agreed items, sales_product, sales_productfamily;
--          order_as_of (columns of sales_order, as the facts of the cut-off say) and attained_final (periods whose actual
--          the caller keeps: it is not counted, and said to be 0), both provided by the caller on the search_path
-- Writes:  attained (one row per item and period), in the caller's schema
-- Each step is a table of its own with statistics: in one statement the planner guesses and joins row by row.
-- Invariant: an order counts in the month of its activation, for the partner to whom it belongs now, unless it is
--            cancelled by the cut-off for a reason that is not the operator's own; a suspended month counts nothing. A
--            period of which nothing is asked any more is there with a target of 0: what it earned before goes back.
CREATE UNLOGGED TABLE attained (
    partner_id bigint, kpi text, period_from date, period_until date, target numeric, actual numeric, digest uuid);
CREATE UNLOGGED TABLE attained_due AS
SELECT p.item_id, p.partner_id, p.kpi, p.period_from, p.period_until, coalesce(p.target, 0) AS target, p.months,
       NOT EXISTS (SELECT FROM attained_final f
                   WHERE f.partner_id = p.partner_id AND f.kpi = p.kpi AND f.period_from = p.period_from) AS counted
FROM targets_periods(%(cutoff)s::date, extract(year FROM %(cutoff)s::date - interval '16 months')::int,
                                extract(year FROM %(cutoff)s::date)::int) p
WHERE p.period_until - 1 <= %(cutoff)s::date
  AND p.period_until > %(cutoff)s::date - interval '15 months';
ANALYZE attained_due;

-- What items count, each different rule once: thousands of partners share a handful.
CREATE UNLOGGED TABLE attained_rule AS
SELECT dense_rank() OVER (ORDER BY i.measure, i.unit, i.turnover_of, i.families, i.transactions, i.points) AS rule,
       i.id AS item_id, i.measure, i.unit, i.turnover_of, i.families, i.transactions, i.points
FROM targets_agreementitem i
WHERE i.id IN (SELECT item_id FROM attained_due WHERE counted);
ANALYZE attained_rule;

-- Orders are grouped by one small number instead of two texts, and whole numbers are added as doubles, exact up to 2^53:
-- half the time of summing up numeric (see count_all).
CREATE UNLOGGED TABLE attained_what AS
SELECT (row_number() OVER ())::int AS what, pr.code AS product, t AS transaction
FROM sales_product pr
CROSS JOIN unnest(ARRAY['new', 'renewal', 'upgrade', 'downgrade', 'addon', 'referral']) t;
ANALYZE attained_what;
CREATE UNLOGGED TABLE attained_sold AS
WITH sold AS MATERIALIZED (
    SELECT o.partner_id, date_trunc('month', o.activated_on::timestamp)::date AS month, w.what,
           sum((o.quantity * 1000)::bigint::float8)::bigint AS units,
           sum((coalesce(o.order_value, 0) * 10000)::bigint::float8)::bigint AS order_value,
           sum((coalesce(o.monthly_price * o.quantity, 0) * 10000000)::bigint::float8)::bigint AS monthly_price
    FROM order_as_of o
    JOIN attained_what w ON w.product = o.product AND w.transaction = o.transaction
    WHERE EXISTS (SELECT FROM attained_due WHERE counted)
      AND o.activated_on <= %(cutoff)s::date
      AND o.activated_on >= (SELECT min(d.period_from) FROM attained_due d WHERE counted)
      AND (o.cancelled_on IS NULL OR o.cancelled_on > %(cutoff)s::date
           OR o.reason IN ('NO_AVAILABILITY', 'PROVIDER_FAULT', 'PROVIDER_TERMINATION', 'PRICE_INCREASE'))
    GROUP BY 1, 2, 3
), counts AS (
    SELECT r.rule, w.what, CASE WHEN r.measure = 'turnover' THEN r.turnover_of ELSE 'units' END AS of_column,
           CASE WHEN r.measure = 'turnover' THEN CASE r.turnover_of WHEN 'order_value' THEN 0.0001 ELSE 0.0000001 END
                WHEN r.unit = 'points' THEN 0.001 * (r.points ->> pr.code)::numeric ELSE 0.001 END AS factor
    FROM (SELECT DISTINCT ON (rule) * FROM attained_rule) r
    JOIN sales_product pr ON r.unit <> 'points' OR r.points ? pr.code
    JOIN sales_productfamily f ON f.id = pr.family_id AND (r.families = '{}' OR f.code = ANY (r.families))
    JOIN attained_what w ON w.product = pr.code AND (r.transactions = '{}' OR w.transaction = ANY (r.transactions))
)
SELECT s.partner_id, s.month, c.rule,
       sum(c.factor * CASE c.of_column WHEN 'order_value' THEN s.order_value
                                       WHEN 'monthly_price' THEN s.monthly_price ELSE s.units END) AS value
FROM sold s
JOIN counts c USING (what)
GROUP BY 1, 2, 3;
ANALYZE attained_sold;

INSERT INTO attained
SELECT d.partner_id, d.kpi, d.period_from, d.period_until, d.target, coalesce(sum(a.value), 0),
       md5(trim_scale(d.target)::text)::uuid
FROM attained_due d
LEFT JOIN attained_rule r ON r.item_id = d.item_id AND d.counted
LEFT JOIN LATERAL unnest(d.months) m (month) ON TRUE
LEFT JOIN attained_sold a ON a.partner_id = d.partner_id AND a.rule = r.rule AND a.month = m.month
GROUP BY d.item_id, d.partner_id, d.kpi, d.period_from, d.period_until, d.target;
ANALYZE attained;
DROP TABLE attained_due, attained_rule, attained_what, attained_sold;
