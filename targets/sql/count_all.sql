-- Purpose: what every order adds to targets, counted from nothing.
-- Reads:   sales_order, once; sales_product
-- Writes:  targets_what (every product in every transaction), targets_counted (one row per activated order),
--          targets_monthly (their sums), targets_counted_until;
--          empties targets_rule and targets_reached, which the next snapshot fills
-- Parameters: since (activations before do not matter any more), as_of, last_import (the watermark this is true for)
-- Invariant: targets_monthly is the sum of the rows of targets_counted that count; `next_on` is the next day on which an
--            order changes by itself, because its activation or cancellation lies ahead.
-- The tables are made anew: CREATE TABLE AS reads with several processes, which INSERT never does, and an index built
-- afterwards costs half of one that grows row by row.
DROP TABLE targets_counted, targets_monthly;
TRUNCATE targets_counted_until, targets_rule, targets_reached;
INSERT INTO targets_what (product, transaction)
SELECT pr.code, t
FROM sales_product pr
CROSS JOIN unnest(ARRAY['new', 'renewal', 'upgrade', 'downgrade', 'addon', 'referral']) t
ON CONFLICT DO NOTHING;
ANALYZE targets_what;
CREATE UNLOGGED TABLE targets_counted AS
SELECT o.id AS order_id, o.partner_id, w.what, date_trunc('month', o.activated_on::timestamp)::date AS month,
       CASE WHEN o.activated_on > %(as_of)s::date THEN o.activated_on
            WHEN e.ends_on > %(as_of)s::date THEN e.ends_on END AS next_on,
       o.activated_on <= %(as_of)s::date AND (e.ends_on IS NULL OR e.ends_on > %(as_of)s::date) AS counts,
       (o.quantity * 1000)::bigint AS units, (coalesce(o.order_value, 0) * 10000)::bigint AS order_value,
       (coalesce(o.monthly_price * o.quantity, 0) * 10000000)::bigint AS monthly_price
FROM sales_order o
JOIN targets_what w ON w.product = o.product AND w.transaction = o.transaction
CROSS JOIN LATERAL (
    SELECT CASE WHEN o.reason IN ('NO_AVAILABILITY', 'PROVIDER_FAULT', 'PROVIDER_TERMINATION', 'PRICE_INCREASE')
                THEN NULL ELSE o.cancelled_on END AS ends_on
) e
WHERE o.activated_on >= %(since)s::date;
-- By one process: with nearly as many sums as rows per helper, handing over their halves costs twice what they save.
SET LOCAL max_parallel_workers_per_gather = 0;
-- With statistics the sums are made in memory; without, everything is sorted first, which takes five times as long. As
-- doubles they are exact (whole numbers up to 2^53: 900 million EUR of one product a partner and month) and small.
ANALYZE targets_counted;
CREATE UNLOGGED TABLE targets_monthly AS
SELECT partner_id, month, what, sum(units::float8)::bigint AS units, sum(order_value::float8)::bigint AS order_value,
       sum(monthly_price::float8)::bigint AS monthly_price
FROM targets_counted
WHERE counts
GROUP BY partner_id, month, what;
SET LOCAL max_parallel_workers_per_gather TO DEFAULT;
ALTER TABLE targets_counted ADD CONSTRAINT targets_counted_pkey PRIMARY KEY (order_id);
CREATE INDEX targets_counted_next ON targets_counted (next_on) WHERE next_on IS NOT NULL;
ALTER TABLE targets_monthly ADD CONSTRAINT targets_monthly_pkey PRIMARY KEY (partner_id, month, what);
ANALYZE targets_monthly;
INSERT INTO targets_counted_until VALUES (%(last_import)s, %(as_of)s);
