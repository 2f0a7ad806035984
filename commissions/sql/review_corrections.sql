-- Purpose: for a few partners, the cause other than "earned" that moved most money in the run.
-- Reads:   commissions_draftline (partition of the run, by its partner index), or once posted commissions_line
WITH lines AS (
    SELECT partner_id, cause, amount FROM commissions_draftline
    WHERE run_id = %(run)s AND partner_id = ANY(%(partners)s::bigint[]) AND NOT %(posted)s
    UNION ALL
    SELECT l.partner_id, l.cause, l.amount
    FROM commissions_statement s JOIN commissions_line l ON l.run_id = s.run_id AND l.partner_id = s.partner_id AND l.statement_id = s.id
    WHERE s.run_id = %(run)s AND s.partner_id = ANY(%(partners)s::bigint[]) AND %(posted)s
)
SELECT DISTINCT ON (partner_id) partner_id, cause, count(*) AS lines, sum(amount) AS amount
FROM lines WHERE cause <> 'earned'
GROUP BY partner_id, cause
HAVING sum(amount) <> 0
ORDER BY partner_id, abs(sum(amount)) DESC;
