"""Small files of rows as people and survey tools send them: CSV or JSON, each line judged for itself.

    for row in read(data, columns=COLUMNS, required=REQUIRED):
        row.line, row.values, row.problem     # 2, {"response_id": "R-1", …}, "" or why it could not be taken apart

Understood are CSV with `,` or `;` (UTF-8, also with the mark Excel writes), newline-delimited JSON, one JSON object and
a JSON list of objects. A comment may hold line breaks inside quotation marks; a mark that is never closed costs its own
line and not the rest of the file. A file that is none of this raises Unreadable with a sentence for people.
"""

import csv
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from sales.reading import SIGNATURES, Unreadable, shown

# Lines a quoted value may go over; beyond, the quotation mark was a mistake.
LONGEST_VALUE = 30


@dataclass(frozen=True)
class Row:
    """Values as text, empty where nothing was said. With a `problem` there are no values, but what stood there."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    raw: str = ""


def read(data: bytes, *, columns: Collection[str], required: Collection[str]) -> Iterator[Row]:
    """Every row of the file that is not blank. Raises Unreadable before the first one."""
    text = _text(data)
    if text.lstrip()[:1] in ("{", "["):
        return _json_rows(text, columns)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    delimiter = ";" if lines[0].count(";") > lines[0].count(",") else ","
    names = [name.strip() for name in _fields([lines[0]], delimiter) or []]
    _check(names, columns, required, read=lines[0])
    return _csv_rows(lines, delimiter, names)


def _text(data: bytes) -> str:
    if not data.strip():
        raise Unreadable(_("The file is empty."))
    for signature, name in SIGNATURES.items():
        if data.startswith(signature):
            raise Unreadable(_("This is a %(format)s file. Save it as CSV (UTF-8) or JSON.") % {"format": name})
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Unreadable(_("The file is not UTF-8 (line %(line)d). Save it as CSV UTF-8.") % {"line": line}) from error
    if "\0" in text:
        raise Unreadable(_("The file holds zero bytes: it is no text."))
    return text


def _check(names: list[str], columns: Collection[str], required: Collection[str], *, read: str) -> None:
    known = ", ".join(columns)
    if not set(names) & set(columns):
        text = _("The first line names no known column. It reads: “%(read)s”. Known are: %(known)s.")
        raise Unreadable(text % {"read": shown(read), "known": known})
    if unknown := [name[:60] or "“”" for name in names if name not in columns]:
        text = _("Unknown columns: %(names)s. Known are: %(known)s.")
        raise Unreadable(text % {"names": ", ".join(unknown), "known": known})
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Unreadable(_("Columns named twice: %(names)s.") % {"names": ", ".join(twice)})
    if missing := [name for name in required if name not in names]:
        raise Unreadable(_("Missing columns: %(names)s.") % {"names": ", ".join(missing)})


def _csv_rows(lines: list[str], delimiter: str, names: list[str]) -> Iterator[Row]:
    at = 1
    while at < len(lines):
        start, text = at, lines[at]
        at += 1
        if not text.strip(delimiter + ' "\t'):
            continue
        end, fields = start, _fields([text], delimiter)
        if fields is None and (closed := _closing(lines, start)):
            end, fields = closed, _fields(lines[start : closed + 1], delimiter)
        if fields is not None and len(fields) == len(names):
            at = end + 1
            yield Row(start + 1, dict(zip(names, (value.strip() for value in fields), strict=True)))
        else:
            # Only this line is given up: the mark that seemed to close its value may belong to another row.
            yield Row(start + 1, problem="columns" if fields and end == start else "quote", raw=text)


def _closing(lines: list[str], start: int) -> int | None:
    """The line on which the row of `start` ends: where its quotation marks are even; None if they never are."""
    marks = 0
    for at in range(start, min(start + LONGEST_VALUE, len(lines))):
        marks += lines[at].count('"')
        if marks % 2 == 0:
            return at
    return None


def _fields(lines: list[str], delimiter: str) -> list[str] | None:
    """The values of the one row these lines hold; None if they hold none or several."""
    try:
        rows = list(csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _json_rows(text: str, columns: Collection[str]) -> Iterator[Row]:
    """From a list each object counts as a line; from newline-delimited JSON each line."""
    try:
        whole = _loads(text)
    except (ValueError, RecursionError):
        for line, part in enumerate(text.splitlines(), 1):
            if part.strip():
                try:
                    yield _json_row(line, _loads(part), columns)
                except (ValueError, RecursionError):
                    yield Row(line, problem="json", raw=part)
        return
    for line, found in enumerate(whole if isinstance(whole, list) else [whole], 1):
        yield _json_row(line, found, columns)


def _loads(text: str) -> object:
    """Numbers stay as they were written: 8.5 must not become 8."""
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)


def _json_row(line: int, found: object, columns: Collection[str]) -> Row:
    if not isinstance(found, dict):
        return Row(line, problem="json", raw=str(found))
    if unknown := [str(key) for key in found if key not in columns]:
        return Row(line, problem="unknown_column", raw=", ".join(unknown))
    if any(not isinstance(value, str) and value is not None for value in found.values()):
        return Row(line, problem="json", raw=str(found))
    return Row(line, {key: (value or "").strip() for key, value in found.items()})
