-- The folded orders, for callers that look at a few of them as of a day.
--
-- Reads: order_state
SELECT * FROM order_state ORDER BY order_no;
