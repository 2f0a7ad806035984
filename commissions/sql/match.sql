-- Purpose: which components of which schedule version apply to an order, what stands in their way, and which share n / d
--          of what they earn a cancellation takes (rule 16).
-- Reads:   fact_order, contracts, versions and components, certified, campaigns, holding
-- Writes:  terms (one row per order), eligible (one row per order and component; base and size without what is billed)
-- Invariant: an order without any row in `eligible` is held as no_contract or not_in_schedule by the next step. Runs a
--            second time for what a changed measure reaches, and passes over what is matched already. 0 <= n <= d; the share
--            depends on order and component alone, so it is known before any measure is.
-- @shards
INSERT INTO terms
SELECT o.*, coalesce(c.schedule, '') AS schedule, coalesce(c.level, '') AS level, c.parent_id AS distributor_id,
       c.contract_id IS NOT NULL AS has_contract, v.version_id
FROM fact_order o
LEFT JOIN contract_span c ON c.partner_id = o.partner_id AND c.valid_from <= o.signed_on AND o.signed_on < c.valid_until
LEFT JOIN version_span v ON v.schedule = c.schedule AND v.valid_from <= o.signed_on AND o.signed_on < v.valid_until
WHERE NOT EXISTS (SELECT FROM terms t WHERE t.order_id = o.order_id);
ANALYZE terms;

-- A million orders are of a few hundred sorts: each component is asked about a sort and not about every order. A table of
-- its own with statistics: planned for three rows, what follows would look each of a million orders up by itself.
CREATE UNLOGGED TABLE fitting AS
WITH sort AS MATERIALIZED (
    SELECT DISTINCT version_id, product, family, transaction, customer_class, partner_kind, level, route, campaign IS NOT NULL AS campaigning
    FROM terms WHERE order_id IN (SELECT order_id FROM to_match)
)
SELECT o.version_id, o.product, o.transaction, o.customer_class, o.partner_kind, o.level, o.route, o.campaigning, k.id AS component_id,
       c.id AS campaign_id
FROM sort o
JOIN component k ON k.version_id = o.version_id AND k.kind IN ('closing', 'recurring', 'campaign')
LEFT JOIN sales_campaign c ON c.code = k.campaign AND c.status = 'approved'
WHERE (k.families IS NULL OR o.family = ANY (k.families))
  AND (k.products IS NULL OR o.product = ANY (k.products))
  AND (k.transactions IS NULL OR o.transaction = ANY (k.transactions))
  AND (k.customer_classes IS NULL OR o.customer_class = ANY (k.customer_classes))
  AND (k.partner_kinds IS NULL OR o.partner_kind = ANY (k.partner_kinds))
  AND (k.levels IS NULL OR o.level = ANY (k.levels))
  AND CASE WHEN k.routes IS NULL THEN o.route <> 'closed' ELSE o.route = ANY (k.routes) END
  AND (k.kind <> 'campaign' OR o.campaigning AND (o.product = ANY (c.exclude_products)) IS NOT TRUE
                               AND (o.family = ANY (c.exclude_families)) IS NOT TRUE);
ANALYZE fitting;

INSERT INTO eligible
WITH matching AS (
    SELECT o.order_id, o.partner_id, o.signed_on, o.activated_on, o.cancelled_on, o.reason, o.has_evidence,
           o.in_portfolio, o.quantity, o.order_value, o.monthly_price, f.campaign_id, k.id AS component_id, k.code, k.kind,
           k.basis, k.measure, k.certificate, k.clawback_mode, k.clawback_months, k.clawback_until, k.clawback_percent
    FROM to_match m
    JOIN terms o USING (order_id)
    JOIN fitting f ON (f.version_id, f.product, f.transaction, f.customer_class, f.partner_kind, f.level, f.route, f.campaigning)
                    = (o.version_id, o.product, o.transaction, o.customer_class, o.partner_kind, o.level, o.route, o.campaign IS NOT NULL)
    JOIN component k ON k.id = f.component_id
    WHERE NOT EXISTS (SELECT FROM eligible e WHERE e.order_id = m.order_id)
      -- The order names the campaign and was signed within its days (rule 17).
      AND (k.kind <> 'campaign' OR EXISTS (
          SELECT FROM sales_campaign c
          WHERE c.id = f.campaign_id AND c.code = ANY (string_to_array(o.campaign, ' '))
            AND c.valid_from <= o.signed_on AND (c.valid_until IS NULL OR o.signed_on < c.valid_until)
            AND (o.partner_no = ANY (c.exclude_partners)) IS NOT TRUE))
), certified_or_not AS (
    SELECT a.*,
           CASE WHEN a.certificate IS NOT NULL THEN (
               SELECT min(x.certificate_id) FROM certified x
               WHERE x.partner_id = a.partner_id AND x.family = a.certificate
                 AND x.valid_from <= a.signed_on AND a.signed_on < x.valid_until) END AS certificate_id,
           CASE
               WHEN a.cancelled_on IS NULL OR a.kind = 'recurring' THEN 'none'
               WHEN a.reason IN ('WITHDRAWAL', 'FRAUD_PARTNER', 'FRAUD_CUSTOMER', 'DUPLICATE') THEN 'whole'
               WHEN a.reason IN ('NO_AVAILABILITY', 'PROVIDER_FAULT', 'PROVIDER_TERMINATION', 'PRICE_INCREASE') THEN 'none'
               WHEN a.clawback_months IS NULL
                    OR a.cancelled_on >= a.activated_on + make_interval(months => a.clawback_months) THEN 'none'
               WHEN a.reason = 'NON_PAYMENT' AND NOT a.has_evidence THEN 'unproven'
               ELSE 'share' END AS liability,
           (a.partner_id IN (SELECT partner_id FROM holding WHERE partner_id IS NOT NULL)
            OR a.order_id IN (SELECT order_id FROM holding WHERE order_id IS NOT NULL)
            OR EXISTS (SELECT FROM holding WHERE partner_id IS NULL AND order_id IS NULL))
           AND EXISTS (
               SELECT FROM holding h
               WHERE (h.partner_id = a.partner_id OR h.partner_id IS NULL)
                 AND (h.order_id = a.order_id OR h.order_id IS NULL) AND h.component_code IN ('', a.code)) AS withheld
    FROM matching a OFFSET 0  -- else the certificate and the hold are looked up twice
), answered AS (
    SELECT a.*,
           CASE
               WHEN NOT a.in_portfolio THEN 'not_in_portfolio'
               WHEN a.certificate IS NOT NULL AND a.certificate_id IS NULL THEN 'certificate_missing'
               WHEN a.kind = 'campaign' AND EXISTS (
                   SELECT FROM sales_campaign c
                   WHERE c.id = a.campaign_id AND c.registration_required AND NOT EXISTS (
                       SELECT FROM sales_campaignregistration r
                       WHERE r.campaign_id = c.id AND r.partner_id = a.partner_id AND r.registered_on <= a.signed_on
                         AND (r.withdrawn_on IS NULL OR a.signed_on < r.withdrawn_on))) THEN 'campaign_not_registered'
               WHEN withheld THEN 'withheld'
               ELSE '' END AS hold_reason,
           -- Asked only where something ended: the function costs more than all else said of an order.
           CASE WHEN liability <> 'none' THEN (
               SELECT commissions_share_of(
                   CASE liability WHEN 'whole' THEN 'full' ELSE a.clawback_mode END, a.clawback_months, a.clawback_until,
                   a.clawback_percent, a.activated_on, a.cancelled_on,
                   greatest(h.months - (a.activated_on + make_interval(months => h.months) > a.cancelled_on)::int, 0))
               FROM (SELECT (extract(year FROM a.cancelled_on)::int - extract(year FROM a.activated_on)::int) * 12
                          + extract(month FROM a.cancelled_on)::int - extract(month FROM a.activated_on)::int AS months) h) END AS part
    FROM certified_or_not a
)
SELECT a.order_id, a.component_id, a.certificate_id, a.partner_id, a.activated_on, a.cancelled_on,
       CASE WHEN liability IN ('whole', 'share') THEN part[1] ELSE 0 END,
       CASE WHEN liability IN ('whole', 'share') THEN part[2] ELSE 1 END,
       -- What would be taken back, were the proof there (rule 6: evidence_missing).
       CASE WHEN liability = 'unproven' AND hold_reason = '' THEN part[1] ELSE 0 END,
       CASE WHEN liability = 'unproven' AND hold_reason = '' THEN part[2] ELSE 1 END,
       a.withheld, a.hold_reason, a.quantity,
       CASE a.basis WHEN 'units' THEN a.quantity WHEN 'order_value' THEN coalesce(a.order_value, 0)
                    WHEN 'monthly_price' THEN coalesce(a.monthly_price, 0) * a.quantity ELSE 0 END,
       CASE a.measure WHEN '' THEN 0 WHEN 'units' THEN a.quantity WHEN 'order_value' THEN coalesce(a.order_value, 0)
                      WHEN 'monthly_price' THEN coalesce(a.monthly_price, 0) * a.quantity ELSE 0 END
FROM answered a;
DROP TABLE fitting;
-- Of alternatives the first in the document applies, even if it is held.
DELETE FROM eligible e
USING component k
WHERE k.id = e.component_id AND k.alternatives IS NOT NULL
  AND EXISTS (
      SELECT FROM eligible f JOIN component b ON b.id = f.component_id
      WHERE f.order_id = e.order_id AND b.kind = k.kind AND b.alternatives = k.alternatives AND b.position < k.position);
ANALYZE eligible;
