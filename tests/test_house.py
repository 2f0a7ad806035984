"""The shape of the house: what stands at the top, and which file names a room may use."""

import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

BASE = Path(settings.BASE_DIR)
TOP = {
    "benchmarks",
    "config",
    "core",
    "commissions",
    "docs",
    "partners",
    "portal",
    "sales",
    "targets",
    "templates",
    "tests",
    "training",
}
NEVER = {"utils", "helpers", "services", "common", "misc", "signals"}
# A file a newcomer cannot hold in the head; past this it becomes a package of the same name.
LONGEST = 400


def code() -> list[Path]:
    rooms = [BASE / room for room in (*settings.ROOMS, "config")]
    return [path for room in rooms for path in room.rglob("*.py") if "migrations" not in path.parts]


def test_nothing_new_stands_at_the_top_without_a_decision() -> None:
    found = {path.name for path in BASE.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))}
    assert found == TOP


def test_the_import_contract_names_every_room() -> None:
    contract = tomllib.loads((BASE / "pyproject.toml").read_text())["tool"]["importlinter"]
    rooms = [room for layer in contract["contracts"][0]["layers"] for room in layer.split(" | ")]
    assert rooms == ["config", *settings.ROOMS]
    assert contract["root_packages"] == ["config", *settings.ROOMS]


def test_no_file_is_a_drawer_for_everything() -> None:
    assert [path for path in code() if path.stem in NEVER or NEVER & set(path.parent.parts[len(BASE.parts) :])] == []


def test_a_file_fits_into_a_head() -> None:
    lengths = {str(path.relative_to(BASE)): len(path.read_text().splitlines()) for path in code()}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_the_readme_of_a_room_has_at_most_thirty_lines() -> None:
    lengths = {
        path.parent.name: len(path.read_text().splitlines())
        for path in (BASE / room / "README.md" for room in settings.ROOMS)
    }
    assert {room: length for room, length in lengths.items() if length > 30} == {}


@pytest.mark.django_db
def test_the_database_has_every_index_that_a_model_names() -> None:
    """Tables made by hand are made anew now and then, and an index that was forgotten then is missed by no other test."""
    named = {index.name for model in apps.get_models() for index in model._meta.indexes}
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname = ANY (%s)", [list(named)])
        found = {name for (name,) in cursor.fetchall()}
        cursor.execute(
            "SELECT tablename, replace(indexname, 'draft_', 'line_') FROM pg_indexes"
            " WHERE tablename IN ('commissions_line', 'commissions_draftline')"
        )
        indexes = cursor.fetchall()
    assert found == named
    of_lines, of_drafts = (
        {name for table, name in indexes if table == f"commissions_{which}"} for which in ("line", "draftline")
    )
    assert of_lines == of_drafts, "what a draft has no index for is indexed while it is posted"
