-- Purpose: which orders in the queues for caps to look at again: those behind what moved that may get more or less (rule 17).
-- Reads:   queued, reach, reached, terms, eligible, fact, component, sales_campaign, posted cap uses
-- Writes:  claim (what orders in scope ask of caps), queue_moved (by campaign, the first day on which anything did),
--          reached_queue, reach (what graduated places of those hang together with), queue_customer, bundle_customer
-- Invariant: who asks the same as before, at rates that were not reached anew, moves nobody. What is left after a cancellation
--            is not asked about, since that neither makes room nor changes the campaign.
CREATE UNLOGGED TABLE claim AS
WITH line AS (
    SELECT x.order_id, c.campaign, t.quantity, t.signed_on, m.cap_units, m.cap_amount,
           -- What depends on others, a graduated place and a bundle, is asked anew by every run.
           concat_ws(',', t.partner_id, c.code, c.digest, m.stackable, k.code, k.digest, f.month, coalesce(f.revenue_month, 'infinity'),
                     f.base, f.size, CASE WHEN k.mode = 'graduated' OR k.kind = 'bundle' THEN %(run)s END) AS said
    FROM scope_order s
    JOIN terms t ON t.order_id = s.order_id
    JOIN eligible x ON x.order_id = s.order_id AND x.hold_reason IN ('', 'withheld')
    JOIN component c ON c.id = x.component_id AND c.kind = 'campaign'
    JOIN sales_campaign m ON m.code = c.campaign
    JOIN component k ON k.version_id = c.version_id AND CASE c.basis WHEN 'line' THEN k.code = ANY (c.follows) ELSE k.id = c.id END
    LEFT JOIN fact f ON f.order_id = x.order_id AND f.component_id = k.id AND f.hold_reason IN ('', 'withheld')
        AND NOT (k.kind = 'recurring' AND f.clawed_n > 0)
    WHERE f.order_id IS NOT NULL OR k.kind = 'bundle'
), said AS (
    SELECT order_id, count(DISTINCT campaign) > 1 AS several, md5(string_agg(said, ';' ORDER BY said)) AS lines
    FROM line GROUP BY order_id
)
SELECT DISTINCT l.campaign, l.order_id, l.signed_on, l.quantity, a.by_amount,
       md5(concat_ws('|', l.quantity, CASE WHEN a.by_amount THEN s.lines END))::uuid AS digest
FROM line l
JOIN said s USING (order_id)
-- What only takes room by units takes the same whatever it earns, unless it has alternatives.
CROSS JOIN LATERAL (SELECT s.several OR l.cap_amount IS NOT NULL AS by_amount) a
WHERE l.cap_units IS NOT NULL OR l.cap_amount IS NOT NULL;
ANALYZE claim;

-- Orders that a rate reached anew may make ask for more or less, all that they ask together.
CREATE VIEW queue_reached AS
SELECT q.*
FROM queued q
JOIN reach r ON r.partner_id = q.partner_id AND q.activated_on < r.month_until
    AND (q.activated_on >= r.month_from OR EXISTS (SELECT FROM component WHERE kind = 'recurring' AND measure <> ''))
WHERE q.activated_on <= %(cutoff)s AND NOT EXISTS (SELECT FROM scope_order s WHERE s.order_id = q.order_id);
CREATE UNLOGGED TABLE rerated AS
SELECT DISTINCT order_id, campaign, signed_on, quantity, capped AND (by_amount OR several) AS moves, several FROM queue_reached;
ANALYZE rerated;

CREATE UNLOGGED TABLE queue_moved AS
WITH stood AS (
    SELECT u.campaign, u.order_id, u.signed_on, u.digest
    FROM scope_order s JOIN commissions_capuse u ON u.order_id = s.order_id
    WHERE s.known AND NOT %(full)s
    GROUP BY u.campaign, u.order_id, u.signed_on, u.digest HAVING sum(u.units) <> 0 OR sum(u.wanted) <> 0
), stands AS (
    SELECT campaign, order_id, signed_on, digest FROM claim WHERE NOT %(full)s
), moved AS (
    SELECT campaign, signed_on FROM (SELECT * FROM stood EXCEPT SELECT * FROM stands) gone
    UNION ALL
    SELECT campaign, signed_on FROM (SELECT * FROM stands EXCEPT SELECT * FROM stood) come
    UNION ALL
    SELECT c.campaign, c.signed_on
    FROM claim c
    JOIN terms t ON t.order_id = c.order_id
    JOIN reach r ON r.partner_id = t.partner_id AND t.activated_on < r.month_until
        AND (t.activated_on >= r.month_from OR EXISTS (SELECT FROM component WHERE kind = 'recurring' AND measure <> ''))
    WHERE c.by_amount AND NOT %(full)s
    UNION ALL
    SELECT campaign, signed_on FROM rerated WHERE moves
)
SELECT m.campaign, min(m.signed_on) AS since, c.cap_units, c.cap_amount
FROM moved m JOIN sales_campaign c ON c.code = m.campaign
GROUP BY m.campaign, c.cap_units, c.cap_amount;
ANALYZE queue_moved;

-- Behind what moved, nobody gets more or less where everybody's units fitted and fit, nor where they fit no more in front.
CREATE UNLOGGED TABLE reached_queue AS
WITH kept AS (
    SELECT u.campaign, u.order_id, u.signed_on, sum(u.units) AS units,
           EXISTS (SELECT FROM scope_order s WHERE s.order_id = u.order_id) AS asked
    FROM commissions_capuse u
    WHERE u.campaign IN (SELECT campaign FROM queue_moved)
    GROUP BY u.campaign, u.order_id, u.signed_on HAVING sum(u.units) <> 0 OR sum(u.wanted) <> 0
), asking AS (
    SELECT campaign, sum(quantity) AS units
    FROM (SELECT campaign, quantity FROM claim UNION ALL SELECT campaign, quantity FROM rerated WHERE several) a
    GROUP BY campaign
), counted AS (
    SELECT k.*, sum(CASE WHEN NOT k.asked AND k.order_id NOT IN (SELECT order_id FROM rerated WHERE several) THEN k.units END) OVER (
               PARTITION BY k.campaign ORDER BY k.signed_on RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL '1 day' PRECEDING) AS ahead,
           sum(k.units) OVER (PARTITION BY k.campaign) + coalesce(a.units, 0) AS most
    FROM kept k LEFT JOIN asking a ON a.campaign = k.campaign
)
SELECT c.order_id
FROM counted c JOIN queue_moved m USING (campaign)
WHERE NOT c.asked AND c.signed_on >= m.since
  AND (m.cap_amount IS NOT NULL OR c.most > m.cap_units)
  AND (c.ahead >= m.cap_units) IS NOT TRUE
UNION
SELECT order_id FROM rerated;

-- With the bundles of their customers, and all orders that those are entered for: they may be of other partners, whose
-- graduated places hang together with other orders in a queue (see below), which may be in bundles of other customers.
INSERT INTO reached_queue
WITH RECURSIVE together AS (
    SELECT order_id FROM reached_queue
    UNION
    SELECT also.order_id
    FROM together t
    JOIN queued q ON q.order_id = t.order_id
    CROSS JOIN LATERAL (
        SELECT c.order_id FROM queued c
        WHERE c.customer_no = q.customer_no AND c.campaign IN (SELECT campaign FROM adds_to_bundles)
          AND q.campaign IN (SELECT campaign FROM adds_to_bundles)
        UNION ALL
        SELECT p.order_id FROM queued p
        WHERE p.partner_id = q.partner_id AND EXISTS (SELECT FROM component WHERE mode = 'graduated' AND kind <> 'window_bonus')) also
    WHERE EXISTS (SELECT FROM adds_to_bundles)
)
SELECT order_id FROM together
WHERE order_id NOT IN (SELECT order_id FROM reached_queue) AND NOT EXISTS (SELECT FROM scope_order s WHERE s.order_id = together.order_id);
-- Of the bundles they add to, all customers whose orders nobody looked at so far.
CREATE UNLOGGED TABLE queue_customer AS
SELECT DISTINCT q.customer_no
FROM reached_queue r JOIN queued q ON q.order_id = r.order_id
WHERE q.customer_no IS NOT NULL AND q.campaign IN (SELECT campaign FROM adds_to_bundles)
  AND NOT EXISTS (SELECT FROM bundle_customer b WHERE b.customer_no = q.customer_no);
INSERT INTO bundle_customer SELECT customer_no FROM queue_customer;
ANALYZE queue_customer;

-- With what the graduated places of their partners hang together with.
INSERT INTO reach
SELECT r.partner_id, r.code, greatest(r.window_from, min(date_trunc('month', q.activated_on::timestamp)::date)), r.window_until
FROM queued q
JOIN reached r ON r.partner_id = q.partner_id AND q.activated_on < r.window_until AND NOT r.settled
WHERE q.partner_id IN (SELECT o.partner_id FROM reached_queue x JOIN sales_order o ON o.id = x.order_id)
  AND q.activated_on <= %(cutoff)s
  AND (r.code, q.product) IN (
      SELECT k.code, p.code FROM component k
      JOIN sales_product p ON k.products IS NULL OR p.code = ANY (k.products)
      JOIN sales_productfamily f ON f.id = p.family_id AND (k.families IS NULL OR f.code = ANY (k.families))
      WHERE k.mode = 'graduated' AND k.kind <> 'window_bonus')
GROUP BY r.partner_id, r.code, r.window_from, r.window_until;
INSERT INTO reached_queue SELECT order_id FROM queue_reached WHERE order_id NOT IN (SELECT order_id FROM reached_queue);
ANALYZE reached_queue;
