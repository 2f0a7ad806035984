-- Purpose: what has to be looked at again: orders with their whole life, single months of others, and customers (rule 2).
-- Reads:   sales_order, sales_revenue, sales_event, sales_campaign, components, fingerprints of this run and the last posted
-- Writes:  changed, uplift_due, uplift_run, scope_order, scope_month, the views queued and adds_to_bundles, bundle_customer,
--          to_match (what the next step matches), touched, order_state
-- Invariant: a row missing here is one no fact recorded since, or dated after, the last posted run can have moved. What a
--            changed measure reaches is only known two steps later, and added there.
CREATE UNLOGGED TABLE changed AS
SELECT subject, key
FROM (SELECT subject, key, digest FROM commissions_fingerprint WHERE run_id = %(run)s) now
FULL JOIN (SELECT subject, key, digest FROM commissions_fingerprint WHERE run_id = %(since_run)s) before
    USING (subject, key)
WHERE now.digest IS DISTINCT FROM before.digest;

-- Versions that are in force some day, and the components of each: everything else is of no interest to this run.
CREATE UNLOGGED TABLE version_span AS
SELECT schedule, version_id, freeze_days, valid_from,
       lead(valid_from, 1, 'infinity') OVER (PARTITION BY schedule ORDER BY valid_from) AS valid_until
FROM (
    SELECT DISTINCT ON (s.code, v.valid_from) s.code AS schedule, v.id AS version_id, v.freeze_days, v.valid_from
    FROM commissions_scheduleversion v JOIN commissions_schedule s ON s.id = v.schedule_id
    WHERE v.status = 'published'
    ORDER BY s.code, v.valid_from, v.sequence DESC) latest;
CREATE UNLOGGED TABLE component AS
SELECT k.*, commissions_sums(k.steps_from, k.steps_rate) AS steps_sum
FROM commissions_component k JOIN version_span v ON v.version_id = k.version_id;
CREATE UNIQUE INDEX ON component (id);
-- Every window that was unsettled after the last posted run ends after this day, by the days of the slowest version; before it
-- lies the longest one, whose first day no shorter one spans.
CREATE UNLOGGED TABLE open_window AS
SELECT coalesce(min(commissions_window_from(w.name, date_trunc('month', ended.day::timestamp)::date)), '-infinity') AS since
FROM (SELECT %(since_cutoff)s::date - greatest(max(freeze_days), 45) + 1 AS day
      FROM commissions_scheduleversion WHERE status = 'published') ended
CROSS JOIN (SELECT DISTINCT "window" AS name FROM component WHERE measure <> '') w;
-- Periods of targets that every component which pays for them has settled: their actual is final and is not counted again.
CREATE UNLOGGED TABLE attained_final AS
SELECT z.partner_id, k.target AS kpi, z.valid_from AS period_from
FROM commissions_settledwindow z
JOIN (SELECT DISTINCT code, target FROM component WHERE kind = 'target_bonus') k ON k.code = z.component_code
WHERE z."window" = 'period' AND z.valid_from > %(cutoff)s::date - INTERVAL '28 months'
GROUP BY z.partner_id, k.target, z.valid_from
HAVING count(*) = (SELECT count(DISTINCT code) FROM component c WHERE c.kind = 'target_bonus' AND c.target = k.target);
ANALYZE version_span;
ANALYZE component;

-- What was reported or happened since, by the block-range indexes of its day and import. Events dated after the last posted
-- month were ignored then, however long they had been known.
CREATE UNLOGGED TABLE scope_order AS
SELECT id AS order_id, order_no, customer_no, last_event_on, id <= %(since_order)s AS known
FROM sales_order
WHERE %(full)s OR feed_import_id > %(since_import)s OR last_event_on > %(since_cutoff)s;
CREATE UNIQUE INDEX ON scope_order (order_id);

-- What moved about partners, schedules, products, campaigns and holds: each asked by an index, or not at all if nothing did.
INSERT INTO scope_order
SELECT o.id, o.order_no, o.customer_no, o.last_event_on, o.id <= %(since_order)s
FROM sales_order o
JOIN (
    SELECT key::bigint AS partner_id FROM changed WHERE subject = 'partner'
    UNION
    SELECT c.partner_id FROM partners_contract c JOIN changed x ON x.subject = 'schedule' AND x.key = c.schedule
    UNION
    -- A hold on a component is one on all whose schedule ever had it.
    SELECT c.partner_id
    FROM changed x
    JOIN commissions_component k ON k.code = x.key
    JOIN commissions_scheduleversion v ON v.id = k.version_id
    JOIN commissions_schedule s ON s.id = v.schedule_id
    JOIN partners_contract c ON c.schedule = s.code
    WHERE x.subject = 'component'
    UNION
    -- What a distributor gets hangs on orders of others: a hold of the distributor is lifted there.
    SELECT c.partner_id FROM partners_contract c JOIN changed x ON x.subject = 'partner' AND x.key = c.parent_id::text) p
    ON p.partner_id = o.partner_id
WHERE NOT %(full)s
ON CONFLICT DO NOTHING;
INSERT INTO scope_order
SELECT o.id, o.order_no, o.customer_no, o.last_event_on, o.id <= %(since_order)s
FROM sales_order o
JOIN (
    SELECT key::bigint AS order_id FROM changed WHERE subject = 'order'
    UNION
    -- What is taken back from a former distributor waits for its hold as well.
    SELECT l.order_id FROM changed x
    JOIN commissions_line l ON l.partner_id = x.key::bigint AND l.hold_reason = 'withheld' AND l.followed_code <> ''
    WHERE x.subject = 'partner'
    UNION
    -- And what is withheld of a component waits for its hold whoever has the order by now.
    SELECT l.order_id FROM changed x
    JOIN commissions_line l ON x.key IN (l.component_code, l.followed_code) AND l.hold_reason = 'withheld'
    WHERE x.subject = 'component') w ON w.order_id = o.id
WHERE NOT %(full)s
ON CONFLICT DO NOTHING;
INSERT INTO scope_order
SELECT id, order_no, customer_no, last_event_on, id <= %(since_order)s
FROM sales_order
-- A correction may have moved the activation to a day long after the correction itself.
WHERE NOT %(full)s AND activated_on > last_event_on AND activated_on > %(since_cutoff)s
ON CONFLICT DO NOTHING;
INSERT INTO scope_order
SELECT id, order_no, customer_no, last_event_on, id <= %(since_order)s
FROM sales_order
WHERE NOT %(full)s AND EXISTS (SELECT FROM changed WHERE subject IN ('product', 'segment'))
  AND (product IN (SELECT key FROM changed WHERE subject = 'product')
       -- Whose customer an order's is, says its spend.
       OR annual_spend IS NOT NULL AND EXISTS (SELECT FROM changed WHERE subject = 'segment'))
ON CONFLICT DO NOTHING;
INSERT INTO scope_order
SELECT id, order_no, customer_no, last_event_on, id <= %(since_order)s
FROM sales_order
WHERE NOT %(full)s AND campaign IS NOT NULL AND EXISTS (SELECT FROM changed WHERE subject = 'campaign')
  AND string_to_array(campaign, ' ') && ARRAY(SELECT key::text FROM changed WHERE subject = 'campaign')
ON CONFLICT DO NOTHING;
ANALYZE scope_order;

-- Quarters that are complete since the last posted run, for everybody; and those whose survey changed, for one partner.
CREATE UNLOGGED TABLE uplift_due AS
SELECT q::date AS quarter, NULL::bigint AS partner_id
FROM generate_series(date_trunc('quarter', %(since_month)s::date + INTERVAL '1 month'), %(month)s::timestamp, '3 months') q
WHERE q + INTERVAL '2 months' <= %(month)s AND q + INTERVAL '2 months' > %(since_month)s AND NOT %(full)s
UNION ALL
SELECT split_part(key, ':', 2)::date, split_part(key, ':', 1)::bigint
FROM changed WHERE subject = 'survey' AND NOT %(full)s AND split_part(key, ':', 2)::date + INTERVAL '2 months' <= %(month)s;
-- A line is never posted before its month, so the runs of earlier years need not be opened.
CREATE UNLOGGED TABLE uplift_run AS
SELECT id AS run_id, month FROM commissions_run WHERE status = 'posted' AND month >= (SELECT min(quarter) FROM uplift_due);
ANALYZE uplift_due;
ANALYZE uplift_run;

-- While a line is withheld nothing is posted of what happens to it: its last line does not say how it stands.
INSERT INTO scope_order
SELECT o.id, o.order_no, o.customer_no, o.last_event_on, o.id <= %(since_order)s
FROM sales_order o
WHERE o.id IN (
    SELECT l.order_id FROM commissions_line l
    JOIN uplift_due d ON l.month >= d.quarter AND l.month < d.quarter + INTERVAL '3 months'
        AND (d.partner_id IS NULL OR l.partner_id = d.partner_id)
    WHERE l.hold_reason = 'withheld' AND l.kind IN ('closing', 'recurring', 'campaign', 'bundle')
      AND EXISTS (SELECT FROM component WHERE kind = 'uplift')
    UNION ALL
    -- Nor whose the order is now: the hold of a partner may be lifted after the order was given to another one.
    SELECT l.order_id FROM commissions_line l
    WHERE l.hold_reason = 'withheld' AND l.is_notice AND NOT %(full)s
      AND l.partner_id IN (SELECT key::bigint FROM changed WHERE subject = 'partner'))
ON CONFLICT DO NOTHING;

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
INSERT INTO scope_order
SELECT q.order_id, q.order_no, q.customer_no, q.last_event_on, q.order_id <= %(since_order)s
FROM (SELECT DISTINCT order_id FROM scope_month) m
JOIN queued q ON q.order_id = m.order_id
WHERE q.campaign IN (
    SELECT k.campaign FROM component k
    JOIN component r ON r.version_id = k.version_id AND r.kind = 'recurring' AND r.code = ANY (k.follows))
ON CONFLICT DO NOTHING;

-- Bundles belong to customers: every order of theirs is looked at, also of the customer an order was corrected away from.
CREATE UNLOGGED TABLE bundle_customer AS
SELECT DISTINCT customer_no
FROM (
    SELECT customer_no FROM scope_order
    UNION ALL
    SELECT e.customer_no FROM scope_order s JOIN sales_event e ON e.order_id = s.order_no
    WHERE s.known OR s.last_event_on > %(cutoff)s) named
WHERE customer_no IS NOT NULL AND EXISTS (SELECT FROM component WHERE kind = 'bundle');
CREATE UNIQUE INDEX ON bundle_customer (customer_no);
ANALYZE bundle_customer;
-- So is all of an order that adds to bundles, since the bundle's share of the queue and its own are one.
CREATE VIEW adds_to_bundles AS
SELECT k.campaign FROM component k
JOIN component b ON b.version_id = k.version_id AND b.kind = 'bundle' AND b.code = ANY (k.follows);
INSERT INTO scope_order
SELECT q.order_id, q.order_no, q.customer_no, q.last_event_on, q.order_id <= %(since_order)s
FROM bundle_customer b JOIN queued q ON q.customer_no = b.customer_no
WHERE q.campaign IN (SELECT campaign FROM adds_to_bundles)
ON CONFLICT DO NOTHING;
DELETE FROM scope_month m USING scope_order s WHERE s.order_id = m.order_id;

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
    SELECT o.id FROM bundle_customer c JOIN sales_order o ON o.customer_no = c.customer_no
    WHERE NOT EXISTS (SELECT FROM scope_order s WHERE s.order_id = o.id)) part;
ANALYZE to_match;

-- Orders that know of events after this run's last day: their state is folded again up to that day. All of them are in
-- scope, since that day lies after the last posted run's.
CREATE UNLOGGED TABLE touched (order_no text COLLATE "C" PRIMARY KEY);
INSERT INTO touched SELECT order_no FROM scope_order WHERE last_event_on > %(cutoff)s;
ANALYZE touched;
CREATE UNLOGGED TABLE order_state (LIKE sales_order);
ALTER TABLE order_state DROP COLUMN id;
