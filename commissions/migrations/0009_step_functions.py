"""Functions the calculation's steps share: windows, tiers, shares. All pure, all exact."""

from django.db import migrations

FUNCTIONS = """
-- First day of the window of that name a month lies in, and of the next one.
CREATE FUNCTION commissions_window_from(name text, month date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE name
        WHEN 'quarter' THEN date_trunc('quarter', month)::date
        WHEN 'half_year' THEN make_date(extract(year FROM month)::int, CASE WHEN extract(month FROM month) < 7 THEN 1 ELSE 7 END, 1)
        WHEN 'year' THEN date_trunc('year', month)::date
        ELSE month END
$$;
CREATE FUNCTION commissions_window_until(name text, start date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (start + CASE name WHEN 'quarter' THEN INTERVAL '3 months' WHEN 'half_year' THEN INTERVAL '6 months'
                              WHEN 'year' THEN INTERVAL '1 year' ELSE INTERVAL '1 month' END)::date
$$;
-- Rate of the step a measure has reached; lower bounds are inclusive, and below the first one the first rate applies.
CREATE FUNCTION commissions_slab(bounds numeric[], rates numeric[], reached numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT rates[greatest(1, (SELECT count(*) FROM unnest(bounds) b WHERE b <= reached))]
$$;
-- F of rule 10: each slice at its own rate; a negative measure at the first one.
CREATE FUNCTION commissions_graduated(bounds numeric[], rates numeric[], reached numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN reached < 0 THEN reached * rates[1] ELSE (
        SELECT sum(rates[i] * (least(reached, coalesce(bounds[i + 1], reached)) - bounds[i]))
        FROM generate_subscripts(bounds, 1) i WHERE bounds[i] <= reached) END
$$;
-- What a cancellation takes back, as n of d that are never divided before the amount is multiplied (rules 8 and 16).
CREATE FUNCTION commissions_share(
    mode text, months int, until_months smallint[], percents numeric[], activated date, cancelled date, months_held int,
    OUT n int, OUT d int) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE mode
               WHEN 'full' THEN 1
               WHEN 'months' THEN months - months_held
               WHEN 'started_months' THEN months - months_held - (activated + make_interval(months => months_held) < cancelled)::int
               WHEN 'days' THEN (activated + make_interval(months => months))::date - greatest(cancelled, activated)
               WHEN 'steps' THEN coalesce((
                   SELECT (percents[i] * 10000)::int FROM generate_subscripts(until_months, 1) i
                   WHERE until_months[i] >= months_held + (activated + make_interval(months => months_held) < cancelled)::int
                   ORDER BY i LIMIT 1), 0)
               ELSE 0 END,
           CASE mode
               WHEN 'months' THEN months
               WHEN 'started_months' THEN months
               WHEN 'days' THEN (activated + make_interval(months => months))::date - activated
               WHEN 'steps' THEN 1000000
               ELSE 1 END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0008_reserve")]
    operations = [migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop)]
