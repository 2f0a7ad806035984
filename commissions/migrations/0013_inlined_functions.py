"""What is asked for every tiered line is a plain expression now, which the planner writes into the query.

A function with a query inside is called row by row, at ten times the cost of the arithmetic it does.
"""

from django.db import migrations

FUNCTIONS = """
-- First day of the window of that name a month lies in. Through timestamp: a date would be taken for one in a time zone.
CREATE OR REPLACE FUNCTION commissions_window_from(name text, month date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE name
        WHEN 'quarter' THEN date_trunc('quarter', month::timestamp)::date
        WHEN 'half_year' THEN make_date(extract(year FROM month)::int, CASE WHEN extract(month FROM month) < 7 THEN 1 ELSE 7 END, 1)
        WHEN 'year' THEN date_trunc('year', month::timestamp)::date
        ELSE month END
$$;
-- Rate of the step a measure has reached; lower bounds are inclusive, and below the first one the first rate applies.
CREATE OR REPLACE FUNCTION commissions_slab(bounds numeric[], rates numeric[], reached numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT rates[greatest(1, width_bucket(reached, bounds))]
$$;
-- What is due when a measure has just reached each step: the slices below it, each at its own rate.
CREATE FUNCTION commissions_sums(bounds numeric[], rates numeric[]) RETURNS numeric[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg((SELECT coalesce(sum(rates[i] * (bounds[i + 1] - bounds[i])), 0) FROM generate_series(1, step - 1) i)
                     ORDER BY step)
    FROM generate_subscripts(bounds, 1) step
$$;
-- F of rule 10: each slice at its own rate; a negative measure at the first one. `sums` are commissions_sums of the steps.
CREATE FUNCTION commissions_graduated(bounds numeric[], rates numeric[], sums numeric[], reached numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sums[greatest(1, width_bucket(reached, bounds))] + rates[greatest(1, width_bucket(reached, bounds))]
           * (reached - bounds[greatest(1, width_bucket(reached, bounds))])
$$;
-- The same share as one value {n, d}: in a CASE it is computed for the few orders that ended, in FROM for every one.
CREATE FUNCTION commissions_share_of(
    mode text, months int, until_months smallint[], percents numeric[], activated date, cancelled date, months_held int)
RETURNS int[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ARRAY[s.n, s.d] FROM commissions_share(mode, months, until_months, percents, activated, cancelled, months_held) s
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0012_statement_of_lines")]
    operations = [migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop)]
