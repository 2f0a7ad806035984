-- Purpose: how large is the proposal, and does it contradict itself? A name in any row parks the run (nothing is posted that
--          cannot be right).
-- Reads:   contradiction
-- Writes:  nothing; returns each failed check with the number of rows and one order as example, and lines and their sum
SELECT check_name, sum(count)::bigint AS count, min(example) AS example, sum(lines)::bigint AS lines, sum(net) AS net
FROM contradiction GROUP BY check_name ORDER BY check_name;
