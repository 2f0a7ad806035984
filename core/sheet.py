"""A list as a workbook of one sheet, written while it is read: amounts are numbers, days are days, text is never a formula.

    response = StreamingHttpResponse(sheet(["Order", "Amount"], [["O-1", Decimal("45.00")]]))

Office Open XML needs no more than these five parts. Rows go out in pieces, so that memory stays flat; inline text
spares the table of shared strings, for which every row would have to be read before the first is sent.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape

from django.utils import timezone, translation
from django.utils.translation import gettext as _

MOST_ROWS = 1_048_576  # of a sheet, its head included; what lies beyond would make a file that Excel calls broken
PIECE = 500
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - days of a sheet count from here and know no zone
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PLAIN, HEAD, AMOUNT, DAY, MOMENT = range(5)  # places in cellXfs below
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.'
    f'openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/><Override PartName="/xl/sheet.xml" '
    f'ContentType="{TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{OFFICE}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{OFFICE}'
    f'/worksheet" Target="sheet.xml"/><Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="1" sheetId="1" r:id="r1"/></sheets>'
    "</workbook>",
    # Numbers 14 and 22 are the day and the moment as the reader's own Excel writes them.
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="#,##0.00##"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font>'
    '</fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5">'
    + "".join(
        f'<xf numFmtId="{number}" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
        for number, font in ((0, 0), (0, 1), (164, 0), (14, 0), (22, 0))
    )
    + "</cellXfs></styleSheet>",
}


class _Pipe:
    """A file that cannot be rewound, whose content is taken away as it comes."""

    def __init__(self) -> None:
        self.taken = bytearray()

    def write(self, data: bytes) -> int:
        self.taken += data
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def take(self) -> bytes:
        data = bytes(self.taken)
        self.taken.clear()
        return data


def sheet(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """The file, piece by piece. More rows than a sheet holds end it with a row that says so; the CSV has all of them."""
    language = translation.get_language() or "en"
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in PARTS.items():
            book.writestr(name, XML + text)
        with book.open("xl/sheet.xml", "w") as out:
            out.write(_top([str(each) for each in header]))
            source = iter(rows)
            fitting = islice(source, MOST_ROWS - 2)
            while True:
                with translation.override(language):  # the stream outlives the request
                    piece = "".join(row(values) for values in islice(fitting, PIECE))
                if not piece:
                    break
                out.write(piece.encode())
                yield pipe.take()
            if next(source, None) is not None:
                with translation.override(language):
                    out.write(row([_("A sheet holds no more rows; the CSV has all of them.")]).encode())
            out.write(b"</sheetData></worksheet>")
    yield pipe.take()


def _top(header: list[str]) -> bytes:
    """The head stays in sight while the rows move."""
    frozen = '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView></sheetViews>'
    widths = f'<cols><col min="1" max="{max(len(header), 1)}" width="18" customWidth="1"/></cols>'
    head = "".join(cell(each, HEAD) for each in header)
    return f'{XML}<worksheet xmlns="{MAIN}">{frozen}{widths}<sheetData><row>{head}</row>'.encode()


def row(values: Iterable[Any]) -> str:
    return f"<row>{''.join(map(cell, values))}</row>"


def cell(value: Any, style: int = PLAIN) -> str:
    """A cell by the type of its value; nothing is an empty cell. Moments are Berlin's, without their zone."""
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, (bool, int)):
        return f"<c><v>{int(value)}</v></c>"
    if isinstance(value, Decimal):
        return f'<c s="{AMOUNT}"><v>{value}</v></c>'
    if isinstance(value, datetime):
        local = timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
        return f'<c s="{MOMENT}"><v>{(local - EPOCH) / timedelta(days=1):.9f}</v></c>'
    if isinstance(value, date):
        return f'<c s="{DAY}"><v>{(value - EPOCH.date()).days}</v></c>'
    text = escape(NOT_IN_XML.sub("", str(value))[:32_767])  # longer ones break the file
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
