-- Purpose: does the proposal contradict itself? Any row here parks the run (nothing is posted that cannot be right).
-- Reads:   terms, eligible, entitled, booked, twice and this run's draft lines, in one pass
-- Writes:  nothing; returns the name of each failed check with the number of rows and one order as example
WITH judged AS (
    SELECT d.order_id, unnest(array_remove(ARRAY[
        CASE WHEN d.cause = '' THEN 'no_cause' END,
        -- What a partner keeps of a line is never less than nothing, unless the customer's revenue itself is negative.
        CASE WHEN d.entitled < 0 AND d.kind IN ('closing', 'campaign', 'bundle', 'target_bonus') AND d.base >= 0 THEN 'left_below_zero' END,
        CASE WHEN abs(d.clawed) > abs(d."full") THEN 'clawed_more_than_full' END,
        CASE WHEN d.component_id IS NULL AND d.manual_id IS NULL AND d.amount <> 0 THEN 'no_version' END,
        CASE WHEN d.booked <> 0 AND d.previous_id IS NULL THEN 'no_parent' END,
        CASE WHEN d.entitled > 0 AND coalesce(d.followed_partner_id, d.partner_id) <> d.attributed_to_id THEN 'strangers_order' END,
        CASE WHEN d.amount <> CASE WHEN d.is_notice THEN 0 ELSE d.entitled - d.booked END THEN 'does_not_add_up' END
    ], NULL)) AS check_name
    FROM draft d
), failed AS (
    SELECT check_name, order_id FROM judged
    UNION ALL
    SELECT 'identity_twice', order_id FROM twice
    UNION ALL
    -- Every activated order has at least one component that is for it, or a reason why not.
    SELECT 'order_without_answer', t.order_id FROM terms t
    WHERE t.whole AND t.activated_on <= %(cutoff)s
      AND NOT EXISTS (SELECT FROM eligible e WHERE e.order_id = t.order_id)
      AND NOT EXISTS (SELECT FROM entitled e WHERE e.order_id = t.order_id)
      AND NOT EXISTS (SELECT FROM component k WHERE k.version_id = t.version_id AND k.kind = 'window_bonus')
    UNION ALL
    -- The last line of an identity says what stands booked; all its lines together have to come to the same.
    SELECT 'booked_does_not_add_up', order_id FROM booked WHERE standing <> posted
)
SELECT check_name, count(*) AS count, min(order_id) AS example FROM failed GROUP BY check_name ORDER BY check_name;
