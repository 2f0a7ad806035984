"""A large run is calculated in shards: each has a schema of its own, and one table above theirs shows all of them."""

import django.db.models.deletion
from django.db import migrations, models

# The step tables of a shard have the names of the workspace's and stand before them on the search path. So a statement
# reads the shard's orders and everybody's windows and campaigns without knowing that it is one of several.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION commissions_drop_workspace(run bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT nspname FROM pg_namespace WHERE nspname ~ format('^calc_%s(_[0-9]+)?$', run) LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', name);
    END LOOP;
END $$;

-- The orders of a shard are those whose number leaves it as remainder; the last one, `shard` = `shards`, has none: it is
-- the rest, for what belongs to customers and partners. A second call brings what a changed measure reaches.
CREATE FUNCTION commissions_deal(run bigint, shard int, shards int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place text := format('calc_%s_%s', run, shard);
    name text;
BEGIN
    IF shards = 1 THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', place);
    FOREACH name IN ARRAY ARRAY['scope_order', 'scope_month', 'scope_reach', 'to_match'] LOOP
        CONTINUE WHEN name LIKE 'scope_%%' AND name <> 'scope_reach' AND to_regclass(format('%I.%I', place, name)) IS NOT NULL;
        EXECUTE format('CREATE UNLOGGED TABLE IF NOT EXISTS %I.%I (LIKE calc_%s.%I INCLUDING INDEXES)', place, name, run, name);
        EXECUTE format('TRUNCATE %I.%I', place, name);
        EXECUTE format('INSERT INTO %I.%I SELECT * FROM calc_%s.%I WHERE order_id %% %s = %s', place, name, run, name, shards, shard);
        EXECUTE format('ANALYZE %I.%I', place, name);
    END LOOP;
    IF shard < shards THEN
        -- Bundles are the customer's and not the order's.
        EXECUTE format('CREATE UNLOGGED TABLE IF NOT EXISTS %I.bundle_customer (LIKE calc_%s.bundle_customer)', place, run);
    END IF;
END $$;

-- Every table that the shards have made becomes a child of one of the same name in the workspace, every view is written
-- there too: a statement for the whole run sees all shards, and one for the rest all that it has no table of its own for.
CREATE FUNCTION commissions_join_shards(run bigint) RETURNS void LANGUAGE plpgsql AS $$
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
          AND c.relname NOT IN ('scope_order', 'scope_month', 'scope_reach', 'to_match', 'bundle_customer')
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
    -- Without statistics of its own a table above others is planned as if it were empty.
    FOREACH definition IN ARRAY fresh LOOP
        IF definition IN ('terms', 'eligible', 'entitled') THEN
            EXECUTE format('ANALYZE %I.%I', whole, definition);
        END IF;
    END LOOP;
END $$;

-- Room for lines that belong to no single order: seen from above like every shard's, but only their own from there.
CREATE FUNCTION commissions_open_rest(run bigint, shards int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM commissions_deal(run, shards, shards);
    EXECUTE format('CREATE UNLOGGED TABLE IF NOT EXISTS calc_%1$s_%2$s.entitled (LIKE calc_%1$s.entitled)', run, shards);
    PERFORM commissions_join_shards(run);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0014_settled_component")]
    operations = [
        migrations.CreateModel(
            name="Shard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("step", models.CharField(max_length=20)),
                ("part", models.PositiveSmallIntegerField()),
                ("number", models.PositiveSmallIntegerField()),
                ("done", models.BooleanField(default=False)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shards", to="commissions.run"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "step", "part", "number"), name="shard_once"),
                ],
            },
        ),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]
