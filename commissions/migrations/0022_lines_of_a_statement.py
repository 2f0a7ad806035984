"""A statement's lines are found by its run, whose table they are in, and its partner: an index less on every line."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commissions", "0021_restatement_order")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL("DROP INDEX line_statement, draft_statement", migrations.RunSQL.noop)
            ],
            state_operations=[
                migrations.RemoveIndex("line", "line_statement"),
                migrations.AlterField(
                    model_name="line",
                    name="statement",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="commissions.statement",
                    ),
                ),
            ],
        ),
    ]
