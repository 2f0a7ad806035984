-- Purpose: orders activated this month that name a campaign nobody approved: a wrong code, or an approval forgotten.
-- Reads:   sales_order (index of orders with a campaign), sales_campaign
-- Invariant: one row a code; `amount` is the number of orders.
SELECT '' AS number, o.campaign AS name, min(o.order_no) AS order_no, o.campaign AS code, '' AS customer, '' AS other,
       NULL::numeric AS before, NULL::numeric AS now, count(*)::numeric AS amount,
       count(*) OVER () AS total, NULL::numeric AS total_amount
FROM sales_order o
WHERE o.campaign IS NOT NULL AND o.activated_on BETWEEN %(month)s AND %(cutoff)s
  AND NOT EXISTS (SELECT FROM sales_campaign k WHERE k.code = o.campaign AND k.status = 'approved')
GROUP BY o.campaign
ORDER BY amount DESC, o.campaign
LIMIT %(most)s;
