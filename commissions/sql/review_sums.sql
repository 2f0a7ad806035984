-- Purpose: one run summed up by cause, by component and by hold reason, in one pass over its lines.
-- Reads:   commissions_draftline (partition of the run), or once posted of commissions_line
-- Invariant: the lines and amounts of each of the three groupings add up to the whole run.
WITH line AS (
    SELECT cause, component_code, hold_reason, is_notice, amount, would_be
    FROM commissions_draftline WHERE run_id = %(run)s AND NOT %(posted)s
    UNION ALL
    SELECT cause, component_code, hold_reason, is_notice, amount, would_be
    FROM commissions_line WHERE run_id = %(run)s AND %(posted)s
), summed AS (
    -- Each line is added once, by all processes there are; what is grouped three times is a hundred rows.
    SELECT cause, component_code, hold_reason, count(*) AS lines, sum(amount) AS amount,
           count(*) FILTER (WHERE is_notice) AS held_lines,
           sum(would_be) FILTER (WHERE is_notice AND would_be > 0) AS held,
           sum(would_be) FILTER (WHERE is_notice AND would_be < 0) AS at_risk
    FROM line GROUP BY cause, component_code, hold_reason
)
SELECT CASE WHEN GROUPING(cause) = 0 THEN 'cause' WHEN GROUPING(component_code) = 0 THEN 'component' ELSE 'hold' END AS part,
       coalesce(cause, component_code, hold_reason) AS key,
       sum(lines)::bigint AS lines, sum(amount) AS amount, sum(held_lines)::bigint AS held_lines,
       coalesce(sum(held), 0) AS held, coalesce(sum(at_risk), 0) AS at_risk
FROM summed
GROUP BY GROUPING SETS ((cause), (component_code), (hold_reason))
ORDER BY part, amount DESC, key;
