"""Statements get a seal as lines have one: payee and tax status enter no arithmetic, so only a digest guards them."""

from uuid import UUID

from django.db import migrations, models

# Everything of a statement but the seal, in the order in which post.sql seals it.
SEALED = """
CREATE VIEW commissions_sealed_statement AS
SELECT id, number, run_id, partner_id, previous_id, month, issued_on, due_on, vat_status, self_billed, payee, lines_count,
       net, brought_forward, vat, gross, reserve_withheld, reserve_released, reserve_drawn, carried_forward, payable
FROM commissions_statement
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0002_ledger")]
    operations = [
        migrations.AddField("statement", "seal", models.UUIDField(default=UUID(int=0)), preserve_default=False),
        migrations.RunSQL(SEALED, "DROP VIEW commissions_sealed_statement"),
    ]
