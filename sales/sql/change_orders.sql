-- Orders that were there before get their state as it is now.
--
-- Reads:     order_state
-- Writes:    sales_order, in place
-- Parameter: feed_import
UPDATE sales_order o
SET partner_id = s.partner_id, dealer_code = s.dealer_code, status = s.status, signed_on = s.signed_on,
    activated_on = s.activated_on, cancelled_on = s.cancelled_on, reason = s.reason, last_event_on = s.last_event_on,
    product = s.product, transaction = s.transaction, customer_no = s.customer_no, customer_name = s.customer_name,
    customer_class = s.customer_class, annual_spend = s.annual_spend, quantity = s.quantity,
    order_value = s.order_value, monthly_price = s.monthly_price, term_months = s.term_months, campaign = s.campaign,
    evidence = s.evidence, feed_import_id = %(feed_import)s
FROM order_state s
WHERE o.order_no = s.order_no AND o.feed_import_id <> %(feed_import)s;
