-- Purpose: what partners sold of a KPI in a year, month by month: the base of new targets and of learned weights.
-- Reads:   targets_kpi, targets_monthly, targets_what, sales_product, sales_productfamily
-- Writes:  nothing
-- Parameters: kpi, year, partner (null: all of them)
SELECT m.partner_id, m.month,
       sum(CASE WHEN k.measure = 'turnover' AND k.turnover_of = 'order_value' THEN m.order_value * 0.0001
                WHEN k.measure = 'turnover' THEN m.monthly_price * 0.0000001
                WHEN k.unit = 'points' THEN m.units * 0.001 * coalesce((k.points ->> w.product)::numeric, 0)
                ELSE m.units * 0.001 END) AS value
FROM targets_kpi k
JOIN targets_monthly m ON m.month BETWEEN make_date(%(year)s, 1, 1) AND make_date(%(year)s, 12, 1)
JOIN targets_what w USING (what)
JOIN sales_product pr ON pr.code = w.product
JOIN sales_productfamily f ON f.id = pr.family_id
WHERE k.id = %(kpi)s
  AND (%(partner)s::bigint IS NULL OR m.partner_id = %(partner)s)
  AND (k.families = '{}' OR f.code = ANY (k.families))
  AND (k.transactions = '{}' OR w.transaction = ANY (k.transactions))
GROUP BY m.partner_id, m.month;
