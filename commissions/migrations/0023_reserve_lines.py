"""Lines with a reserve once more, in a table of their own: what they may still lose is asked every month for a year."""

import django.db.models.deletion
from django.db import migrations, models

import core.fields
from core.append_only import append_only

POSTED = """
INSERT INTO commissions_reserveline (
    run_id, order_id, partner_id, component_code, month, is_first, schedule, signed_on, activated_on, "full", clawed, entitled)
SELECT l.run_id, l.order_id, l.partner_id, l.component_code, l.month, f.is_first, l.schedule, l.signed_on, l.activated_on, l."full",
       l.clawed, l.entitled
FROM commissions_line l
LEFT JOIN commissions_component k ON k.id = l.component_id
CROSS JOIN LATERAL (
    SELECT (k.reserve_percent > 0 AND l.amount > 0 AND (l.previous_id IS NULL OR l.booked = 0 AND NOT EXISTS (
        SELECT FROM commissions_line e
        WHERE e.order_id = l.order_id AND e.month = l.month AND e.partner_id = l.partner_id AND e.id < l.id
          AND e.component_code = l.component_code AND e.revenue_month IS NULL AND NOT e.is_notice))) IS TRUE AS is_first) f
WHERE l.kind = 'closing'
  AND (f.is_first OR l.previous_id IS NOT NULL AND NOT l.is_notice
       AND l.component_code IN (SELECT code FROM commissions_component WHERE reserve_percent > 0));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("commissions", "0022_lines_of_a_statement"),
        ("partners", "0005_vat_by_day_of_service"),
        ("sales", "0011_spend_corrected"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReserveLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "run_id",
                        "order_id",
                        "partner_id",
                        "component_code",
                        "month",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("component_code", models.CharField(db_collation="C", max_length=60)),
                ("month", models.DateField()),
                ("is_first", models.BooleanField()),
                ("schedule", models.CharField(max_length=60)),
                ("signed_on", models.DateField(null=True)),
                ("activated_on", models.DateField(null=True)),
                ("full", core.fields.MoneyField(decimal_places=2, max_digits=14)),
                ("clawed", core.fields.MoneyField(decimal_places=2, max_digits=14)),
                ("entitled", core.fields.MoneyField(decimal_places=2, max_digits=14)),
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
        ),
        migrations.RunSQL(POSTED, migrations.RunSQL.noop),
        append_only("commissions_reserveline"),
    ]
