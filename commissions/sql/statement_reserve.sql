-- Purpose: what the run keeps back, and what it may release of what earlier runs kept back (rule 21).
-- Reads:   commissions_reservemovement, posted and draft lines, restatements, published versions and their components
-- Writes:  withholding (partner, percent), reserve (partner, cohort: balance, exposure, released)
-- Invariant: kept back is only from first postings; a cohort ends after 12 months, earlier as far as it exceeds the risk.
CREATE TEMP TABLE withholding ON COMMIT DROP AS
SELECT d.partner_id, k.reserve_percent AS percent, sum(d.amount) AS base
FROM commissions_draftline d
JOIN commissions_component k ON k.id = d.component_id AND k.reserve_percent > 0
WHERE d.run_id = %(run)s AND d.kind = 'closing' AND d.amount > 0
  -- What was only noted as held so far is posted for the first time now.
  AND (d.previous_id IS NULL OR d.booked = 0 AND NOT EXISTS (
      SELECT FROM commissions_line l
      WHERE l.order_id = d.order_id AND l.month = d.month AND l.partner_id = d.partner_id
        AND l.component_code = d.component_code AND l.revenue_month IS NULL AND NOT l.is_notice))
GROUP BY d.partner_id, k.reserve_percent;

CREATE TEMP TABLE open_cohort ON COMMIT DROP AS
SELECT m.partner_id, m.cohort, r.id AS run_id, %(month)s >= m.cohort + INTERVAL '12 months' AS due,
       sum(m.withheld - m.released - m.drawn) AS balance
FROM commissions_reservemovement m
JOIN commissions_run r ON r.month = m.cohort AND r.kind = 'monthly' AND r.status = 'posted'
GROUP BY m.partner_id, m.cohort, r.id
HAVING sum(m.withheld - m.released - m.drawn) > 0;
ANALYZE open_cohort;

-- What later runs, this one included, made of closing lines: few, against those that were posted once and never again.
-- Not what they only noted: while a line is withheld, it stands as it did.
CREATE TEMP TABLE later_run ON COMMIT DROP AS
SELECT id, month FROM commissions_run
WHERE kind = 'monthly' AND status = 'posted' AND month > (SELECT min(cohort) FROM open_cohort WHERE NOT due)
UNION ALL
SELECT %(run)s, %(month)s;
CREATE TEMP TABLE standing ON COMMIT DROP AS
SELECT DISTINCT ON (order_id, partner_id, component_code, month)
       order_id, partner_id, component_code, month, schedule, signed_on, activated_on, "full", clawed, entitled
FROM (
    SELECT l.run_id, l.order_id, l.partner_id, l.component_code, l.month, l.schedule, l.signed_on, l.activated_on, l."full",
           l.clawed, l.entitled
    FROM commissions_line l
    WHERE l.run_id = ANY (ARRAY(SELECT id FROM later_run)) AND l.kind = 'closing' AND l.previous_id IS NOT NULL AND NOT l.is_notice
    UNION ALL
    SELECT d.run_id, d.order_id, d.partner_id, d.component_code, d.month, d.schedule, d.signed_on, d.activated_on, d."full",
           d.clawed, d.entitled
    FROM commissions_draftline d
    WHERE d.run_id = %(run)s AND d.kind = 'closing' AND d.previous_id IS NOT NULL AND NOT d.is_notice
    UNION ALL
    SELECT r.run_id, r.order_id, r.partner_id, r.component_code, r.month, r.schedule, r.signed_on, r.activated_on, r."full",
           r.clawed, r.entitled
    FROM commissions_restatement r WHERE r.run_id IN (SELECT id FROM later_run)) later
JOIN (SELECT id AS run_id, month AS posted_in FROM later_run) run USING (run_id)
ORDER BY order_id, partner_id, component_code, month, posted_in DESC;
ANALYZE standing;

-- A version that only changed what a cancellation costs moved no line, so the key is looked up anew.
CREATE TEMP TABLE key_span ON COMMIT DROP AS
SELECT v.schedule, v.valid_from, v.valid_until, k.code, k.clawback_mode, k.clawback_months, k.clawback_until, k.clawback_percent
FROM (
    SELECT schedule, version_id, valid_from,
           lead(valid_from, 1, 'infinity') OVER (PARTITION BY schedule ORDER BY valid_from) AS valid_until
    FROM (
        SELECT DISTINCT ON (s.code, v.valid_from) s.code AS schedule, v.id AS version_id, v.valid_from
        FROM commissions_scheduleversion v JOIN commissions_schedule s ON s.id = v.schedule_id
        WHERE v.status = 'published'
        ORDER BY s.code, v.valid_from, v.sequence DESC) latest) v
JOIN commissions_component k USING (version_id);
ANALYZE key_span;

CREATE TEMP TABLE exposed ON COMMIT DROP AS
WITH bearing AS (
    -- The lines a cohort consists of, as they stand with this run.
    SELECT c.partner_id, c.cohort, l.component_code,
           coalesce(s.schedule, l.schedule) AS schedule, coalesce(s.signed_on, l.signed_on) AS signed_on,
           coalesce(s.activated_on, l.activated_on) AS activated_on, coalesce(s."full", l."full") AS full_amount,
           coalesce(s.clawed, l.clawed) AS clawed, coalesce(s.entitled, l.entitled) AS entitled
    FROM open_cohort c
    JOIN commissions_line l
        ON l.run_id = c.run_id AND l.partner_id = c.partner_id AND l.kind = 'closing' AND l.amount > 0
        AND l.run_id = ANY (ARRAY(SELECT run_id FROM open_cohort WHERE NOT due))
        AND (l.previous_id IS NULL OR l.booked = 0 AND NOT EXISTS (
            SELECT FROM commissions_line e
            WHERE e.order_id = l.order_id AND e.month = l.month AND e.partner_id = l.partner_id AND e.id < l.id
              AND e.component_code = l.component_code AND e.revenue_month IS NULL AND NOT e.is_notice))
    JOIN commissions_component k ON k.id = l.component_id AND k.reserve_percent > 0
    LEFT JOIN standing s
        ON s.order_id = l.order_id AND s.partner_id = l.partner_id AND s.component_code = l.component_code AND s.month = l.month
    WHERE NOT c.due
    OFFSET 0  -- first all lines of the cohorts: the planner takes their keys for rare, and would look for a cohort for each line
), held AS (
    SELECT b.*, k.clawback_mode, k.clawback_months, k.clawback_until, k.clawback_percent,
           (b.activated_on + make_interval(months => k.clawback_months))::date AS liable_until,
           calendar.months - (b.activated_on + make_interval(months => calendar.months) > %(cutoff)s)::int AS full_months
    FROM bearing b
    JOIN key_span k
        ON k.schedule = b.schedule AND k.code = b.component_code
        AND k.valid_from <= b.signed_on AND b.signed_on < k.valid_until AND k.clawback_mode IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT (extract(year FROM %(cutoff)s::date)::int - extract(year FROM b.activated_on)::int) * 12
             + extract(month FROM %(cutoff)s::date)::int - extract(month FROM b.activated_on)::int AS months) calendar
    WHERE %(cutoff)s < b.activated_on + make_interval(months => k.clawback_months)
), risk AS (
    SELECT h.*, started.months AS started_months,
           CASE h.clawback_mode
               WHEN 'full' THEN h.full_amount
               WHEN 'months' THEN round(h.full_amount * (h.clawback_months - h.full_months) / h.clawback_months, 2)
               WHEN 'started_months' THEN round(h.full_amount * (h.clawback_months - started.months) / h.clawback_months, 2)
               WHEN 'days' THEN round(h.full_amount * (h.liable_until - %(cutoff)s::date) / (h.liable_until - h.activated_on), 2)
               ELSE round(h.full_amount * coalesce((
                   SELECT share FROM unnest(h.clawback_until, h.clawback_percent) AS step (until_month, share)
                   WHERE until_month >= started.months ORDER BY until_month LIMIT 1), 0) * 0.01, 2) END AS whole
    FROM held h
    CROSS JOIN LATERAL (
        SELECT h.full_months + (h.activated_on + make_interval(months => h.full_months) < %(cutoff)s)::int AS months) started
)
SELECT partner_id, cohort, sum(greatest(0, least(entitled, whole - clawed))) AS exposure FROM risk GROUP BY partner_id, cohort;

CREATE TEMP TABLE reserve ON COMMIT DROP AS
SELECT c.partner_id, c.cohort, c.balance, CASE WHEN NOT c.due THEN coalesce(e.exposure, 0) END AS exposure,
       CASE WHEN c.due THEN c.balance ELSE greatest(0, c.balance - coalesce(e.exposure, 0)) END AS released
FROM open_cohort c LEFT JOIN exposed e USING (partner_id, cohort);
