-- The highest Event.id there is, 0 if there is none.
--
-- Reads: sales_event
SELECT coalesce(max(id), 0) AS last FROM sales_event;
