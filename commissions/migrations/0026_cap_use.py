"""A queue for a cap keeps what each order takes of it, so that a run looks again only at those behind what moved."""

import django.db.models.deletion
from django.db import migrations, models

from core.append_only import append_only

# Like measures: a table beside the proposal until the run is posted. Said as what is added to the functions as they stand.
HANDOVER = r"""
DO $patch$
DECLARE
    patch record;
    definition text;
BEGIN
    FOR patch IN
        SELECT * FROM (VALUES
            ('drop_draft', $x$commissions_settling_%1$s$x$, $x$commissions_settling_%1$s, commissions_cap_%1$s$x$),
            ('open_workspace', $x$known_by bigint)', run);$x$, $x$known_by bigint)', run);
    EXECUTE format('CREATE TABLE calc_%s.cap_change (order_id bigint, campaign varchar COLLATE "C", signed_on date, digest uuid, '
                   'units numeric, wanted numeric)', run);$x$),
            ('keep_draft', $x$('settling', 'settling')$x$, $x$('settling', 'settling'), ('cap_change', 'cap')$x$),
            ('post_draft', $x$EXECUTE format('DROP TABLE commissions_measured_%1$s, commissions_settling_%1$s'$x$,
             $x$EXECUTE format('INSERT INTO commissions_capuse (run_id, order_id, campaign, signed_on, digest, units, wanted) '
                   'SELECT %1$s, * FROM commissions_cap_%1$s ORDER BY campaign, signed_on, order_id', run);
    EXECUTE format('DROP TABLE commissions_measured_%1$s, commissions_settling_%1$s, commissions_cap_%1$s'$x$)
        ) p (name, old, new)
    LOOP
        definition := pg_get_functiondef(format('commissions_%s(bigint)', patch.name)::regprocedure);
        IF position(patch.old IN definition) = 0 THEN
            RAISE EXCEPTION 'commissions_% does not hand over what it did', patch.name;
        END IF;
        EXECUTE replace(definition, patch.old, patch.new);
    END LOOP;
END $patch$;
"""

# What earlier runs had put into the queues nobody wrote down. Forgotten like this, every campaign is new to the next run,
# which then looks at all orders that name one; and a proposal that waits has no table of what it changes.
BEFORE = """
DELETE FROM commissions_fingerprint WHERE subject = 'campaign';
DO $$
DECLARE
    run text;
BEGIN
    FOR run IN SELECT DISTINCT substring(inhrelid::regclass::text FROM 'commissions_line_([0-9]+)') FROM pg_inherits
               WHERE inhparent = 'commissions_draftline'::regclass LOOP
        EXECUTE format('CREATE TABLE commissions_cap_%s (order_id bigint, campaign varchar COLLATE "C", signed_on date, '
                       'digest uuid, units numeric, wanted numeric)', run);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("commissions", "0025_dealt_then_indexed"),
        ("sales", "0011_spend_corrected"),
    ]

    operations = [
        migrations.CreateModel(
            name="CapUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("campaign", models.CharField(db_collation="C", max_length=60)),
                ("signed_on", models.DateField()),
                ("digest", models.UUIDField()),
                ("units", models.DecimalField(decimal_places=4, max_digits=18)),
                ("wanted", models.DecimalField(decimal_places=4, max_digits=18)),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="sales.order",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="commissions.run",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["order"], name="cap_use_order"),
                    models.Index(fields=["campaign", "signed_on"], name="cap_use_place"),
                ],
            },
        ),
        migrations.RunSQL(HANDOVER, migrations.RunSQL.noop),
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
        append_only("commissions_capuse"),
    ]
