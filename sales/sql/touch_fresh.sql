-- Orders whose state the fresh events can change; revenue alone changes none.
--
-- Reads:  fresh
-- Writes: touched
INSERT INTO touched
SELECT DISTINCT order_id FROM fresh WHERE event_type <> 'revenue' OR evidence IS NOT NULL;
ANALYZE touched;
