"""A large run's lines lie in a table a shard: each is written, indexed and checked by one worker, in one transaction.

Two workers writing into one table wait for each other at every new page, and what they write goes to the log first, since
the table was there before. A table made in the same transaction needs no log where the server keeps none for others
(`wal_level = minimal`): it is written out at the end. A line's number leaves its shard as remainder of 256, so that the
table of each shard is a partition of its own beside the others of the run.
"""

from django.db import migrations

LINES = """
DROP VIEW commissions_sealed;
ALTER SEQUENCE commissions_line_number OWNED BY NONE;
ALTER TABLE commissions_line RENAME TO listed_line;
ALTER TABLE commissions_draftline RENAME TO listed_draftline;
CREATE TABLE commissions_line (LIKE listed_line) PARTITION BY RANGE (run_id, (id & 255));
CREATE TABLE commissions_draftline (LIKE listed_line) PARTITION BY RANGE (run_id, (id & 255));
-- Numbers are asked for by the thousand: two workers would wait for each other at every single one.
ALTER SEQUENCE commissions_line_number OWNED BY commissions_line.id CACHE 1000;
CREATE TEMP TABLE part ON COMMIT DROP AS
SELECT i.inhrelid::regclass::text AS name, replace(i.inhparent::regclass::text, 'listed_', 'commissions_') AS parent,
       i.inhparent::regclass::text AS listed, substring(i.inhrelid::regclass::text FROM '[0-9]+$') AS run
FROM pg_inherits i WHERE i.inhparent IN ('listed_line'::regclass, 'listed_draftline'::regclass);
DO $$
DECLARE
    part record;
BEGIN
    FOR part IN SELECT * FROM part LOOP
        EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', part.listed, part.name);
    END LOOP;
    DROP TABLE listed_line, listed_draftline;
    CREATE INDEX line_number ON commissions_line USING brin (id) WITH (pages_per_range = 16);
    CREATE INDEX line_partner ON commissions_line (partner_id);
    CREATE INDEX line_order ON commissions_line (order_id);
    CREATE INDEX line_manual ON commissions_line (manual_id) WHERE manual_id IS NOT NULL;
    CREATE INDEX line_bundle ON commissions_line (customer_no) WHERE customer_no > '';
    CREATE INDEX line_withheld ON commissions_line (partner_id) WHERE hold_reason = 'withheld';
    CREATE INDEX draft_number ON commissions_draftline USING brin (id) WITH (pages_per_range = 16);
    CREATE INDEX draft_partner ON commissions_draftline (partner_id);
    CREATE INDEX draft_order ON commissions_draftline (order_id);
    CREATE INDEX draft_manual ON commissions_draftline (manual_id) WHERE manual_id IS NOT NULL;
    CREATE INDEX draft_bundle ON commissions_draftline (customer_no) WHERE customer_no > '';
    CREATE INDEX draft_withheld ON commissions_draftline (partner_id) WHERE hold_reason = 'withheld';
    FOR part IN SELECT * FROM part LOOP
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s, MINVALUE) TO (%s, MAXVALUE)',
                       part.parent, part.name, part.run, part.run);
    END LOOP;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commissions_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE VIEW commissions_sealed AS
SELECT id, seal, hash_record_extended(ROW(
    id, run_id, partner_id, statement_id, order_id, component_id, manual_id, certificate_id, distributor_id,
    attributed_to_id, followed_partner_id, previous_id, month, revenue_month, signed_on, activated_on, cancelled_on,
    service_date, clawed_n, clawed_d, is_notice, has_evidence, component_code, followed_code, customer_no, kind, cause,
    hold_reason, schedule, level, product, transaction, customer_class, dealer_code, reason, basis, quantity, measure,
    measured_of, base, rate, round_to, "full", clawed, entitled, booked, amount, would_be, vat_percent), 0) AS digest
FROM commissions_line;
"""

HANDOVER = r"""
CREATE FUNCTION commissions_lines_of(run bigint) RETURNS TABLE (name text, parent text, bound text) LANGUAGE sql STABLE AS $$
    SELECT c.relname::text, i.inhparent::regclass::text, pg_get_expr(c.relpartbound, c.oid)
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent IN ('public.commissions_line'::regclass, 'public.commissions_draftline'::regclass)
      AND c.relname ~ format('^commissions_line_%s(_[0-9]+)?$', run)
$$;
CREATE OR REPLACE FUNCTION commissions_drop_draft(run bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    -- A posted run's tables belong to the ledger.
    IF EXISTS (SELECT FROM commissions_lines_of(run) WHERE parent = 'commissions_line') THEN
        RETURN;
    END IF;
    FOR part IN SELECT * FROM commissions_lines_of(run) LOOP
        EXECUTE format('DROP TABLE %I', part.name);
    END LOOP;
    EXECUTE format('DROP TABLE IF EXISTS commissions_contribution_%1$s, commissions_measured_%1$s, commissions_settling_%1$s', run);
END $$;
CREATE OR REPLACE FUNCTION commissions_open_workspace(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM commissions_drop_workspace(run);
    PERFORM commissions_drop_draft(run);
    EXECUTE format('CREATE SCHEMA calc_%s', run);
    EXECUTE format('CREATE TABLE calc_%1$s.contribution (LIKE commissions_contribution, CHECK (run_id = %1$s))', run);
    EXECUTE format('ALTER TABLE calc_%s.contribution ALTER run_id SET NOT NULL', run);
    EXECUTE format('CREATE TABLE calc_%s.measured_change (partner_id bigint, component_code varchar COLLATE "C", month date, '
                   'units numeric, turnover numeric)', run);
    EXECUTE format('CREATE TABLE calc_%s.settling (partner_id bigint, component_code varchar COLLATE "C", "window" varchar, '
                   'valid_from date, units numeric, turnover numeric, component_id bigint, known_by bigint)', run);
END $$;
-- What the parent of all drafts is indexed by, on the table `draft` first on the search path: once it is full, which is far
-- cheaper, and where it is made.
CREATE FUNCTION commissions_index_draft(run bigint, shard int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    definition text;
BEGIN
    FOR definition IN SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = 'commissions_draftline' LOOP
        EXECUTE regexp_replace(definition, 'INDEX draft_([^ ]+) ON ONLY [^ ]+', format('INDEX line_%s_%s_\1 ON draft', run, shard));
    END LOOP;
    ANALYZE draft;
END $$;
-- A shard's draft is nobody's child: it becomes a table of its own.
DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('commissions_join_shards(bigint)'::regprocedure),
                    $name$'bundle_customer')$name$, $name$'bundle_customer', 'draft')$name$);
END $$;
CREATE OR REPLACE FUNCTION commissions_keep_draft(run bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kept record;
BEGIN
    FOR kept IN SELECT * FROM (VALUES ('contribution', 'contribution'), ('measured_change', 'measured'), ('settling', 'settling'))
                    t (step, name) LOOP
        EXECUTE format('ALTER TABLE calc_%s.%I RENAME TO commissions_%s_%s', run, kept.step, kept.name, run);
        EXECUTE format('ALTER TABLE calc_%s.commissions_%s_%s SET SCHEMA public', run, kept.name, run);
    END LOOP;
    EXECUTE format('CREATE INDEX ON commissions_contribution_%s (order_id)', run);
    EXECUTE format('ANALYZE commissions_contribution_%s', run);
    FOR kept IN
        SELECT schemaname AS place, substring(schemaname FROM '^calc_[0-9]+_([0-9]+)$')::int AS shard
        FROM pg_tables WHERE tablename = 'draft' AND schemaname ~ format('^calc_%s(_[0-9]+)?$', run)
    LOOP
        EXECUTE format('ALTER TABLE %I.draft RENAME TO %I', kept.place, concat_ws('_', 'commissions_line', run, kept.shard));
        EXECUTE format('ALTER TABLE %I.%I SET SCHEMA public', kept.place, concat_ws('_', 'commissions_line', run, kept.shard));
        EXECUTE format('ALTER TABLE commissions_draftline ATTACH PARTITION %I FOR VALUES FROM (%s, %s) TO (%s, %s)',
                       concat_ws('_', 'commissions_line', run, kept.shard), run, coalesce(kept.shard::text, 'MINVALUE'),
                       run, coalesce((kept.shard + 1)::text, 'MAXVALUE'));
    END LOOP;
END $$;
CREATE OR REPLACE FUNCTION commissions_post_draft(run bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT name, bound, 'commissions_line' AS ledger FROM commissions_lines_of(run)
        UNION ALL
        SELECT format('commissions_contribution_%s', run), format('FOR VALUES IN (%s)', run), 'commissions_contribution'
    LOOP
        IF part.ledger = 'commissions_line' THEN
            EXECUTE format('ALTER TABLE commissions_draftline DETACH PARTITION %I', part.name);
        END IF;
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I %s', part.ledger, part.name, part.bound);
        -- The parent's trigger sees only statements that name the parent.
        EXECUTE format('CREATE TRIGGER append_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', part.name);
    END LOOP;
    EXECUTE format('INSERT INTO commissions_measuredmonth (run_id, partner_id, component_code, month, units, turnover) '
                   'SELECT %1$s, * FROM commissions_measured_%1$s ORDER BY partner_id, component_code, month', run);
    EXECUTE format('INSERT INTO commissions_settledwindow (run_id, partner_id, component_code, "window", valid_from, units, '
                   'turnover, component_id) SELECT coalesce(known_by, %1$s), partner_id, component_code, "window", valid_from, '
                   'units, turnover, component_id '
                   'FROM commissions_settling_%1$s ORDER BY partner_id, component_code, valid_from', run);
    EXECUTE format('DROP TABLE commissions_measured_%1$s, commissions_settling_%1$s', run);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0023_reserve_lines")]
    operations = [
        migrations.RunSQL(LINES, migrations.RunSQL.noop),
        migrations.RunSQL(HANDOVER, migrations.RunSQL.noop),
    ]
