"""The ledger: what is posted or published never changes, and drafts are partitioned by run."""

from django.db import migrations

from core.append_only import append_only, fixed_once

# One partition a run, so that replacing a million proposed lines drops a table instead of leaving a million dead rows.
DRAFTS = """
ALTER TABLE commissions_draftline RENAME TO draftline_columns;
CREATE TABLE commissions_draftline (LIKE draftline_columns) PARTITION BY LIST (run_id);
DROP TABLE draftline_columns;
CREATE SEQUENCE commissions_draftline_number OWNED BY commissions_draftline.id;
ALTER TABLE commissions_draftline ALTER id SET DEFAULT nextval('commissions_draftline_number');
CREATE INDEX draftline_partner ON commissions_draftline (partner_id, component_code);
CREATE INDEX draftline_order ON commissions_draftline (order_id);
CREATE FUNCTION commissions_drop_draft(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS commissions_draftline_%s', run);
END $$;
CREATE FUNCTION commissions_open_draft(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM commissions_drop_draft(run);
    EXECUTE format(
        'CREATE TABLE commissions_draftline_%s PARTITION OF commissions_draftline FOR VALUES IN (%s)', run, run);
END $$;
"""

# § 12 (1) UStG and its history: the rate that was in force on the day of the service.
VAT = """
CREATE FUNCTION commissions_vat_percent(service_date date) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN service_date >= DATE '2021-01-01' THEN 19.00
        WHEN service_date >= DATE '2020-07-01' THEN 16.00
        WHEN service_date >= DATE '2007-01-01' THEN 19.00
        ELSE 16.00 END
$$
"""

# A run's step tables live in a schema of its own, so that the SQL files can use plain names and one DROP ends them all.
WORKSPACE = """
CREATE FUNCTION commissions_drop_workspace(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DROP SCHEMA IF EXISTS calc_%s CASCADE', run);
END $$;
CREATE FUNCTION commissions_open_workspace(run bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM commissions_drop_workspace(run);
    EXECUTE format('CREATE SCHEMA calc_%s', run);
    PERFORM commissions_open_draft(run);
END $$;
"""

# Everything of a posted line but the seal, in the order in which post.sql seals it.
SEALED = """
CREATE VIEW commissions_sealed AS
SELECT id, run_id, statement_id, partner_id, order_id, component_id, manual_id, certificate_id, distributor_id,
       previous_id, month, revenue_month, signed_on, activated_on, cancelled_on, service_date, clawed_n, clawed_d,
       is_notice, has_evidence, component_code, kind, cause, hold_reason, schedule, level, product, transaction,
       customer_class, dealer_code, reason, basis, quantity, base, rate, round_to, "full", clawed, entitled, booked,
       amount, would_be, vat_percent
FROM commissions_line
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0001_initial")]
    operations = [
        migrations.RunSQL(DRAFTS, migrations.RunSQL.noop),
        migrations.RunSQL(VAT, "DROP FUNCTION commissions_vat_percent(date)"),
        migrations.RunSQL(WORKSPACE, migrations.RunSQL.noop),
        migrations.RunSQL(SEALED, "DROP VIEW commissions_sealed"),
        append_only("commissions_line"),
        append_only("commissions_statement"),
        append_only("commissions_statementvat"),
        fixed_once("commissions_scheduleversion", "OLD.status = 'published'"),
        fixed_once("commissions_component", "TRUE"),
    ]
