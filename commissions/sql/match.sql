-- Purpose: which components of which schedule version apply to an order, and what stands in their way.
-- Reads:   fact_order, contracts, versions and components, certificates, campaigns, holds
-- Writes:  terms (one row per order), eligible (one row per order and component)
-- Invariant: an order without any row in `eligible` is held as no_contract or not_in_schedule by the next step. Runs a
--            second time for what a changed measure reaches; `to_match` then names those only.
-- @shards
INSERT INTO terms
SELECT o.*, coalesce(c.schedule, '') AS schedule, coalesce(c.level, '') AS level, c.parent_id AS distributor_id,
       c.contract_id IS NOT NULL AS has_contract, v.version_id
FROM fact_order o
LEFT JOIN contract_span c ON c.partner_id = o.partner_id AND c.valid_from <= o.signed_on AND o.signed_on < c.valid_until
LEFT JOIN version_span v ON v.schedule = c.schedule AND v.valid_from <= o.signed_on AND o.signed_on < v.valid_until;
ANALYZE terms;

INSERT INTO eligible
WITH sort AS MATERIALIZED (
    -- A million orders are of a few hundred sorts: each component is asked about a sort and not about every order.
    SELECT DISTINCT version_id, product, family, transaction, customer_class, partner_kind, level
    FROM terms JOIN to_match USING (order_id)
), fitting AS MATERIALIZED (
    SELECT o.version_id, o.product, o.transaction, o.customer_class, o.partner_kind, o.level,
           k.id AS component_id, k.code, k.kind, k.position, k.alternatives, k.certificate, k.campaign
    FROM sort o
    JOIN component k ON k.version_id = o.version_id AND k.kind IN ('closing', 'recurring', 'campaign')
    WHERE (k.families IS NULL OR o.family = ANY (k.families))
      AND (k.products IS NULL OR o.product = ANY (k.products))
      AND (k.transactions IS NULL OR o.transaction = ANY (k.transactions))
      AND (k.customer_classes IS NULL OR o.customer_class = ANY (k.customer_classes))
      AND (k.partner_kinds IS NULL OR o.partner_kind = ANY (k.partner_kinds))
      AND (k.levels IS NULL OR o.level = ANY (k.levels))
), matching AS (
    SELECT o.order_id, o.partner_id, o.signed_on, o.in_portfolio,
           k.component_id, k.code, k.kind, k.position, k.alternatives, k.certificate, k.campaign
    FROM terms o
    JOIN to_match m ON m.order_id = o.order_id
    JOIN fitting k USING (version_id, product, transaction, customer_class, partner_kind, level)
    LEFT JOIN sales_campaign c ON c.code = k.campaign AND c.status = 'approved'
    -- The order names the campaign and was signed within its days (rule 17).
    WHERE (k.kind <> 'campaign'
           OR k.campaign = ANY (string_to_array(o.campaign, ' '))
              AND c.valid_from <= o.signed_on AND (c.valid_until IS NULL OR o.signed_on < c.valid_until)
              AND (o.product = ANY (c.exclude_products)) IS NOT TRUE
              AND (o.family = ANY (c.exclude_families)) IS NOT TRUE
              AND (o.partner_no = ANY (c.exclude_partners)) IS NOT TRUE)
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
           WHEN a.campaign <> '' AND EXISTS (
               SELECT FROM sales_campaign c
               WHERE c.code = a.campaign AND c.registration_required AND NOT EXISTS (
                   SELECT FROM sales_campaignregistration r
                   WHERE r.campaign_id = c.id AND r.partner_id = a.partner_id AND r.registered_on <= a.signed_on
                     AND (r.withdrawn_on IS NULL OR a.signed_on < r.withdrawn_on))) THEN 'campaign_not_registered'
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
