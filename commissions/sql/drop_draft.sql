-- Purpose: throw a run's proposal away, partition and all.
-- Writes:  commissions_draftline (partition of the run), commissions_restatement
DELETE FROM commissions_restatement WHERE run_id = %(run)s;
SELECT commissions_drop_draft(%(run)s);
