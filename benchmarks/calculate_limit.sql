-- The least a month can cost: one session writes as many rows as the run prices into a table defined exactly like ours,
-- with our indexes, and does nothing else. The rows are those of the proposal; a run prices more than it proposes, namely
-- also what comes out as it stands booked, so that some of them are taken a second time. Two sessions take half each.
-- name: tables
DROP TABLE IF EXISTS limit_line;
CREATE TABLE limit_line (LIKE commissions_draftline INCLUDING INDEXES);
-- name: insert
INSERT INTO limit_line
SELECT d.* FROM generate_series(1, 1 + %(priced)s / %(lines)s) again
CROSS JOIN LATERAL (
    SELECT * FROM commissions_draftline
    WHERE run_id = %(run)s AND id / 256 %% %(sessions)s = %(part)s AND again > 0 OFFSET 0) d
LIMIT %(priced)s / %(sessions)s;
-- name: away
DROP TABLE limit_line;
