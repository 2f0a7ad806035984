-- Purpose: each partner's statement in figures (rules 19 to 21).
-- Reads:   vat_group, withholding, reserve
-- Writes:  total (one row per partner who gets a statement)
-- Invariant: net + brought forward + VAT − withheld + released + drawn = payable + carried forward; payable pays no debt.
CREATE TEMP TABLE total ON COMMIT DROP AS
WITH earned AS (
    SELECT partner_id, max(statement_id) AS statement_id, sum(lines) AS lines, sum(net) AS net,
           sum(brought_forward) AS brought_forward, sum(round((net + brought_forward) * percent * 0.01, 2)) AS vat
    FROM vat_group GROUP BY partner_id
), kept AS (
    SELECT partner_id, sum(round(base * percent * 0.01, 2)) AS wanted FROM withholding GROUP BY partner_id
), loose AS (
    SELECT partner_id, sum(released) AS released, sum(balance - released) AS drawable FROM reserve GROUP BY partner_id
), joined AS (
    SELECT partner_id, statement_id, coalesce(lines, 0) AS lines, coalesce(net, 0) AS net,
           coalesce(brought_forward, 0) AS brought_forward, coalesce(net + brought_forward, 0) AS base,
           coalesce(net + brought_forward, 0) < 0 AS negative, coalesce(vat, 0) AS vat, coalesce(wanted, 0) AS wanted,
           coalesce(released, 0) AS released, coalesce(drawable, 0) AS drawable
    FROM earned FULL JOIN loose USING (partner_id) LEFT JOIN kept USING (partner_id)
)
SELECT j.partner_id, coalesce(j.statement_id, nextval(pg_get_serial_sequence('commissions_statement', 'id'))) AS statement_id,
       j.lines, j.net, j.brought_forward, j.negative, t.vat, t.gross, t.used, d.drawn, j.released,
       -- Kept back at most what is there, so that nobody has to pay in.
       CASE WHEN negative THEN 0 ELSE greatest(0, least(wanted, t.gross + released)) END AS withheld,
       CASE WHEN negative THEN j.base + t.used + d.drawn ELSE 0 END AS carried_forward
FROM joined j
-- What is due for release pays a debt before anything is drawn; what is left of it is paid out.
CROSS JOIN LATERAL (
    SELECT CASE WHEN negative THEN 0 ELSE j.vat END AS vat, CASE WHEN negative THEN 0 ELSE j.base + j.vat END AS gross,
           CASE WHEN negative THEN least(released, -j.base) ELSE 0 END AS used) t
CROSS JOIN LATERAL (
    SELECT CASE WHEN negative THEN least(drawable, -j.base - t.used) ELSE 0 END AS drawn) d
WHERE j.lines > 0 OR j.brought_forward <> 0 OR j.released > 0;
