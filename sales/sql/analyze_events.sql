-- Tells the planner what the events look like after many were added at once; autovacuum would come too late.
--
-- Reads: sales_event (a sample)
ANALYZE sales_event (id, order_id, event_type, occurred_on, dealer_code, product, evidence, line);
