"""A feed file as a stream that PostgreSQL's COPY can swallow: bounded memory, whatever the size of the file.

    with path.open("rb") as file:
        feed = Feed(file)
        feed.columns           # ["event_id", "event_type", …] in the file's own sequence
        copy(feed)             # feed.read() gives CSV: line, problem, raw, then the columns
        feed.rows              # rows met, blank lines not counted

Understood are CSV with `,` or `;` (UTF-8, also with the mark Excel writes) and newline-delimited JSON. A line that
cannot be taken apart becomes a row with a `problem` and never stops the others. A file that is no feed at all raises
Unreadable with a sentence for people. One line is one row: a value cannot hold a line break, so a quote that is never
closed costs one row and not the rest of the file.
"""

import codecs
import csv
import json
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy as _

from core.errors import Refused

COLUMNS = (
    "event_id", "event_type", "occurred_on", "order_id", "dealer_code", "product", "transaction", "customer_no",
    "customer_name", "customer_class", "annual_spend", "quantity", "order_value", "monthly_price", "term_months",
    "campaign", "revenue_month", "revenue", "signed_on", "activated_on", "reason", "evidence",
)  # fmt: skip
REQUIRED = COLUMNS[:4]
BLOCK = 1024 * 1024
# Longer than any honest row; a file of one endless line is refused after one block, not after a gigabyte.
LONGEST_LINE = 64 * 1024
MOST_COLUMNS = 100
LONGEST_SHOWN = 80  # characters of a first line that is not understood
# Beside these a line of plain values needs no parser: it goes to COPY as it is.
UNUSUAL = ('"', "\r", " ,", ", ", " ;", "; ", "\n ", " \n", "\t")
SIGNATURES = {
    b"PK\x03\x04": "ZIP/XLSX",
    b"PK\x05\x06": "ZIP",
    b"\xd0\xcf\x11\xe0": "XLS",
    b"\x1f\x8b": "gzip",
    b"%PDF": "PDF",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf": "7z",
    b"PAR1": "Parquet",
}
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\0", b"MM\0*")
# Bytes no text holds; NUL has a message of its own where all else is text.
CONTROLS = bytes(set(range(1, 32)) - set(b"\t\n\x0b\f\r\x1a\x1b"))

# Why a whole file is refused. Only code and values are stored: everybody reads it in the own language.
REFUSALS = {
    "empty": _("The file is empty. It needs a header row and at least one event."),
    "no_events": _("The file has a header row and no events."),
    "format": _("This is a %(format)s file. Save it as CSV (UTF-8) or newline-delimited JSON."),
    "no_text": _("This is no text file. A feed is CSV (UTF-8) or newline-delimited JSON."),
    "utf16": _("The file is written in UTF-16. Save it as UTF-8; Excel calls it “CSV UTF-8”."),
    "not_utf8": _(
        "Line %(line)d is not valid UTF-8 (it looks like Latin-1 or Windows-1252). "
        "Save the file as UTF-8; Excel calls it “CSV UTF-8”."
    ),
    "nul": _("Line %(line)d holds a NUL byte: this is no text file."),
    "long_line": _("Line %(line)d is longer than %(most)d characters: this is no feed."),
    "json_array": _("This is a JSON array. Write one JSON object per line, without brackets around them."),
    "json_lines": _("This looks like JSON, but a line must hold one whole object: newline-delimited JSON."),
    "line_ends": _("The lines end with a lone carriage return. Save the file with ordinary line ends."),
    "many_columns": _("The file has %(count)d columns; a feed has at most %(most)d."),
    "unknown_head": _(
        "The first line names no column of a feed. It reads: “%(read)s”. "
        "Expected is a header row with at least %(needed)s."
    ),
    # Of files refused before what was read was kept.
    "no_header": _("The header row is missing: the first line must name the columns, for example %(example)s."),
    "unknown_columns": _("Unknown columns: %(names)s. Known are: %(known)s."),
    "twice": _("Columns named twice: %(names)s."),
    "missing_columns": _("Missing columns: %(names)s."),
    "interrupted": _("The import was interrupted. Please deliver the file again."),
    "failed": _("The import failed and nothing was changed: %(error)s"),
}


def refusal_text(code: str, values: dict[str, Any]) -> str:
    """The sentence for a refused file in the language of whoever reads it; an unknown code reads as itself."""
    return str(REFUSALS[code]) % values if code in REFUSALS else code


class Unreadable(Refused):
    """The file is no feed: why (a key of REFUSALS, or a sentence) and the values of that sentence."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.values = code, values
        super().__init__(refusal_text(code, values))


class Feed:
    """Reads one file once, front to back. `bytes_read` grows while COPY pulls; `on_block` is called with every block."""

    def __init__(self, file: BinaryIO, on_block: Callable[[int], None] = lambda _read: None) -> None:
        self._file = file
        self._on_block = on_block
        self.bytes_read = self.rows = self._line = 0
        self._blocks = self._read_blocks()
        first = next(self._blocks, "")
        self.is_json = first.lstrip().startswith("{")
        if first.lstrip().startswith("["):
            raise Unreadable("json_array")
        self.delimiter = ","
        self.columns = list(COLUMNS)
        if self.is_json:
            _json_object(first.lstrip().partition("\n")[0], whole_file=True)
        else:
            header, _newline, first = first.partition("\n")
            self._line = 1
            self.columns = self._read_header(header)
        self._output = self._convert(first)
        self.refusal: Unreadable | None = None

    def read(self, size: int = -1) -> str:
        """The next piece for COPY, empty at the end; a block at a time, COPY takes what it gets.

        The driver turns what is raised here into an error of its own, so the refusal is also kept in `refusal`.
        """
        try:
            return next(self._output, "")
        except Unreadable as refusal:
            self.refusal = refusal
            raise

    # ---- bytes to blocks of whole lines ------------------------------------------------------------------------
    def _read_blocks(self) -> Iterator[str]:
        start = self._file.read(BLOCK)
        self.bytes_read = len(start)
        _refuse_strangers(start)
        decoder = codecs.getincrementaldecoder("utf-8-sig")("strict")
        block, rest, lines = start, "", 0
        while True:
            try:
                text = rest + decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                head = start.partition(b"\n")[0].decode("cp1252", "replace")
                if block is start and not any(name in head for name in REQUIRED):
                    raise _unknown_head(head) from None  # saved as UTF-8 it would still be another file
                lines += rest.count("\n") + block[: max(error.start, 0)].count(b"\n")
                raise Unreadable("not_utf8", line=lines + 1) from None
            if "\0" in text:
                line = lines + text[: text.index("\0")].count("\n") + 1
                raise Unreadable("nul", line=line)
            if not block:
                if rest:
                    yield rest.replace("\r\n", "\n").removesuffix("\r") + "\n"
                return
            whole, newline, rest = text.rpartition("\n")
            if len(rest) > LONGEST_LINE:
                raise self._too_long(lines + whole.count("\n") + bool(newline) + 1)
            if newline:
                lines += whole.count("\n") + 1
                yield (whole + "\n").replace("\r\n", "\n")
            block = self._file.read(BLOCK)
            self.bytes_read += len(block)
            self._on_block(self.bytes_read)

    @staticmethod
    def _too_long(line: int) -> Unreadable:
        return Unreadable("long_line", line=line, most=LONGEST_LINE)

    # ---- the first line ----------------------------------------------------------------------------------------
    def _read_header(self, header: str) -> list[str]:
        if not header.strip():
            raise Unreadable("empty")
        if "\r" in header:
            raise Unreadable("line_ends")
        if len(header) > LONGEST_LINE:
            raise self._too_long(1)
        self.delimiter = ";" if header.count(";") > header.count(",") else ","
        names = [name.strip() for name in _fields(header, self.delimiter) or [header]]
        if len(names) > MOST_COLUMNS:
            raise Unreadable("many_columns", count=len(names), most=len(COLUMNS))
        if not set(names) & set(COLUMNS):
            raise _unknown_head(header)
        if unknown := [name or "“”" for name in names if name not in COLUMNS]:
            shown = ", ".join(name[:60] for name in unknown)
            raise Unreadable("unknown_columns", names=shown, known=", ".join(COLUMNS))
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise Unreadable("twice", names=", ".join(twice))
        if missing := [name for name in REQUIRED if name not in names]:
            raise Unreadable("missing_columns", names=", ".join(missing))
        return names

    # ---- lines to rows -----------------------------------------------------------------------------------------
    def _convert(self, block: str | None) -> Iterator[str]:
        plain = f"{self.delimiter}{self.delimiter}{self.delimiter}"
        commas = len(self.columns) - 1
        while block is not None:
            lines = block.split("\n")
            lines.pop()  # what follows the last newline: nothing, blocks end with one
            simple = not self.is_json and not any(mark in block for mark in UNUSUAL) and block[:1] != " "
            rows = []
            for line in lines:
                self._line += 1
                if len(line) > LONGEST_LINE:
                    raise self._too_long(self._line)
                if simple and line.count(self.delimiter) == commas and line[0] != self.delimiter:
                    rows.append(f"{self._line}{plain}{line}")
                elif row := self._take_apart(line):
                    rows.append(row)
            self.rows += len(rows)
            if rows:
                rows.append("")
                yield "\n".join(rows)
            block = next(self._blocks, None)

    def _take_apart(self, line: str) -> str:
        """The row for COPY of a line that needs a closer look; empty for a blank one."""
        if not line.strip(self.delimiter + ' "\t\r'):
            return ""
        if self.is_json:
            found = _json_object(line)
            if isinstance(found, str):
                return self._problem("json", line if found == "json" else found)
            if unknown := [key for key in found if key not in COLUMNS]:
                return self._problem("unknown_column", ", ".join(unknown))
            values = [_json_text(found.get(name)) for name in COLUMNS]
            if None in values:
                return self._problem("json", line)
        else:
            fields = _fields(line, self.delimiter)
            if fields is None:
                return self._problem("quote", line)
            if len(fields) != len(self.columns):
                return self._problem("columns", f"{len(fields)} ≠ {len(self.columns)}: {line}")
            values = [value.strip() for value in fields]
        if any("\0" in value or "\n" in value or "\r" in value for value in values if value):
            return self._problem("line_break", line)
        return self._row("", "", values)

    def _problem(self, code: str, raw: str) -> str:
        clean = raw.replace("\0", "").replace("\r", " ").replace("\n", " ")[:200]
        return self._row(code, clean, [""] * len(self.columns))

    def _row(self, problem: str, raw: str, values: list[str | None]) -> str:
        quoted = ('"' + value.replace('"', '""') + '"' if value else "" for value in (problem, raw, *values))
        return self.delimiter.join((str(self._line), *quoted))


def _unknown_head(line: str) -> Unreadable:
    return Unreadable("unknown_head", read=shown(line), needed=", ".join(REQUIRED))


def shown(line: str) -> str:
    """The beginning of a first line that is not understood: whoever sent the wrong file recognises it."""
    text = line.strip()
    start = "".join(each if each.isprintable() else "·" for each in text[:LONGEST_SHOWN])
    return f"{start}…" if len(text) > LONGEST_SHOWN else start


def _refuse_strangers(start: bytes) -> None:
    """Files whose first bytes tell that they are something else."""
    if not start.strip():
        raise Unreadable("empty")
    if start.startswith(PICTURES):
        raise Unreadable("no_text")
    for signature, name in SIGNATURES.items():
        if start.startswith(signature):
            raise Unreadable("format", format=name)
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or start[1:2] == b"\0" or start[:1] == b"\0":
        raise Unreadable("utf16")
    if (b"\0" in start or start.translate(None, CONTROLS) != start) and not _utf8(start):
        raise Unreadable("no_text")


def _utf8(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8-sig")("strict").decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _fields(line: str, delimiter: str) -> list[str] | None:
    """The values of one CSV line; None if a quote is not closed on it or something follows a closed one."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _json_object(line: str, *, whole_file: bool = False) -> dict[str, object] | str:
    """The object on a line with its numbers as text, or the word `json` if it is none."""
    try:
        found = json.loads(line, parse_float=_plain_number, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    if whole_file:
        raise Unreadable("json_lines")
    return "json"


def _plain_number(text: str) -> str:
    """`1.5e2` as `150`; what would become an absurdly long number stays as it is and is refused as a number."""
    try:
        number = Decimal(text)
        return f"{number:f}" if abs(number.adjusted()) < 40 else text
    except InvalidOperation:
        return text


def _json_text(value: object) -> str | None:
    """A JSON value as the CSV would have it; None for what a cell cannot hold (lists, objects, true and false)."""
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else None
