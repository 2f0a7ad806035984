"""Lines remember whose the order was: without it an order that comes back to a partner would look unchanged."""

import django.db.models.deletion
from django.db import migrations, models

SEALED = """
CREATE OR REPLACE VIEW commissions_sealed AS
SELECT id, run_id, statement_id, partner_id, order_id, component_id, manual_id, certificate_id, distributor_id,
       previous_id, month, revenue_month, signed_on, activated_on, cancelled_on, service_date, clawed_n, clawed_d,
       is_notice, has_evidence, component_code, kind, cause, hold_reason, schedule, level, product, transaction,
       customer_class, dealer_code, reason, basis, quantity, base, rate, round_to, "full", clawed, entitled, booked,
       amount, would_be, vat_percent, attributed_to_id
FROM commissions_line
"""


def attributed_to() -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to="partners.partner",
    )


class Migration(migrations.Migration):
    dependencies = [("commissions", "0003_statement_seal")]
    operations = [
        migrations.AddField("draftline", "attributed_to", attributed_to()),
        migrations.AddField("line", "attributed_to", attributed_to()),
        migrations.RunSQL(SEALED, migrations.RunSQL.noop),
    ]
