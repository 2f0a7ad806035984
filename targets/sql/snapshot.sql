-- Purpose: how far every target is on a day, with both forecasts.
-- Reads:   targets_periods(), targets_monthly (counted up to that day), targets_settlement, sales_product(family)
-- Writes:  targets_snapshot (one row per target and period that has begun and is not settled)
-- Invariant: taken again for the same day, a snapshot is replaced; a settled period gets none any more.
-- Each step is a table of its own with statistics: as one statement the planner guesses a thousand targets where there
-- are tens of thousands, and joins row by row for minutes.
CREATE TEMP TABLE due ON COMMIT DROP AS
SELECT p.*
FROM targets_periods(%(day)s::date, extract(year FROM %(day)s::date)::int - 1, extract(year FROM %(day)s::date)::int) p
WHERE p.period_from <= %(day)s::date
  AND NOT EXISTS (SELECT FROM targets_settlement s WHERE s.item_id = p.item_id AND s.period_from = p.period_from);
ANALYZE due;

CREATE TEMP TABLE rule ON COMMIT DROP AS
SELECT dense_rank() OVER (ORDER BY i.measure, i.unit, i.turnover_of, i.families, i.transactions, i.points) AS rule,
       i.id AS item_id, i.measure, i.unit, i.turnover_of, i.families, i.transactions, i.points
FROM targets_agreementitem i
WHERE i.id IN (SELECT item_id FROM due);
ANALYZE rule;

CREATE TEMP TABLE reached ON COMMIT DROP AS
WITH counts AS (
    SELECT r.rule, pr.code AS product, r.transactions,
           CASE WHEN r.measure = 'turnover' THEN 0 WHEN r.unit = 'points' THEN (r.points ->> pr.code)::numeric ELSE 1 END
               AS per_unit,
           (r.measure = 'turnover' AND r.turnover_of = 'order_value')::int AS of_order_value,
           (r.measure = 'turnover' AND r.turnover_of = 'monthly_price')::int AS of_monthly_price
    FROM (SELECT DISTINCT ON (rule) * FROM rule) r
    JOIN sales_product pr ON r.unit <> 'points' OR r.points ? pr.code
    JOIN sales_productfamily f ON f.id = pr.family_id AND (r.families = '{}' OR f.code = ANY (r.families))
)
SELECT s.partner_id, s.month, c.rule,
       sum(s.units * c.per_unit + s.order_value * c.of_order_value + s.monthly_price * c.of_monthly_price) AS value
FROM targets_monthly s
JOIN counts c ON c.product = s.product AND (c.transactions = '{}' OR s.transaction = ANY (c.transactions))
WHERE s.month >= (SELECT min(period_from) FROM due)
GROUP BY s.partner_id, s.month, c.rule;
ANALYZE reached;

INSERT INTO targets_snapshot AS t (item_id, period_from, period_until, day, target, actual, linear, seasonal)
WITH pace AS (
    -- How much of the period is over: by days, and by what its months weigh. A begun month counts its share of days.
    -- One row a month that counts, with what it brought.
    SELECT d.item_id, d.period_from, coalesce(sum(a.value), 0) AS actual, count(m.month) AS months,
           sum(m.weight) AS weight, sum(m.over) AS months_over, sum(m.weight * m.over) AS weight_over
    FROM due d
    JOIN rule r USING (item_id)
    LEFT JOIN LATERAL (
        SELECT w.month, w.weight, least(1, greatest(0, (%(day)s::date - w.month + 1)::numeric
                                                       / ((w.month + interval '1 month')::date - w.month))) AS over
        FROM unnest(d.months, d.weights) w (month, weight)
    ) m ON TRUE
    LEFT JOIN reached a ON a.partner_id = d.partner_id AND a.rule = r.rule AND a.month = m.month
    GROUP BY d.item_id, d.period_from
)
SELECT d.item_id, d.period_from, d.period_until, %(day)s::date, d.target, p.actual,
       p.actual * p.months / nullif(p.months_over, 0), p.actual * p.weight / nullif(p.weight_over, 0)
FROM due d
JOIN pace p USING (item_id, period_from)
ON CONFLICT (item_id, period_from, day) DO UPDATE
SET target = excluded.target, actual = excluded.actual, linear = excluded.linear, seasonal = excluded.seasonal,
    period_until = excluded.period_until;
