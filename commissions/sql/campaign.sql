-- Purpose: what campaigns add to lines, and the caps and exclusions of all campaign lines (rules 9 and 17).
-- Reads:   entitled, eligible, terms, component, sales_campaign
-- Writes:  entitled (campaign lines that follow; capped ones limited: measure = EUR left, measured_of = share of the units)
-- Invariant: a cap is filled by signature date, then order id, over all partners; a cancellation frees no room and makes no
--            campaign the lesser one, so both are asked of amounts before any clawback.
-- @shards and rest
INSERT INTO entitled
SELECT e.payee_id, e.order_id, c.id, k.code, e.payee_id, e.customer_no, e.month, e.revenue_month, e.base_month,
       x.certificate_id, e.service_date, e.entitled, NULL, NULL, c.rate, f.full_amount, 0, 1, 0,
       CASE WHEN f.hold_reason IN ('', 'withheld') THEN f.full_amount ELSE 0 END,
       CASE WHEN f.hold_reason NOT IN ('', 'withheld') THEN f.full_amount END,
       f.hold_reason
FROM entitled e
JOIN component k ON k.id = e.component_id AND k.kind IN ('closing', 'recurring', 'bundle')
JOIN component c ON c.version_id = k.version_id AND c.kind = 'campaign' AND c.basis = 'line' AND k.code = ANY (c.follows)
JOIN eligible x ON x.order_id = e.order_id AND x.component_id = c.id
CROSS JOIN LATERAL (
    SELECT round(e.entitled * c.rate * 0.01, CASE c.round_to WHEN 1 THEN 0 WHEN 0.1 THEN 1 ELSE 2 END) AS full_amount,
           -- What is withheld of a line is withheld of what follows it.
           CASE WHEN x.hold_reason = '' AND e.hold_reason = 'withheld' THEN 'withheld' ELSE x.hold_reason END AS hold_reason) f
WHERE e.hold_reason IN ('', 'withheld', 'evidence_missing')
  AND NOT (k.kind = 'recurring' AND e.clawed_n > 0);  -- a month in which the order was not active

-- @whole
CREATE UNLOGGED TABLE limited AS
WITH line AS (
    SELECT e.order_id, e.component_id, e.followed_code, e.revenue_month, e.hold_reason, e.full_amount, x.part * e.base AS exact,
           x.part * coalesce(f.full_amount, e.base) AS whole, x.digits, k.campaign, k.position, t.quantity,
           t.signed_on, o.order_no COLLATE "C" AS order_no, c.cap_units, c.cap_amount, c.stackable,
           row_number() OVER (PARTITION BY k.campaign, e.order_id ORDER BY k.position, e.followed_code, e.revenue_month) = 1 AS first
    FROM entitled e
    JOIN component k ON k.id = e.component_id AND k.kind = 'campaign'
    JOIN sales_campaign c ON c.code = k.campaign
    JOIN terms t ON t.order_id = e.order_id
    JOIN sales_order o ON o.id = e.order_id
    CROSS JOIN LATERAL (
        SELECT e.rate * CASE k.basis WHEN 'units' THEN 1 ELSE 0.01 END AS part,
               CASE k.round_to WHEN 1 THEN 0 WHEN 0.1 THEN 1 ELSE 2 END AS digits) x
    LEFT JOIN (
        SELECT l.order_id, l.payee_id, l.customer_no, l.revenue_month, l.full_amount, lk.code
        FROM entitled l JOIN component lk ON lk.id = l.component_id AND lk.kind IN ('closing', 'recurring', 'bundle')) f
        ON k.basis = 'line' AND f.order_id = e.order_id AND f.code = e.followed_code AND f.payee_id = e.payee_id
           AND f.customer_no = e.customer_no AND f.revenue_month IS NOT DISTINCT FROM e.revenue_month
    WHERE e.hold_reason IN ('', 'withheld', 'evidence_missing')
), totalled AS (
    SELECT l.*, sum(round(whole, digits)) OVER (PARTITION BY order_id, campaign) AS total,
           bool_and(stackable) OVER (PARTITION BY order_id) AS all_stackable
    FROM line l
), chosen AS (
    SELECT t.*, NOT all_stackable AND campaign <> first_value(campaign) OVER (PARTITION BY order_id ORDER BY total DESC, campaign) AS dropped
    FROM totalled t
), by_units AS (
    SELECT c.*, CASE WHEN cap_units IS NULL OR quantity <= 0 THEN quantity
                     ELSE greatest(0, least(quantity, cap_units - coalesce(sum(quantity) FILTER (WHERE first) OVER before, 0)
                                                      + CASE WHEN first THEN 0 ELSE quantity END)) END AS units
    FROM chosen c WHERE NOT dropped
    WINDOW before AS (PARTITION BY campaign ORDER BY signed_on, order_no, position, followed_code, revenue_month
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), fitted AS (
    SELECT u.*, CASE WHEN units = quantity THEN full_amount ELSE round(exact * units / quantity, digits) END AS fitting,
           CASE WHEN units = quantity THEN round(whole, digits) ELSE round(whole * units / quantity, digits) END AS wanted
    FROM by_units u
), by_amount AS (
    SELECT f.*, CASE WHEN cap_amount IS NOT NULL
                     THEN greatest(0, cap_amount - coalesce(sum(wanted) OVER before, 0)) END AS room
    FROM fitted f
    WINDOW before AS (PARTITION BY campaign ORDER BY signed_on, order_no, position, followed_code, revenue_month
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), remaining AS (
    SELECT order_id, component_id, followed_code, revenue_month, hold_reason, least(fitting, coalesce(room, fitting)) AS remaining,
           CASE WHEN units < quantity THEN units / quantity END AS share
    FROM by_amount WHERE units < quantity OR room < wanted
    UNION ALL
    SELECT order_id, component_id, followed_code, revenue_month, hold_reason, 0, 0 FROM chosen WHERE dropped
)
SELECT r.*, CASE WHEN r.hold_reason = 'evidence_missing' THEN (
           SELECT nullif(-round(r.remaining * j.unproven_n / j.unproven_d, 2), 0) FROM eligible j
           WHERE j.order_id = r.order_id AND j.component_id = r.component_id) END AS would_be
FROM remaining r;

UPDATE entitled e
SET measure = l.remaining, measured_of = l.share, full_amount = l.remaining, clawed = round(l.remaining * e.clawed_n / e.clawed_d, 2),
    entitled = l.remaining - round(l.remaining * e.clawed_n / e.clawed_d, 2), would_be = l.would_be,
    hold_reason = CASE WHEN e.hold_reason = 'evidence_missing' AND l.would_be IS NULL THEN '' ELSE e.hold_reason END
FROM limited l
WHERE e.order_id = l.order_id AND e.component_id = l.component_id AND e.followed_code = l.followed_code
  AND e.revenue_month IS NOT DISTINCT FROM l.revenue_month;
ANALYZE entitled;
