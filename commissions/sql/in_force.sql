-- Purpose: what is promised: the versions in force some day, their components, and which windows and periods are still open.
-- Reads:   schedules, their versions and components, posted settled windows
-- Writes:  version_span, component, open_window, attained_final
-- Invariant: of a schedule one version is in force on a day; every other step knows only these components.
-- Versions that are in force some day, and the components of each: everything else is of no interest to this run.
CREATE UNLOGGED TABLE version_span AS
SELECT schedule, version_id, freeze_days, valid_from,
       lead(valid_from, 1, 'infinity') OVER (PARTITION BY schedule ORDER BY valid_from) AS valid_until
FROM (
    SELECT DISTINCT ON (s.code, v.valid_from) s.code AS schedule, v.id AS version_id, v.freeze_days, v.valid_from
    FROM commissions_scheduleversion v JOIN commissions_schedule s ON s.id = v.schedule_id
    WHERE v.status = 'published'
    ORDER BY s.code, v.valid_from, v.sequence DESC) latest;
CREATE UNLOGGED TABLE component AS
SELECT k.*, commissions_sums(k.steps_from, k.steps_rate) AS steps_sum
FROM commissions_component k JOIN version_span v ON v.version_id = k.version_id;
CREATE UNIQUE INDEX ON component (id);
-- Every window that was unsettled after the last posted run ends after this day, by the days of the slowest version; before it
-- lies the longest one, whose first day no shorter one spans.
CREATE UNLOGGED TABLE open_window AS
SELECT coalesce(min(commissions_window_from(w.name, date_trunc('month', ended.day::timestamp)::date)), '-infinity') AS since
FROM (SELECT %(since_cutoff)s::date - greatest(max(freeze_days), 45) + 1 AS day
      FROM commissions_scheduleversion WHERE status = 'published') ended
CROSS JOIN (SELECT DISTINCT "window" AS name FROM component WHERE measure <> '') w;
-- Periods of targets that every component which pays for them has settled: their actual is final and is not counted again.
CREATE UNLOGGED TABLE attained_final AS
SELECT z.partner_id, k.target AS kpi, z.valid_from AS period_from
FROM commissions_settledwindow z
JOIN (SELECT DISTINCT code, target FROM component WHERE kind = 'target_bonus') k ON k.code = z.component_code
WHERE z."window" = 'period' AND z.valid_from > %(cutoff)s::date - INTERVAL '28 months'
GROUP BY z.partner_id, k.target, z.valid_from
HAVING count(*) = (SELECT count(DISTINCT code) FROM component c WHERE c.kind = 'target_bonus' AND c.target = k.target);
ANALYZE version_span;
ANALYZE component;
