-- Purpose: what was reached in windows settled long ago, for lines that are looked at again for others, as in a queue for a cap.
-- Reads:   fact, commissions_measuredmonth, the view reaching
-- Writes:  measured, reached
-- Invariant: what is priced finds all that its window ever measured, however old it is.
CREATE UNLOGGED TABLE measured_earlier AS
SELECT m.partner_id, m.component_code AS code, m.month, sum(m.units) AS units, sum(m.turnover) AS turnover
FROM commissions_measuredmonth m
JOIN (SELECT DISTINCT partner_id, code FROM fact WHERE measure <> '' AND month < (SELECT since FROM open_window)) f
    ON f.partner_id = m.partner_id AND f.code = m.component_code
WHERE NOT EXISTS (SELECT FROM measured d WHERE d.partner_id = m.partner_id AND d.code = m.component_code AND d.month = m.month)
GROUP BY m.partner_id, m.component_code, m.month;
INSERT INTO measured SELECT partner_id, code, month, units, turnover, units, turnover, FALSE FROM measured_earlier;
INSERT INTO reached
SELECT r.* FROM reaching r
WHERE EXISTS (SELECT FROM measured_earlier) AND NOT EXISTS (
    SELECT FROM reached d
    WHERE d.partner_id = r.partner_id AND d.code = r.code AND d.name = r.name AND d.window_from = r.window_from);
ANALYZE measured;
ANALYZE reached;
