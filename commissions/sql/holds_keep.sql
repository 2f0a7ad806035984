-- Purpose: what each hold in force keeps back: notices `withheld` that are the last word on their identity.
-- Reads:   commissions_line of the runs since the oldest of the holds, the draft lines of the proposal
-- Invariant: one row for each hold that keeps anything; `drafted` says whether some of it stands in the proposal.
WITH named AS (
    SELECT id, partner_id, order_id, component_code FROM commissions_hold WHERE id = ANY(%(holds)s::bigint[])
), lines AS (
    SELECT id, partner_id, order_id, component_code, month, revenue_month, followed_code, followed_partner_id, customer_no,
           hold_reason, is_notice, would_be, FALSE AS drafted
    FROM commissions_line WHERE run_id = ANY(%(runs)s::bigint[]) AND manual_id IS NULL
    UNION ALL
    SELECT id, partner_id, order_id, component_code, month, revenue_month, followed_code, followed_partner_id, customer_no,
           hold_reason, is_notice, would_be, TRUE
    FROM commissions_draftline WHERE run_id = %(proposal)s AND manual_id IS NULL
), touched AS (
    -- Only identities that were withheld at least once: all others need no sorting.
    SELECT DISTINCT partner_id, order_id, component_code FROM lines WHERE hold_reason = 'withheld'
), last AS (
    SELECT DISTINCT ON (l.partner_id, l.component_code, l.month, l.order_id, l.revenue_month, l.followed_code,
                        l.followed_partner_id, l.customer_no) l.*
    FROM lines l JOIN touched t ON t.partner_id = l.partner_id AND t.component_code = l.component_code
                               AND t.order_id IS NOT DISTINCT FROM l.order_id
    ORDER BY l.partner_id, l.component_code, l.month, l.order_id, l.revenue_month, l.followed_code,
             l.followed_partner_id, l.customer_no, l.id DESC
)
SELECT n.id AS hold, count(*) AS lines, coalesce(sum(l.would_be), 0) AS amount, bool_or(l.drafted) AS drafted
FROM named n
JOIN last l ON (n.partner_id IS NULL OR n.partner_id = l.partner_id) AND (n.order_id IS NULL OR n.order_id = l.order_id)
           AND n.component_code IN ('', l.component_code)
WHERE l.hold_reason = 'withheld' AND l.is_notice
GROUP BY n.id;
