-- Purpose: one bonus for a customer who has all parts at once, sold by one partner (kind bundle).
-- Reads:   bundle_customer, terms, component, needs, certified, holds
-- Writes:  several, serves, part, completed, entitled (one row per partner, customer and component; its order is the one that completed the bundle)
-- Invariant: an order serves only the first need it matches, so no order is counted twice within a bundle.
-- @rest
-- Tables of their own with statistics: planned for one row, what joins them would read everything once for each.
-- A bundle has two parts at least, and most customers bought one thing.
CREATE UNLOGGED TABLE several AS
SELECT t.customer_no, t.partner_id FROM bundle_customer c JOIN terms t ON t.customer_no = c.customer_no
GROUP BY t.customer_no, t.partner_id HAVING count(*) > 1;
ANALYZE several;
CREATE UNLOGGED TABLE serves AS
WITH sold AS (
    SELECT t.*, o.order_no COLLATE "C" AS order_no
    FROM several s
    JOIN terms t ON t.customer_no = s.customer_no AND t.partner_id = s.partner_id
    JOIN sales_order o ON o.id = t.order_id
    WHERE t.activated_on <= %(cutoff)s AND t.has_contract AND t.in_portfolio
)
SELECT DISTINCT ON (o.order_id, k.id) k.id AS component_id, n.position, o.order_id, o.order_no, o.partner_id, o.customer_no,
       o.version_id, o.signed_on, o.activated_on, o.cancelled_on, o.reason, o.has_evidence
FROM component k
JOIN commissions_bundleneed n ON n.component_id = k.id
JOIN sold o ON (n.families IS NULL OR o.family = ANY (n.families))
    AND (n.products IS NULL OR o.product = ANY (n.products))
    AND (n.transactions IS NULL OR o.transaction = ANY (n.transactions))
    AND (n.customer_classes IS NULL OR o.customer_class = ANY (n.customer_classes))
    AND (n.partner_kinds IS NULL OR o.partner_kind = ANY (n.partner_kinds))
    AND (n.levels IS NULL OR o.level = ANY (n.levels))
    AND CASE WHEN n.routes IS NULL THEN o.route <> 'closed' ELSE o.route = ANY (n.routes) END
WHERE k.kind = 'bundle'
ORDER BY o.order_id, k.id, n.position;
CREATE INDEX ON serves (component_id, partner_id, customer_no);
ANALYZE serves;

-- For each order that could complete the bundle: the earliest order that serves each need at that moment.
CREATE UNLOGGED TABLE part AS
SELECT DISTINCT ON (whole.order_id, whole.component_id, p.position)
       whole.component_id, whole.order_id AS completed_by, whole.partner_id, whole.customer_no, whole.signed_on,
       whole.activated_on AS completed_on, p.position, p.order_id, p.cancelled_on, p.reason, p.has_evidence
FROM serves whole
JOIN component k ON k.id = whole.component_id AND k.version_id = whole.version_id
JOIN serves p ON p.component_id = whole.component_id AND p.partner_id = whole.partner_id
    AND p.customer_no = whole.customer_no
    AND p.activated_on <= whole.activated_on
    AND (k.within_days IS NULL OR whole.activated_on - p.activated_on <= k.within_days)
    -- Also of the one that completes it: what had ended by then was never had at once.
    AND (p.cancelled_on IS NULL OR p.cancelled_on > whole.activated_on)
    AND (p.position <> whole.position OR p.order_id = whole.order_id)
ORDER BY whole.order_id, whole.component_id, p.position, p.activated_on, p.order_no;
ANALYZE part;

CREATE UNLOGGED TABLE completed AS
WITH complete AS (
    SELECT p.component_id, p.completed_by, p.partner_id, p.customer_no, p.signed_on, p.completed_on
    FROM part p
    GROUP BY p.component_id, p.completed_by, p.partner_id, p.customer_no, p.signed_on, p.completed_on
    HAVING count(*) = (SELECT count(*) FROM commissions_bundleneed n WHERE n.component_id = p.component_id)
)
SELECT DISTINCT ON (c.partner_id, c.customer_no, k.code) c.*, k.code, k.rate, k.round_to, k.certificate, k.clawback_mode,
       k.clawback_months, k.clawback_until, k.clawback_percent
FROM complete c
JOIN component k ON k.id = c.component_id
JOIN sales_order o ON o.id = c.completed_by
ORDER BY c.partner_id, c.customer_no, k.code, c.completed_on, o.order_no COLLATE "C";
ANALYZE completed;

INSERT INTO entitled
WITH ended AS (
    -- A bundle loses the largest share that any of its parts loses.
    SELECT DISTINCT ON (e.completed_by, e.component_id) e.component_id, e.completed_by,
           CASE WHEN x.liability IN ('whole', 'share') THEN s.n ELSE 0 END AS n,
           CASE WHEN x.liability IN ('whole', 'share') THEN s.d ELSE 1 END AS d,
           CASE WHEN x.liability = 'unproven' THEN s.n ELSE 0 END AS unproven_n,
           CASE WHEN x.liability = 'unproven' THEN s.d ELSE 1 END AS unproven_d
    FROM completed e
    JOIN part p ON p.component_id = e.component_id AND p.completed_by = e.completed_by AND p.cancelled_on IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT CASE
                   WHEN p.reason IN ('WITHDRAWAL', 'FRAUD_PARTNER', 'FRAUD_CUSTOMER', 'DUPLICATE') THEN 'whole'
                   WHEN p.reason IN ('NO_AVAILABILITY', 'PROVIDER_FAULT', 'PROVIDER_TERMINATION', 'PRICE_INCREASE') THEN 'none'
                   WHEN e.clawback_months IS NULL
                        OR p.cancelled_on >= e.completed_on + make_interval(months => e.clawback_months) THEN 'none'
                   WHEN p.reason = 'NON_PAYMENT' AND NOT p.has_evidence THEN 'unproven'
                   ELSE 'share' END AS liability,
               (extract(year FROM p.cancelled_on)::int - extract(year FROM e.completed_on)::int) * 12
                   + extract(month FROM p.cancelled_on)::int - extract(month FROM e.completed_on)::int AS months) x
    CROSS JOIN LATERAL commissions_share(
        CASE WHEN x.liability IN ('share', 'unproven') THEN e.clawback_mode WHEN x.liability = 'whole' THEN 'full' END,
        e.clawback_months, e.clawback_until, e.clawback_percent, e.completed_on, p.cancelled_on,
        greatest(x.months - (e.completed_on + make_interval(months => x.months) > p.cancelled_on)::int, 0)) s
    ORDER BY e.completed_by, e.component_id, (CASE WHEN x.liability IN ('whole', 'share') THEN s.n ELSE 0 END)::numeric / s.d DESC,
             s.n::numeric / s.d DESC
), judged_bundle AS (
    SELECT e.*, coalesce(d.n, 0) AS n, coalesce(d.d, 1) AS d, coalesce(d.unproven_n, 0) AS unproven_n,
           coalesce(d.unproven_d, 1) AS unproven_d, z.certificate_id,
           CASE
               WHEN e.certificate IS NOT NULL AND z.certificate_id IS NULL THEN 'certificate_missing'
               WHEN EXISTS (
                   SELECT FROM holding h
                   WHERE (h.partner_id = e.partner_id OR h.partner_id IS NULL)
                     AND (h.order_id = e.completed_by OR h.order_id IS NULL) AND h.component_code IN ('', e.code)) THEN 'withheld'
               ELSE '' END AS held
    FROM completed e
    LEFT JOIN ended d USING (component_id, completed_by)
    LEFT JOIN LATERAL (
        SELECT min(certificate_id) AS certificate_id FROM certified x
        WHERE e.certificate IS NOT NULL AND x.partner_id = e.partner_id AND x.family = e.certificate
          AND x.valid_from <= e.signed_on AND e.signed_on < x.valid_until) z ON TRUE
), amounts AS (
    SELECT b.*, f.full_amount, round(f.full_amount * b.n / b.d, 2) AS clawed,
           CASE WHEN b.held = '' THEN round(f.full_amount * b.unproven_n / b.unproven_d, 2) ELSE 0 END AS unproven
    FROM judged_bundle b
    CROSS JOIN LATERAL (
        SELECT round(b.rate, CASE b.round_to WHEN 1 THEN 0 WHEN 0.1 THEN 1 ELSE 2 END) AS full_amount) f
)
SELECT a.partner_id, a.completed_by, a.component_id, '', NULL, a.customer_no, date_trunc('month', a.completed_on::timestamp)::date, NULL,
       date_trunc('month', a.completed_on::timestamp)::date, a.certificate_id, a.completed_on, 1, NULL, NULL, a.rate, a.full_amount, a.n, a.d,
       a.clawed,
       CASE WHEN a.held IN ('', 'withheld') THEN a.full_amount - a.clawed ELSE 0 END,
       CASE WHEN a.held NOT IN ('', 'withheld') THEN a.full_amount - a.clawed WHEN a.unproven <> 0 THEN -a.unproven END,
       CASE WHEN a.unproven <> 0 THEN 'evidence_missing' ELSE a.held END
FROM amounts a;
