-- Purpose: what the run keeps back, and what it may release of what earlier runs kept back (rule 21).
-- Reads:   commissions_reservemovement, commissions_reserveline, draft lines, restatements, published versions and components
-- Writes:  reserve_line (what the run does to closing lines with a reserve), withholding (partner, percent),
--          reserve (partner, cohort: balance, exposure, released)
-- Invariant: kept back is only from first postings; a cohort ends after 12 months, earlier as far as it exceeds the risk.
CREATE TEMP TABLE reserve_line ON COMMIT DROP AS
SELECT d.run_id, d.order_id, d.partner_id, d.component_code, d.month, f.is_first, d.schedule, d.signed_on, d.activated_on, d."full",
       d.clawed, d.entitled, d.amount, k.reserve_percent
FROM commissions_draftline d
LEFT JOIN commissions_component k ON k.id = d.component_id
CROSS JOIN LATERAL (
    -- What was only noted as held so far is posted for the first time now.
    SELECT (k.reserve_percent > 0 AND d.amount > 0 AND (d.previous_id IS NULL OR d.booked = 0 AND NOT EXISTS (
        SELECT FROM commissions_line l
        WHERE l.order_id = d.order_id AND l.month = d.month AND l.partner_id = d.partner_id
          AND l.component_code = d.component_code AND l.revenue_month IS NULL AND NOT l.is_notice
        OFFSET 0))) IS TRUE AS is_first) f  -- by order, for the few: else all lines ever posted are read to be asked in memory
WHERE d.run_id = %(run)s AND d.kind = 'closing'
  -- Not what is only noted: while a line is withheld, it stands as it did.
  AND (f.is_first OR d.previous_id IS NOT NULL AND NOT d.is_notice
       AND d.component_code IN (SELECT code FROM commissions_component WHERE reserve_percent > 0));
ANALYZE reserve_line;

CREATE TEMP TABLE withholding ON COMMIT DROP AS
SELECT partner_id, reserve_percent AS percent, sum(amount) AS base
FROM reserve_line WHERE is_first GROUP BY partner_id, reserve_percent;

CREATE TEMP TABLE open_cohort ON COMMIT DROP AS
SELECT m.partner_id, m.cohort, r.id AS run_id, %(month)s >= m.cohort + INTERVAL '12 months' AS due,
       sum(m.withheld - m.released - m.drawn) AS balance
FROM commissions_reservemovement m
JOIN commissions_run r ON r.month = m.cohort AND r.kind = 'monthly' AND r.status = 'posted'
-- Older ones were due by the last posted run, and nothing is left of them.
WHERE m.cohort > (SELECT max(month) - INTERVAL '12 months' FROM commissions_run
                  WHERE kind = 'monthly' AND status = 'posted' AND id <> %(run)s)
GROUP BY m.partner_id, m.cohort, r.id
HAVING sum(m.withheld - m.released - m.drawn) > 0;
ANALYZE open_cohort;

-- What later runs, this one included, made of such lines: few, against those that were posted once and never again.
CREATE TEMP TABLE later_run ON COMMIT DROP AS
SELECT id AS run_id, month AS posted_in FROM commissions_run
WHERE kind = 'monthly' AND status = 'posted' AND month > (SELECT min(cohort) FROM open_cohort WHERE NOT due)
UNION ALL
SELECT %(run)s, %(month)s;
CREATE TEMP TABLE standing ON COMMIT DROP AS
SELECT DISTINCT ON (order_id, partner_id, component_code, month)
       order_id, partner_id, component_code, month, schedule, signed_on, activated_on, "full", clawed, entitled
FROM (
    SELECT run_id, order_id, partner_id, component_code, month, schedule, signed_on, activated_on, "full", clawed, entitled
    FROM commissions_reserveline WHERE NOT is_first AND run_id = ANY (ARRAY(SELECT run_id FROM later_run))
    UNION ALL
    SELECT run_id, order_id, partner_id, component_code, month, schedule, signed_on, activated_on, "full", clawed, entitled
    FROM reserve_line WHERE NOT is_first
    UNION ALL
    SELECT run_id, order_id, partner_id, component_code, month, schedule, signed_on, activated_on, "full", clawed, entitled
    FROM commissions_restatement WHERE run_id = ANY (ARRAY(SELECT run_id FROM later_run))) later
JOIN later_run USING (run_id)
ORDER BY order_id, partner_id, component_code, month, posted_in DESC;
ANALYZE standing;

-- A version that only changed what a cancellation costs moved no line, so the key is looked up anew.
CREATE TEMP TABLE key_span ON COMMIT DROP AS
SELECT v.schedule, v.valid_from, v.valid_until, k.code, k.id AS component_id
FROM (
    SELECT schedule, version_id, valid_from,
           lead(valid_from, 1, 'infinity') OVER (PARTITION BY schedule ORDER BY valid_from) AS valid_until
    FROM (
        SELECT DISTINCT ON (s.code, v.valid_from) s.code AS schedule, v.id AS version_id, v.valid_from
        FROM commissions_scheduleversion v JOIN commissions_schedule s ON s.id = v.schedule_id
        WHERE v.status = 'published'
        ORDER BY s.code, v.valid_from, v.sequence DESC) latest) v
JOIN commissions_component k USING (version_id)
WHERE k.clawback_mode IS NOT NULL;
ANALYZE key_span;

-- The lines the cohorts consist of, as they stand with this run. A table of its own with statistics: planned for one row, what
-- follows would be asked for each of a million lines by itself.
CREATE TEMP TABLE bearing ON COMMIT DROP AS
SELECT l.partner_id, c.cohort, l.component_code, coalesce(s.schedule, l.schedule) AS schedule,
       coalesce(s.signed_on, l.signed_on) AS signed_on, coalesce(s.activated_on, l.activated_on) AS activated_on,
       coalesce(s."full", l."full") AS full_amount, coalesce(s.clawed, l.clawed) AS clawed, coalesce(s.entitled, l.entitled) AS entitled
FROM commissions_reserveline l
JOIN open_cohort c ON c.run_id = l.run_id AND c.partner_id = l.partner_id AND NOT c.due
LEFT JOIN standing s
    ON s.order_id = l.order_id AND s.partner_id = l.partner_id AND s.component_code = l.component_code AND s.month = l.month
WHERE l.is_first AND l.run_id = ANY (ARRAY(SELECT run_id FROM open_cohort WHERE NOT due));
ANALYZE bearing;

CREATE TEMP TABLE exposed ON COMMIT DROP AS
WITH keyed AS MATERIALIZED (
    SELECT b.partner_id, b.cohort, k.component_id, b.activated_on, b.full_amount, b.clawed, b.entitled
    FROM bearing b
    JOIN key_span k ON k.schedule = b.schedule AND k.code = b.component_code
        AND k.valid_from <= b.signed_on AND b.signed_on < k.valid_until
), share AS MATERIALIZED (
    -- Asked once for each day of activation: there are hundreds of them, and millions of lines.
    SELECT d.component_id, d.activated_on, part.n, part.d
    FROM (SELECT DISTINCT component_id, activated_on FROM keyed) d
    JOIN commissions_component k ON k.id = d.component_id AND %(cutoff)s < d.activated_on + make_interval(months => k.clawback_months)
    CROSS JOIN LATERAL (
        SELECT (extract(year FROM %(cutoff)s::date)::int - extract(year FROM d.activated_on)::int) * 12
             + extract(month FROM %(cutoff)s::date)::int - extract(month FROM d.activated_on)::int AS months) held
    CROSS JOIN LATERAL commissions_share(
        k.clawback_mode, k.clawback_months, k.clawback_until, k.clawback_percent, d.activated_on, %(cutoff)s,
        held.months - (d.activated_on + make_interval(months => held.months) > %(cutoff)s)::int) part
)
SELECT partner_id, cohort, sum(greatest(0, least(entitled, round(full_amount * n / d, 2) - clawed))) AS exposure
FROM keyed JOIN share USING (component_id, activated_on)
GROUP BY partner_id, cohort;

CREATE TEMP TABLE reserve ON COMMIT DROP AS
SELECT c.partner_id, c.cohort, c.balance, CASE WHEN NOT c.due THEN coalesce(e.exposure, 0) END AS exposure,
       CASE WHEN c.due THEN c.balance ELSE greatest(0, c.balance - coalesce(e.exposure, 0)) END AS released
FROM open_cohort c LEFT JOIN exposed e USING (partner_id, cohort);
