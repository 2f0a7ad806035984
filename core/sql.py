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


@cache
def sections(name: str) -> list[tuple[str, str]]:
    """The parts of `room/name` as (mark, text): a line `-- @mark` begins one, what stands before the first has none."""
    found = [("", f"-- {name}\n")]
    for line in statement(name).splitlines(keepends=True):
        if line.startswith("-- @"):
            found.append((line[4:].strip(), f"-- {name}\n"))
        else:
            mark, text = found[-1]
            found[-1] = (mark, text + line)
    return [(mark, text) for mark, text in found if any(not line.startswith("--") for line in text.split("\n") if line)]


def execute(name: str, **params: Any) -> int:
    """Runs a statement (or several, separated by semicolons) and returns the last one's row count."""
    return run(statement(name), **params)


def run(text: str, **params: Any) -> int:
    """The same for the text of a statement, or of one of its sections."""
    with connection.cursor() as cursor:
        cursor.execute(text, params)
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
