-- Purpose: throw a run's proposal away, partition and all.
-- Writes:  commissions_draftline (partition of the run)
SELECT commissions_drop_draft(%(run)s);
