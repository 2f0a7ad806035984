-- Sets aside events that name a dealer code nobody has on their day, or a product the catalogue does not know.
--
-- Reads:     fresh, partners_dealercode, sales_product
-- Writes:    sales_parked
-- Invariant: the dealer code is looked at first, so an event has one cause at a time
--
-- Most codes are one dealer's from the first to the last day they are named: that is asked once a code. Only the
-- events of the other codes are looked at one by one.
INSERT INTO sales_parked (event_id, feed_import_id, cause, value)
SELECT f.id, f.feed_import_id, 'unknown_dealer', f.dealer_code
FROM (SELECT dealer_code, min(occurred_on) AS first_day, max(occurred_on) AS last_day
      FROM fresh
      WHERE event_type IN ('captured', 'corrected', 'reattributed') AND dealer_code IS NOT NULL
      GROUP BY dealer_code) AS named
JOIN fresh f ON f.dealer_code = named.dealer_code AND f.event_type IN ('captured', 'corrected', 'reattributed')
WHERE NOT EXISTS (SELECT FROM partners_dealercode d
                  WHERE d.code = named.dealer_code AND d.valid_from <= named.first_day
                    AND (d.valid_until IS NULL OR d.valid_until > named.last_day))
  AND NOT EXISTS (SELECT FROM partners_dealercode d
                  WHERE d.code = f.dealer_code AND d.valid_from <= f.occurred_on
                    AND (d.valid_until IS NULL OR d.valid_until > f.occurred_on));
INSERT INTO sales_parked (event_id, feed_import_id, cause, value)
SELECT f.id, f.feed_import_id, 'unknown_product', f.product
FROM fresh f
WHERE f.event_type IN ('captured', 'corrected')
  AND f.product IN (SELECT named.product
                    FROM (SELECT DISTINCT product FROM fresh
                          WHERE event_type IN ('captured', 'corrected') AND product IS NOT NULL) AS named
                    WHERE NOT EXISTS (SELECT FROM sales_product p WHERE p.code = named.product))
ON CONFLICT (event_id) DO NOTHING;
