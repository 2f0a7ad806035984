-- Purpose: which orders are looked at with their whole life, because something about them can have changed (rule 2).
-- Reads:   sales_order, component, fingerprints of this run and the last posted, posted lines
-- Writes:  changed, scope_order, uplift_due, uplift_run
-- Invariant: an order missing here is one no fact recorded since, or dated after, the last posted run can have moved. What a
--            changed measure reaches is only known two steps later, and added there.
CREATE UNLOGGED TABLE changed AS
SELECT subject, key
FROM (SELECT subject, key, digest FROM commissions_fingerprint WHERE run_id = %(run)s) now
FULL JOIN (SELECT subject, key, digest FROM commissions_fingerprint WHERE run_id = %(since_run)s) before
    USING (subject, key)
WHERE now.digest IS DISTINCT FROM before.digest;

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
SELECT id AS run_id, month, last_import FROM commissions_run WHERE status = 'posted' AND month >= (SELECT min(quarter) FROM uplift_due);
ANALYZE uplift_due;
ANALYZE uplift_run;

-- What was told of an order after its lines were posted may have moved none of them, only what an uplift on them goes by.
INSERT INTO scope_order
SELECT o.id, o.order_no, o.customer_no, o.last_event_on, o.id <= %(since_order)s
FROM (SELECT DISTINCT quarter FROM uplift_due) q
JOIN uplift_run r ON r.month >= q.quarter
    -- Up to the run that completed the quarter: what was told later was told after that one, too.
    AND NOT EXISTS (SELECT FROM uplift_run e WHERE e.month >= q.quarter + INTERVAL '2 months' AND e.month < r.month)
JOIN sales_order o ON o.activated_on < r.month + INTERVAL '1 month'
    AND (o.feed_import_id > r.last_import OR o.last_event_on >= r.month + INTERVAL '1 month')
WHERE EXISTS (SELECT FROM component WHERE kind = 'uplift')
  AND EXISTS (SELECT FROM uplift_due d WHERE d.quarter = q.quarter AND (d.partner_id IS NULL OR d.partner_id = o.partner_id))
ON CONFLICT DO NOTHING;
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
