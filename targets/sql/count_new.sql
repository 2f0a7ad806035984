-- Purpose: what changed in the counts since the last time: orders an import touched, and days that came.
-- Reads:   sales_order, sales_product, targets_rule
-- Writes:  targets_what, targets_counted, targets_monthly, targets_reached, targets_counted_until
-- Parameters: since, as_of (not before the last one), last_import, counted_import (the last one counted; said as a number,
--             since for one that it would have to look up the planner reads all orders)
-- Invariant: afterwards all of them are what count_all would make of them; run twice, the second changes nothing.
INSERT INTO targets_what (product, transaction)
SELECT pr.code, t
FROM sales_product pr
CROSS JOIN unnest(ARRAY['new', 'renewal', 'upgrade', 'downgrade', 'addon', 'referral']) t
WHERE NOT EXISTS (SELECT FROM targets_what w WHERE w.product = pr.code AND w.transaction = t)
ON CONFLICT DO NOTHING;
CREATE TEMP TABLE moved ON COMMIT DROP AS
SELECT o.id AS order_id FROM sales_order o
WHERE o.feed_import_id > %(counted_import)s
UNION
SELECT c.order_id FROM targets_counted c WHERE c.next_on <= %(as_of)s::date;
CREATE UNIQUE INDEX ON moved (order_id);
ANALYZE moved;

CREATE TEMP TABLE delta ON COMMIT DROP AS
SELECT c.partner_id, c.month, c.what, -c.units AS units, -c.order_value AS order_value, -c.monthly_price AS monthly_price
FROM moved m JOIN targets_counted c USING (order_id)
WHERE c.counts;
DELETE FROM targets_counted c USING moved m WHERE m.order_id = c.order_id;
INSERT INTO targets_counted (order_id, partner_id, what, month, next_on, counts, units, order_value, monthly_price)
SELECT o.id, o.partner_id, w.what, date_trunc('month', o.activated_on)::date,
       CASE WHEN o.activated_on > %(as_of)s::date THEN o.activated_on
            WHEN e.ends_on > %(as_of)s::date THEN e.ends_on END,
       o.activated_on <= %(as_of)s::date AND (e.ends_on IS NULL OR e.ends_on > %(as_of)s::date),
       (o.quantity * 1000)::bigint, (coalesce(o.order_value, 0) * 10000)::bigint,
       (coalesce(o.monthly_price * o.quantity, 0) * 10000000)::bigint
FROM moved m
JOIN sales_order o ON o.id = m.order_id
JOIN targets_what w ON w.product = o.product AND w.transaction = o.transaction
CROSS JOIN LATERAL (
    SELECT CASE WHEN o.reason IN ('NO_AVAILABILITY', 'PROVIDER_FAULT', 'PROVIDER_TERMINATION', 'PRICE_INCREASE')
                THEN NULL ELSE o.cancelled_on END AS ends_on
) e
WHERE o.activated_on >= %(since)s::date;
INSERT INTO delta
SELECT c.partner_id, c.month, c.what, c.units, c.order_value, c.monthly_price
FROM moved m JOIN targets_counted c USING (order_id)
WHERE c.counts;
ANALYZE delta;
INSERT INTO targets_monthly AS t (partner_id, month, what, units, order_value, monthly_price)
SELECT partner_id, month, what, sum(units), sum(order_value), sum(monthly_price)
FROM delta
GROUP BY partner_id, month, what
HAVING sum(units) <> 0 OR sum(order_value) <> 0 OR sum(monthly_price) <> 0
ON CONFLICT (partner_id, month, what) DO UPDATE
SET units = t.units + excluded.units, order_value = t.order_value + excluded.order_value,
    monthly_price = t.monthly_price + excluded.monthly_price;
-- What a rule reaches is a sum over its products, so what came and went is added just as well.
INSERT INTO targets_reached AS t (rule, partner_id, month, value)
SELECT r.rule, d.partner_id, d.month,
       sum(r.factor * CASE r.of_column WHEN 'order_value' THEN d.order_value
                                       WHEN 'monthly_price' THEN d.monthly_price ELSE d.units END)
FROM delta d
JOIN targets_rule r USING (what)
GROUP BY r.rule, d.partner_id, d.month
ON CONFLICT (partner_id, rule, month) DO UPDATE SET value = t.value + excluded.value;
UPDATE targets_counted_until SET last_import = %(last_import)s, as_of = %(as_of)s;
DROP TABLE moved, delta;
