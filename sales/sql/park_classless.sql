-- Sets aside events that make an order one for businesses while nobody has said its customer's class.
--
-- Reads:     fresh, sales_product, sales_productfamily, sales_event, sales_parked
-- Writes:    sales_parked
-- Invariant: decided by the set of events: a capture needs its own class or a correction that states one, a correction
--            to such a product also does with the class of the capture
INSERT INTO sales_parked (event_id, feed_import_id, cause, value)
SELECT f.id, f.feed_import_id, 'class_missing', f.product
FROM fresh f
JOIN sales_product p ON p.code = f.product
JOIN sales_productfamily y ON y.id = p.family_id AND y.business
WHERE f.event_type IN ('captured', 'corrected') AND f.customer_class IS NULL
  AND NOT EXISTS (SELECT FROM sales_event e
                  WHERE e.order_id = f.order_id AND e.customer_class IS NOT NULL
                    AND (e.event_type = 'corrected' OR e.event_type = 'captured' AND f.event_type = 'corrected')
                    AND NOT EXISTS (SELECT FROM sales_parked q
                                    WHERE q.event_id = e.id AND q.cause IN ('unknown_dealer', 'unknown_product')))
ON CONFLICT (event_id) DO NOTHING;
