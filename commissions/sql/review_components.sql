-- Purpose: what each component came to in the posted months before, so that a missing one is noticed.
-- Reads:   commissions_line (partitions of the named runs)
-- Invariant: one row for each component with a line in any of the months; `months` says in how many of them.
SELECT component_code AS key,
       coalesce(sum(amount) FILTER (WHERE run_id = %(last)s), 0) AS before,
       round(sum(amount) / cardinality(%(earlier)s::bigint[]), 2) AS mean,
       count(DISTINCT run_id) AS months
FROM (SELECT run_id, component_code, sum(amount) AS amount FROM commissions_line
      WHERE run_id = ANY(%(earlier)s::bigint[]) GROUP BY run_id, component_code) a
GROUP BY component_code;
