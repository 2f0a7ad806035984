"""Events are facts: the database refuses to change them. And the order in which events of one day take effect."""

from django.db import migrations

from core.append_only import append_only

RANK = """
CREATE FUNCTION sales_event_rank(event_type text) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE event_type
        WHEN 'captured' THEN 1 WHEN 'rejected' THEN 2 WHEN 'corrected' THEN 3 WHEN 'reattributed' THEN 4
        WHEN 'activated' THEN 5 WHEN 'suspended' THEN 6 WHEN 'resumed' THEN 7 WHEN 'cancelled' THEN 8
        WHEN 'withdrawn' THEN 9 WHEN 'cancellation_revoked' THEN 10 ELSE 11 END::smallint
$$
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0001_initial")]
    operations = [
        append_only("sales_event"),
        migrations.RunSQL(RANK, "DROP FUNCTION sales_event_rank(text)"),
    ]
