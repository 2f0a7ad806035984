-- Purpose: closing commission for the same customer and product twice within %(days)s days: the later of the two orders.
-- Reads:   sales_order, lines of the run
-- Invariant: one row for each order that follows another so closely, if this run pays for either; nothing is written.
WITH lately AS MATERIALIZED (
    -- No order is activated after its last event, so the block ranges of that date spare the years before.
    SELECT id, order_no, customer_no, product, partner_id, signed_on FROM sales_order
    WHERE last_event_on >= %(since)s AND activated_on BETWEEN %(since)s AND %(cutoff)s
      AND transaction = 'new' AND status IN ('active', 'suspended') AND customer_no > ''
), twice AS (
    SELECT customer_no, product FROM lately GROUP BY customer_no, product HAVING min(id) <> max(id)
), beside AS (
    SELECT l.*, lag(l.id) OVER w AS other_id, lag(l.order_no) OVER w AS other, lag(l.signed_on) OVER w AS other_on
    FROM lately l JOIN twice USING (customer_no, product)
    WINDOW w AS (PARTITION BY l.customer_no, l.product ORDER BY l.signed_on, l.id)
), close AS (
    SELECT * FROM beside WHERE other_id IS NOT NULL AND signed_on - other_on <= %(days)s
), lines AS (
    SELECT order_id, amount FROM commissions_draftline
    WHERE run_id = %(run)s AND kind = 'closing' AND amount > 0
      AND order_id IN (SELECT id FROM close UNION SELECT other_id FROM close)
    UNION ALL
    SELECT order_id, amount FROM commissions_line
    WHERE run_id = %(run)s AND kind = 'closing' AND amount > 0
      AND order_id IN (SELECT id FROM close UNION SELECT other_id FROM close)
), paid AS (
    SELECT order_id, sum(amount) AS amount FROM lines GROUP BY order_id
)
SELECT p.number, p.legal_name AS name, c.order_no, c.product AS code, c.customer_no AS customer, c.other,
       NULL::numeric AS before, NULL::numeric AS now, coalesce(a.amount, o.amount) AS amount,
       count(*) OVER () AS total, sum(coalesce(a.amount, o.amount)) OVER () AS total_amount
FROM close c
LEFT JOIN paid a ON a.order_id = c.id
LEFT JOIN paid o ON o.order_id = c.other_id
JOIN partners_partner p ON p.id = c.partner_id
WHERE a.order_id IS NOT NULL OR o.order_id IS NOT NULL
ORDER BY amount DESC, c.order_no
LIMIT %(most)s;
