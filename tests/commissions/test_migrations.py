"""Migrations that change what is posted already: made by hand as it was, migrated, looked at."""

from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import connection

from commissions.management.commands.check_examples import SHIPPED
from commissions.models import Line
from commissions.recheck import recheck
from commissions.worked_example import parse_example
from commissions.worked_example.play import play

pytestmark = pytest.mark.django_db(transaction=True)
IDENTITY = "'closing', '2026-01-01', 7"  # component, month, partner


def put(table: str, run: int, order: int, units: int, turnover: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (component_code, month, partner_id, run_id, order_id, units, turnover) "
            f"VALUES ({IDENTITY}, %s, %s, %s, %s)",
            [run, order, units, turnover],
        )


def clawed(table: str) -> list[tuple[int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT order_id, run_id, clawed FROM {table} ORDER BY 1, 2, 3")
        return cursor.fetchall()


def test_rows_of_nothing_become_what_they_change_about_a_place():
    call_command("migrate", "commissions", "0026_cap_use", verbosity=0)
    try:
        with connection.cursor() as cursor:
            for run in (1, 2, 3, 4):
                cursor.execute(
                    f"CREATE TABLE contribution_{run} PARTITION OF commissions_contribution FOR VALUES IN ({run})"
                )
            cursor.execute("CREATE TABLE commissions_contribution_9 (LIKE commissions_contribution)")
        # Counted; clawed back, hence out and marked; looked at again and marked again; reinstated.
        put("commissions_contribution", 1, 1, 1, 45)
        put("commissions_contribution", 2, 1, -1, -45)
        put("commissions_contribution", 2, 1, 0, 0)
        put("commissions_contribution", 3, 1, 0, 0)
        put("commissions_contribution", 4, 1, 1, 45)
        # Clawed back, and reinstated by a proposal that nobody has posted yet; another is clawed back by it.
        put("commissions_contribution", 2, 2, 0, 0)
        put("commissions_contribution_9", 9, 2, 1, 45)
        put("commissions_contribution_9", 9, 3, 0, 0)

        call_command("migrate", "commissions", "0027_clawed_places", verbosity=0)

        posted = [(1, 1, 0), (1, 2, 0), (1, 2, 1), (1, 3, 0), (1, 4, -1), (2, 2, 1)]
        assert clawed("commissions_contribution") == posted
        assert clawed("commissions_contribution_9") == [(2, 9, -1), (3, 9, 1)]
    finally:
        with connection.cursor() as cursor:
            for run in (1, 2, 3, 4):
                cursor.execute(f"DROP TABLE IF EXISTS contribution_{run}")
            cursor.execute("DROP TABLE IF EXISTS commissions_contribution_9")
        call_command("migrate", verbosity=0)


def test_more_places_leave_what_is_posted_and_sealed_as_it_is():
    play(parse_example((SHIPPED / "every_kind.yaml").read_text(encoding="utf-8")))
    kept = list(Line.objects.order_by("pk").values_list())
    columns = import_module("commissions.migrations.0029_whole_base").COLUMNS
    with connection.cursor() as cursor:
        cursor.execute(columns.replace("(21, 7)", "(18, 4)"))  # as it was

        cursor.execute(columns)

    assert kept
    assert list(Line.objects.order_by("pk").values_list()) == kept
    assert list(recheck()) == []
