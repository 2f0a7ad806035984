-- Purpose: size and sum of a run's proposal.
-- Reads:   commissions_draftline
SELECT count(*) AS lines, coalesce(sum(amount), 0) AS net FROM commissions_draftline WHERE run_id = %(run)s;
