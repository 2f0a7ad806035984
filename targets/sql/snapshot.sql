-- Purpose: how far every target is on a day, with both forecasts.
-- Reads:   targets_periods(), targets_monthly (counted up to that day), targets_settlement, sales_product(family)
-- Writes:  targets_snapshot (one row per target and period that has begun and is not settled); targets_rule and
--          targets_reached for rules that are new (what changes for the others count_new has added)
-- Invariant: taken again for the same day, a snapshot is replaced; a settled period gets none any more.
-- Each step is a table of its own with statistics: as one statement the planner guesses a thousand targets where there
-- are tens of thousands, and joins row by row for minutes.
CREATE TEMP TABLE due ON COMMIT DROP AS
SELECT p.*
FROM targets_periods(%(day)s::date, extract(year FROM %(day)s::date)::int - 1, extract(year FROM %(day)s::date)::int) p
WHERE p.period_from <= %(day)s::date
  AND NOT EXISTS (SELECT FROM targets_settlement s WHERE s.item_id = p.item_id AND s.period_from = p.period_from);
ANALYZE due;

-- Thousands of targets share a handful of rules. A rule is named by what it comes to: the products with what each adds,
-- and the transactions. So a product that changes its family makes another rule, and nothing old is taken for it.
CREATE TEMP TABLE said ON COMMIT DROP AS
SELECT i.id AS item_id,
       md5(jsonb_build_array(i.measure, i.unit, i.turnover_of, i.families, i.transactions, i.points)::text) AS said
FROM targets_agreementitem i
WHERE i.id IN (SELECT item_id FROM due);
ANALYZE said;

CREATE TEMP TABLE part ON COMMIT DROP AS
SELECT one.said, w.what, CASE WHEN i.measure = 'turnover' THEN i.turnover_of WHEN i.unit = 'points' THEN 'points' ELSE 'units' END
           AS of_column,
       trim_scale(CASE WHEN i.measure = 'turnover' THEN CASE i.turnover_of WHEN 'order_value' THEN 0.0001 ELSE 0.0000001 END
                       WHEN i.unit = 'points' THEN 0.001 * (i.points ->> pr.code)::numeric ELSE 0.001 END) AS factor
FROM (SELECT s.said, min(s.item_id) AS item_id FROM said s GROUP BY s.said) one
JOIN targets_agreementitem i ON i.id = one.item_id
JOIN sales_product pr ON i.unit <> 'points' OR i.points ? pr.code
JOIN sales_productfamily f ON f.id = pr.family_id AND (i.families = '{}' OR f.code = ANY (i.families))
JOIN targets_what w ON w.product = pr.code AND (i.transactions = '{}' OR w.transaction = ANY (i.transactions));

CREATE TEMP TABLE rule ON COMMIT DROP AS
SELECT p.said, md5(string_agg(concat_ws('|', p.what, p.of_column, p.factor), ',' ORDER BY p.what))::uuid AS rule
FROM part p
GROUP BY p.said;
ANALYZE rule;

DELETE FROM targets_reached t WHERE NOT EXISTS (SELECT FROM rule r WHERE r.rule = t.rule);
DELETE FROM targets_rule t WHERE NOT EXISTS (SELECT FROM rule r WHERE r.rule = t.rule);
-- No temporary table: only so do several processes read what was sold.
CREATE UNLOGGED TABLE targets_fresh AS
SELECT r.number, r.rule, p.what, p.of_column, p.factor
FROM (SELECT DISTINCT ON (rule) rule, said, dense_rank() OVER (ORDER BY rule) AS number FROM rule) r
JOIN part p USING (said)
WHERE NOT EXISTS (SELECT FROM targets_rule t WHERE t.rule = r.rule);
ANALYZE targets_fresh;
INSERT INTO targets_rule (rule, what, of_column, factor) SELECT rule, what, of_column, factor FROM targets_fresh;
-- Whole numbers are exact as doubles (see count_all) and quickly added; only points need a factor for each product.
CREATE UNLOGGED TABLE targets_fresh_sums AS
SELECT c.number, s.partner_id, s.month, max(c.factor) AS factor,
       sum((CASE c.of_column WHEN 'units' THEN s.units WHEN 'order_value' THEN s.order_value
                             WHEN 'monthly_price' THEN s.monthly_price END)::float8)::bigint AS whole,
       sum(CASE c.of_column WHEN 'points' THEN s.units * c.factor END) AS points
FROM targets_monthly s
JOIN targets_fresh c USING (what)
GROUP BY c.number, s.partner_id, s.month;
INSERT INTO targets_reached (rule, partner_id, month, value)
SELECT c.rule, s.partner_id, s.month, coalesce(s.points, s.whole * s.factor)
FROM targets_fresh_sums s
JOIN (SELECT DISTINCT number, rule FROM targets_fresh) c USING (number);
DROP TABLE targets_fresh, targets_fresh_sums;
ANALYZE targets_reached;

INSERT INTO targets_snapshot AS t (item_id, period_from, period_until, day, target, actual, linear, seasonal)
WITH pace AS (
    -- How much of the period is over: by days, and by what its months weigh. A begun month counts its share of days.
    -- One row a month that counts, with what it brought.
    SELECT d.item_id, d.period_from, coalesce(sum(a.value), 0) AS actual, count(m.month) AS months,
           sum(m.weight) AS weight, sum(m.over) AS months_over, sum(m.weight * m.over) AS weight_over
    FROM due d
    JOIN said USING (item_id)
    LEFT JOIN rule r USING (said)
    LEFT JOIN LATERAL (
        SELECT w.month, w.weight, least(1, greatest(0, (%(day)s::date - w.month + 1)::numeric
                                                       / ((w.month + interval '1 month')::date - w.month))) AS over
        FROM unnest(d.months, d.weights) w (month, weight)
    ) m ON TRUE
    LEFT JOIN targets_reached a ON a.partner_id = d.partner_id AND a.rule = r.rule AND a.month = m.month
    GROUP BY d.item_id, d.period_from
)
SELECT d.item_id, d.period_from, d.period_until, %(day)s::date, d.target, p.actual,
       p.actual * p.months / nullif(p.months_over, 0), p.actual * p.weight / nullif(p.weight_over, 0)
FROM due d
JOIN pace p USING (item_id, period_from)
ON CONFLICT (item_id, period_from, day) DO UPDATE
SET target = excluded.target, actual = excluded.actual, linear = excluded.linear, seasonal = excluded.seasonal,
    period_until = excluded.period_until;
