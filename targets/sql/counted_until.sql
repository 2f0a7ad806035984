-- Purpose: up to which import and day the counts are true; no row: nothing is counted.
-- Reads:   targets_counted_until
SELECT last_import, as_of FROM targets_counted_until;
