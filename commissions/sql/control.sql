-- Purpose: does the proposal contradict itself? Any row here parks the run (rule: nothing is posted that cannot be).
-- Reads:   the step tables and this run's draft lines
-- Writes:  nothing; returns the name of each failed check with the number of rows and one example
WITH draft AS (
    SELECT * FROM commissions_draftline WHERE run_id = %(run)s
), failed AS (
    SELECT 'no_cause' AS check_name, order_id FROM draft WHERE cause = ''
    UNION ALL
    -- What a partner keeps of a line is never less than nothing, unless the customer's revenue itself is negative.
    SELECT 'left_below_zero', order_id FROM draft WHERE entitled < 0 AND kind = 'closing'
    UNION ALL
    SELECT 'clawed_more_than_full', order_id FROM draft WHERE abs(clawed) > abs("full")
    UNION ALL
    SELECT 'no_version', order_id FROM draft WHERE component_id IS NULL AND kind <> 'manual' AND hold_reason = '' AND amount <> 0
    UNION ALL
    SELECT 'no_parent', order_id FROM draft WHERE booked <> 0 AND previous_id IS NULL
    UNION ALL
    SELECT 'strangers_order', d.order_id FROM draft d JOIN terms t ON t.order_id = d.order_id
    WHERE d.entitled > 0 AND t.partner_id <> d.partner_id
    UNION ALL
    SELECT 'does_not_add_up', order_id FROM draft
    WHERE amount <> CASE WHEN is_notice OR hold_reason = 'withheld' THEN 0 ELSE entitled - booked END
    UNION ALL
    SELECT 'identity_twice', min(order_id) FROM draft WHERE order_id IS NOT NULL
    GROUP BY order_id, partner_id, component_code, month, revenue_month, is_notice HAVING count(*) > 1
    UNION ALL
    SELECT 'order_without_answer', t.order_id FROM terms t
    WHERE t.whole AND t.activated_on IS NOT NULL
      AND NOT EXISTS (SELECT FROM eligible e WHERE e.order_id = t.order_id)
      AND NOT EXISTS (SELECT FROM entitled e WHERE e.order_id = t.order_id AND e.hold_reason <> '')
    UNION ALL
    SELECT 'booked_does_not_add_up', b.order_id FROM booked b
    WHERE b.standing <> (
        SELECT sum(l.amount) FROM commissions_line l
        WHERE l.order_id = b.order_id AND l.month = b.month AND l.partner_id = b.partner_id
          AND l.component_code = b.component_code AND l.revenue_month IS NOT DISTINCT FROM b.revenue_month)
)
SELECT check_name, count(*) AS count, min(order_id) AS example FROM failed GROUP BY check_name ORDER BY check_name;
