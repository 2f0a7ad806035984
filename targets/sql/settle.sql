-- Purpose: the result of every period whose settling day has come, as the day's snapshot has it.
-- Reads:   targets_snapshot of the day
-- Writes:  targets_settlement
-- Invariant: settled once; what is cancelled later moves nothing.
INSERT INTO targets_settlement (item_id, period_from, period_until, settled_on, target, actual)
SELECT s.item_id, s.period_from, s.period_until, %(day)s::date, s.target, s.actual
FROM targets_snapshot s
WHERE s.day = %(day)s::date AND s.period_until - 1 + %(after)s <= %(day)s::date
ON CONFLICT (item_id, period_from) DO NOTHING;
