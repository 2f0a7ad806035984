-- Purpose: the lines of a few statements summed up by what pages show: component, cause, hold reason.
-- Reads:   commissions_line by its index on partner, and only of those statements' runs
-- Invariant: the amounts of one statement add up to its net; notices carry 0.00 and what they would be.
SELECT statement_id, component_code, max(component_id) AS component_id, kind, cause, hold_reason, is_notice,
       count(*) AS lines, sum(amount) AS amount, coalesce(sum(would_be), 0) AS would_be
FROM commissions_statement s
JOIN commissions_line l ON l.run_id = s.run_id AND l.partner_id = s.partner_id AND l.statement_id = s.id
WHERE s.id = ANY (%(statements)s::bigint[])
GROUP BY statement_id, component_code, kind, cause, hold_reason, is_notice
ORDER BY statement_id, component_code, cause;
