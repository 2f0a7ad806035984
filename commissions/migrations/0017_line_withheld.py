"""What is withheld is a handful among millions: an index of these lines alone finds them."""

from django.db import migrations, models

INDEXES = """
CREATE INDEX line_withheld ON commissions_line (partner_id) WHERE hold_reason = 'withheld';
CREATE INDEX draft_withheld ON commissions_draftline (partner_id) WHERE hold_reason = 'withheld';
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0016_slim_lines")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(INDEXES, migrations.RunSQL.noop)],
            state_operations=[
                migrations.AddIndex(
                    "line",
                    models.Index(fields=["partner"], name="line_withheld", condition=models.Q(hold_reason="withheld")),
                ),
            ],
        ),
    ]
