-- Purpose: what has to be looked at again: orders with their whole life, and single revenue months of others (rule 2).
-- Reads:   sales_order, sales_revenue, fingerprints of this run and of the last posted one
-- Writes:  changed, scope_order (order), scope_month (order, revenue month), touched, order_state (empty)
-- Invariant: a row missing here is one no fact recorded since, or dated after, the last posted run can have moved.
CREATE UNLOGGED TABLE changed AS
SELECT subject, key
FROM (SELECT subject, key, digest FROM commissions_fingerprint WHERE run_id = %(run)s) now
FULL JOIN (SELECT subject, key, digest FROM commissions_fingerprint WHERE run_id = %(since_run)s) before
    USING (subject, key)
WHERE now.digest IS DISTINCT FROM before.digest;

CREATE UNLOGGED TABLE scope_order AS
SELECT id AS order_id, order_no, last_event_on
FROM sales_order
WHERE %(full)s
   OR feed_import_id > %(since_import)s
   -- Events dated after the last posted month were ignored then, however long they had been known.
   OR last_event_on > %(since_cutoff)s
   -- A correction may have moved the activation to a day long after the correction itself.
   OR activated_on > %(since_cutoff)s
   OR partner_id IN (SELECT key::bigint FROM changed WHERE subject = 'partner')
   OR partner_id IN (SELECT c.partner_id FROM partners_contract c
                     JOIN changed x ON x.subject = 'schedule' AND x.key = c.schedule)
   OR product IN (SELECT key FROM changed WHERE subject = 'product')
   OR id IN (SELECT key::bigint FROM changed WHERE subject = 'order')
   OR EXISTS (SELECT FROM changed WHERE subject = 'component');
CREATE UNIQUE INDEX ON scope_order (order_id);
ANALYZE scope_order;

CREATE UNLOGGED TABLE scope_month AS
SELECT r.order_id, r.month
FROM sales_revenue r
WHERE NOT %(full)s
  AND (r.feed_import_id > %(since_import)s OR r.month > %(since_cutoff)s)
  AND r.month <= %(month)s
  AND NOT EXISTS (SELECT FROM scope_order s WHERE s.order_id = r.order_id);
CREATE UNIQUE INDEX ON scope_month (order_id, month);
ANALYZE scope_month;

-- Orders that know of events after this run's last day: their state is folded again up to that day.
CREATE UNLOGGED TABLE touched (order_no text COLLATE "C" PRIMARY KEY);
INSERT INTO touched
SELECT order_no FROM scope_order WHERE last_event_on > %(cutoff)s
UNION
SELECT o.order_no FROM scope_month m JOIN sales_order o ON o.id = m.order_id WHERE o.last_event_on > %(cutoff)s;
ANALYZE touched;
CREATE UNLOGGED TABLE order_state (LIKE sales_order);
ALTER TABLE order_state DROP COLUMN id;
