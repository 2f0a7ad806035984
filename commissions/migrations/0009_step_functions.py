"""Functions the calculation's steps share (windows, tiers, shares), and the measures a run hands over when it is posted."""

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

# Beside lines and contributions, a proposal keeps what it changes in the measures and which windows it settles. Both are
# small, so posting adds them to tables that are read whole.
HANDOVER = """
CREATE OR REPLACE FUNCTION commissions_drop_draft(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- A posted run's tables belong to the ledger.
    IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'commissions_line'::regclass
                   AND inhrelid = to_regclass(format('commissions_line_%s', run))) THEN
        EXECUTE format('DROP TABLE IF EXISTS commissions_line_%1$s, commissions_contribution_%1$s, '
                       'commissions_measured_%1$s, commissions_settling_%1$s', run);
    END IF;
END $$;
CREATE OR REPLACE FUNCTION commissions_open_workspace(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM commissions_drop_workspace(run);
    PERFORM commissions_drop_draft(run);
    EXECUTE format('CREATE SCHEMA calc_%s', run);
    EXECUTE format('CREATE TABLE calc_%1$s.draft (LIKE commissions_line, CHECK (run_id = %1$s))', run);
    EXECUTE format('CREATE TABLE calc_%1$s.contribution (LIKE commissions_contribution, CHECK (run_id = %1$s))', run);
    EXECUTE format('ALTER TABLE calc_%s.draft ALTER run_id SET NOT NULL', run);
    EXECUTE format('ALTER TABLE calc_%s.contribution ALTER run_id SET NOT NULL', run);
    EXECUTE format('CREATE TABLE calc_%s.measured_change (partner_id bigint, component_code varchar COLLATE "C", month date, '
                   'units numeric, turnover numeric)', run);
    EXECUTE format('CREATE TABLE calc_%s.settling (partner_id bigint, component_code varchar COLLATE "C", "window" varchar, '
                   'valid_from date, units numeric, turnover numeric)', run);
END $$;
CREATE OR REPLACE FUNCTION commissions_keep_draft(run bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kept record;
BEGIN
    FOR kept IN SELECT * FROM (VALUES ('draft', 'line'), ('contribution', 'contribution'), ('measured_change', 'measured'),
                                      ('settling', 'settling')) t (step, name) LOOP
        EXECUTE format('ALTER TABLE calc_%s.%I RENAME TO commissions_%s_%s', run, kept.step, kept.name, run);
        EXECUTE format('ALTER TABLE calc_%s.commissions_%s_%s SET SCHEMA public', run, kept.name, run);
    END LOOP;
    EXECUTE format('CREATE INDEX ON commissions_contribution_%s (order_id)', run);
    EXECUTE format('ALTER TABLE commissions_draftline ATTACH PARTITION commissions_line_%1$s FOR VALUES IN (%1$s)', run);
    EXECUTE format('ANALYZE commissions_line_%1$s, commissions_contribution_%1$s', run);
END $$;
CREATE OR REPLACE FUNCTION commissions_post_draft(run bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    EXECUTE format('ALTER TABLE commissions_draftline DETACH PARTITION commissions_line_%s', run);
    FOREACH name IN ARRAY ARRAY['line', 'contribution'] LOOP
        EXECUTE format('ALTER TABLE commissions_%1$s ATTACH PARTITION commissions_%1$s_%2$s FOR VALUES IN (%2$s)', name, run);
        -- The parent's trigger sees only statements that name the parent.
        EXECUTE format('CREATE TRIGGER append_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON commissions_%s_%s '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name, run);
    END LOOP;
    EXECUTE format('INSERT INTO commissions_measuredmonth (run_id, partner_id, component_code, month, units, turnover) '
                   'SELECT %1$s, * FROM commissions_measured_%1$s ORDER BY partner_id, component_code, month', run);
    EXECUTE format('INSERT INTO commissions_settledwindow (run_id, partner_id, component_code, "window", valid_from, units, '
                   'turnover) SELECT %1$s, * FROM commissions_settling_%1$s ORDER BY partner_id, component_code, valid_from', run);
    EXECUTE format('DROP TABLE commissions_measured_%1$s, commissions_settling_%1$s', run);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0008_reserve")]
    operations = [
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunSQL(HANDOVER, migrations.RunSQL.noop),
    ]
