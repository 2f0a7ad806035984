-- Purpose: lines that follow lines: quality uplift, the distributor's override and split (rules 9 and 18).
-- Reads:   uplift_due, entitled, terms, component, contracts, score, posted lines of quarters that fall due, holds
-- Writes:  settled_line, terms (orders of those lines), entitled (followers), twice (identities that must not be)
-- Invariant: a follower is worth its rate of what is left of its line; nothing follows a held line.
-- @shards and rest
-- Lines of quarters that fall due and that nothing else has moved stand as they were posted.
CREATE UNLOGGED TABLE settled_line AS
SELECT DISTINCT ON (l.order_id, l.partner_id, l.component_code, l.month, l.revenue_month, l.followed_code, l.customer_no) l.*
FROM uplift_run r
-- Run by run, so that only their tables are opened: of a list of runs the planner opens all there are.
CROSS JOIN LATERAL (
    SELECT * FROM commissions_line
    WHERE run_id = r.run_id AND kind IN ('closing', 'recurring', 'campaign', 'bundle')
      AND component_code IN (SELECT unnest(follows) FROM component WHERE kind = 'uplift')
      -- Few are a customer's, and an index finds them; all else is a shard's.
      AND (%(shard)s < %(shards)s OR customer_no > '')
    OFFSET 0) l
JOIN uplift_due d ON l.month >= d.quarter AND l.month < d.quarter + INTERVAL '3 months'
    AND (d.partner_id IS NULL OR l.partner_id = d.partner_id)
WHERE CASE l.customer_no WHEN '' THEN commissions_shard_of(l.order_id, %(shards)s) = %(shard)s ELSE %(rest)s END
  AND NOT EXISTS (SELECT FROM scope_order s WHERE s.order_id = l.order_id AND l.customer_no = '')
  AND NOT EXISTS (SELECT FROM scope_month s WHERE s.order_id = l.order_id AND s.month = l.revenue_month)
  AND NOT EXISTS (SELECT FROM scope_reach s WHERE s.order_id = l.order_id AND l.customer_no = ''
                  AND s.month_from <= l.month AND l.month < s.month_until)
  AND NOT EXISTS (SELECT FROM bundle_customer c WHERE c.customer_no = l.customer_no)
ORDER BY l.order_id, l.partner_id, l.component_code, l.month, l.revenue_month, l.followed_code, l.customer_no, l.id DESC;
-- A follower whose line says nothing asks here what moved it earlier.
CREATE INDEX ON settled_line ((CASE customer_no WHEN '' THEN order_id ELSE 0 END));
ANALYZE settled_line;

INSERT INTO terms (order_id, whole, partner_id, dealer_code, product, transaction, customer_class, quantity, signed_on,
                   activated_on, cancelled_on, reason, has_evidence, schedule, level, distributor_id, has_contract)
SELECT DISTINCT ON (l.order_id) l.order_id, FALSE, l.attributed_to_id, l.dealer_code, l.product, l.transaction,
       l.customer_class, l.quantity, l.signed_on, l.activated_on, l.cancelled_on, l.reason, l.has_evidence, c.schedule,
       c.level, c.parent_id, TRUE
FROM settled_line l
-- By the contract of now: another one may have moved no amount.
JOIN contract_span c ON c.partner_id = l.attributed_to_id AND c.valid_from <= l.signed_on AND l.signed_on < c.valid_until
WHERE NOT EXISTS (SELECT FROM terms t WHERE t.order_id = l.order_id)
ORDER BY l.order_id, l.id DESC;
ANALYZE terms;

INSERT INTO entitled
WITH line AS NOT MATERIALIZED (
    SELECT e.payee_id, e.order_id, k.version_id, k.code, e.customer_no, e.month, e.revenue_month, e.base_month, e.service_date,
           e.entitled, e.hold_reason
    FROM entitled e
    JOIN component k ON k.id = e.component_id AND k.kind IN ('closing', 'recurring', 'campaign', 'bundle')
    WHERE e.hold_reason IN ('', 'withheld', 'evidence_missing')
      AND NOT (k.kind = 'recurring' AND e.clawed_n > 0)  -- a month in which the order was not active
      AND k.version_id IN (SELECT version_id FROM component WHERE kind IN ('uplift', 'override', 'split'))
), settled AS (
    SELECT l.partner_id, l.order_id, v.version_id, l.component_code, l.customer_no, l.month, l.revenue_month, l.month, l.service_date,
           l.entitled,
           -- A hold that kept nothing back of the line is said by none of its lines.
           CASE WHEN (l.partner_id IN (SELECT partner_id FROM holding WHERE partner_id IS NOT NULL)
                      OR l.order_id IN (SELECT order_id FROM holding WHERE order_id IS NOT NULL)
                      OR EXISTS (SELECT FROM holding WHERE partner_id IS NULL AND order_id IS NULL))
                     AND EXISTS (
                         SELECT FROM holding h
                         WHERE (h.partner_id = l.partner_id OR h.partner_id IS NULL)
                           AND (h.order_id = l.order_id OR h.order_id IS NULL)
                           AND h.component_code IN ('', l.component_code, l.followed_code))
                THEN 'withheld' ELSE l.hold_reason END
    FROM settled_line l
    -- By the day, not by the line's own component: a later wording of the same content takes its place unseen.
    JOIN terms t ON t.order_id = l.order_id
    JOIN version_span v ON v.schedule = t.schedule AND v.valid_from <= t.signed_on AND t.signed_on < v.valid_until
    WHERE l.hold_reason IN ('', 'withheld', 'evidence_missing') AND NOT (l.kind = 'recurring' AND l.clawed_n > 0)
), uplifted AS (
    SELECT l.payee_id AS payee_id, l.payee_id AS followed_partner_id, l.order_id, c.id AS component_id, l.code AS followed_code,
           l.customer_no, (q.quarter + INTERVAL '2 months')::date AS month, l.revenue_month,
           l.service_date,
           l.entitled AS base, coalesce(s.lead, 0) AS measure, coalesce(s.answers, 0) AS measured_of,
           -- NPS is never divided: from × answers against 100 × (promoters − detractors).
           CASE WHEN s.answers >= coalesce(c.min_answers, 30) THEN coalesce(c.steps_rate[(
               SELECT count(*) FROM unnest(c.steps_from) b WHERE b * s.answers <= 100 * s.lead)], 0) ELSE 0 END AS rate,
           c.round_to, c.code, l.hold_reason
    FROM (SELECT * FROM line UNION ALL SELECT * FROM settled) l
    CROSS JOIN LATERAL (SELECT date_trunc('quarter', l.month::timestamp)::date AS quarter) q
    JOIN component c ON c.version_id = l.version_id AND c.kind = 'uplift' AND l.code = ANY (c.follows)
        AND (c.effective_from IS NULL OR l.month >= c.effective_from)
    LEFT JOIN (
        SELECT partner_id, quarter, promoters - detractors AS lead, promoters + passives + detractors AS answers FROM score) s
        ON s.partner_id = l.payee_id AND s.quarter = q.quarter
    WHERE q.quarter + INTERVAL '2 months' <= %(month)s
), shared AS (
    SELECT CASE side.at_parent WHEN TRUE THEN t.distributor_id ELSE l.payee_id END AS payee_id,
           l.payee_id AS followed_partner_id, l.order_id, c.id AS component_id, l.code AS followed_code, l.customer_no, l.month,
           l.revenue_month, l.service_date,
           CASE WHEN side.at_parent THEN l.entitled ELSE -l.entitled END AS base, NULL::numeric AS measure,
           NULL::numeric AS measured_of, c.rate, c.round_to, c.code, l.hold_reason
    FROM line l
    JOIN terms t ON t.order_id = l.order_id AND t.distributor_id IS NOT NULL AND t.partner_id = l.payee_id
    JOIN component c ON c.version_id = l.version_id AND c.kind IN ('override', 'split') AND l.code = ANY (c.follows)
    JOIN (VALUES (TRUE), (FALSE)) side (at_parent) ON side.at_parent OR c.kind = 'split'
), summed AS (
    SELECT * FROM shared WHERE followed_code NOT IN (SELECT code FROM component WHERE kind = 'campaign')
    UNION ALL
    -- A campaign may add to several lines of one order, and an order may have moved from one month of the quarter into
    -- another: what follows goes by the sum.
    SELECT payee_id, followed_partner_id, order_id, component_id, followed_code, customer_no, month, revenue_month,
           min(service_date), sum(base), measure, measured_of, rate, round_to, code, max(hold_reason)
    FROM (
        SELECT * FROM uplifted
        UNION ALL
        SELECT * FROM shared WHERE followed_code IN (SELECT code FROM component WHERE kind = 'campaign')) several
    GROUP BY payee_id, followed_partner_id, order_id, component_id, followed_code, customer_no, month, revenue_month,
             measure, measured_of, rate, round_to, code
)
SELECT f.payee_id, f.order_id, f.component_id, f.followed_code, f.followed_partner_id, f.customer_no, f.month, f.revenue_month,
       f.month, NULL, f.service_date, f.base, f.measure, f.measured_of, f.rate, a.full_amount, 0, 1, 0, a.full_amount, NULL,
       CASE WHEN f.hold_reason = 'withheld'
                 OR (f.payee_id IN (SELECT partner_id FROM holding WHERE partner_id IS NOT NULL)
                     OR f.order_id IN (SELECT order_id FROM holding WHERE order_id IS NOT NULL)
                     OR EXISTS (SELECT FROM holding WHERE partner_id IS NULL AND order_id IS NULL))
                    AND EXISTS (
                        SELECT FROM holding h
                        WHERE (h.partner_id = f.payee_id OR h.partner_id IS NULL)
                          AND (h.order_id = f.order_id OR h.order_id IS NULL) AND h.component_code IN ('', f.code))
            THEN 'withheld' ELSE '' END
FROM summed f
CROSS JOIN LATERAL (
    SELECT round(f.base * f.rate * 0.01, CASE f.round_to WHEN 1 THEN 0 WHEN 0.1 THEN 1 ELSE 2 END) AS full_amount) a;
ANALYZE entitled;

-- Each identity once: what stands here twice would be paid twice, so that `control` parks the run. By a digest, since to group
-- millions of rows by eight columns takes five times as long; and sorted, since a table of as many groups is slower still.
SET LOCAL enable_hashagg = off;
CREATE UNLOGGED TABLE twice AS
SELECT min(order_id) AS order_id
FROM (SELECT order_id, hash_record_extended(ROW(payee_id, order_id, component_id, followed_code, followed_partner_id,
                                                customer_no, month, revenue_month), 0) AS identity FROM entitled) e
GROUP BY identity HAVING count(*) > 1;
SET LOCAL enable_hashagg = on;
