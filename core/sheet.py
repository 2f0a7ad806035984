"""A list as a workbook of one sheet: amounts are numbers, days are days, text is never a formula.

    response = StreamingHttpResponse(sheet(["Order", "Amount"], [["O-1", Decimal("45.00")]]))

Rows go into a temporary file as they are read, so that memory stays flat however long the list is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

MOST_ROWS = 1_048_576  # of a sheet, its head included; what lies beyond would make a file that Excel calls broken
PIECE = 64 * 1024
LONGEST_NAME = 31
OPTIONS = {"constant_memory": True, "remove_timezone": True}


def sheet(header: Iterable[str], rows: Iterable[Iterable[Any]], *, title: str = "") -> Iterator[bytes]:
    """The file, piece by piece. More rows than a sheet holds end it with a row that says so; the CSV has all of them."""
    with TemporaryFile() as file:
        _write(file, header, rows, sheet_name(title))
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def sheet_name(title: str) -> str | None:
    """What Excel takes as the name of a sheet: without the signs of references, not longer than 31; None for its own choice."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]+", " ", title)
    name = " ".join(plain.split())[:LONGEST_NAME].strip(" '")
    return None if name.lower() in ("", "history") else name  # Excel keeps that word for itself


def _write(file: IO[bytes], header: Iterable[str], rows: Iterable[Iterable[Any]], name: str | None) -> None:
    with Workbook(file, OPTIONS) as book:
        # Numbers 14 and 22 are the day and the moment as the reader's own Excel writes them.
        head, day, moment = (book.add_format(each) for each in ({"bold": True}, {"num_format": 14}, {"num_format": 22}))
        amount = book.add_format({"num_format": "#,##0.00##"})
        page = book.add_worksheet(name)
        page.freeze_panes(1, 0)
        titles = [str(each) for each in header]
        page.set_column(0, max(len(titles) - 1, 0), 18)
        for column, title in enumerate(titles):
            page.write_string(0, column, title, head)
        source = enumerate(rows, start=1)
        for number, values in islice(source, MOST_ROWS - 2):
            for column, value in enumerate(values):
                match value:
                    case None | "":
                        pass
                    case bool() | int():
                        page.write_number(number, column, int(value))
                    case Decimal():
                        page.write_number(number, column, value, amount)
                    case datetime():
                        local = timezone.localtime(value) if timezone.is_aware(value) else value
                        page.write_datetime(number, column, local, moment)
                    case date():
                        page.write_datetime(number, column, value, day)
                    case _:
                        page.write_string(number, column, str(value)[:32_767])  # longer ones break the file
        if next(source, None) is not None:
            page.write_string(MOST_ROWS - 1, 0, _("A sheet holds no more rows; the CSV has all of them."))
