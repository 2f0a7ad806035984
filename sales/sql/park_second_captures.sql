-- Of several captures of one order the first in the events' own sequence counts; the others are exceptions.
--
-- Reads:     touched, sales_event
-- Writes:    sales_parked
-- Invariant: decided by the set of events. A capture that was set aside counts again once an even earlier one is gone,
--            and the other way round.
CREATE TEMP TABLE captures ON COMMIT DROP AS
SELECT e.id, e.feed_import_id, e.order_id,
       row_number() OVER (PARTITION BY e.order_id ORDER BY e.occurred_on, e.event_id) AS place
FROM touched t JOIN sales_event e ON e.order_id = t.order_no AND e.event_type = 'captured'
WHERE NOT EXISTS (SELECT FROM sales_parked p
                  WHERE p.event_id = e.id AND p.cause IN ('unknown_dealer', 'unknown_product', 'class_missing'));
DELETE FROM sales_parked p USING captures c
WHERE p.event_id = c.id AND c.place = 1 AND p.cause = 'captured_twice';
INSERT INTO sales_parked (event_id, feed_import_id, cause, value)
SELECT id, feed_import_id, 'captured_twice', order_id FROM captures WHERE place > 1
ON CONFLICT (event_id) DO NOTHING;
DROP TABLE captures;
