-- Purpose: one run summed up by cause, by component and by hold reason, in one pass over its lines.
-- Reads:   commissions_draftline (partition of the run), or once posted of commissions_line
-- Invariant: the lines and amounts of each of the three groupings add up to the whole run.
WITH lines AS (
    SELECT cause, component_code, hold_reason, is_notice, amount, would_be
    FROM commissions_draftline WHERE run_id = %(run)s AND NOT %(posted)s
    UNION ALL
    SELECT cause, component_code, hold_reason, is_notice, amount, would_be
    FROM commissions_line WHERE run_id = %(run)s AND %(posted)s
)
SELECT CASE WHEN GROUPING(cause) = 0 THEN 'cause' WHEN GROUPING(component_code) = 0 THEN 'component' ELSE 'hold' END AS part,
       coalesce(cause, component_code, hold_reason) AS key,
       count(*) AS lines,
       sum(amount) AS amount,
       count(*) FILTER (WHERE is_notice) AS held_lines,
       coalesce(sum(would_be) FILTER (WHERE is_notice AND would_be > 0), 0) AS held,
       coalesce(sum(would_be) FILTER (WHERE is_notice AND would_be < 0), 0) AS at_risk
FROM lines
GROUP BY GROUPING SETS ((cause), (component_code), (hold_reason))
ORDER BY part, amount DESC, key;
