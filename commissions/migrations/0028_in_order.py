"""Deals each shard its orders by a digest of its own, and in the order of their numbers.

By the digest of hash joins, the orders of a shard would all fall into half of a join's buckets (a quarter, with four
shards), each twice as full: a join by order took a fifth longer. And what is joined by number is read side by side if it
lies so.
"""

from django.db import migrations

FUNCTIONS = r"""
CREATE OR REPLACE FUNCTION commissions_shard_of(order_id bigint, shards int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(order_id, 1) & 2147483647) % shards;

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
        share := format('SELECT * FROM calc_%s.%I WHERE commissions_shard_of(order_id, %s) = %s ORDER BY order_id', run, name, shards, shard);
        CONTINUE WHEN to_regclass(format('%I.%I', place, name)) IS NOT NULL;
        EXECUTE format('CREATE UNLOGGED TABLE %I.%I AS %s', place, name, share);
        FOR definition IN SELECT indexdef FROM pg_indexes WHERE schemaname = format('calc_%s', run) AND tablename = name LOOP
            EXECUTE regexp_replace(definition, 'INDEX [^ ]+ ON [^ ]+', format('INDEX ON %I.%I', place, name));
        END LOOP;
        EXECUTE format('ANALYZE %I.%I', place, name);
    END LOOP;
    IF shard < shards THEN
        -- Bundles are the customer's and not the order's.
        EXECUTE format('CREATE UNLOGGED TABLE IF NOT EXISTS %I.bundle_customer (LIKE calc_%s.bundle_customer)', place, run);
    END IF;
END $$;
ALTER FUNCTION commissions_deal(bigint, int, int) SET default_statistics_target = 10;

-- In full, where it was patched before. A shard's draft is nobody's child: it becomes a table of its own.
CREATE OR REPLACE FUNCTION commissions_join_shards(run bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    whole text := format('calc_%s', run);
    child record;
    fresh text[] := '{}';
    definition text;
BEGIN
    FOR child IN
        SELECT n.nspname AS place, c.relname AS name, c.relkind AS kind, c.oid
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname ~ format('^calc_%s_[0-9]+$', run) AND c.relkind IN ('r', 'v')
          AND c.relname NOT IN ('scope_order', 'scope_month', 'scope_reach', 'to_match', 'bundle_customer', 'draft')
          AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)
        ORDER BY c.relkind = 'v', c.oid
    LOOP
        IF child.kind = 'r' THEN
            IF to_regclass(format('%I.%I', whole, child.name)) IS NULL THEN
                EXECUTE format('CREATE UNLOGGED TABLE %I.%I (LIKE %I.%I)', whole, child.name, child.place, child.name);
                fresh := fresh || child.name;
            END IF;
            EXECUTE format('ALTER TABLE %I.%I INHERIT %I.%I', child.place, child.name, whole, child.name);
        ELSIF to_regclass(format('%I.%I', whole, child.name)) IS NULL THEN
            PERFORM set_config('search_path', format('%I, %I, public', child.place, whole), TRUE);
            definition := pg_get_viewdef(child.oid);
            PERFORM set_config('search_path', format('%I, public', whole), TRUE);
            EXECUTE format('CREATE VIEW %I.%I AS %s', whole, child.name, definition);
        END IF;
    END LOOP;
    PERFORM set_config('search_path', 'public', TRUE);
    -- Without statistics of its own a table above others is planned as if it were empty: facts of all shards would be joined
    -- with settled windows row by row.
    FOREACH definition IN ARRAY fresh LOOP
        IF definition IN ('terms', 'eligible', 'fact', 'entitled') THEN
            EXECUTE format('ANALYZE %I.%I', whole, definition);
        END IF;
    END LOOP;
END $$;
ALTER FUNCTION commissions_join_shards(bigint) SET default_statistics_target = 10;
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0027_clawed_places")]
    operations = [migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop)]
