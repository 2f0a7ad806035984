-- The least a month can cost: one session writes as many rows as the run proposes into a table defined exactly like
-- ours, with our indexes, and does nothing else. Two sessions take half of the rows each.
-- name: tables
DROP TABLE IF EXISTS limit_line;
CREATE TABLE limit_line (LIKE commissions_draftline INCLUDING INDEXES);
-- name: insert
INSERT INTO limit_line SELECT * FROM commissions_draftline WHERE run_id = %(run)s AND id %% %(sessions)s = %(part)s;
-- name: away
DROP TABLE limit_line;
