"""A shard's share of the scope is indexed when it is there: an index that grows row by row takes three times as long."""

from django.db import migrations

FUNCTIONS = r"""
CREATE OR REPLACE FUNCTION commissions_deal(run bigint, shard int, shards int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place text := format('calc_%s_%s', run, shard);
    name text;
    share text;
    definition text;
BEGIN
    IF shards = 1 THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', place);
    FOREACH name IN ARRAY ARRAY['scope_order', 'scope_month', 'scope_reach', 'to_match'] LOOP
        share := format('SELECT * FROM calc_%s.%I WHERE commissions_shard_of(order_id, %s) = %s', run, name, shards, shard);
        IF to_regclass(format('%I.%I', place, name)) IS NULL THEN
            EXECUTE format('CREATE UNLOGGED TABLE %I.%I AS %s', place, name, share);
            FOR definition IN SELECT indexdef FROM pg_indexes WHERE schemaname = format('calc_%s', run) AND tablename = name LOOP
                EXECUTE regexp_replace(definition, 'INDEX [^ ]+ ON [^ ]+', format('INDEX ON %I.%I', place, name));
            END LOOP;
        ELSIF name IN ('scope_reach', 'to_match') THEN
            EXECUTE format('TRUNCATE %I.%I', place, name);
            EXECUTE format('INSERT INTO %I.%I %s', place, name, share);
        END IF;
        EXECUTE format('ANALYZE %I.%I', place, name);
    END LOOP;
    IF shard < shards THEN
        -- Bundles are the customer's and not the order's.
        EXECUTE format('CREATE UNLOGGED TABLE IF NOT EXISTS %I.bundle_customer (LIKE calc_%s.bundle_customer)', place, run);
    END IF;
END $$;
ALTER FUNCTION commissions_deal(bigint, int, int) SET default_statistics_target = 10;
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0024_lines_of_shards")]
    operations = [migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop)]
