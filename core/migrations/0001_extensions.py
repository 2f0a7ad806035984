"""What the database itself brings to every room: extensions, and the function behind append-only tables."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % refused: what is recorded there is never changed, only added to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.RunSQL(REFUSE, "DROP FUNCTION refuse_change()"),
    ]
