"""A settled window remembers which component its bonus was paid by, and whose knowledge its measure is."""

import django.db.models.deletion
from django.db import migrations, models

# A window that is seen for the first time after its day is settled by what the run before it knew (`known_by`).
HANDOVER = """
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
                   'valid_from date, units numeric, turnover numeric, component_id bigint, known_by bigint)', run);
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
                   'turnover, component_id) SELECT coalesce(known_by, %1$s), partner_id, component_code, "window", valid_from, '
                   'units, turnover, component_id '
                   'FROM commissions_settling_%1$s ORDER BY partner_id, component_code, valid_from', run);
    EXECUTE format('DROP TABLE commissions_measured_%1$s, commissions_settling_%1$s', run);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0013_inlined_functions")]
    operations = [
        migrations.AddField(
            model_name="settledwindow",
            name="component",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="commissions.component",
            ),
        ),
        migrations.RunSQL(HANDOVER, migrations.RunSQL.noop),
    ]
