"""The reserve: what each statement kept back, released and set off, cohort by cohort. Append-only and sealed."""

import django.db.models.deletion
from django.db import migrations, models

import core.fields
from core.append_only import append_only

# Everything of a movement but the seal, in the order in which statements.sql seals it.
SEALED = """
CREATE VIEW commissions_sealed_reservemovement AS
SELECT id, statement_id, partner_id, cohort, exposure, withheld, released, drawn FROM commissions_reservemovement
"""


class Migration(migrations.Migration):
    dependencies = [
        ("commissions", "0007_waived_finding"),
        ("partners", "0004_encrypt_second_factors"),
    ]
    operations = [
        migrations.CreateModel(
            name="ReserveMovement",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("cohort", models.DateField(verbose_name="kept back in")),
                (
                    "exposure",
                    core.fields.MoneyField(
                        decimal_places=2, max_digits=14, null=True, verbose_name="could be taken back"
                    ),
                ),
                (
                    "withheld",
                    core.fields.MoneyField(decimal_places=2, default=0, max_digits=14, verbose_name="kept back"),
                ),
                (
                    "released",
                    core.fields.MoneyField(decimal_places=2, default=0, max_digits=14, verbose_name="released"),
                ),
                ("drawn", core.fields.MoneyField(decimal_places=2, default=0, max_digits=14, verbose_name="set off")),
                ("seal", models.UUIDField()),
                (
                    "partner",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="partners.partner",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="reserve_movements",
                        to="commissions.statement",
                    ),
                ),
            ],
            options={
                "verbose_name": "movement of the reserve",
                "verbose_name_plural": "movements of the reserve",
                "ordering": ["-statement", "cohort"],
                "indexes": [models.Index(fields=["partner", "cohort"], name="reserve_partner")],
                "constraints": [
                    models.UniqueConstraint(fields=("statement", "cohort"), name="reserve_once_a_statement"),
                    models.CheckConstraint(
                        condition=models.Q(("drawn__gte", 0), ("released__gte", 0), ("withheld__gte", 0)),
                        name="reserve_adds_up",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SEALED, "DROP VIEW commissions_sealed_reservemovement"),
        append_only("commissions_reservemovement"),
    ]
