-- Purpose: what partners sold of a KPI in a year, month by month: the base of new targets and of learned weights.
-- Reads:   targets_kpi, targets_monthly, sales_product, sales_productfamily
-- Writes:  nothing
-- Parameters: kpi, year
SELECT m.partner_id, m.month,
       sum(CASE WHEN k.measure = 'turnover' AND k.turnover_of = 'order_value' THEN m.order_value
                WHEN k.measure = 'turnover' THEN m.monthly_price
                WHEN k.unit = 'points' THEN m.units * coalesce((k.points ->> m.product)::numeric, 0)
                ELSE m.units END) AS value
FROM targets_kpi k
JOIN targets_monthly m ON m.month BETWEEN make_date(%(year)s, 1, 1) AND make_date(%(year)s, 12, 1)
JOIN sales_product pr ON pr.code = m.product
JOIN sales_productfamily f ON f.id = pr.family_id
WHERE k.id = %(kpi)s
  AND (k.families = '{}' OR f.code = ANY (k.families))
  AND (k.transactions = '{}' OR m.transaction = ANY (k.transactions))
GROUP BY m.partner_id, m.month;
