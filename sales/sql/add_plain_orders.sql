-- New orders that were captured once and perhaps activated, nearly all of a feed: no need to fold them, in key order.
--
-- Reads:     fresh_order, fresh, partners_dealercode, partners_outlet
-- Writes:    sales_order; the row count tells how many
-- Parameter: feed_import
-- Invariant: says of a plain order what order_state.sql would say (a test compares them)
INSERT INTO sales_order (
    order_no, partner_id, dealer_code, status, signed_on, activated_on, last_event_on, product, transaction,
    customer_no, customer_name, customer_class, annual_spend, quantity, order_value, monthly_price, term_months,
    campaign, evidence, feed_import_id)
SELECT e.order_id, o.partner_id, e.dealer_code, CASE WHEN s.activated_on IS NULL THEN 'captured' ELSE 'active' END,
       e.occurred_on, s.activated_on, s.last_event_on, e.product, coalesce(e.transaction, 'new'), e.customer_no,
       e.customer_name, coalesce(e.customer_class, 'consumer'), e.annual_spend, coalesce(e.quantity, 1),
       e.order_value, e.monthly_price, e.term_months, e.campaign, e.evidence, %(feed_import)s
FROM fresh_order s
JOIN fresh e ON e.order_id = s.order_id AND e.event_type = 'captured'
JOIN partners_dealercode d ON d.code = e.dealer_code AND d.valid_from <= e.occurred_on
                          AND (d.valid_until IS NULL OR d.valid_until > e.occurred_on)
JOIN partners_outlet o ON o.id = d.outlet_id
WHERE s.plain
ORDER BY e.order_id;
