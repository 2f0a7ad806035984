-- Sets aside events that name a dealer code nobody has on their day, or a product the catalogue does not know.
--
-- Reads:     fresh, partners_dealercode, sales_product
-- Writes:    sales_parked
-- Invariant: the dealer code is looked at first, so an event has one cause at a time
INSERT INTO sales_parked (event_id, feed_import_id, cause, value)
SELECT f.id, f.feed_import_id, 'unknown_dealer', f.dealer_code
FROM fresh f
WHERE f.event_type IN ('captured', 'corrected', 'reattributed') AND f.dealer_code IS NOT NULL
  AND NOT EXISTS (SELECT FROM partners_dealercode d
                  WHERE d.code = f.dealer_code AND d.valid_from <= f.occurred_on
                    AND (d.valid_until IS NULL OR d.valid_until > f.occurred_on));
INSERT INTO sales_parked (event_id, feed_import_id, cause, value)
SELECT f.id, f.feed_import_id, 'unknown_product', f.product
FROM fresh f
WHERE f.event_type IN ('captured', 'corrected') AND f.product IS NOT NULL
  AND NOT EXISTS (SELECT FROM sales_product p WHERE p.code = f.product)
ON CONFLICT (event_id) DO NOTHING;
