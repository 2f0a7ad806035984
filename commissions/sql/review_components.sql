-- Purpose: what each component came to in a posted month, so that a missing one is noticed in a later one.
-- Reads:   commissions_line (partition of the run)
SELECT component_code AS key, sum(amount) AS amount FROM commissions_line WHERE run_id = %(run)s GROUP BY component_code;
