-- Purpose: entitled minus booked, identity by identity, with the cause; zero differences are dropped (rules 4 to 6).
-- Reads:   entitled, terms, scope_order, scope_month, commissions_line, manual lines
-- Writes:  booked, compared, commissions_draftline
-- Invariant: a cause is never guessed: it is the first input that differs in value from the booked line's.
CREATE UNLOGGED TABLE booked AS
SELECT DISTINCT ON (l.order_id, l.partner_id, l.component_code, l.month, l.revenue_month)
       l.*, l.booked + l.amount AS standing, coalesce(l.revenue_month, '-infinity') AS revenue_key, k.digest
FROM (
    SELECT l.* FROM commissions_line l JOIN scope_order s ON s.order_id = l.order_id
    UNION ALL
    SELECT l.* FROM commissions_line l
    JOIN scope_month s ON s.order_id = l.order_id AND s.month = l.month AND s.month = l.revenue_month) l
LEFT JOIN commissions_component k ON k.id = l.component_id
WHERE l.manual_id IS NULL
ORDER BY l.order_id, l.partner_id, l.component_code, l.month, l.revenue_month, l.id DESC;
CREATE INDEX ON booked (order_id);
ANALYZE booked;

CREATE UNLOGGED TABLE compared AS
WITH now AS (
    SELECT e.*, coalesce(e.revenue_month, '-infinity') AS revenue_key, t.partner_id, t.has_evidence
    FROM entitled e JOIN terms t USING (order_id)
), pair AS (
    SELECT n.order_id IS NOT NULL AS applies, b.id AS previous_id,
           order_id, partner_id, component_code, month, revenue_key,
           n.component_id, n.certificate_id, n.kind, n.digest, n.basis, n.rate, n.round_to,
           coalesce(n.base, 0) AS base, coalesce(n.full_amount, 0) AS full_amount,
           coalesce(n.clawed_n, 0) AS clawed_n, coalesce(n.clawed_d, 1) AS clawed_d, coalesce(n.clawed, 0) AS clawed,
           coalesce(n.entitled, 0) AS entitled, n.would_be, coalesce(n.hold_reason, '') AS hold_reason,
           coalesce(b.service_date, n.service_date) AS service_date, coalesce(b.standing, 0) AS booked,
           b AS before
    FROM now n FULL JOIN booked b USING (order_id, partner_id, component_code, month, revenue_key)
), differing AS (
    SELECT * FROM pair
    WHERE entitled <> booked OR hold_reason NOT IN ('', coalesce((before).hold_reason, ''))
), moved AS (
    -- Where a line without a booked one came from: a booked line of the order that nothing stands for any more.
    SELECT DISTINCT ON (d.order_id, d.partner_id, d.component_code, d.month, d.revenue_key)
           d.order_id, d.partner_id, d.component_code, d.month, d.revenue_key, o.before AS origin
    FROM differing d
    JOIN pair o ON o.order_id = d.order_id AND NOT o.applies AND o.revenue_key = d.revenue_key
        AND (o.booked <> 0 OR (o.before).hold_reason <> '')
    WHERE d.previous_id IS NULL
    ORDER BY d.order_id, d.partner_id, d.component_code, d.month, d.revenue_key,
             o.booked <> 0 DESC, o.component_code = d.component_code DESC, o.previous_id DESC
), judged AS (
    SELECT d.*, t.order_id IS NOT NULL AS known, t.dealer_code, t.product, t.transaction, t.customer_class, t.quantity,
           t.schedule, t.level, t.distributor_id, t.signed_on, t.activated_on, t.cancelled_on, t.reason, t.has_evidence,
           d.before IS NULL AS first_time, coalesce(d.before, m.origin) AS was,
           t.partner_id AS partner_now
    FROM differing d
    LEFT JOIN moved m USING (order_id, partner_id, component_code, month, revenue_key)
    LEFT JOIN terms t ON t.order_id = d.order_id
)
SELECT j.*,
       CASE
           WHEN (was).id IS NULL THEN
               CASE WHEN revenue_key = '-infinity' AND month <= %(since_month)s THEN 'late_event' ELSE 'earned' END
           WHEN known AND partner_now <> (was).partner_id THEN 'reattributed'
           WHEN known AND (schedule, level, distributor_id)
                IS DISTINCT FROM ((was).schedule, (was).level, (was).distributor_id) THEN 'contract'
           WHEN NOT known OR (product, transaction, customer_class, quantity, signed_on, activated_on) IS DISTINCT FROM
                ((was).product, (was).transaction, (was).customer_class, (was).quantity, (was).signed_on, (was).activated_on)
                OR applies AND basis = (was).basis AND base <> (was).base THEN 'corrected'
           WHEN first_time THEN 'schedule_changed'
           WHEN applies AND (cancelled_on, reason, has_evidence)
                    IS DISTINCT FROM ((was).cancelled_on, (was).reason, (was).has_evidence)
                AND clawed_n * (was).clawed_d <> (was).clawed_n * clawed_d
               THEN CASE WHEN clawed_n * (was).clawed_d > (was).clawed_n * clawed_d THEN 'cancelled' ELSE 'reinstated' END
           WHEN digest IS DISTINCT FROM (was).digest THEN 'schedule_changed'
           WHEN (certificate_id IS NULL) <> ((was).certificate_id IS NULL) THEN 'certificate'
           WHEN hold_reason <> (was).hold_reason THEN 'hold'
           ELSE '' END AS cause
FROM judged j;
ANALYZE compared;

-- Notices first, differences after them: the last line of an identity then always ends at what stands booked.
INSERT INTO commissions_draftline (
    run_id, partner_id, order_id, component_id, certificate_id, distributor_id, previous_id, month, revenue_month,
    signed_on, activated_on, cancelled_on, service_date, clawed_n, clawed_d, is_notice, has_evidence, component_code,
    kind, cause, hold_reason, schedule, level, product, transaction, customer_class, dealer_code, reason, basis,
    quantity, base, rate, round_to, "full", clawed, entitled, booked, amount, would_be, vat_percent)
SELECT %(run)s, c.partner_id, c.order_id, coalesce(c.component_id, (c.before).component_id), c.certificate_id,
       c.distributor_id, c.previous_id, c.month, nullif(c.revenue_key, '-infinity'),
       c.signed_on, c.activated_on, c.cancelled_on, c.service_date, c.clawed_n, c.clawed_d, v.is_notice,
       coalesce(c.has_evidence, FALSE), c.component_code, coalesce(c.kind, (c.before).kind, ''), c.cause, c.hold_reason,
       coalesce(c.schedule, ''), coalesce(c.level, ''), coalesce(c.product, ''), coalesce(c.transaction, ''),
       coalesce(c.customer_class, ''), coalesce(c.dealer_code, ''), coalesce(c.reason, ''),
       coalesce(c.basis, (c.before).basis, ''), c.quantity, c.base, coalesce(c.rate, (c.before).rate, 0),
       coalesce(c.round_to, (c.before).round_to, 0.01), c.full_amount, c.clawed, c.entitled, c.booked,
       CASE WHEN v.is_notice THEN 0 ELSE c.entitled - c.booked END,
       CASE WHEN v.is_notice THEN CASE c.hold_reason WHEN 'withheld' THEN c.entitled - c.booked ELSE c.would_be END END,
       CASE p.vat_status WHEN 'regular' THEN commissions_vat_percent(c.service_date) ELSE 0 END
FROM compared c
JOIN partners_partner p ON p.id = c.partner_id
JOIN (VALUES (TRUE), (FALSE)) v (is_notice) ON CASE
    WHEN v.is_notice THEN c.hold_reason NOT IN ('', coalesce((c.before).hold_reason, ''))
    ELSE c.entitled <> c.booked AND c.hold_reason <> 'withheld' END
ORDER BY v.is_notice DESC;

-- A manual line is a fact with its own identity; the next run posts it once and no run ever nets it (rule 7).
INSERT INTO commissions_draftline (
    run_id, partner_id, manual_id, month, service_date, clawed_n, clawed_d, is_notice, has_evidence, component_code,
    kind, cause, hold_reason, schedule, level, product, transaction, customer_class, dealer_code, reason, basis,
    base, rate, round_to, "full", clawed, entitled, booked, amount, vat_percent)
SELECT %(run)s, m.partner_id, m.id, %(month)s, %(cutoff)s, 0, 1, FALSE, FALSE, 'manual',
       'manual', 'manual', '', '', '', '', '', '', '', '', '',
       m.amount, 0, 0.01, m.amount, 0, m.amount, 0, m.amount,
       CASE p.vat_status WHEN 'regular' THEN commissions_vat_percent(%(cutoff)s) ELSE 0 END
FROM commissions_manualline m
JOIN partners_partner p ON p.id = m.partner_id
WHERE m.status = 'approved' AND NOT EXISTS (SELECT FROM commissions_line l WHERE l.manual_id = m.id);
