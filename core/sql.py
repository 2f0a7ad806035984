"""The one door to raw SQL: statements live in `<room>/sql/<name>.sql`, parameters are named.

    execute("commissions/price", run=7)            # rows written
    rows("commissions/totals_by_cause", run=7)     # list of named tuples

No caller builds SQL from strings, so what the database is asked can be read, and explained, in one folder a room.
"""

from collections import namedtuple
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection


@cache
def statement(name: str) -> str:
    """Text of `room/name`; the header comment stays in, so that slow-query logs name the file."""
    room, _, file = name.partition("/")
    return (Path(settings.BASE_DIR) / room / "sql" / f"{file}.sql").read_text(encoding="utf-8")


def execute(name: str, **params: Any) -> int:
    """Runs a statement (or several, separated by semicolons) and returns the last one's row count."""
    with connection.cursor() as cursor:
        cursor.execute(statement(name), params)
        return int(cursor.rowcount)


def rows(name: str, **params: Any) -> list[Any]:
    """Runs a query and returns named tuples in the order of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(statement(name), params)
        row = namedtuple("Row", [column.name for column in cursor.description])  # type: ignore[misc]
        return [row(*values) for values in cursor.fetchall()]


def row(name: str, **params: Any) -> Any:
    """The only row of a query; ValueError if there is none or more than one."""
    (only,) = rows(name, **params)
    return only
