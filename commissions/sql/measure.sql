-- Purpose: what each partner has reached in every window of tiers, and in which earlier months that moves lines (rules 10-13).
-- Reads:   contribution, fact, bonus_window, component, posted measured months and settled windows
-- Writes:  measured_change (what this run changes), settling, measured, the view reaching, reached, reach
-- Invariant: a measure is the sum of what the counting orders contribute; it is kept up to date by what changed and never
--            added up again, so a month costs the month and not the year.
INSERT INTO measured_change (partner_id, component_code, month, units, turnover)
SELECT partner_id, component_code, month, sum(units), sum(turnover)
FROM contribution WHERE units <> 0 OR turnover <> 0 GROUP BY partner_id, component_code, month;
ANALYZE contribution;

CREATE UNLOGGED TABLE measured AS
SELECT partner_id, component_code AS code, month, sum(before_units) AS before_units, sum(before_turnover) AS before_turnover,
       sum(units) AS units, sum(turnover) AS turnover, bool_or(moved) AS moved
FROM (
    SELECT m.partner_id, m.component_code, m.month, m.units AS before_units, m.turnover AS before_turnover, m.units, m.turnover,
           FALSE AS moved
    FROM commissions_measuredmonth m
    LEFT JOIN (
        SELECT partner_id, code, commissions_window_from('year', min(month)) AS since
        FROM (
            SELECT partner_id, component_code AS code, month FROM measured_change
            UNION ALL
            SELECT partner_id, code, month FROM fact WHERE measure <> ''
            UNION ALL
            SELECT partner_id, code, window_from FROM bonus_window) moves
        GROUP BY partner_id, code) p
        ON p.partner_id = m.partner_id AND p.code = m.component_code
    -- What was settled is of interest only where something moves, and no window spans two years.
    WHERE m.month >= least(p.since, (SELECT since FROM open_window))
    UNION ALL
    SELECT partner_id, component_code, month, 0, 0, units, turnover, TRUE FROM measured_change) parts
GROUP BY partner_id, component_code, month;
CREATE INDEX ON measured (partner_id, code, month);
ANALYZE measured;

-- Every window with a measure or with something to price, and whether its measure is final (rule 12).
CREATE VIEW reaching AS
WITH used AS (
    SELECT code, "window" AS name FROM component WHERE measure <> ''
    UNION
    -- What a bonus paid over a window that is over stays, also if no version knows the bonus any more. What was only
    -- simulated promises nothing.
    SELECT k.code, k."window" FROM commissions_component k
    JOIN commissions_scheduleversion v ON v.id = k.version_id AND v.status = 'published'
    WHERE k.kind = 'window_bonus'
), month AS (
    SELECT partner_id, code, month FROM measured
    UNION
    SELECT f.partner_id, f.code, f.month FROM fact f WHERE f.measure <> ''
), span AS (
    SELECT DISTINCT m.partner_id, u.code, u.name, commissions_window_from(u.name, m.month) AS window_from
    FROM month m JOIN used u USING (code)
), dated AS (
    SELECT s.*, commissions_window_until(s.name, s.window_from) AS window_until FROM span s
), frozen AS (
    SELECT d.*, d.window_until - 1 + coalesce(v.freeze_days, 45) AS settles_on
    FROM dated d
    LEFT JOIN LATERAL (
        SELECT c.schedule FROM contract_span c
        WHERE c.partner_id = d.partner_id AND c.valid_from < d.window_until ORDER BY c.valid_from DESC LIMIT 1) c ON TRUE
    LEFT JOIN version_span v ON v.schedule = c.schedule AND v.valid_from < d.window_until AND v.valid_until >= d.window_until
), summed AS (
    SELECT f.partner_id, f.code, f.name, f.window_from, f.window_until, f.settles_on,
           coalesce(sum(m.before_units), 0) AS before_units, coalesce(sum(m.before_turnover), 0) AS before_turnover,
           coalesce(sum(m.units), 0) AS units, coalesce(sum(m.turnover), 0) AS turnover,
           min(m.month) FILTER (WHERE m.moved) AS moved_from
    FROM frozen f
    LEFT JOIN measured m ON m.partner_id = f.partner_id AND m.code = f.code
        AND m.month >= f.window_from AND m.month < f.window_until
    GROUP BY f.partner_id, f.code, f.name, f.window_from, f.window_until, f.settles_on
)
SELECT s.partner_id, s.code, s.name, s.window_from, s.window_until, s.moved_from,
       z.id IS NOT NULL OR s.settles_on <= %(since_cutoff)s IS TRUE AS settled,
       -- Also a window seen for the first time after its day: what counts from now on must not move it.
       z.id IS NULL AND s.settles_on <= %(cutoff)s AS settles_now,
       CASE WHEN s.settles_on <= %(since_cutoff)s THEN %(since_run)s::bigint END AS known_by,
       coalesce(z.units, s.before_units) AS before_units, coalesce(z.turnover, s.before_turnover) AS before_turnover,
       CASE WHEN z.id IS NOT NULL THEN z.units WHEN s.settles_on <= %(since_cutoff)s THEN s.before_units ELSE s.units END AS units,
       CASE WHEN z.id IS NOT NULL THEN z.turnover WHEN s.settles_on <= %(since_cutoff)s THEN s.before_turnover
            ELSE s.turnover END AS turnover
FROM summed s
LEFT JOIN commissions_settledwindow z
    ON z.partner_id = s.partner_id AND z.component_code = s.code AND z."window" = s.name AND z.valid_from = s.window_from;
CREATE UNLOGGED TABLE reached AS SELECT * FROM reaching;
CREATE INDEX ON reached (partner_id, code, window_from);
ANALYZE reached;

INSERT INTO settling (partner_id, component_code, "window", valid_from, units, turnover, component_id, known_by)
SELECT r.partner_id, r.code, r.name, r.window_from, r.units, r.turnover, w.component_id, r.known_by
FROM reached r
LEFT JOIN bonus_window w ON w.partner_id = r.partner_id AND w.code = r.code AND w.window_from = r.window_from
    AND w.window_until = r.window_until AND r.known_by IS NULL
WHERE r.settles_now;

-- Earlier lines move only where a slab reached another step, or where graduated places shift from some month on.
CREATE UNLOGGED TABLE reach AS
SELECT DISTINCT r.partner_id, r.code, r.window_from AS month_from, r.window_until AS month_until
FROM reached r
JOIN component k ON k.code = r.code AND k."window" = r.name AND k.mode = 'slab' AND k.kind <> 'window_bonus'
WHERE NOT r.settled
  AND (SELECT count(*) FROM unnest(k.steps_from) b WHERE b <= CASE k.measure WHEN 'units' THEN r.units ELSE r.turnover END)
   <> (SELECT count(*) FROM unnest(k.steps_from) b WHERE b <= CASE k.measure WHEN 'units' THEN r.before_units ELSE r.before_turnover END);
INSERT INTO reach
SELECT r.partner_id, r.code, least(r.moved_from, min(f.month)), r.window_until
FROM reached r
LEFT JOIN (
    SELECT DISTINCT f.partner_id, f.code, f.month FROM fact f
    WHERE f.mode = 'graduated') f
    ON f.partner_id = r.partner_id AND f.code = r.code AND f.month >= r.window_from AND f.month < r.window_until
WHERE NOT r.settled
  AND r.code IN (SELECT code FROM component WHERE mode = 'graduated' AND kind <> 'window_bonus')
  AND (f.month IS NOT NULL OR r.moved_from IS NOT NULL)
GROUP BY r.partner_id, r.code, r.moved_from, r.window_until;
ANALYZE reach;
