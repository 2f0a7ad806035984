-- Captures among the fresh events that can take effect: as many as new orders, unless one was captured twice.
--
-- Reads: fresh, sales_parked
SELECT count(*) AS captures FROM fresh f
WHERE f.event_type = 'captured' AND NOT EXISTS (SELECT FROM sales_parked p WHERE p.event_id = f.id);
