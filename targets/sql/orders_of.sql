-- Purpose: the orders of one partner that may count for a period, as sales_order has them now.
-- Reads:   sales_order
-- Writes:  nothing
-- Invariant: every order of the partner activated in the period, and every one that knows of events after the day.
SELECT o.order_no, o.product, o.transaction, o.activated_on, o.cancelled_on, o.reason, o.quantity, o.order_value,
       o.monthly_price, o.last_event_on > %(as_of)s::date AS later
FROM sales_order o
WHERE o.partner_id = %(partner)s
  AND (o.activated_on >= %(start)s::date AND o.activated_on < %(until)s::date OR o.last_event_on > %(as_of)s::date);
