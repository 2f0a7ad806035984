"""Typed readers over the tree: each takes a place and a node, gives the value, or notes a problem and gives None.

A mapping is described as data (`{"months": Key(whole_number(1, 600))}`), so a new key is one more entry, and a key that
belongs elsewhere is refused by its name instead of being read over.

>>> reading = Reading()
>>> reading.mapping("", read_tree("months: 24.5"), {"months": Key(whole_number(1, 600))})
>>> str(reading.problems[0])
'line 1, months: is not a whole number (24.5). Right would be: a number from 1 to 600'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from .problems import DocumentError, Problem
from .tree import Mapping, Node, Scalar, Sequence

NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?", re.ASCII)
WHOLE = re.compile(r"[-+]?[0-9]{1,9}", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*", re.ASCII)
MAX_PROBLEMS = 100  # nobody reads more, and each looks for the nearest word
CODE_LENGTH = 60  # characters; the columns that hold codes are this wide


@dataclass
class Reading:
    """One pass over one document: the problems found, and what checks that come later want (lines of places, sound values)."""

    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    sound: list[tuple[str, Any]] = field(default_factory=list)

    def refuse(self, place: str, node: Node | None, message: str, right: str = "", value: str | None = None) -> None:
        if len(self.problems) >= MAX_PROBLEMS:
            raise DocumentError([*self.problems, Problem("", _("there are more problems than these"))])
        shown = value if value is not None else node.text if isinstance(node, Scalar) else ""
        self.problems.append(Problem(place, message, node.line if node else self.lines.get(place), shown, right))

    def mapping(
        self, place: str, node: Node, keys: Dictionary[str, Key], refused: Dictionary[str, str] | None = None
    ) -> dict[str, Any] | None:
        """The values of a mapping by key; None if anything inside was refused (everything is looked at all the same).

        `refused` has keys that are known elsewhere, with the reason why not here.
        """
        if not isinstance(node, Mapping):
            self.refuse(place, node, _("should be keys with values"), right=", ".join(keys))
            return None
        before = len(self.problems)
        self.lines[place] = node.line
        values: dict[str, Any] = {}
        seen: dict[str, int] = {}
        for key, value in node.entries:
            inner = join(place, key.text)
            if key.text in seen:
                self.refuse(inner, key, _("is written twice, first in line %d") % seen[key.text], value="")
                continue
            seen[key.text] = self.lines[inner] = key.line
            if refused and key.text in refused:
                self.refuse(inner, key, refused[key.text], value="")
            elif (known := keys.get(key.text)) is None:
                self.refuse(inner, key, _("is not a known key"), right=nearest(key.text, keys), value="")
            elif isinstance(value, Scalar) and value.is_null:
                if not known.nullable:
                    self.refuse(inner, value, _("is empty"), right=_("a value, or leave the key out"), value="")
            else:
                values[key.text] = known.read(self, inner, value)
        for name, known in keys.items():
            if known.required and name not in seen:
                self.refuse(join(place, name), node, _("is missing"))
        return values if len(self.problems) == before else None


Reader = Callable[[Reading, str, Node], Any]


@dataclass(frozen=True)
class Key:
    """How a key is read. `nullable`: writing it empty is the same as leaving it out."""

    read: Reader
    required: bool = False
    nullable: bool = False


def peek(node: Node, name: str) -> Node | None:
    """The first value of `name` in a mapping, before the mapping is read: some keys decide how the others are read."""
    entries = node.entries if isinstance(node, Mapping) else []
    return next((value for key, value in entries if key.text == name), None)


def join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or all of them."""
    known = list(known)
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return close[0] if close else _("one of %s") % ", ".join(known)


def scalar(reading: Reading, place: str, node: Node) -> str | None:
    """The text exactly as written: a code `007`, `no` or `1e3` stays what it is."""
    if not isinstance(node, Scalar):
        reading.refuse(place, node, _("should be a single value"))
        return None
    if node.is_null:
        reading.refuse(
            place, node, _("is empty"), right=_('a value; the word null as a code needs quotes: "null"'), value=""
        )
        return None
    return node.text


def code(reading: Reading, place: str, node: Node) -> str | None:
    """A code that our own documents define or name: letters, digits, dot, hyphen, underscore."""
    text = scalar(reading, place, node)
    if text is not None and (not SLUG.fullmatch(text) or len(text) > CODE_LENGTH):
        reading.refuse(place, node, _("is not a code"), right=_("up to %d letters, digits, - _ or .") % CODE_LENGTH)
        return None
    return text


def words(limit: int) -> Reader:
    """One line of printable text."""

    def read(reading: Reading, place: str, node: Node) -> str | None:
        text = scalar(reading, place, node)
        if text is not None and (not text.isprintable() or text != text.strip() or not 0 < len(text) <= limit):
            reading.refuse(place, node, _("is not a line of text"), right=_("1 to %d printable characters") % limit)
            return None
        return text

    return read


def one_of(allowed: Collection[str]) -> Reader:
    def read(reading: Reading, place: str, node: Node) -> str | None:
        text = scalar(reading, place, node)
        if text is None or text in allowed:
            return text
        reading.refuse(place, node, _("is not known here"), right=nearest(text, allowed))
        return None

    return read


def decimal(low: str, high: str, places: int) -> Reader:
    """A number from its text, never through float. `low` and `high` are inclusive."""
    lowest, highest = Decimal(low), Decimal(high)

    def read(reading: Reading, place: str, node: Node) -> Decimal | None:
        text = scalar(reading, place, node)
        if text is None:
            return None
        if not NUMBER.fullmatch(text):
            right = text.replace(",", ".") if re.fullmatch(r"-?[0-9]+,[0-9]+", text) else _("a number like 45.00")
            reading.refuse(place, node, _("is not a number"), right=right)
            return None
        value = Decimal(text)
        if not lowest <= value <= highest:
            reading.refuse(
                place,
                node,
                _("is out of range"),
                right=_("a number from %(low)s to %(high)s") % {"low": low, "high": high},
            )
            return None
        if value and value != value.quantize(Decimal(1).scaleb(-places)):
            reading.refuse(place, node, _("has too many decimals"), right=_("at most %d decimals") % places)
            return None
        return value

    return read


def whole_number(low: int, high: int) -> Reader:
    def read(reading: Reading, place: str, node: Node) -> int | None:
        text = scalar(reading, place, node)
        if text is None:
            return None
        right = _("a number from %(low)s to %(high)s") % {"low": low, "high": high}
        if not WHOLE.fullmatch(text):
            reading.refuse(place, node, _("is not a whole number"), right=right)
            return None
        if not low <= int(text) <= high:
            reading.refuse(place, node, _("is out of range"), right=right)
            return None
        return int(text)

    return read


def truth(reading: Reading, place: str, node: Node) -> bool | None:
    """Only `true` and `false`: `no` and `on` are words in YAML 1.2."""
    text = scalar(reading, place, node)
    if text in ("true", "false"):
        return text == "true"
    if text is not None:
        reading.refuse(place, node, _("is neither true nor false"), right="true, false")
    return None


def day(reading: Reading, place: str, node: Node) -> date | None:
    text = scalar(reading, place, node)
    if text is None:
        return None
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    reading.refuse(place, node, _("is not a date"), right=_("year-month-day, like 2026-01-31"))
    return None


def month(reading: Reading, place: str, node: Node) -> date | None:
    """The first day of a month written as `2026-07`."""
    text = scalar(reading, place, node)
    if text is None:
        return None
    if MONTH.fullmatch(text) and text[:4] != "0000":
        return date.fromisoformat(f"{text}-01")
    reading.refuse(place, node, _("is not a month"), right=_("year-month, like 2026-01"))
    return None


def list_of(read: Reader, *, may_be_empty: bool = False) -> Reader:
    """A list; items that were refused are left out, the problems tell."""

    def read_list(reading: Reading, place: str, node: Node) -> list[tuple[str, Any]] | None:
        if not isinstance(node, Sequence):
            right = f"[{node.text}]" if isinstance(node, Scalar) else ""
            reading.refuse(place, node, _("should be a list"), right=right)
            return None
        reading.lines[place] = node.line
        if not node.items and not may_be_empty:
            reading.refuse(place, node, _("is an empty list"), right=_("at least one entry, or leave the key out"))
        found = [(f"{place}[{index}]", item) for index, item in enumerate(node.items)]
        for inner, item in found:
            reading.lines.setdefault(inner, item.line)
        values = [(inner, read(reading, inner, item)) for inner, item in found]
        return [(inner, value) for inner, value in values if value is not None]

    return read_list


def set_of(read: Reader) -> Reader:
    """A list whose order and repetition mean nothing: sorted, each value once."""

    def read_set(reading: Reading, place: str, node: Node) -> tuple[str, ...]:
        return tuple(sorted({value for _place, value in list_of(read)(reading, place, node) or ()}))

    return read_set
