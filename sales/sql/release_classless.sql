-- Lets go the events that were set aside for want of a customer class, now that a fresh event states one.
--
-- Reads:     fresh, sales_event
-- Writes:    sales_parked (loses them)
-- Invariant: the mirror of park_classless.sql. Runs after touch_fresh.sql, which must still find them parked: it takes
--            orders without parked events for plain ones and would not look at what is let go here.
DELETE FROM sales_parked p
USING sales_event e, fresh f
WHERE p.cause = 'class_missing' AND e.id = p.event_id
  AND f.order_id = e.order_id AND f.customer_class IS NOT NULL
  AND (f.event_type = 'corrected' OR f.event_type = 'captured' AND e.event_type = 'corrected')
  AND NOT EXISTS (SELECT FROM sales_parked q WHERE q.event_id = f.id);
