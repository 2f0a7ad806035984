-- Purpose: which components of which schedule version apply to an order, and what stands in their way.
-- Reads:   fact_order (materialised here), contracts, published versions and components, certificates, holds
-- Writes:  version_span, certified, terms (one row per order), eligible (one row per order and component)
-- Invariant: an order without any row in `eligible` is held as no_contract or not_in_schedule by the next step.
CREATE UNLOGGED TABLE version_span AS
SELECT schedule, version_id, valid_from,
       lead(valid_from, 1, 'infinity') OVER (PARTITION BY schedule ORDER BY valid_from) AS valid_until
FROM (
    SELECT DISTINCT ON (s.code, v.valid_from) s.code AS schedule, v.id AS version_id, v.valid_from
    FROM commissions_scheduleversion v JOIN commissions_schedule s ON s.id = v.schedule_id
    WHERE v.status = 'published'
    ORDER BY s.code, v.valid_from, v.sequence DESC) latest;
ANALYZE version_span;

-- A certificate counts for a partner while its holder is a member: what was sold before somebody left keeps it.
CREATE UNLOGGED TABLE certified AS
SELECT m.partner_id, f.code AS family, z.id AS certificate_id,
       greatest(m.valid_from, z.valid_from) AS valid_from,
       least(coalesce(m.valid_until, 'infinity'), coalesce(z.valid_until, 'infinity')) AS valid_until
FROM training_certificate z
JOIN partners_membership m ON m.user_id = z.holder_id
JOIN sales_productfamily f ON f.id = z.family_id
WHERE z.status = 'valid';
CREATE INDEX ON certified (partner_id, family);
ANALYZE certified;

CREATE UNLOGGED TABLE terms AS
SELECT o.*, coalesce(c.schedule, '') AS schedule, coalesce(c.level, '') AS level, c.parent_id AS distributor_id,
       c.id IS NOT NULL AS has_contract, v.version_id
FROM fact_order o
LEFT JOIN partners_contract c
    ON c.partner_id = o.partner_id AND c.status = 'in_force'
    AND c.valid_from <= o.signed_on AND (c.valid_until IS NULL OR o.signed_on < c.valid_until)
LEFT JOIN version_span v
    ON v.schedule = c.schedule AND v.valid_from <= o.signed_on AND o.signed_on < v.valid_until;
ANALYZE terms;

CREATE UNLOGGED TABLE eligible AS
WITH matching AS (
    SELECT o.order_id, o.partner_id, o.signed_on, o.in_portfolio,
           k.id AS component_id, k.code, k.kind, k.position, k.alternatives, k.certificate
    FROM terms o
    JOIN commissions_component k ON k.version_id = o.version_id
    WHERE (k.families IS NULL OR o.family = ANY (k.families))
      AND (k.products IS NULL OR o.product = ANY (k.products))
      AND (k.transactions IS NULL OR o.transaction = ANY (k.transactions))
      AND (k.customer_classes IS NULL OR o.customer_class = ANY (k.customer_classes))
      AND (k.partner_kinds IS NULL OR o.partner_kind = ANY (k.partner_kinds))
      AND (k.levels IS NULL OR o.level = ANY (k.levels))
), applying AS (
    SELECT * FROM matching WHERE alternatives IS NULL
    UNION ALL
    (SELECT DISTINCT ON (order_id, kind, alternatives) *
     FROM matching WHERE alternatives IS NOT NULL
     ORDER BY order_id, kind, alternatives, position)
)
SELECT a.order_id, a.component_id, z.certificate_id,
       CASE
           WHEN NOT a.in_portfolio THEN 'not_in_portfolio'
           WHEN a.certificate IS NOT NULL AND z.certificate_id IS NULL THEN 'certificate_missing'
           WHEN EXISTS (
               SELECT FROM commissions_hold h
               WHERE h.released_at IS NULL AND (h.partner_id = a.partner_id OR h.partner_id IS NULL)
                 AND (h.order_id = a.order_id OR h.order_id IS NULL) AND h.component_code IN ('', a.code)) THEN 'withheld'
           ELSE '' END AS hold_reason
FROM applying a
LEFT JOIN LATERAL (
    SELECT min(certificate_id) AS certificate_id FROM certified x
    WHERE a.certificate IS NOT NULL AND x.partner_id = a.partner_id AND x.family = a.certificate
      AND x.valid_from <= a.signed_on AND a.signed_on < x.valid_until) z ON TRUE;
ANALYZE eligible;
