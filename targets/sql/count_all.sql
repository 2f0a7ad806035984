-- Purpose: what every order adds to targets, counted from nothing.
-- Reads:   sales_order
-- Writes:  targets_counted (one row per activated order), targets_monthly (their sums), targets_counted_until
-- Parameters: since (activations before do not matter any more), as_of, last_import (the watermark this is true for)
-- Invariant: targets_monthly is the sum of the rows of targets_counted that count; `next_on` is the next day on which an
--            order changes by itself, because its activation or cancellation lies ahead.
TRUNCATE targets_counted, targets_monthly, targets_counted_until;
-- Filled first and indexed then: entry by entry it would take twice as long.
ALTER TABLE targets_counted DROP CONSTRAINT targets_counted_pkey;
DROP INDEX targets_counted_next;
INSERT INTO targets_counted
SELECT o.id, o.partner_id, o.product, o.transaction, date_trunc('month', o.activated_on)::date, o.quantity,
       coalesce(o.order_value, 0), coalesce(o.monthly_price * o.quantity, 0),
       o.activated_on <= %(as_of)s::date AND (e.ends_on IS NULL OR e.ends_on > %(as_of)s::date),
       CASE WHEN o.activated_on > %(as_of)s::date THEN o.activated_on
            WHEN e.ends_on > %(as_of)s::date THEN e.ends_on END
FROM sales_order o
CROSS JOIN LATERAL (
    SELECT CASE WHEN o.reason IN ('NO_AVAILABILITY', 'PROVIDER_FAULT', 'PROVIDER_TERMINATION', 'PRICE_INCREASE')
                THEN NULL ELSE o.cancelled_on END AS ends_on
) e
WHERE o.activated_on >= %(since)s::date;
ALTER TABLE targets_counted ADD CONSTRAINT targets_counted_pkey PRIMARY KEY (order_id);
CREATE INDEX targets_counted_next ON targets_counted (next_on) WHERE next_on IS NOT NULL;
INSERT INTO targets_monthly
SELECT partner_id, month, product, transaction, sum(units), sum(order_value), sum(monthly_price)
FROM targets_counted
WHERE counts
GROUP BY partner_id, month, product, transaction;
ANALYZE targets_counted, targets_monthly;
INSERT INTO targets_counted_until VALUES (%(last_import)s, %(as_of)s);
