-- Purpose: what stands booked of every identity the run looks at: the last posted line of each.
-- Reads:   commissions_line, terms, scope_order, scope_month, scope_reach, bundle_customer, changed, uplift_due, bonus_line
-- Writes:  booked, reach_order, reach_run, respent
-- Invariant: an identity is loaded here exactly if its entitlement was computed; otherwise paid money would be taken back.
-- @shards and rest
CREATE UNLOGGED TABLE reach_order AS
SELECT order_id, min(month_from) AS month_from FROM scope_reach GROUP BY order_id;
CREATE UNLOGGED TABLE reach_run AS
SELECT id AS run_id, month FROM commissions_run WHERE status = 'posted' AND month >= (SELECT min(month_from) FROM reach_order);
ANALYZE reach_order;
ANALYZE reach_run;
CREATE UNLOGGED TABLE booked AS
SELECT DISTINCT ON (l.order_key, l.partner_id, l.component_code, l.month, l.revenue_month, l.followed_code,
                    l.followed_partner_id, l.customer_no)
       l.*, l.booked + l.amount AS standing, sum(l.amount) OVER identity AS posted, coalesce(l.revenue_month, '-infinity') AS revenue_key,
       coalesce(l.followed_partner_id, 0) AS followed_key,
       -- A line that took back what no component was for any more has neither; the component coming back is a change.
       CASE WHEN l.rate <> 0 OR l.measure IS NOT NULL THEN k.digest END AS digest
FROM (
    SELECT l.*, l.order_id AS order_key FROM commissions_line l
    JOIN scope_order s ON s.order_id = l.order_id AND s.known
    WHERE l.customer_no = ''
    UNION ALL
    SELECT l.*, l.order_id FROM commissions_line l
    JOIN scope_month s ON s.order_id = l.order_id AND s.month = l.revenue_month AND s.month <= %(since_month)s
    WHERE l.customer_no = ''
    UNION ALL
    -- The month of an uplift is its quarter's last: there it is the month of the line it follows. That is asked of the order
    -- as it stands now: lines from before and after a corrected activation name two days, and half an identity is none.
    SELECT l.*, l.order_id FROM (
        -- Run by run, so that only tables are opened in which a line of these months can be: none is posted before its month.
        -- Of windows that are still open most orders may be asked for, of queues a few from all runs: those one by one.
        SELECT l.* FROM (SELECT run_id FROM reach_run WHERE month >= (SELECT min(month_from) FROM reach_order WHERE month_from <> '-infinity')) r
        CROSS JOIN LATERAL (
            SELECT l.* FROM reach_order o JOIN commissions_line l ON l.order_id = o.order_id AND l.month >= o.month_from
            WHERE l.run_id = r.run_id AND o.month_from <> '-infinity' AND l.customer_no = '' OFFSET 0) l
        UNION ALL
        SELECT l.* FROM reach_run r JOIN reach_order o ON o.month_from = '-infinity'
        CROSS JOIN LATERAL (
            SELECT * FROM commissions_line
            WHERE run_id = r.run_id AND order_id = o.order_id AND customer_no = '' OFFSET 0) l) l
    JOIN terms t ON t.order_id = l.order_id
    CROSS JOIN LATERAL (
        SELECT CASE l.kind WHEN 'uplift' THEN coalesce(l.revenue_month, date_trunc('month', t.activated_on::timestamp)) ELSE l.month END) f (month)
    JOIN scope_reach s ON s.order_id = l.order_id AND s.month_from <= f.month AND f.month < s.month_until
    WHERE NOT EXISTS (SELECT FROM scope_month m WHERE m.order_id = l.order_id AND m.month = l.revenue_month)
    UNION ALL
    -- A bundle is the customer's, whichever order completed it; so is what follows it.
    SELECT l.*, 0 FROM commissions_line l JOIN bundle_customer c ON c.customer_no = l.customer_no AND l.customer_no > ''
    UNION ALL
    SELECT l.*, CASE WHEN l.customer_no = '' THEN l.order_id ELSE 0 END
    -- Not posted before its month, hence by no run of its quarter's other months.
    FROM (SELECT run_id FROM uplift_run WHERE month >= (SELECT min(quarter) + INTERVAL '2 months' FROM uplift_due)) r
    CROSS JOIN LATERAL (SELECT * FROM commissions_line WHERE run_id = r.run_id AND kind = 'uplift' OFFSET 0) l
    JOIN (SELECT DISTINCT quarter FROM uplift_due) q ON l.month = (q.quarter + INTERVAL '2 months')::date
    LEFT JOIN terms t ON t.order_id = l.order_id
    WHERE EXISTS (SELECT FROM uplift_due d WHERE d.quarter = q.quarter AND (d.partner_id IS NULL OR d.partner_id = l.partner_id))
      AND CASE l.customer_no WHEN '' THEN commissions_shard_of(l.order_id, %(shards)s) = %(shard)s ELSE %(rest)s END
      AND NOT EXISTS (SELECT FROM scope_order s WHERE s.order_id = l.order_id AND l.customer_no = '')
      AND NOT EXISTS (SELECT FROM scope_month s WHERE s.order_id = l.order_id AND s.month = l.revenue_month)
      AND NOT EXISTS (SELECT FROM scope_reach s WHERE s.order_id = l.order_id AND l.customer_no = ''
                      AND s.month_from <= coalesce(l.revenue_month, date_trunc('month', t.activated_on::timestamp))
                      AND coalesce(l.revenue_month, date_trunc('month', t.activated_on::timestamp)) < s.month_until)
      AND NOT EXISTS (SELECT FROM bundle_customer c WHERE c.customer_no = l.customer_no)
    UNION ALL
    SELECT l.*, 0 FROM commissions_line l
    JOIN bonus_line b ON %(rest)s AND b.partner_id = l.partner_id AND b.component_code = l.component_code AND b.month = l.month
        AND (NOT b.settled OR b.hold_reason = 'withheld')
    WHERE l.order_id IS NULL AND l.kind = 'window_bonus'
    UNION ALL
    SELECT l.*, 0 FROM commissions_line l
    WHERE %(rest)s AND l.order_id IS NULL AND l.kind = 'target_bonus' AND l.month + INTERVAL '1 month' > %(cutoff)s - INTERVAL '15 months') l
LEFT JOIN commissions_component k ON k.id = l.component_id
WHERE l.manual_id IS NULL
WINDOW identity AS (PARTITION BY l.order_key, l.partner_id, l.component_code, l.month, l.revenue_month, l.followed_code,
                    l.followed_partner_id, l.customer_no)
ORDER BY l.order_key, l.partner_id, l.component_code, l.month, l.revenue_month, l.followed_code, l.followed_partner_id,
         l.customer_no, l.id DESC;
-- Without it the search for the latest notice of an order reads the whole table once for each held line.
CREATE INDEX ON booked (order_key, revenue_key);
ANALYZE booked;

-- Of which orders the customer's spend, which no line says, was another one when the line was posted. Both are asked of
-- what the two runs had imported.
CREATE UNLOGGED TABLE respent AS
SELECT o.id AS order_id, b.run_id
FROM sales_order o
JOIN (SELECT DISTINCT order_id, run_id FROM booked) b ON b.order_id = o.id
JOIN commissions_run r ON r.id = b.run_id
JOIN commissions_run now ON now.id = %(run)s
JOIN sales_event e ON e.order_id = o.order_no AND e.event_type IN ('captured', 'corrected') AND e.annual_spend IS NOT NULL
    AND e.occurred_on <= %(cutoff)s AND e.feed_import_id <= now.last_import
WHERE o.order_no IN (SELECT order_id FROM sales_event WHERE event_type = 'corrected' AND annual_spend IS NOT NULL)
  -- A second capture says nothing.
  AND (e.event_type = 'corrected' OR NOT EXISTS (
      SELECT FROM sales_event c
      WHERE c.order_id = e.order_id AND c.event_type = 'captured' AND (c.occurred_on, c.event_id) < (e.occurred_on, e.event_id)))
GROUP BY o.id, b.run_id
HAVING (array_agg(e.annual_spend ORDER BY e.event_type = 'corrected' DESC, e.occurred_on DESC, e.event_id DESC))[1] IS DISTINCT FROM
       (array_agg(e.annual_spend ORDER BY e.event_type = 'corrected' DESC, e.occurred_on DESC, e.event_id DESC)
        FILTER (WHERE e.feed_import_id <= r.last_import AND e.occurred_on < r.month + INTERVAL '1 month'))[1];
ANALYZE respent;
