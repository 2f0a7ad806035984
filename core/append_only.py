"""Tables whose rows are only ever added: the database refuses the rest, whoever asks.

A statement-level trigger costs an insert nothing and also stops a statement that would have matched no row. It binds
the application's own role and administrators alike; nothing in the product turns it off. Used in migrations:

    operations = [append_only("sales_event")]
"""

from django.db import migrations


def append_only(table: str) -> migrations.RunSQL:
    """Refuses UPDATE, DELETE and TRUNCATE on `table`."""
    return migrations.RunSQL(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        f"DROP TRIGGER append_only ON {table}",
    )


def fixed_once(table: str, condition: str) -> migrations.RunSQL:
    """Refuses UPDATE and DELETE of rows of `table` for which `condition` on OLD holds; TRUNCATE always."""
    return migrations.RunSQL(
        f"CREATE TRIGGER fixed_once BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refuse_change(); "
        f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        f"DROP TRIGGER fixed_once ON {table}; DROP TRIGGER never_emptied ON {table}",
    )
