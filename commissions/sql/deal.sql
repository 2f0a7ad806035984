-- Purpose: give a shard its orders: what is in scope, and what is to be matched now.
-- Reads:   scope_order, scope_month, scope_reach, bundle_customer, to_match of the workspace
-- Writes:  tables of the same names in the shard's schema; nothing in a run that is not split
-- @shards
SELECT commissions_deal(%(run)s, %(shard)s, %(shards)s);
