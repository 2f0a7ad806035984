-- Purpose: entitled minus booked, identity by identity, with the cause; zero differences are dropped (rules 4 to 6).
-- Reads:   entitled, terms, scope_order, scope_month, commissions_line, commissions_component, manual lines, holds
-- Writes:  booked, pair, compared, the view proposed, draft
-- Invariant: a cause is never guessed: it is the first input that differs in value from the booked line's.
CREATE UNLOGGED TABLE booked AS
SELECT DISTINCT ON (l.order_id, l.partner_id, l.component_code, l.month, l.revenue_month)
       l.*, l.booked + l.amount AS standing, coalesce(l.revenue_month, '-infinity') AS revenue_key,
       -- A line that took back what no component was for any more has rate 0; the component coming back is a change.
       CASE WHEN l.rate <> 0 THEN k.digest END AS digest
FROM (
    SELECT l.* FROM commissions_line l JOIN scope_order s ON s.order_id = l.order_id
    UNION ALL
    SELECT l.* FROM commissions_line l
    JOIN scope_month s ON s.order_id = l.order_id AND s.month = l.month AND s.month = l.revenue_month) l
LEFT JOIN commissions_component k ON k.id = l.component_id
WHERE l.manual_id IS NULL
ORDER BY l.order_id, l.partner_id, l.component_code, l.month, l.revenue_month, l.id DESC;
-- Without it the search for the latest notice of an order reads the whole table once for each held line.
CREATE INDEX ON booked (order_id, revenue_key);
ANALYZE booked;

-- Orders with anything booked in scope. All others are said for the first time and need no comparison (see below).
-- Kept are only the identities that differ, and those that nothing stands for any more: a table of its own with
-- statistics, because the join below would otherwise be planned for one row and read everything once for each.
CREATE UNLOGGED TABLE pair AS
WITH now AS (
    SELECT e.*, t.partner_id, coalesce(k.code, '') AS component_code, k.digest, k.basis,
           coalesce(e.revenue_month, '-infinity') AS revenue_key
    FROM entitled e
    JOIN terms t USING (order_id)
    LEFT JOIN commissions_component k ON k.id = e.component_id
    WHERE e.order_id IN (SELECT order_id FROM booked)
), met AS (
    SELECT n.order_id IS NOT NULL AS applies, order_id, partner_id, component_code, month, revenue_key,
           coalesce(n.component_id, b.component_id) AS component_id, n.certificate_id, n.digest, n.basis,
           coalesce(b.service_date, n.service_date) AS service_date,
           coalesce(n.base, 0) AS base, coalesce(n.full_amount, 0) AS full_amount,
           coalesce(n.clawed_n, 0) AS clawed_n, coalesce(n.clawed_d, 1) AS clawed_d, coalesce(n.clawed, 0) AS clawed,
           coalesce(n.entitled, 0) AS entitled, coalesce(b.standing, 0) AS booked, n.would_be,
           -- A hold also stops what would be taken back, else only one half of a moved line would be posted.
           coalesce(n.hold_reason, CASE WHEN b.standing <> 0 AND EXISTS (
               SELECT FROM commissions_hold x
               WHERE x.released_at IS NULL AND (x.partner_id = b.partner_id OR x.partner_id IS NULL)
                 AND (x.order_id = b.order_id OR x.order_id IS NULL)
                 AND x.component_code IN ('', b.component_code)) THEN 'withheld' END, '') AS hold_reason,
           coalesce(b.hold_reason, '') AS was_held, b.id AS previous_id, b.run_id AS previous_run
    FROM now n FULL JOIN booked b USING (order_id, partner_id, component_code, month, revenue_key)
)
SELECT *, entitled <> booked OR hold_reason NOT IN ('', was_held) AS differs
FROM met
WHERE entitled <> booked OR hold_reason NOT IN ('', was_held) OR NOT applies;
ANALYZE pair;

CREATE UNLOGGED TABLE compared AS
WITH moved AS (
    -- Where a line that was never booked came from: a booked one of its order that nothing stands for any more. A
    -- notice is never taken back, so it speaks only until something else is posted in its place.
    SELECT DISTINCT ON (d.order_id, d.partner_id, d.component_code, d.month, d.revenue_key)
           d.order_id, d.partner_id, d.component_code, d.month, d.revenue_key, o.previous_id AS origin_id
    FROM pair d
    JOIN pair o ON o.order_id = d.order_id AND o.revenue_key = d.revenue_key AND NOT o.applies
        AND (o.booked <> 0 OR o.was_held <> '' AND o.previous_run = (
            SELECT x.run_id FROM booked x WHERE x.order_id = o.order_id AND x.revenue_key = o.revenue_key
            ORDER BY x.id DESC LIMIT 1))
    WHERE d.differs AND d.previous_id IS NULL
    ORDER BY d.order_id, d.partner_id, d.component_code, d.month, d.revenue_key,
             o.booked <> 0 DESC, o.component_code = d.component_code DESC, o.previous_id DESC
), judged AS (
    SELECT d.*, coalesce(d.previous_id, m.origin_id) AS was_id
    FROM pair d LEFT JOIN moved m USING (order_id, partner_id, component_code, month, revenue_key)
    WHERE d.differs
)
SELECT j.order_id, j.partner_id, j.component_id, j.component_code, j.certificate_id, j.month,
       nullif(j.revenue_key, '-infinity') AS revenue_month, j.service_date, j.base, j.full_amount, j.clawed_n, j.clawed_d,
       j.clawed, j.entitled, j.booked, j.would_be, j.hold_reason, j.was_held, j.previous_id, j.applies,
       CASE
           WHEN was.id IS NULL THEN
               CASE WHEN j.revenue_key = '-infinity' AND j.month <= %(since_month)s THEN 'late_event' ELSE 'earned' END
           WHEN t.partner_id <> was.attributed_to_id THEN 'reattributed'
           WHEN t.order_id IS NOT NULL AND (t.schedule, t.level, t.distributor_id)
                IS DISTINCT FROM (was.schedule, was.level, was.distributor_id) THEN 'contract'
           WHEN (t.product, t.transaction, t.customer_class, t.quantity, t.signed_on, t.activated_on) IS DISTINCT FROM
                (was.product, was.transaction, was.customer_class, was.quantity, was.signed_on, was.activated_on)
                OR j.applies AND was.rate <> 0 AND j.basis = was.basis AND j.base <> was.base THEN 'corrected'
           WHEN j.previous_id IS NULL THEN 'schedule_changed'
           WHEN j.applies AND (t.cancelled_on, t.reason, t.has_evidence)
                    IS DISTINCT FROM (was.cancelled_on, was.reason, was.has_evidence)
                AND j.clawed_n * was.clawed_d <> was.clawed_n * j.clawed_d
               THEN CASE WHEN j.clawed_n * was.clawed_d > was.clawed_n * j.clawed_d THEN 'cancelled' ELSE 'reinstated' END
           WHEN j.digest IS DISTINCT FROM was.digest THEN 'schedule_changed'
           WHEN (j.certificate_id IS NULL) <> (was.certificate_id IS NULL) THEN 'certificate'
           WHEN j.hold_reason <> was.hold_reason THEN 'hold'
           ELSE '' END AS cause
FROM judged j
LEFT JOIN booked was ON was.id = j.was_id
LEFT JOIN terms t ON t.order_id = j.order_id;

CREATE VIEW proposed AS
WITH said AS (
    SELECT * FROM compared
    UNION ALL
    SELECT e.order_id, NULL, e.component_id, NULL, e.certificate_id, e.month, e.revenue_month, e.service_date, e.base,
           e.full_amount, e.clawed_n, e.clawed_d, e.clawed, e.entitled, 0, e.would_be, e.hold_reason, '', NULL, TRUE,
           CASE WHEN e.revenue_month IS NULL AND e.month <= %(since_month)s THEN 'late_event' ELSE 'earned' END
    FROM entitled e
    WHERE NOT EXISTS (SELECT FROM booked b WHERE b.order_id = e.order_id)
)
SELECT s.*, %(run)s AS run_id, coalesce(s.partner_id, t.partner_id) AS payee_id,
       coalesce(s.component_code, k.code, '') AS code, coalesce(k.kind, '') AS kind, coalesce(k.basis, '') AS basis,
       CASE WHEN s.applies THEN coalesce(k.rate, 0) ELSE 0 END AS rate, coalesce(k.round_to, 0.01) AS round_to,
       t.partner_id AS attributed_to_id, t.distributor_id, t.signed_on, t.activated_on, t.cancelled_on,
       coalesce(t.has_evidence, FALSE) AS has_evidence,
       coalesce(t.schedule, '') AS schedule, coalesce(t.level, '') AS level, coalesce(t.product, '') AS product,
       coalesce(t.transaction, '') AS transaction, coalesce(t.customer_class, '') AS customer_class,
       coalesce(t.dealer_code, '') AS dealer_code, coalesce(t.reason, '') AS reason, t.quantity,
       CASE p.vat_status WHEN 'regular' THEN commissions_vat_percent(s.service_date) ELSE 0 END AS vat_percent
FROM said s
LEFT JOIN terms t ON t.order_id = s.order_id
LEFT JOIN commissions_component k ON k.id = s.component_id
JOIN partners_partner p ON p.id = coalesce(s.partner_id, t.partner_id);

-- Every partner who could appear has the number of his statement already, so that posting need not touch a line.
CREATE UNLOGGED TABLE statement_key AS
SELECT id AS partner_id, nextval(pg_get_serial_sequence('public.commissions_statement', 'id')) AS statement_id
FROM partners_partner;
ANALYZE statement_key;

-- Notices first, differences after them: the last line of an identity then always ends at what stands booked. The seal
-- is the digest of the row's text, in the order of the columns of the table.
INSERT INTO draft
SELECT q.*, md5(q::text)::uuid
FROM (
    SELECT nextval('commissions_line_number') AS id, o.*
    FROM (
        SELECT %(run)s::bigint AS run_id, p.payee_id, s.statement_id, p.order_id, p.component_id, NULL::bigint AS manual_id,
               p.certificate_id, p.distributor_id, p.attributed_to_id, NULL::bigint AS followed_partner_id, p.previous_id,
               p.month, p.revenue_month, p.signed_on, p.activated_on, p.cancelled_on, p.service_date, p.clawed_n, p.clawed_d,
               n.is_notice, p.has_evidence, p.code, ''::varchar AS followed_code, ''::varchar AS customer_no, p.kind, p.cause,
               p.hold_reason, p.schedule, p.level, p.product, p.transaction, p.customer_class, p.dealer_code, p.reason,
               p.basis, p.quantity::numeric(12, 3), NULL::numeric(18, 4) AS measure, NULL::numeric(18, 4) AS measured_of,
               p.base::numeric(18, 4), p.rate::numeric(14, 4), p.round_to::numeric(4, 2), p.full_amount::numeric(14, 2),
               p.clawed::numeric(14, 2), p.entitled::numeric(14, 2), p.booked::numeric(14, 2),
               CASE WHEN n.is_notice THEN 0 ELSE p.entitled - p.booked END::numeric(14, 2) AS amount,
               CASE WHEN NOT n.is_notice THEN NULL
                    WHEN p.hold_reason = 'withheld' THEN p.entitled - p.booked ELSE p.would_be END::numeric(14, 2) AS would_be,
               p.vat_percent::numeric(4, 2)
        FROM proposed p
        JOIN statement_key s ON s.partner_id = p.payee_id
        JOIN (VALUES (TRUE), (FALSE)) n (is_notice)
            ON CASE WHEN n.is_notice
                    -- Where a controller's hold keeps nothing back, there is nothing to say: a partner's whole past
                    -- would be repeated.
                    THEN p.hold_reason NOT IN ('', p.was_held) AND (p.hold_reason <> 'withheld' OR p.entitled <> p.booked)
                    ELSE p.entitled <> p.booked AND p.hold_reason <> 'withheld' END
        ORDER BY n.is_notice DESC) o
    UNION ALL
    -- A manual line is a fact with its own identity; the next run posts it once and no run ever nets it (rule 7).
    SELECT nextval('commissions_line_number'), %(run)s, m.partner_id, s.statement_id, NULL, NULL, m.id, NULL, NULL, NULL,
           NULL, NULL, %(month)s, NULL, NULL, NULL, NULL, %(cutoff)s, 0, 1, FALSE, FALSE, 'manual', '', '', 'manual',
           'manual', '', '', '', '', '', '', '', '', '', NULL, NULL, NULL, m.amount::numeric(18, 4), 0::numeric(14, 4),
           0.01, m.amount, 0.00, m.amount, 0.00, m.amount, NULL, CASE p.vat_status WHEN 'regular' THEN commissions_vat_percent(%(cutoff)s) ELSE 0 END
    FROM commissions_manualline m
    JOIN partners_partner p ON p.id = m.partner_id
    JOIN statement_key s ON s.partner_id = m.partner_id
    WHERE m.status = 'approved' AND NOT EXISTS (SELECT FROM commissions_line l WHERE l.manual_id = m.id)) q;
