-- Purpose: what campaigns add to lines, and the caps and exclusions of all campaign lines (rules 9 and 17).
-- Reads:   entitled, eligible, terms, component, sales_campaign, claim, reached_queue, posted cap uses
-- Writes:  entitled (campaign lines that follow; capped ones limited: measure = EUR left, measured_of = share of the units),
--          stood (what is kept of orders looked at), asking, ahead, filled, limited, cap_change (what this run changes)
-- Invariant: a cap is filled by signature date, then order id, over all partners; a cancellation frees no room and makes no
--            campaign the lesser one, so both are asked of amounts before any clawback. What nobody looks at takes what it
--            took; what is looked at takes what its lines say, so of an order all of them are here or none.
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
-- What the orders that are looked at have taken so far.
CREATE UNLOGGED TABLE stood AS
SELECT u.order_id, u.campaign, u.signed_on, u.digest, sum(u.units) AS units, sum(u.wanted) AS wanted
FROM commissions_capuse u
WHERE EXISTS (SELECT FROM scope_order s WHERE s.order_id = u.order_id AND s.known) OR u.order_id IN (SELECT order_id FROM reached_queue)
GROUP BY u.order_id, u.campaign, u.signed_on, u.digest
HAVING sum(u.units) <> 0 OR sum(u.wanted) <> 0;
ANALYZE stood;

-- What the campaigns of each order would pay, whatever their caps leave of it.
CREATE UNLOGGED TABLE asking AS
SELECT e.order_id, e.component_id, e.followed_code, e.revenue_month, e.hold_reason, e.full_amount, x.part * e.base AS exact,
       x.part * coalesce(f.full_amount, e.base) AS whole, x.digits, k.campaign, k.position, t.quantity, t.signed_on,
       o.order_no COLLATE "C" AS order_no, c.cap_units, c.cap_amount, c.stackable,
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
WHERE e.hold_reason IN ('', 'withheld', 'evidence_missing');
ANALYZE asking;

-- For each of them, what all the others in front take. Days on which nobody is looked at are one row each.
CREATE UNLOGGED TABLE ahead AS
WITH entering AS (
    SELECT DISTINCT campaign, signed_on, order_id FROM asking WHERE cap_units IS NOT NULL OR cap_amount IS NOT NULL
), kept AS (
    SELECT u.campaign, u.signed_on, u.order_id, u.units, u.wanted
    FROM commissions_capuse u WHERE NOT %(full)s AND u.campaign IN (SELECT campaign FROM entering)
    UNION ALL
    SELECT campaign, signed_on, order_id, -units, -wanted FROM stood WHERE NOT %(full)s
), standing AS (
    SELECT campaign, signed_on, order_id, TRUE AS enters, 0 AS units, 0 AS wanted FROM entering
    UNION ALL
    SELECT k.campaign, k.signed_on, d.order_id, FALSE, sum(k.units), sum(k.wanted)
    FROM kept k
    CROSS JOIN LATERAL (
        SELECT CASE WHEN (k.campaign, k.signed_on) IN (SELECT campaign, signed_on FROM entering) THEN k.order_id END AS order_id) d
    GROUP BY k.campaign, k.signed_on, d.order_id
), summed AS (
    SELECT s.campaign, s.order_id, s.enters, sum(s.units) OVER before AS units, sum(s.wanted) OVER before AS wanted
    FROM standing s LEFT JOIN sales_order o ON o.id = s.order_id
    WINDOW before AS (PARTITION BY s.campaign ORDER BY s.signed_on, o.order_no COLLATE "C", s.enters)
)
SELECT campaign, order_id, units, wanted FROM summed WHERE enters;
ANALYZE ahead;

CREATE UNLOGGED TABLE filled AS
WITH line AS (
    SELECT l.*, l.cap_units - coalesce(a.units, 0) AS units_left, l.cap_amount - coalesce(a.wanted, 0) AS amount_left
    FROM asking l LEFT JOIN ahead a ON a.campaign = l.campaign AND a.order_id = l.order_id
), totalled AS (
    SELECT l.*, sum(round(whole, digits)) OVER (PARTITION BY order_id, campaign) AS total,
           bool_and(stackable) OVER (PARTITION BY order_id) AS all_stackable
    FROM line l
), chosen AS (
    SELECT t.*, NOT all_stackable AND campaign <> first_value(campaign) OVER (PARTITION BY order_id ORDER BY total DESC, campaign) AS dropped
    FROM totalled t
), by_units AS (
    SELECT c.*, CASE WHEN units_left IS NULL OR quantity <= 0 THEN quantity
                     ELSE greatest(0, least(quantity, units_left - coalesce(sum(quantity) FILTER (WHERE first) OVER before, 0)
                                                      + CASE WHEN first THEN 0 ELSE quantity END)) END AS units
    FROM chosen c WHERE NOT dropped
    WINDOW before AS (PARTITION BY campaign ORDER BY signed_on, order_no, position, followed_code, revenue_month
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), fitted AS (
    SELECT u.*, CASE WHEN units = quantity THEN full_amount ELSE round(exact * units / quantity, digits) END AS fitting,
           CASE WHEN units = quantity THEN round(whole, digits) ELSE round(whole * units / quantity, digits) END AS wanted
    FROM by_units u
), by_amount AS (
    SELECT f.*, CASE WHEN amount_left IS NOT NULL THEN greatest(0, amount_left - coalesce(sum(wanted) OVER before, 0)) END AS room
    FROM fitted f
    WINDOW before AS (PARTITION BY campaign ORDER BY signed_on, order_no, position, followed_code, revenue_month
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT order_id, component_id, followed_code, revenue_month, hold_reason, campaign, signed_on, quantity, units,
       CASE WHEN cap_amount IS NULL THEN 0 ELSE wanted END AS wanted, least(fitting, room) AS remaining, room,
       units < quantity OR room < wanted AS cut, FALSE AS dropped
FROM by_amount
UNION ALL
SELECT order_id, component_id, followed_code, revenue_month, hold_reason, campaign, signed_on, quantity, 0, 0, 0, 0, TRUE, TRUE
FROM chosen WHERE dropped;

CREATE UNLOGGED TABLE limited AS
SELECT r.order_id, r.component_id, r.followed_code, r.revenue_month, r.remaining,
       -- Of a cap by amount what is left under it, however little the line is worth by now: it is not what moved the line then.
       CASE WHEN r.units < r.quantity OR r.dropped THEN r.remaining ELSE r.room END AS measure,
       -- As a line keeps it, else a third would be another share whenever it is asked.
       CASE WHEN r.dropped THEN 0 WHEN r.units < r.quantity THEN round(r.units / r.quantity, 4) END AS share,
       CASE WHEN r.hold_reason = 'evidence_missing' THEN (
           SELECT nullif(-round(r.remaining * j.unproven_n / j.unproven_d, 2), 0) FROM eligible j
           WHERE j.order_id = r.order_id AND j.component_id = r.component_id) END AS would_be
FROM filled r WHERE cut;

INSERT INTO cap_change (order_id, campaign, signed_on, digest, units, wanted)
SELECT order_id, campaign, signed_on, digest, sum(units), sum(wanted)
FROM (
    -- Who was not asked, asks what was asked before; who enters only because another campaign has become the lesser one is unknown.
    SELECT f.order_id, f.campaign, f.signed_on, coalesce(c.digest, s.digest, md5('')::uuid) AS digest, max(f.quantity) AS units,
           sum(f.wanted) AS wanted
    FROM filled f
    JOIN sales_campaign m ON m.code = f.campaign AND (m.cap_units IS NOT NULL OR m.cap_amount IS NOT NULL)
    LEFT JOIN claim c ON c.order_id = f.order_id AND c.campaign = f.campaign
    LEFT JOIN stood s ON s.order_id = f.order_id AND s.campaign = f.campaign
    WHERE NOT f.dropped
    GROUP BY f.order_id, f.campaign, f.signed_on, c.digest, s.digest
    UNION ALL
    SELECT order_id, campaign, signed_on, digest, -units, -wanted FROM stood) both_sides
GROUP BY order_id, campaign, signed_on, digest
HAVING sum(units) <> 0 OR sum(wanted) <> 0;

UPDATE entitled e
SET measure = l.measure, measured_of = l.share, full_amount = l.remaining, clawed = round(l.remaining * e.clawed_n / e.clawed_d, 2),
    entitled = l.remaining - round(l.remaining * e.clawed_n / e.clawed_d, 2), would_be = l.would_be,
    hold_reason = CASE WHEN e.hold_reason = 'evidence_missing' AND l.would_be IS NULL THEN '' ELSE e.hold_reason END
FROM limited l
WHERE e.order_id = l.order_id AND e.component_id = l.component_id AND e.followed_code = l.followed_code
  AND e.revenue_month IS NOT DISTINCT FROM l.revenue_month;
ANALYZE entitled;
