"""Which shard an order belongs to no longer follows its number: numbers and products may share a rhythm.

Where every fourth order is a mobile contract, the remainder of the number gives all of them to one shard, and with them all
lines of a schedule that has most components for mobile contracts. A digest of the number knows no rhythm.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION commissions_shard_of(order_id bigint, shards int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8(order_id) & 2147483647) % shards;

CREATE OR REPLACE FUNCTION commissions_deal(run bigint, shard int, shards int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place text := format('calc_%s_%s', run, shard);
    name text;
BEGIN
    IF shards = 1 THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', place);
    FOREACH name IN ARRAY ARRAY['scope_order', 'scope_month', 'scope_reach', 'to_match'] LOOP
        CONTINUE WHEN name LIKE 'scope_%' AND name <> 'scope_reach' AND to_regclass(format('%I.%I', place, name)) IS NOT NULL;
        EXECUTE format('CREATE UNLOGGED TABLE IF NOT EXISTS %I.%I (LIKE calc_%s.%I INCLUDING INDEXES)', place, name, run, name);
        EXECUTE format('TRUNCATE %I.%I', place, name);
        EXECUTE format('INSERT INTO %I.%I SELECT * FROM calc_%s.%I WHERE commissions_shard_of(order_id, %s) = %s',
                       place, name, run, name, shards, shard);
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
    dependencies = [("commissions", "0019_restatement")]
    operations = [migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop)]
