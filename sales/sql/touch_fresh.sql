-- Orders whose state the fresh events can change, and which of them are plain: new, captured once, perhaps activated.
--
-- Reads:     fresh, sales_order, sales_parked
-- Writes:    fresh_order (temporary), touched (all that are not plain: order_state.sql looks at their whole life)
-- Invariant: an order without a row in sales_order has no events but fresh and parked ones; so a plain order's whole
--            life is in the file at hand. Revenue alone changes no state.
CREATE TEMP TABLE fresh_order ON COMMIT DROP AS
SELECT life.*, life.once AND o.id IS NULL AND parked.order_id IS NULL AS plain
FROM (SELECT order_id,
             count(*) FILTER (WHERE event_type = 'captured') = 1
             AND bool_and(event_type = 'captured' OR event_type = 'activated' AND evidence IS NULL) AS once,
             min(occurred_on) FILTER (WHERE event_type = 'activated') AS activated_on,
             max(occurred_on) AS last_event_on
      FROM fresh
      WHERE event_type <> 'revenue' OR evidence IS NOT NULL
      GROUP BY order_id) AS life
LEFT JOIN sales_order o ON o.order_no = life.order_id
LEFT JOIN (SELECT DISTINCT e.order_id FROM sales_parked p JOIN sales_event e ON e.id = p.event_id) AS parked
       ON parked.order_id = life.order_id;
ANALYZE fresh_order;
INSERT INTO touched SELECT order_id FROM fresh_order WHERE NOT plain;
ANALYZE touched;
