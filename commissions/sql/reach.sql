-- Purpose: the orders and months that are looked at again for a measure or for a queue.
-- Reads:   reach, reached_queue, queue_customer, scope_order, terms, component, sales_order, sales_revenue
-- Writes:  concerned, bought_too, scope_reach, to_match (for the second matching)
-- Invariant: of an order that stands in a queue, or has alternatives among its campaigns, all months or none.

-- All that a partner's orders of these products earn in these months, since places hang together. What overlaps is one stretch,
-- so that no order has a month twice; what does not is none, since between two others of the partner's orders would be missing.
CREATE UNLOGGED TABLE concerned AS
SELECT partner_id, product, lower(stretch) AS month_from, upper(stretch) AS month_until
FROM (
    SELECT r.partner_id, p.code AS product, range_agg(daterange(r.month_from, r.month_until)) AS stretches
    FROM reach r
    JOIN component k ON k.code = r.code
    JOIN sales_product p ON k.products IS NULL OR p.code = ANY (k.products)
    JOIN sales_productfamily f ON f.id = p.family_id AND (k.families IS NULL OR f.code = ANY (k.families))
    GROUP BY r.partner_id, p.code) merged
CROSS JOIN LATERAL unnest(stretches) stretch;
ANALYZE concerned;
-- All that the customers of bundles bought who were added for a queue.
CREATE UNLOGGED TABLE bought_too AS
SELECT o.id AS order_id
FROM queue_customer c JOIN sales_order o ON o.customer_no = c.customer_no
WHERE NOT EXISTS (SELECT FROM terms t WHERE t.order_id = o.id);

-- @shards
INSERT INTO scope_reach
SELECT order_id, month_from, month_until
FROM (
    SELECT o.id AS order_id, r.month_from, r.month_until
    FROM concerned r
    JOIN sales_order o ON o.partner_id = r.partner_id AND o.product = r.product
        AND o.activated_on >= r.month_from AND o.activated_on < r.month_until
    -- The first bound is that of the earliest stretch, but something an index is for.
    WHERE o.activated_on >= (SELECT min(month_from) FROM concerned) AND o.activated_on <= %(cutoff)s
      AND commissions_shard_of(o.id, %(shards)s) = %(shard)s
    UNION
    SELECT o.id, r.month_from, r.month_until
    FROM concerned r
    JOIN sales_order o ON o.partner_id = r.partner_id AND o.product = r.product
    JOIN sales_revenue v ON v.order_id = o.id AND v.month >= r.month_from AND v.month < r.month_until
    WHERE EXISTS (SELECT FROM component WHERE kind = 'recurring' AND measure <> '')
      AND commissions_shard_of(o.id, %(shards)s) = %(shard)s
    UNION
    SELECT o.id, r.month_from, r.month_until
    FROM concerned r
    JOIN sales_order o ON o.partner_id = r.partner_id AND o.product = r.product AND o.activated_on < r.month_until
    WHERE EXISTS (SELECT FROM component WHERE kind = 'recurring' AND measure NOT IN ('', 'revenue'))
      AND commissions_shard_of(o.id, %(shards)s) = %(shard)s
    UNION
    SELECT order_id, '-infinity', 'infinity' FROM reached_queue WHERE commissions_shard_of(order_id, %(shards)s) = %(shard)s) touched
WHERE NOT EXISTS (SELECT FROM scope_order s WHERE s.order_id = touched.order_id)
  AND (month_from = '-infinity' OR order_id NOT IN (SELECT order_id FROM reached_queue))  -- who has all months has each of them once
ORDER BY order_id;
ANALYZE scope_reach;

TRUNCATE to_match;
INSERT INTO to_match
SELECT order_id, NULL
FROM (
    SELECT order_id FROM scope_reach
    UNION
    SELECT order_id FROM bought_too WHERE commissions_shard_of(order_id, %(shards)s) = %(shard)s) again
ORDER BY order_id;
ANALYZE to_match;
