-- Purpose: the proposal: a notice for each new reason to hold, a line for each difference, the manual lines (rules 6 and 7).
-- Reads:   compared, entitled, booked, terms, component, payee, manual lines
-- Writes:  the view proposed; draft (the table that becomes the run's draft lines, or a shard's, and on posting its lines)
-- Invariant: of a million rows none is touched again: number, statement and seal are final here.
-- @shards and rest
CREATE VIEW proposed AS
WITH said AS (
    SELECT * FROM compared
    UNION ALL
    SELECT e.order_id, e.payee_id, e.component_id, NULL, e.followed_code, e.followed_partner_id, e.customer_no, e.certificate_id,
           e.month, e.revenue_month, e.service_date, e.base, e.measure, e.measured_of, e.rate, e.full_amount, e.clawed_n,
           e.clawed_d, e.clawed, e.entitled, 0, e.would_be, e.hold_reason, '', NULL, TRUE, NULL, NULL,
           CASE WHEN e.revenue_month IS NULL AND e.base_month <= %(since_month)s THEN 'late_event' ELSE 'earned' END
    FROM entitled e
    WHERE e.customer_no = '' AND e.order_id <> 0 AND NOT EXISTS (SELECT FROM booked b WHERE b.order_key = e.order_id)
      AND (e.entitled <> 0 OR e.hold_reason <> '')
)
SELECT s.*, s.partner_id AS payee_id,
       coalesce(s.component_code, k.code, '') AS code, coalesce(k.kind, '') AS kind, coalesce(k.basis, '') AS basis,
       coalesce(k.round_to, 0.01) AS round_to,
       t.partner_id AS attributed_to_id, coalesce(s.kept_distributor_id, t.distributor_id) AS distributor_id, t.signed_on, t.activated_on, t.cancelled_on,
       coalesce(t.has_evidence, FALSE) AS has_evidence,
       coalesce(t.schedule, s.bonus_schedule, '') AS schedule, coalesce(t.level, '') AS level, coalesce(t.product, '') AS product,
       coalesce(t.transaction, '') AS transaction, coalesce(t.customer_class, '') AS customer_class,
       coalesce(t.dealer_code, '') AS dealer_code, coalesce(t.reason, '') AS reason, t.quantity,
       p.statement_id,
       CASE CASE WHEN p.had_another THEN coalesce((
                SELECT f.vat_status FROM partners_formervatstatus f
                WHERE f.partner_id = s.partner_id AND daterange(f.valid_from, f.valid_until) @> s.service_date), p.vat_status)
                ELSE p.vat_status END
           WHEN 'regular' THEN commissions_vat_percent(s.service_date) ELSE 0 END AS vat_percent
FROM said s
LEFT JOIN terms t ON t.order_id = s.order_id
LEFT JOIN commissions_component k ON k.id = s.component_id
JOIN payee p ON p.partner_id = s.partner_id;

CREATE TABLE draft (
    LIKE commissions_line,
    -- What a partition is told by: with it, nothing is read again to make it one.
    CHECK (run_id = %(run)s AND id & 255 IS NOT NULL AND id & 255 = %(shard)s));
ALTER TABLE draft ALTER run_id SET NOT NULL;
-- Notices come first, so that the last line of an identity always ends at what stands booked (sorting a million of them
-- takes as long as writing them). The seal is the digest of all other columns, in the order and with the types of the table.
-- Numbers this session kept in hand may be lower than those of lines posted since.
DISCARD SEQUENCES;
-- Of a million followers no two ask for the same line: to remember the answers costs more than to ask.
SET LOCAL enable_memoize = off;
INSERT INTO draft
SELECT hash_record_extended(q, 0), q.*
FROM (
    SELECT 256 * nextval('commissions_line_number') + %(shard)s AS id, o.*
    FROM (
        SELECT %(run)s::bigint AS run_id, p.payee_id, p.statement_id, nullif(p.order_id, 0), p.component_id, NULL::bigint AS manual_id,
               p.certificate_id, p.distributor_id, p.attributed_to_id, p.followed_partner_id, p.previous_id,
               p.month, p.revenue_month, p.signed_on, p.activated_on, p.cancelled_on, p.service_date, p.clawed_n, p.clawed_d,
               p.is_notice, p.has_evidence, p.code, p.followed_code, p.customer_no, p.kind, p.cause,
               p.hold_reason, p.schedule, p.level, p.product, p.transaction, p.customer_class, p.dealer_code, p.reason,
               p.basis, p.quantity::numeric(12, 3), p.measure::numeric(21, 7), p.measured_of::numeric(21, 7),
               p.base::numeric(21, 7), p.rate::numeric(14, 4), p.round_to::numeric(4, 2), p.full_amount::numeric(14, 2),
               p.clawed::numeric(14, 2), p.entitled::numeric(14, 2), p.booked::numeric(14, 2),
               CASE WHEN p.is_notice THEN 0 ELSE p.entitled - p.booked END::numeric(14, 2) AS amount,
               CASE WHEN NOT p.is_notice THEN NULL
                    WHEN p.hold_reason = 'withheld' THEN p.entitled - p.booked ELSE p.would_be END::numeric(14, 2) AS would_be,
               p.vat_percent::numeric(4, 2)
        FROM (
            SELECT TRUE AS is_notice, * FROM proposed
            -- Where a controller's hold keeps nothing back, there is nothing to say: a partner's whole past would be repeated.
            WHERE hold_reason <> '' AND hold_reason <> was_held AND (hold_reason <> 'withheld' OR entitled <> booked)
            UNION ALL
            SELECT FALSE, * FROM proposed WHERE hold_reason <> 'withheld' AND entitled <> booked) p
        UNION ALL
        -- A manual line is a fact with its own identity; the next run posts it once and no run ever nets it (rule 7).
        SELECT %(run)s, m.partner_id, s.statement_id, NULL, NULL, m.id, NULL, NULL, NULL,
               NULL, NULL, %(month)s, NULL, NULL, NULL, NULL, %(cutoff)s, 0, 1, FALSE, FALSE, 'manual', '', '', 'manual',
               'manual', '', '', '', '', '', '', '', '', '', NULL, NULL, NULL, m.amount::numeric(21, 7), 0::numeric(14, 4),
               0.01, m.amount, 0.00, m.amount, 0.00, m.amount, NULL,
               CASE coalesce(former.vat_status, s.vat_status) WHEN 'regular' THEN commissions_vat_percent(%(cutoff)s) ELSE 0 END::numeric(4, 2)
        FROM commissions_manualline m
        JOIN payee s ON s.partner_id = m.partner_id
        LEFT JOIN partners_formervatstatus former
            ON former.partner_id = m.partner_id AND daterange(former.valid_from, former.valid_until) @> %(cutoff)s::date
        WHERE %(rest)s AND m.status = 'approved' AND NOT EXISTS (SELECT FROM commissions_line l WHERE l.manual_id = m.id)) o) q;
SET LOCAL enable_memoize = on;
SELECT commissions_index_draft(%(run)s, %(shard)s);
