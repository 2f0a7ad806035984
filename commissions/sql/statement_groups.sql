-- Purpose: what a run's proposal and the statements before it come to, by partner and VAT rate (rule 19).
-- Reads:   commissions_draftline of the run, each partner's last statement
-- Writes:  vat_group (one row per partner and rate)
-- Invariant: VAT is computed on a rate group's total, never per line.
CREATE TEMP TABLE vat_group ON COMMIT DROP AS
WITH last_statement AS (
    SELECT DISTINCT ON (partner_id) partner_id, id FROM commissions_statement ORDER BY partner_id, month DESC
)
SELECT partner_id, percent, sum(net) AS net, sum(brought_forward) AS brought_forward, sum(lines) AS lines,
       max(statement_id) AS statement_id
FROM (
    SELECT partner_id, vat_percent AS percent, sum(amount) AS net, 0 AS brought_forward, count(*) AS lines,
           max(statement_id) AS statement_id
    FROM commissions_draftline WHERE run_id = %(run)s GROUP BY partner_id, vat_percent
    UNION ALL
    SELECT s.partner_id, v.percent, 0, v.carried_forward, 0, NULL
    FROM last_statement s JOIN commissions_statementvat v ON v.statement_id = s.id
    WHERE v.carried_forward <> 0) parts
GROUP BY partner_id, percent;
