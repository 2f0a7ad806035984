"""Lines and contributions live in a table a run: a proposal is built as such a table, and posting hands it over.

Replacing a proposal drops a table, posting a million lines moves none of them, and no month ever slows the next one's
indexes. Drafts and posted lines share columns, indexes and numbers, so nothing has to be rewritten on the way.
"""

from django.db import migrations

from core.append_only import append_only

COLUMNS = """
    id, run_id, partner_id, statement_id, order_id, component_id, manual_id, certificate_id, distributor_id,
    attributed_to_id, followed_partner_id, previous_id, month, revenue_month, signed_on, activated_on, cancelled_on,
    service_date, clawed_n, clawed_d, is_notice, has_evidence, component_code, followed_code, customer_no, kind, cause,
    hold_reason, schedule, level, product, transaction, customer_class, dealer_code, reason, basis, quantity, measure,
    measured_of, base, rate, round_to, "full", clawed, entitled, booked, amount, would_be, vat_percent
"""

LINES = f"""
DO $$ BEGIN
    IF EXISTS (SELECT FROM commissions_line) THEN
        RAISE EXCEPTION 'Lines posted before the first release cannot be kept. Remove the folder .data and start again.';
    END IF;
END $$;
DROP TABLE commissions_draftline CASCADE;
ALTER TABLE commissions_line RENAME TO line_columns;
CREATE TABLE line_in_order AS SELECT {COLUMNS}, seal FROM line_columns WITH NO DATA;
DROP TABLE line_columns;
CREATE TABLE commissions_line (LIKE line_in_order) PARTITION BY LIST (run_id);
CREATE TABLE commissions_draftline (LIKE line_in_order) PARTITION BY LIST (run_id);
DROP TABLE line_in_order;
CREATE SEQUENCE commissions_line_number OWNED BY commissions_line.id;
CREATE INDEX line_number ON commissions_line (id);
CREATE INDEX line_statement ON commissions_line (statement_id, component_code);
CREATE INDEX line_partner ON commissions_line (partner_id);
CREATE INDEX line_order ON commissions_line (order_id, month);
CREATE INDEX line_manual ON commissions_line (manual_id) WHERE manual_id IS NOT NULL;
CREATE INDEX line_bundle ON commissions_line (customer_no) WHERE customer_no > '';
CREATE INDEX draft_number ON commissions_draftline (id);
CREATE INDEX draft_statement ON commissions_draftline (statement_id, component_code);
CREATE INDEX draft_partner ON commissions_draftline (partner_id);
CREATE INDEX draft_order ON commissions_draftline (order_id, month);
CREATE INDEX draft_manual ON commissions_draftline (manual_id) WHERE manual_id IS NOT NULL;
CREATE INDEX draft_bundle ON commissions_draftline (customer_no) WHERE customer_no > '';
CREATE VIEW commissions_sealed AS SELECT {COLUMNS} FROM commissions_line;

ALTER TABLE commissions_contribution RENAME TO contribution_columns;
CREATE TABLE commissions_contribution (LIKE contribution_columns) PARTITION BY LIST (run_id);
DROP TABLE contribution_columns;
CREATE INDEX contribution_order ON commissions_contribution (order_id);
"""

# Step tables live in a schema of the run's own, so that the SQL files use plain names and one DROP ends them all. The
# two tables that outlive it (`draft`, `contribution`) are built there and indexed when full, which is far cheaper.
WORKSPACE = """
DROP FUNCTION IF EXISTS commissions_open_workspace(bigint), commissions_open_draft(bigint), commissions_drop_draft(bigint);
CREATE FUNCTION commissions_drop_draft(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- A posted run's tables belong to the ledger.
    IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'commissions_line'::regclass
                   AND inhrelid = to_regclass(format('commissions_line_%s', run))) THEN
        EXECUTE format('DROP TABLE IF EXISTS commissions_line_%s, commissions_contribution_%s', run, run);
    END IF;
END $$;
CREATE FUNCTION commissions_open_workspace(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM commissions_drop_workspace(run);
    PERFORM commissions_drop_draft(run);
    EXECUTE format('CREATE SCHEMA calc_%s', run);
    EXECUTE format('CREATE TABLE calc_%s.draft (LIKE commissions_line, CHECK (run_id = %s))', run, run);
    EXECUTE format('CREATE TABLE calc_%s.contribution (LIKE commissions_contribution, CHECK (run_id = %s))', run, run);
    EXECUTE format('ALTER TABLE calc_%s.draft ALTER run_id SET NOT NULL', run);
    EXECUTE format('ALTER TABLE calc_%s.contribution ALTER run_id SET NOT NULL', run);
END $$;
-- The finished proposal leaves the workspace and can be read as draft lines; attaching it builds the indexes.
CREATE FUNCTION commissions_keep_draft(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE calc_%s.draft RENAME TO commissions_line_%s', run, run);
    EXECUTE format('ALTER TABLE calc_%s.commissions_line_%s SET SCHEMA public', run, run);
    EXECUTE format('ALTER TABLE calc_%s.contribution RENAME TO commissions_contribution_%s', run, run);
    EXECUTE format('ALTER TABLE calc_%s.commissions_contribution_%s SET SCHEMA public', run, run);
    EXECUTE format('CREATE INDEX ON commissions_contribution_%s (order_id)', run);
    EXECUTE format('ALTER TABLE commissions_draftline ATTACH PARTITION commissions_line_%s FOR VALUES IN (%s)', run, run);
    EXECUTE format('ANALYZE commissions_line_%s, commissions_contribution_%s', run, run);
END $$;
CREATE FUNCTION commissions_post_draft(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE commissions_draftline DETACH PARTITION commissions_line_%s', run);
    EXECUTE format('ALTER TABLE commissions_line ATTACH PARTITION commissions_line_%s FOR VALUES IN (%s)', run, run);
    EXECUTE format('ALTER TABLE commissions_contribution ATTACH PARTITION commissions_contribution_%s FOR VALUES IN (%s)', run, run);
    -- The parent's trigger sees only statements that name the parent.
    EXECUTE format('CREATE TRIGGER append_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON commissions_line_%s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', run);
    EXECUTE format('CREATE TRIGGER append_only BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON commissions_contribution_%s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', run);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0005_every_kind")]
    operations = [
        migrations.RunSQL(LINES, migrations.RunSQL.noop),
        migrations.RunSQL(WORKSPACE, migrations.RunSQL.noop),
        append_only("commissions_line"),
        append_only("commissions_contribution"),
        append_only("commissions_measuredmonth"),
        append_only("commissions_settledwindow"),
        migrations.RunSQL(
            "CREATE TRIGGER fixed_once BEFORE UPDATE OR DELETE ON commissions_bundleneed "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change(); "
            "CREATE INDEX order_campaign ON sales_order (campaign) WHERE campaign IS NOT NULL; "
            "CREATE INDEX event_pause ON sales_event (order_id, occurred_on) WHERE event_type IN ('suspended', 'resumed')",
            migrations.RunSQL.noop,
        ),
    ]
