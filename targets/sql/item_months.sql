-- Purpose: what each target's orders add up to, month by month, whatever is suspended.
-- Reads:   targets_agreementitem, targets_agreement, targets_monthly, targets_what, sales_product, sales_productfamily
-- Writes:  nothing
-- Parameter: items, a list of targets
SELECT i.id AS item_id, m.month,
       sum(CASE WHEN i.measure = 'turnover' AND i.turnover_of = 'order_value' THEN m.order_value * 0.0001
                WHEN i.measure = 'turnover' THEN m.monthly_price * 0.0000001
                WHEN i.unit = 'points' THEN m.units * 0.001 * coalesce((i.points ->> w.product)::numeric, 0)
                ELSE m.units * 0.001 END) AS value
FROM targets_agreementitem i
JOIN targets_agreement a ON a.id = i.agreement_id
JOIN targets_monthly m ON m.partner_id = a.partner_id
                      AND m.month BETWEEN make_date(a.year, 1, 1) AND make_date(a.year, 12, 1)
JOIN targets_what w USING (what)
JOIN sales_product pr ON pr.code = w.product
JOIN sales_productfamily f ON f.id = pr.family_id
WHERE i.id = ANY (%(items)s) AND i.measure <> 'nps'
  AND (i.families = '{}' OR f.code = ANY (i.families))
  AND (i.transactions = '{}' OR w.transaction = ANY (i.transactions))
GROUP BY i.id, m.month;
