-- How many of the fresh events wait or are exceptions.
--
-- Reads: fresh, sales_parked
SELECT count(*) FILTER (WHERE p.cause = 'order_not_captured') AS waiting,
       count(*) FILTER (WHERE p.cause <> 'order_not_captured') AS exception
FROM sales_parked p JOIN fresh f ON f.id = p.event_id;
