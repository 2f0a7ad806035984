-- Purpose: does the proposal contradict itself?
-- Reads:   terms, eligible, entitled, booked, twice and the draft, in one pass
-- Writes:  contradiction (rows by what is wrong with them; NULL for the lines with which nothing is, summed up as well)
-- @shards and rest
CREATE UNLOGGED TABLE contradiction AS
SELECT check_name, count(*) AS count, min(order_id) AS example, count(*) AS lines, sum(amount) AS net
FROM (
    SELECT d.order_id, d.amount, CASE
        WHEN d.cause = '' THEN 'no_cause'
        -- What a partner keeps of a line is never less than nothing, unless the customer's revenue itself is negative.
        WHEN d.entitled < 0 AND d.kind IN ('closing', 'campaign', 'bundle', 'target_bonus') AND d.base >= 0 THEN 'left_below_zero'
        WHEN abs(d.clawed) > abs(d."full") THEN 'clawed_more_than_full'
        WHEN d.component_id IS NULL AND d.manual_id IS NULL AND d.amount <> 0 THEN 'no_version'
        WHEN d.booked <> 0 AND d.previous_id IS NULL THEN 'no_parent'
        WHEN d.entitled > 0 AND coalesce(d.followed_partner_id, d.partner_id) <> d.attributed_to_id THEN 'strangers_order'
        WHEN d.amount <> CASE WHEN d.is_notice THEN 0 ELSE d.entitled - d.booked END THEN 'does_not_add_up'
    END AS check_name
    FROM draft d) judged
GROUP BY check_name
UNION ALL
SELECT 'identity_twice', count(*), min(order_id), 0, 0 FROM twice HAVING count(*) > 0
UNION ALL
-- The last line of an identity says what stands booked; all its lines together have to come to the same.
SELECT 'booked_does_not_add_up', count(*), min(order_id), 0, 0 FROM booked WHERE standing <> posted HAVING count(*) > 0;

-- Every activated order has at least one component that is for it, or a reason why not. The rest has no orders of its own.
INSERT INTO contradiction
SELECT 'order_without_answer', count(*), min(t.order_id), 0, 0 FROM terms t
WHERE %(shard)s < %(shards)s AND t.whole AND t.activated_on <= %(cutoff)s
  AND NOT EXISTS (SELECT FROM eligible e WHERE e.order_id = t.order_id)
  AND NOT EXISTS (SELECT FROM entitled e WHERE e.order_id = t.order_id)
  AND NOT EXISTS (SELECT FROM component k WHERE k.version_id = t.version_id AND k.kind = 'window_bonus')
HAVING count(*) > 0;
