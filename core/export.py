"""CSV, or a sheet for Excel, of exactly what a list shows: same filter, same order, all pages, streamed.

German readers get what their Excel opens by double click: UTF-8 with BOM, `;`, decimal comma, 22.11.2026. English readers
get `,`, decimal point and ISO dates. Text that a spreadsheet would run as a formula is defused (OWASP, "CSV injection").
"""

from __future__ import annotations

import csv
import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.html import strip_tags
from django_tables2.columns import Column
from django_tables2.rows import BoundRow
from django_tables2.utils import A as Accessor

from core import formats
from core.sheet import sheet

CHUNK = 2000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DANGEROUS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)  # last four: full-width forms


class _Echo:
    """A file whose write hands the line back, so that csv.writer can feed a generator."""

    def write(self, line: str) -> str:
        return line


def cell(value: Any, *, german: bool | None = None) -> str:
    """One CSV cell. Numbers and dates keep their type's form; only text can carry a formula and is defused.

    `german`: as the reader's language asks, where it was not found out for the whole file.
    """
    german = formats.german() if german is None else german
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (int, Decimal)):
        return str(value).replace(".", ",") if german else str(value)
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return local.strftime("%d.%m.%Y %H:%M" if german else "%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y") if german else value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(DANGEROUS) else text


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The file, line by line, BOM first; the reader's language is fixed now because the stream outlives the request."""
    language, german = translation.get_language() or "en", formats.german()
    writer = csv.writer(_Echo(), delimiter=";" if german else ",", lineterminator="\r\n")
    yield "\ufeff" + writer.writerow([cell(h) for h in header])
    source = iter(rows)
    while True:
        with translation.override(language):
            values = next(source, None)
            if values is None:
                return
            line = writer.writerow([cell(v, german=german) for v in values])
        yield line


def csv_response(header: Iterable[str], rows: Iterable[Iterable[Any]], *, name: str) -> StreamingHttpResponse:
    """A download called `name-2026-11-22.csv`; memory stays flat whatever the number of rows."""
    return _download(csv_lines(header, rows), "text/csv; charset=utf-8", f"{name}-{timezone.localdate():%Y-%m-%d}.csv")


def file_response(
    kind: str, header: Iterable[str], rows: Iterable[Iterable[Any]], *, name: str, title: Any = ""
) -> StreamingHttpResponse:
    """As `kind` asks: the CSV, or the same as a workbook, `name-2026-11-22.xlsx`, whose sheet bears the list's title."""
    if kind != "xlsx":
        return csv_response(header, rows, name=name)
    content = sheet(header, rows, title=str(title or name))
    return _download(content, XLSX, f"{name}-{timezone.localdate():%Y-%m-%d}.xlsx")


def _download(content: Iterable[str | bytes], content_type: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def file_asked_for(request: HttpRequest) -> str:
    """`?export=csv` or `?export=xlsx`; empty for the page itself."""
    kind = request.GET.get("export", "")
    return kind if kind in ("csv", "xlsx") else ""


def table_response(table: Any, *, name: str, title: Any = "", kind: str = "csv") -> StreamingHttpResponse:
    """A django-tables2 table as a file: every column that is not `exclude_from_export`, invisible ones too."""
    columns = [c for c in table.columns.iterall() if not getattr(c.column, "exclude_from_export", False)]
    data = table.data.data
    records = data.iterator(chunk_size=CHUNK) if hasattr(data, "iterator") else data

    def values() -> Iterator[list[Any]]:
        readers: list[Callable[[Any], Any]] = []
        for record in records:
            readers = readers or [_reader(table, column, record) for column in columns]
            yield [_plain(read(record)) for read in readers]

    return file_response(kind, [str(c.header) for c in columns], values(), name=name, title=title)


def _reader(table: Any, column: Any, first: Any) -> Callable[[Any], Any]:
    """What the table's own row does for one cell (label of a choice, `value_<name>`, the column's value), decided once.

    The package decides it again for every cell, which made a file of a million lines take most of an hour.
    """
    accessor, method, empty = Accessor(column.accessor), column.value, column.column.empty_values
    if getattr(method, "__func__", None) is Column.value:  # of the package: looks at what `render` takes for every cell
        method = column.render
    # The package tries a row as a dictionary first, and an exception a cell is dear.
    get = attrgetter(column.accessor.replace("__", ".")) if isinstance(first, Model) else accessor.resolve
    labels: dict[Any, str] = {}
    with suppress(FieldDoesNotExist, AttributeError):
        labels = {key: str(label) for key, label in getattr(accessor.get_field(first), "flatchoices", None) or ()}
    wanted = inspect.signature(method).parameters
    takes_all = any(each.kind == each.VAR_KEYWORD for each in wanted.values())
    fixed = {"column": column.column, "bound_column": column, "table": table}
    if not takes_all:
        fixed = {name: value for name, value in fixed.items() if name in wanted}
    with_value, with_record = takes_all or "value" in wanted, takes_all or "record" in wanted

    def read(record: Any) -> Any:
        try:
            value = get(record)
        except (ValueError, AttributeError):  # a relation that is not there
            value = None
        if callable(value):
            value = value()
        if value in empty:
            return None
        arguments = dict(fixed)
        if with_value:
            arguments["value"] = labels.get(value, value) if labels else value
        if with_record:
            arguments["record"] = record
        if takes_all or "bound_row" in wanted:
            arguments["bound_row"] = BoundRow(record, table=table)
        return method(**arguments)

    return read


def _plain(value: Any) -> Any:
    return strip_tags(value) if hasattr(value, "__html__") else value
