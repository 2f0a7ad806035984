-- Purpose: note what this run sees of everything that is no feed event: partners' terms, schedules, products, holds.
-- Reads:   partners, contracts, memberships, certificates, published components, products, campaigns, segments, scores, holds
-- Writes:  commissions_fingerprint (one row per subject and key)
-- Taken before any of these is used: a change in between is then seen by the next run, never missed.
INSERT INTO commissions_fingerprint (run_id, subject, key, digest)
SELECT %(run)s, 'partner', p.id::text, md5(concat_ws('|', p.kind, c.terms, m.certificates, h.holds))::uuid
FROM partners_partner p
LEFT JOIN LATERAL (
    SELECT string_agg(concat_ws(',', valid_from, coalesce(valid_until, 'infinity'), schedule, level, coalesce(parent_id, 0)),
                      ';' ORDER BY valid_from) AS terms
    FROM partners_contract WHERE partner_id = p.id AND status = 'in_force') c ON TRUE
LEFT JOIN LATERAL (
    SELECT string_agg(concat_ws(',', f.code, z.valid_from, coalesce(z.valid_until, 'infinity'),
                                w.valid_from, coalesce(w.valid_until, 'infinity')),
                      ';' ORDER BY f.code, z.valid_from, z.id, w.id) AS certificates
    FROM partners_membership w
    JOIN training_certificate z ON z.holder_id = w.user_id AND z.status = 'valid'
    JOIN sales_productfamily f ON f.id = z.family_id
    WHERE w.partner_id = p.id) m ON TRUE
LEFT JOIN LATERAL (
    SELECT string_agg(component_code, ';' ORDER BY component_code) AS holds
    FROM commissions_hold WHERE partner_id = p.id AND order_id IS NULL AND released_at IS NULL) h ON TRUE
UNION ALL
SELECT %(run)s, 'schedule', s.code,
       md5(string_agg(concat_ws(',', v.valid_from, v.sequence, k.position, k.code, k.digest), ';'
                      ORDER BY v.valid_from, v.sequence, k.position))::uuid
FROM commissions_schedule s
JOIN commissions_scheduleversion v ON v.schedule_id = s.id AND v.status = 'published'
JOIN commissions_component k ON k.version_id = v.id
GROUP BY s.code
UNION ALL
SELECT %(run)s, 'product', p.code,
       md5(concat_ws('|', f.code, p.state, coalesce(p.portfolio_from, 'infinity'), coalesce(p.portfolio_until, 'infinity')))::uuid
FROM sales_product p JOIN sales_productfamily f ON f.id = p.family_id
UNION ALL
SELECT %(run)s, 'campaign', c.code,
       md5(concat_ws('|', c.status, c.valid_from, coalesce(c.valid_until, 'infinity'), c.registration_required, c.cap_units,
                     c.cap_amount, c.exclude_products, c.exclude_families, c.exclude_partners, c.stackable, r.registrations))::uuid
FROM sales_campaign c
LEFT JOIN LATERAL (
    SELECT string_agg(concat_ws(',', partner_id, registered_on, withdrawn_on), ';' ORDER BY partner_id, registered_on, id) AS registrations
    FROM sales_campaignregistration WHERE campaign_id = c.id) r ON TRUE
UNION ALL
SELECT %(run)s, 'segment', id::text,
       md5(concat_ws('|', spend_from, coalesce(spend_to::text, ''), route, partner_allowed, valid_from, coalesce(valid_until, 'infinity')))::uuid
FROM sales_segmentband
UNION ALL
SELECT %(run)s, 'survey', concat_ws(':', partner_id, quarter), md5(concat_ws(',', promoters, passives, detractors))::uuid
FROM score
UNION ALL
SELECT %(run)s, 'order', order_id::text, md5(string_agg(component_code, ';' ORDER BY component_code))::uuid
FROM commissions_hold WHERE order_id IS NOT NULL AND released_at IS NULL GROUP BY order_id
UNION ALL
SELECT %(run)s, 'component', component_code, md5('')::uuid
FROM commissions_hold
WHERE order_id IS NULL AND partner_id IS NULL AND released_at IS NULL GROUP BY component_code;
