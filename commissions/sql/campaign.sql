-- Purpose: what campaigns add to lines, and the caps and exclusions of all campaign lines (rules 9 and 17).
-- Reads:   entitled, eligible, terms, component, sales_campaign
-- Writes:  entitled (campaign lines that follow; capped ones limited, lines of the lesser campaigns gone)
-- Invariant: a cap is filled by signature date, then order id, over all partners; a cancellation frees no room.
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
WHERE e.hold_reason IN ('', 'withheld', 'evidence_missing');

CREATE UNLOGGED TABLE limited AS
WITH line AS (
    SELECT e.order_id, e.component_id, e.followed_code, e.revenue_month, e.full_amount, e.base * e.rate * CASE k.basis WHEN 'units' THEN 1 ELSE 0.01 END AS exact,
           CASE k.round_to WHEN 1 THEN 0 WHEN 0.1 THEN 1 ELSE 2 END AS digits, k.campaign, k.position, t.quantity,
           t.signed_on, o.order_no COLLATE "C" AS order_no, c.cap_units, c.cap_amount, c.stackable,
           row_number() OVER (PARTITION BY k.campaign, e.order_id ORDER BY k.position, e.followed_code, e.revenue_month) = 1 AS first
    FROM entitled e
    JOIN component k ON k.id = e.component_id AND k.kind = 'campaign'
    JOIN sales_campaign c ON c.code = k.campaign
    JOIN terms t ON t.order_id = e.order_id
    JOIN sales_order o ON o.id = e.order_id
    WHERE e.hold_reason IN ('', 'withheld', 'evidence_missing')
), totalled AS (
    SELECT l.*, sum(full_amount) OVER (PARTITION BY order_id, campaign) AS total, bool_and(stackable) OVER (PARTITION BY order_id) AS all_stackable
    FROM line l
), chosen AS (
    SELECT t.*, NOT all_stackable AND campaign <> first_value(campaign) OVER (PARTITION BY order_id ORDER BY total DESC, campaign) AS dropped
    FROM totalled t
), by_units AS (
    SELECT c.*,
           CASE WHEN cap_units IS NULL THEN full_amount
                ELSE round(exact * greatest(0, least(quantity, cap_units - coalesce(sum(quantity) FILTER (WHERE first) OVER before, 0)
                                                                    + CASE WHEN first THEN 0 ELSE quantity END)) / nullif(quantity, 0), digits) END AS fitting
    FROM chosen c WHERE NOT dropped
    WINDOW before AS (PARTITION BY campaign ORDER BY signed_on, order_no, position, followed_code, revenue_month
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), by_amount AS (
    SELECT u.*,
           CASE WHEN cap_amount IS NULL THEN fitting
                ELSE greatest(0, least(fitting, cap_amount - coalesce(sum(fitting) OVER before, 0))) END AS remaining
    FROM by_units u
    WINDOW before AS (PARTITION BY campaign ORDER BY signed_on, order_no, position, followed_code, revenue_month
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT order_id, component_id, followed_code, revenue_month, FALSE AS dropped, remaining FROM by_amount WHERE remaining <> full_amount
UNION ALL
SELECT order_id, component_id, followed_code, revenue_month, TRUE, 0 FROM chosen WHERE dropped;

DELETE FROM entitled e USING limited l
WHERE l.dropped AND e.order_id = l.order_id AND e.component_id = l.component_id AND e.followed_code = l.followed_code
  AND e.revenue_month IS NOT DISTINCT FROM l.revenue_month;
UPDATE entitled e
SET measure = l.remaining, full_amount = l.remaining, clawed = round(l.remaining * e.clawed_n / e.clawed_d, 2),
    entitled = l.remaining - round(l.remaining * e.clawed_n / e.clawed_d, 2),
    would_be = CASE WHEN e.hold_reason = 'evidence_missing' THEN (
        SELECT -round(l.remaining * j.unproven_n / j.unproven_d, 2) FROM judged j
        WHERE j.order_id = e.order_id AND j.component_id = e.component_id) END
FROM limited l
WHERE NOT l.dropped AND e.order_id = l.order_id AND e.component_id = l.component_id AND e.followed_code = l.followed_code
  AND e.revenue_month IS NOT DISTINCT FROM l.revenue_month;
ANALYZE entitled;
