-- Purpose: what hangs together with the orders in scope or happened beside them: single months of others, queues for caps and
--          the customers of bundles; and what is matched first.
-- Reads:   scope_order, component, sales_order, sales_revenue, sales_event, sales_campaign
-- Writes:  scope_month (amount: what was billed, NULL for a fixed amount a month), the views queued and adds_to_bundles,
--          former_customer, bundle_customer, scope_order, scope_reach (still empty), to_match, touched, order_state
-- Invariant: an order has no single months here if all of it is in scope.
CREATE UNLOGGED TABLE scope_month AS
SELECT order_id, month, max(amount) AS amount
FROM (
    SELECT r.order_id, r.month, r.amount
    FROM sales_revenue r
    WHERE NOT %(full)s
      AND (r.feed_import_id > %(since_import)s OR r.month > %(since_cutoff)s)
      AND r.month <= %(month)s
      AND NOT EXISTS (SELECT FROM scope_order s WHERE s.order_id = r.order_id)
    UNION ALL
    -- A fixed amount a month needs no event: the months that have passed since are new facts of every running order.
    SELECT o.id, m.month::date, NULL
    FROM sales_order o
    JOIN (
        SELECT p.code, max(coalesce(k.months, 9999)) AS months
        FROM component k
        JOIN sales_product p ON k.products IS NULL OR p.code = ANY (k.products)
        JOIN sales_productfamily f ON f.id = p.family_id AND (k.families IS NULL OR f.code = ANY (k.families))
        WHERE k.kind = 'recurring' AND k.basis = 'units'
        GROUP BY p.code) fixed ON fixed.code = o.product
    CROSS JOIN generate_series(%(since_month)s::date + INTERVAL '1 month', %(month)s, '1 month') m (month)
    WHERE NOT %(full)s
      AND o.activated_on < m.month + INTERVAL '1 month'
      -- The same as the next line for the longest of them, but something an index is for.
      AND o.activated_on >= (
          SELECT %(since_month)s::date - make_interval(months => max(coalesce(months, 9999)) - 2) FROM component
          WHERE kind = 'recurring' AND basis = 'units')
      AND m.month < date_trunc('month', o.activated_on) + make_interval(months => fixed.months)
      AND (o.cancelled_on IS NULL OR o.cancelled_on >= m.month)
      AND NOT EXISTS (SELECT FROM scope_order s WHERE s.order_id = o.id)) named
GROUP BY order_id, month;
CREATE UNIQUE INDEX ON scope_month (order_id, month);
ANALYZE scope_month;

-- Orders whose campaign lines hang together: in the queue for a cap, or as alternatives of one order. Asked by order, partner
-- or customer only, since all of them would be those of the year.
CREATE VIEW queued AS
SELECT o.id AS order_id, o.order_no, o.customer_no, o.last_event_on, o.partner_id, o.product, o.signed_on, o.activated_on, o.quantity,
       c.code AS campaign, c.cap_units IS NOT NULL OR c.cap_amount IS NOT NULL AS capped, c.cap_amount IS NOT NULL AS by_amount,
       o.campaign LIKE '%% %%' AS several
FROM sales_order o
CROSS JOIN unnest(string_to_array(o.campaign, ' ')) named (campaign)
JOIN sales_campaign c ON c.code = named.campaign
WHERE NOT %(full)s AND o.campaign IS NOT NULL
  AND (c.cap_units IS NOT NULL OR c.cap_amount IS NOT NULL OR o.campaign LIKE '%% %%');

-- Of an order that adds to what is billed all enters the queue together, since a month may be its first in it.
WITH entering AS (
    INSERT INTO scope_order
    SELECT q.order_id, q.order_no, q.customer_no, q.last_event_on, q.order_id <= %(since_order)s
    FROM (SELECT DISTINCT order_id FROM scope_month) m
    JOIN queued q ON q.order_id = m.order_id
    WHERE q.campaign IN (
        SELECT k.campaign FROM component k
        JOIN component r ON r.version_id = k.version_id AND r.kind = 'recurring' AND r.code = ANY (k.follows))
    ON CONFLICT DO NOTHING
    RETURNING order_id)
DELETE FROM scope_month m USING entering e WHERE m.order_id = e.order_id;

-- Bundles belong to customers: every order of theirs is looked at, also of the customer an order was corrected away from.
CREATE UNLOGGED TABLE former_customer AS
SELECT DISTINCT s.order_id, e.customer_no
FROM scope_order s JOIN sales_event e ON e.order_id = s.order_no AND e.customer_no IS NOT NULL
WHERE (s.known OR s.last_event_on > %(cutoff)s) AND e.customer_no IS DISTINCT FROM s.customer_no
  AND EXISTS (SELECT FROM component WHERE kind = 'bundle');
ANALYZE former_customer;
CREATE UNLOGGED TABLE bundle_customer AS
SELECT customer_no FROM scope_order
WHERE customer_no IS NOT NULL AND EXISTS (SELECT FROM component WHERE kind = 'bundle')
UNION
SELECT customer_no FROM former_customer;
CREATE UNIQUE INDEX ON bundle_customer (customer_no);
ANALYZE bundle_customer;
-- So is all of an order that adds to bundles, since the bundle's share of the queue and its own are one.
CREATE VIEW adds_to_bundles AS
SELECT k.campaign FROM component k
JOIN component b ON b.version_id = k.version_id AND b.kind = 'bundle' AND b.code = ANY (k.follows);
WITH entering AS (
    INSERT INTO scope_order
    SELECT q.order_id, q.order_no, q.customer_no, q.last_event_on, q.order_id <= %(since_order)s
    FROM bundle_customer b JOIN queued q ON q.customer_no = b.customer_no
    WHERE q.campaign IN (SELECT campaign FROM adds_to_bundles)
    ON CONFLICT DO NOTHING
    RETURNING order_id)
DELETE FROM scope_month m USING entering e WHERE m.order_id = e.order_id;

-- Orders of partners whose measure changed, with the months that must be priced again; filled by the step `measure`.
CREATE UNLOGGED TABLE scope_reach (order_id bigint, month_from date, month_until date);
CREATE INDEX ON scope_reach (order_id);

-- What is asked of an order: everything, or (FALSE) the months in scope_month, or (unknown) those in scope_reach.
CREATE UNLOGGED TABLE to_match AS
SELECT order_id, TRUE AS whole FROM scope_order
UNION ALL
SELECT order_id, FALSE
FROM (
    SELECT order_id FROM scope_month
    UNION
    -- Customer by customer, or their orders are looked for among all ever sold. In full, all of them are in scope.
    SELECT o.id FROM bundle_customer c
    CROSS JOIN LATERAL (SELECT id FROM sales_order WHERE customer_no = c.customer_no OFFSET 0) o
    WHERE NOT %(full)s AND NOT EXISTS (SELECT FROM scope_order s WHERE s.order_id = o.id)) part;
ANALYZE to_match;

-- Orders that know of events after this run's last day: their state is folded again up to that day. All of them are in
-- scope, since that day lies after the last posted run's.
CREATE UNLOGGED TABLE touched (order_no text COLLATE "C" PRIMARY KEY);
INSERT INTO touched SELECT order_no FROM scope_order WHERE last_event_on > %(cutoff)s;
ANALYZE touched;
CREATE UNLOGGED TABLE order_state (LIKE sales_order);
ALTER TABLE order_state DROP COLUMN id;
