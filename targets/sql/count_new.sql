-- Purpose: what changed in the counts since the last time: orders an import touched, and days that came.
-- Reads:   sales_order, targets_counted_until
-- Writes:  targets_counted, targets_monthly, targets_counted_until
-- Parameters: since, as_of (not before the last one), last_import
-- Invariant: afterwards all three are what count_all would make of them; run twice, the second changes nothing.
CREATE TEMP TABLE moved ON COMMIT DROP AS
SELECT o.id AS order_id FROM sales_order o
WHERE o.feed_import_id > (SELECT last_import FROM targets_counted_until)
UNION
SELECT c.order_id FROM targets_counted c WHERE c.next_on <= %(as_of)s::date;
CREATE UNIQUE INDEX ON moved (order_id);
ANALYZE moved;

CREATE TEMP TABLE delta ON COMMIT DROP AS
SELECT c.partner_id, c.month, c.product, c.transaction, -c.units AS units, -c.order_value AS order_value,
       -c.monthly_price AS monthly_price
FROM moved m JOIN targets_counted c USING (order_id)
WHERE c.counts;
DELETE FROM targets_counted c USING moved m WHERE m.order_id = c.order_id;
INSERT INTO targets_counted
SELECT o.id, o.partner_id, o.product, o.transaction, date_trunc('month', o.activated_on)::date, o.quantity,
       coalesce(o.order_value, 0), coalesce(o.monthly_price * o.quantity, 0),
       o.activated_on <= %(as_of)s::date AND (e.ends_on IS NULL OR e.ends_on > %(as_of)s::date),
       CASE WHEN o.activated_on > %(as_of)s::date THEN o.activated_on
            WHEN e.ends_on > %(as_of)s::date THEN e.ends_on END
FROM moved m
JOIN sales_order o ON o.id = m.order_id
CROSS JOIN LATERAL (
    SELECT CASE WHEN o.reason IN ('NO_AVAILABILITY', 'PROVIDER_FAULT', 'PROVIDER_TERMINATION', 'PRICE_INCREASE')
                THEN NULL ELSE o.cancelled_on END AS ends_on
) e
WHERE o.activated_on >= %(since)s::date;
INSERT INTO delta
SELECT c.partner_id, c.month, c.product, c.transaction, c.units, c.order_value, c.monthly_price
FROM moved m JOIN targets_counted c USING (order_id)
WHERE c.counts;
INSERT INTO targets_monthly AS t
SELECT partner_id, month, product, transaction, sum(units), sum(order_value), sum(monthly_price)
FROM delta
GROUP BY partner_id, month, product, transaction
HAVING sum(units) <> 0 OR sum(order_value) <> 0 OR sum(monthly_price) <> 0
ON CONFLICT (partner_id, month, product, transaction) DO UPDATE
SET units = t.units + excluded.units, order_value = t.order_value + excluded.order_value,
    monthly_price = t.monthly_price + excluded.monthly_price;
UPDATE targets_counted_until SET last_import = %(last_import)s, as_of = %(as_of)s;
DROP TABLE moved, delta;
