"""YAML 1.2 (or JSON) text to a tree of plain text with line numbers. Nothing is converted here.

A YAML loader guesses types before anybody asked: a code `007` becomes 7, `1e3` becomes 1000.0, a price a float. So only the
events of the parser are used, and whoever reads a field says what it should be:

>>> tree = read_tree("rate: {amount: 45.00}\\n")
>>> tree.entries[0][0].text, tree.entries[0][1].entries[0][1].text
('rate', '45.00')

Anchors, aliases, tags and several documents in one text are refused: none of them is needed to write down what is paid, and
nine nested aliases are enough to fill the memory.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from .problems import DocumentError, Problem

MAX_BYTES = 200_000  # some texts cost the scanner quadratic time: these take two seconds at worst
MAX_NODES = 20_000
MAX_DEPTH = 20  # deep nesting costs the scanner quadratic time; our formats need seven levels
NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass
class Scalar:
    """A value as written. `plain` means without quotes: only then can it be null, a boolean or a number."""

    text: str
    plain: bool
    line: int

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in NULLS


@dataclass
class Sequence:
    line: int
    items: list[Node] = field(default_factory=list)


@dataclass
class Mapping:
    line: int
    entries: list[tuple[Scalar, Node]] = field(default_factory=list)


Node = Scalar | Sequence | Mapping


def read_tree(text: str | bytes, *, max_bytes: int = MAX_BYTES) -> Node:
    """The root node of the only document in `text`. Raises `DocumentError` for anything that is not plain YAML."""
    text = _decoded(text, max_bytes)
    try:
        return _build(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _refused(_("this is not valid YAML: %s") % error.problem, mark.line + 1 if mark else None) from error
    except (YAMLError, ValueError) as error:
        if isinstance(error, DocumentError):
            raise
        raise _refused(_("this is not valid YAML: %s") % str(error).splitlines()[0]) from error


def _decoded(text: str | bytes, max_bytes: int) -> str:
    if len(text) > max_bytes:
        raise _refused(_("the document is too long"), right=_("at most %d bytes") % max_bytes)
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise _refused(_("the document is not UTF-8"), line) from error
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("{") and "\t" in text and _is_json(text):
        text = text.replace(
            "\t", " "
        )  # JSON may be indented by tabs, YAML may not; inside JSON strings tabs are escaped
    return text


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return False
    return True


def _build(text: str) -> Node:
    """Put the parser's events together; a stack instead of recursion, so that depth cannot exhaust Python's own."""
    root: Node | None = None
    open_nodes: list[Sequence | Mapping] = []
    keys: list[Scalar | None] = []  # for each open mapping the key that waits for its value
    documents = nodes = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _refused(
                    _("a second document begins here"), event.start_mark.line + 1, right=_("one document a file")
                )
        elif isinstance(event, CollectionEndEvent):
            open_nodes.pop()
            keys.pop()
        elif isinstance(event, NodeEvent):
            node = _node(event)
            nodes += 1
            if nodes > MAX_NODES or len(open_nodes) >= MAX_DEPTH:
                raise _refused(_("the document is too long or nested too deeply"), node.line)
            if not open_nodes:
                root = node
            elif isinstance(parent := open_nodes[-1], Sequence):
                parent.items.append(node)
            elif (key := keys[-1]) is not None:
                parent.entries.append((key, node))
                keys[-1] = None
            elif isinstance(node, Scalar):
                keys[-1] = node
            else:
                raise _refused(_("a key must be a plain word"), node.line)
            if not isinstance(node, Scalar):
                open_nodes.append(node)
                keys.append(None)
    if root is None:
        raise _refused(_("the document is empty"))
    return root


def _node(event: Event) -> Node:
    line = event.start_mark.line + 1
    if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
        raise _refused(_("anchors (&) and aliases (*) are not allowed"), line, right=_("write the value out"))
    if getattr(event, "tag", None):
        raise _refused(_("tags (!) are not allowed"), line, right=_("the plain value"))
    if isinstance(event, SequenceStartEvent):
        return Sequence(line)
    if isinstance(event, MappingStartEvent):
        return Mapping(line)
    if not isinstance(event, ScalarEvent):
        raise TypeError(f"the parser of this version has another event: {event!r}")
    return Scalar(_joined_surrogates(event.value, line), event.style is None, line)


def _joined_surrogates(value: str, line: int) -> str:
    """JSON writes a character outside the base plane as two escapes; YAML reads them as two halves of nothing."""
    try:
        return value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        raise _refused(_("half a character is missing in this text"), line) from error


def _refused(message: str, line: int | None = None, right: str = "") -> DocumentError:
    return DocumentError([Problem("", message, line=line, right=right)])
