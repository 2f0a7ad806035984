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
from core.sheet import sheet
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


def test_a_partner_takes_the_lines_of_a_statement_along_as_they_are_filtered(cast, sign_in):
    statement = make_statement(make_run(date(2026, 7, 1)), cast.sued, "2026-000001")
    browser = sign_in(cast.sina)
    assert f"/statements/{statement.number}/lines/?export=xlsx" in browser.get(f"/statements/{statement.number}/").text
    answer = browser.get(f"/statements/{statement.number}/lines/?export=xlsx")
    assert answer["Content-Disposition"].endswith('.xlsx"')
    assert "Amount" in opened(answer.streaming_content)[0]
    assert sign_in(cast.nora).get(f"/statements/{statement.number}/lines/?export=xlsx").status_code == 404
