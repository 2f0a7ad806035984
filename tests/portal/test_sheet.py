"""The workbook of a list: what Excel must find in it, read with nothing but zip and XML."""

import io
import zipfile
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.utils.translation import override

from core import sheet as sheets
from core.sheet import MAIN, sheet
from tests.cast import make_run, make_statement

TEXT, NUMBER = f"{{{MAIN}}}t", f"{{{MAIN}}}v"


def opened(pieces: Iterable[bytes]) -> list[list[str]]:
    """Rows of a workbook; every part must be XML and whole."""
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as book:
        assert book.testzip() is None
        parts = {name: ET.fromstring(book.read(name)) for name in book.namelist()}
    assert set(parts) == {*sheets.PARTS, "xl/sheet.xml"}
    return [
        [next((part.text or "" for part in cell.iter() if part.tag in (TEXT, NUMBER)), "") for cell in row]
        for row in parts["xl/sheet.xml"].iter(f"{{{MAIN}}}row")
    ]


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
            # 30 Nov 2026 is day 46356 of Excel's calendar; half past eleven in London is half past midnight in Berlin
            assert opened(sheet(["a"] * 6, [values]))[1] == ["-1234.50", "3", "46356", "46357.020833333", "", "1"]


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1", "@SUM(A1)", "A & B <c>", " two  blanks "])
def test_text_is_text_and_never_a_formula(text):
    (piece,) = opened(sheet([], [[text]]))[1]
    assert piece == text
    assert "<f>" not in sheets.cell(text)


def test_what_xml_cannot_hold_is_left_out():
    assert opened(sheet(["x\x00y"], [["\x1b[1m\ud800ok"]])) == [["xy"], ["[1mok"]]


def test_a_long_list_comes_in_pieces_and_whole():
    pieces = list(sheet(["n"], ([number] for number in range(1700))))
    assert len(pieces) > 3
    assert [row[0] for row in opened(pieces)] == ["n", *map(str, range(1700))]


def test_a_list_longer_than_a_sheet_says_so_in_its_last_row(monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 5)
    with override("en"):
        rows = opened(sheet(["n"], ([number] for number in range(9))))
        assert rows == [["n"], ["0"], ["1"], ["2"], ["A sheet holds no more rows; the CSV has all of them."]]
        assert len(opened(sheet(["n"], ([number] for number in range(3))))) == 4


def test_a_partner_takes_the_lines_of_a_statement_along_as_they_are_filtered(cast, sign_in):
    statement = make_statement(make_run(date(2026, 7, 1)), cast.sued, "2026-000001")
    browser = sign_in(cast.sina)
    assert f"/statements/{statement.number}/lines/?export=xlsx" in browser.get(f"/statements/{statement.number}/").text
    answer = browser.get(f"/statements/{statement.number}/lines/?export=xlsx")
    assert answer["Content-Disposition"].endswith('.xlsx"')
    assert "Amount" in opened(answer.streaming_content)[0]
    assert sign_in(cast.nora).get(f"/statements/{statement.number}/lines/?export=xlsx").status_code == 404
