-- Purpose: what is left of each line after a cancellation (rule 16), and what a held one is entitled to (rule 6).
-- Reads:   priced, terms
-- Writes:  entitled (one row per identity: base, full amount, clawed share n / d, entitled, would_be, hold reason)
-- Invariant: 0 <= n <= d; full × n is divided last, so the share is never a rounded decimal.
CREATE UNLOGGED TABLE entitled AS
WITH answer AS (
    SELECT p.*,
           greatest(held.months - (o.activated_on + make_interval(months => held.months) > o.cancelled_on)::int, 0) AS months_held,
           CASE
               WHEN p.kind IS DISTINCT FROM 'closing' OR o.cancelled_on IS NULL THEN 'none'
               WHEN o.reason IN ('WITHDRAWAL', 'FRAUD_PARTNER', 'FRAUD_CUSTOMER', 'DUPLICATE') THEN 'whole'
               WHEN o.reason IN ('NO_AVAILABILITY', 'PROVIDER_FAULT', 'PROVIDER_TERMINATION', 'PRICE_INCREASE') THEN 'none'
               WHEN p.clawback_months IS NULL
                    OR o.cancelled_on >= o.activated_on + make_interval(months => p.clawback_months) THEN 'none'
               WHEN o.reason = 'NON_PAYMENT' AND NOT o.has_evidence THEN 'unproven'
               ELSE 'share' END AS liability
    FROM priced p
    JOIN terms o USING (order_id)
    CROSS JOIN LATERAL (
        SELECT (extract(year FROM o.cancelled_on)::int - extract(year FROM o.activated_on)::int) * 12
             + extract(month FROM o.cancelled_on)::int - extract(month FROM o.activated_on)::int AS months) held
), share AS (
    SELECT a.*,
           CASE WHEN liability = 'whole' OR clawback_mode = 'full' THEN 1 ELSE clawback_months - months_held END AS part,
           CASE WHEN liability = 'whole' OR clawback_mode = 'full' THEN 1 ELSE clawback_months END AS whole_part
    FROM answer a
), result AS (
    SELECT s.*,
           CASE WHEN liability IN ('whole', 'share') THEN part ELSE 0 END AS clawed_n,
           CASE WHEN liability IN ('whole', 'share') THEN whole_part ELSE 1 END AS clawed_d,
           CASE WHEN liability = 'unproven' AND s.hold_reason = '' THEN round(full_amount * part / whole_part, 2) END AS unproven
    FROM share s
)
SELECT r.order_id, r.component_id, r.certificate_id, r.month, r.revenue_month, r.service_date,
       r.base, r.full_amount, r.clawed_n, r.clawed_d, c.clawed,
       CASE WHEN r.hold_reason IN ('', 'withheld') THEN r.full_amount - c.clawed ELSE 0 END AS entitled,
       CASE WHEN r.hold_reason NOT IN ('', 'withheld') THEN r.full_amount - c.clawed ELSE -r.unproven END AS would_be,
       CASE WHEN r.unproven <> 0 THEN 'evidence_missing' ELSE r.hold_reason END AS hold_reason
FROM result r
CROSS JOIN LATERAL (SELECT round(r.full_amount * r.clawed_n / r.clawed_d, 2) AS clawed) c;
ANALYZE entitled;
