from django.db import migrations

# The target of every period, as the adjustments effective and confirmed by a day leave it (formats.md of the product:
# set, suspend, scale, exclude_plan, in this order). The same arithmetic as targets/arithmetic.py, for thousands of
# agreements at once; `target` is NULL where the whole period is suspended. Multiplied first, divided last.
PERIODS = """
CREATE FUNCTION targets_periods(as_of date, first_year integer, last_year integer)
RETURNS TABLE (item_id bigint, agreement_id bigint, partner_id bigint, kpi text, period_from date, period_until date,
               target numeric, months date[], weights numeric[])
LANGUAGE sql STABLE AS $$
    WITH agreed AS MATERIALIZED (
        SELECT i.id, i.agreement_id, a.partner_id, k.code AS kpi, a.year, i.annual, i.weights,
               CASE i.period WHEN 'quarter' THEN 3 WHEN 'half_year' THEN 6 ELSE 12 END AS length
        FROM targets_agreementitem i
        JOIN targets_agreement a ON a.id = i.agreement_id
        JOIN targets_kpi k ON k.id = i.kpi_id
        WHERE a.status IN ('accepted', 'in_force', 'settled') AND a.year BETWEEN first_year AND last_year
          AND i.measure <> 'nps'
    ), change AS MATERIALIZED (
        SELECT c.*
        FROM targets_adjustment c
        JOIN agreed i ON i.id = c.item_id
        JOIN targets_proposal p ON p.id = c.proposal_id
        WHERE c.effective_on <= as_of
          AND (NOT p.needs_confirmation
               OR EXISTS (SELECT FROM targets_confirmation f
                          WHERE f.proposal_id = p.id AND f.agreement_id = i.agreement_id))
    ), numbers AS (
        SELECT c.item_id,
               (array_agg(c.value ORDER BY c.recorded_at DESC, c.id DESC) FILTER (WHERE c.kind = 'set'))[1] AS value,
               (array_agg(c.factor ORDER BY c.recorded_at DESC, c.id DESC) FILTER (WHERE c.kind = 'scale'))[1] AS factor
        FROM change c GROUP BY c.item_id
    ), gone AS (
        SELECT c.item_id, m::date AS month, bool_or(c.kind = 'suspend') AS suspended,
               bool_or(c.kind = 'exclude_plan') AS excluded
        FROM change c, generate_series(c.window_from, c.window_until - 1, interval '1 month') m
        WHERE c.window_from IS NOT NULL
        GROUP BY c.item_id, m
    ), month AS (
        SELECT i.id, n, make_date(i.year, n, 1) AS month, i.weights[n] AS weight, (n - 1) / i.length AS place,
               coalesce(g.suspended, FALSE) AS suspended, coalesce(g.excluded, FALSE) AS excluded
        FROM agreed i
        CROSS JOIN generate_series(1, 12) n
        LEFT JOIN gone g ON g.item_id = i.id AND g.month = make_date(i.year, n, 1)
    ), whole AS (
        SELECT m.id, sum(m.weight) AS every, sum(m.weight) FILTER (WHERE NOT m.suspended) AS active
        FROM month m GROUP BY m.id
    ), part AS (
        SELECT m.id, m.place, min(m.month) AS period_from,
               (max(m.month) + interval '1 month')::date AS period_until,
               bool_and(m.suspended) AS suspended,
               coalesce(sum(m.weight) FILTER (WHERE NOT m.suspended AND NOT m.excluded), 0) AS planned,
               array_agg(m.month ORDER BY m.n) FILTER (WHERE NOT m.suspended) AS months,
               array_agg(m.weight ORDER BY m.n) FILTER (WHERE NOT m.suspended) AS weights
        FROM month m GROUP BY m.id, m.place
    )
    SELECT i.id, i.agreement_id, i.partner_id, i.kpi::text, p.period_from, p.period_until,
           CASE WHEN p.suspended THEN NULL
                WHEN n.factor IS NOT NULL
                THEN coalesce(n.factor * i.annual * p.planned / nullif(w.active, 0), 0)
                ELSE coalesce(n.value, i.annual) * p.planned / w.every END,
           coalesce(p.months, '{}'), coalesce(p.weights, '{}')
    FROM agreed i
    JOIN whole w ON w.id = i.id
    JOIN part p ON p.id = i.id
    LEFT JOIN numbers n ON n.item_id = i.id
$$
"""


class Migration(migrations.Migration):
    dependencies = [("targets", "0002_quality")]
    operations = [migrations.RunSQL(PERIODS, "DROP FUNCTION targets_periods(date, integer, integer)")]
