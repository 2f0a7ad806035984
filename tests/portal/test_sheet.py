"""The workbook of a list, opened as a spreadsheet would."""

import io
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from core import sheet as sheets
from core.sheet import sheet, sheet_name
from tests.cast import make_run, make_statement


def opened(pieces: Iterable[bytes]) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(b"".join(pieces))).get_sheet_by_index(0).to_python()


def test_numbers_and_days_stay_what_they_are_in_both_languages():
    values: list[Any] = [
        Decimal("-1234.50"),
        3,
        date(2026, 11, 30),
        datetime(2026, 11, 30, 23, 30, tzinfo=UTC),
        None,
        True,
    ]
    for language in ("de", "en"):
        with override(language):
            # half past eleven in London is half past midnight in Berlin
            read = [-1234.5, 3.0, date(2026, 11, 30), datetime(2026, 12, 1, 0, 30), "", 1.0]
            assert opened(sheet(["a"] * 6, [values]))[1] == read


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 30 1", "@SUM(A1)", "0123", "https://example.test", "A & B <c>", " two  blanks "]
)
def test_text_is_text_and_never_a_formula(text):
    assert opened(sheet(["title"], [[text]])) == [["title"], [text]]


def test_a_control_character_does_not_break_the_file():
    assert opened(sheet(["x"], [["\x1b[1mok"]]))[1][0].endswith("[1mok")


def test_a_long_list_comes_in_pieces_and_whole():
    pieces = list(sheet(["n", "text"], ([number, f"{number * 7919:x}"] for number in range(20_000))))
    assert len(pieces) > 3
    assert [row[0] for row in opened(pieces)] == ["n", *range(20_000)]


def test_a_list_longer_than_a_sheet_says_so_in_its_last_row(monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 5)
    with override("en"):
        rows = opened(sheet(["n"], ([number] for number in range(9))))
        assert rows == [["n"], [0], [1], [2], ["A sheet holds no more rows; the CSV has all of them."]]
        assert len(opened(sheet(["n"], ([number] for number in range(3))))) == 4


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Alle Positionen November 2026", "Alle Positionen November 2026"),
        ("'a/b'? [c]: *d\\\n", "a b' c d"),
        ("Provisionsabrechnung einer langen Liste", "Provisionsabrechnung einer lang"),
        ("Dreißig Zeichen und ein Strich 'x", "Dreißig Zeichen und ein Strich"),
        ("History", None),
        ("", None),
    ],
)
def test_a_sheet_bears_the_title_of_its_list_as_far_as_excel_takes_it(title, name):
    assert sheet_name(title) == name
    file = b"".join(sheet(["n"], [[1]], title=title))
    assert CalamineWorkbook.from_filelike(io.BytesIO(file)).sheet_names == [name or "Sheet1"]


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/office/runs/", "Runs"),
        ("/office/runs/holds/", "Holds"),
        ("/office/schedules/", "Schedules"),
        ("/office/catalogue/", "Catalogue"),
        ("/office/catalogue/?of=segments", "Segments"),
        ("/office/partners/load/", "Partner managers"),
        ("/office/targets/ambition/", "How ambitious targets are"),
        ("/office/partners/", "Partners"),
    ],
)
def test_whatever_comes_as_csv_comes_as_a_workbook_too(cast, sign_in, address, title):
    browser = sign_in(cast.hanna)
    page = browser.get(address).text
    if "of=segments" in address:
        assert "of=segments&amp;export=csv" in page
        assert "of=segments&amp;export=xlsx" in page
    assert page.count("export=csv") == page.count("export=xlsx") > 0
    joint = "&" if "?" in address else "?"
    csv, book = (browser.get(f"{address}{joint}export={kind}") for kind in ("csv", "xlsx"))
    head = b"".join(csv.streaming_content).decode("utf-8-sig").splitlines()[0].split(",")
    opened_book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(book.streaming_content)))
    assert opened_book.sheet_names == [title]
    assert opened_book.get_sheet_by_index(0).to_python()[0] == head


def test_a_partner_takes_the_lines_of_a_statement_along_as_they_are_filtered(cast, sign_in):
    statement = make_statement(make_run(date(2026, 7, 1)), cast.sued, "2026-000001")
    browser = sign_in(cast.sina)
    assert f"/statements/{statement.number}/lines/?export=xlsx" in browser.get(f"/statements/{statement.number}/").text
    answer = browser.get(f"/statements/{statement.number}/lines/?export=xlsx")
    assert answer["Content-Disposition"].endswith('.xlsx"')
    assert "Amount" in opened(answer.streaming_content)[0]
    assert sign_in(cast.nora).get(f"/statements/{statement.number}/lines/?export=xlsx").status_code == 404
