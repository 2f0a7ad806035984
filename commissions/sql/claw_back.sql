-- Purpose: what is left of each line after a cancellation (rule 16), and what a held one is entitled to (rule 6).
-- Reads:   priced
-- Writes:  entitled (one row per identity: base, full amount, clawed share n / d, entitled, would_be, hold reason)
-- Invariant: full × n is divided last, so the share is never a rounded decimal.
-- @shards
CREATE UNLOGGED TABLE entitled AS
SELECT p.partner_id AS payee_id, p.order_id, p.component_id, ''::varchar AS followed_code, NULL::bigint AS followed_partner_id,
       ''::varchar AS customer_no, p.month, p.revenue_month, p.month AS base_month, p.certificate_id, p.service_date,
       p.base, p.measure, NULL::numeric AS measured_of, p.rate, p.full_amount, p.clawed_n, p.clawed_d, c.clawed,
       CASE WHEN p.hold_reason IN ('', 'withheld') THEN p.full_amount - c.clawed ELSE 0 END AS entitled,
       CASE WHEN p.hold_reason NOT IN ('', 'withheld') THEN p.full_amount - c.clawed
            WHEN c.unproven <> 0 THEN -c.unproven END AS would_be,
       CASE WHEN c.unproven <> 0 THEN 'evidence_missing' ELSE p.hold_reason END AS hold_reason
FROM priced p
CROSS JOIN LATERAL (
    -- Of nearly all nothing is taken, and two divisions took a seventh of the whole step.
    SELECT CASE WHEN p.clawed_n = 0 THEN 0 ELSE round(p.full_amount * p.clawed_n / p.clawed_d, 2) END AS clawed,
           CASE WHEN p.unproven_n = 0 THEN 0 ELSE round(p.full_amount * p.unproven_n / p.unproven_d, 2) END AS unproven) c;
ANALYZE entitled;
