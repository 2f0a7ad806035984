-- Orders that were not there before, in key order.
--
-- Reads:     order_state
-- Writes:    sales_order; the row count tells how many are new
-- Parameter: feed_import (a run finds by it what changed since the last one)
INSERT INTO sales_order (
    order_no, partner_id, dealer_code, status, signed_on, activated_on, cancelled_on, reason, last_event_on, product,
    transaction, customer_no, customer_name, customer_class, annual_spend, quantity, order_value, monthly_price,
    term_months, campaign, evidence, feed_import_id)
SELECT order_no, partner_id, dealer_code, status, signed_on, activated_on, cancelled_on, reason, last_event_on, product,
       transaction, customer_no, customer_name, customer_class, annual_spend, quantity, order_value, monthly_price,
       term_months, campaign, evidence, %(feed_import)s
FROM order_state s
WHERE NOT EXISTS (SELECT FROM sales_order o WHERE o.order_no = s.order_no)
ORDER BY order_no;
