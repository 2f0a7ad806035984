-- Purpose: entitled minus booked, identity by identity; zero differences are dropped (rule 4).
-- Reads:   entitled, booked, component, holds
-- Writes:  pair
-- Invariant: every identity that is entitled to something or stands booked is met once; what is withheld differs as well.
-- @shards and rest
-- Orders with anything booked in scope. All others are said for the first time and need no comparison (see `draft`).
-- Kept are only the identities that differ, and those that nothing stands for any more: a table of its own with
-- statistics, because what joins it would otherwise be planned for one row and read everything once for each.
CREATE UNLOGGED TABLE pair AS
WITH now AS (
    SELECT e.*, e.payee_id AS partner_id, coalesce(k.code, '') AS component_code, k.digest, k.basis, coalesce(k.kind, '') AS kind,
           CASE WHEN e.customer_no = '' THEN e.order_id ELSE 0 END AS order_key,
           coalesce(e.revenue_month, '-infinity') AS revenue_key, coalesce(e.followed_partner_id, 0) AS followed_key
    FROM (
        -- Two questions, since with OR between them each row would read all that is booked once it outgrows memory.
        SELECT * FROM entitled WHERE customer_no = '' AND order_id <> 0 AND order_id IN (SELECT order_key FROM booked)
        UNION ALL
        SELECT * FROM entitled WHERE customer_no <> '' OR order_id = 0) e
    LEFT JOIN component k ON k.id = e.component_id
), waiting AS MATERIALIZED (
    -- What follows a line that is gone and withheld waits with it.
    SELECT b.id
    FROM booked b
    JOIN holding x ON (x.order_id = b.order_id OR x.order_id IS NULL)
        AND (x.partner_id = b.followed_partner_id OR x.partner_id IS NULL) AND x.component_code IN ('', b.followed_code)
    WHERE b.followed_code <> '' AND NOT EXISTS (
        SELECT FROM entitled l
        JOIN component k ON k.id = l.component_id
        WHERE CASE l.customer_no WHEN '' THEN l.order_id ELSE 0 END = b.order_key
          AND coalesce(l.revenue_month, '-infinity') = b.revenue_key
          AND l.customer_no = b.customer_no AND k.code = b.followed_code AND l.payee_id = b.followed_partner_id
          AND (l.month = b.month OR b.kind = 'uplift' AND l.month <= b.month AND l.month > b.month - INTERVAL '3 months')
          AND NOT (k.kind = 'recurring' AND l.clawed_n > 0))
), met AS (
    SELECT n.order_id IS NOT NULL AS applies, order_key, coalesce(n.order_id, b.order_id, 0) AS order_id, partner_id,
           component_code, month, revenue_key, followed_code, followed_key, customer_no, n.base_month,
           coalesce(n.component_id, b.component_id) AS component_id, coalesce(n.kind, b.kind) AS kind, n.certificate_id, n.digest, n.basis,
           coalesce(b.service_date, n.service_date) AS service_date,
           coalesce(n.base, 0) AS base, n.measure, n.measured_of, coalesce(n.rate, 0) AS rate, coalesce(n.full_amount, 0) AS full_amount,
           coalesce(n.clawed_n, 0) AS clawed_n, coalesce(n.clawed_d, 1) AS clawed_d, coalesce(n.clawed, 0) AS clawed,
           coalesce(n.entitled, 0) AS entitled, coalesce(b.standing, 0) AS booked, n.would_be,
           -- A hold also stops what would be taken back, else only one half of a moved line would be posted.
           coalesce(n.hold_reason, CASE WHEN b.standing <> 0 AND (b.id IN (SELECT id FROM waiting) OR EXISTS (
               SELECT FROM holding x
               WHERE (x.order_id = b.order_id OR x.order_id IS NULL) AND (x.partner_id = b.partner_id OR x.partner_id IS NULL)
                 AND x.component_code IN ('', b.component_code)))
               THEN 'withheld' END, '') AS hold_reason,
           coalesce(b.hold_reason, '') AS was_held, b.id AS previous_id, b.run_id AS previous_run
    FROM now n
    FULL JOIN booked b USING (order_key, partner_id, component_code, month, revenue_key, followed_code, followed_key, customer_no)
), judged AS (
    -- A controller's hold that keeps nothing back is no news.
    SELECT *, entitled <> booked OR hold_reason NOT IN ('', 'withheld', was_held) AS differs FROM met
)
SELECT * FROM judged
-- What nothing may follow is there although nothing of it differs: what followed it goes its way.
WHERE differs OR NOT applies OR hold_reason NOT IN ('', 'withheld', 'evidence_missing') OR kind = 'recurring' AND clawed_n > 0;
ANALYZE pair;
