-- Events of orders that are not captured yet wait; those whose order has come no longer do.
--
-- Reads:     fresh, touched, order_state, sales_order
-- Writes:    sales_parked, released (events that waited until now)
-- Invariant: nothing is lost: a waiting event stays recorded and takes effect with its capture
INSERT INTO sales_parked (event_id, feed_import_id, cause, value)
SELECT f.id, f.feed_import_id, 'order_not_captured', ''
FROM fresh f
WHERE (f.order_id IN (SELECT order_no FROM touched) OR f.event_type = 'revenue')
  AND NOT EXISTS (SELECT FROM sales_order o WHERE o.order_no = f.order_id)
ON CONFLICT (event_id) DO NOTHING;
CREATE TEMP TABLE released ON COMMIT DROP AS
SELECT e.* FROM sales_parked p
JOIN sales_event e ON e.id = p.event_id
JOIN order_state s ON s.order_no = e.order_id
WHERE p.cause = 'order_not_captured';
DELETE FROM sales_parked p USING released r WHERE p.event_id = r.id;
