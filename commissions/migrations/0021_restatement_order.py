"""Whether an order was ever restated is asked of every line with a reserve that is looked at again: by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commissions", "0020_shard_of"),
        ("partners", "0005_vat_by_day_of_service"),
        ("sales", "0010_order_activated"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="restatement",
            index=models.Index(fields=["order"], name="restatement_order"),
        ),
    ]
