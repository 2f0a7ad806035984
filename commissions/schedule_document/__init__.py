"""The schedule document: YAML or JSON in, a checked value out, and back again without loss.

>>> document = parse('''
... schedule: systempartner
... valid_from: 2026-01-01
... components:
...   - {code: isdn-closing, kind: closing, match: {families: [isdn]}, rate: {amount: 45.00}}
... ''')
>>> document.components[0].rate.amount
Decimal('45.00')
>>> parse(export(document)) == document
True

Pure Python: no database, no clock. `parse` finds all problems of a text at once and names line, place, value and what would be
right. The modules in reading order: `problems`, `tree` (text to nodes), `fields` (typed readers), `document` (the value),
`rates` and `following` (parts of its shape), `reading` (the shape), `catalogue` (families, products), `decrease`, `export`.
"""

from __future__ import annotations

from .catalogue import Catalogue, check_catalogue, warnings
from .decrease import decreases
from .document import (
    Base,
    Clawback,
    ClawbackMode,
    ClawbackStep,
    Component,
    Document,
    Kind,
    Match,
    Measure,
    Mode,
    Rate,
    Step,
    Tiers,
    Title,
    Window,
    component_digest,
)
from .export import export
from .fields import Reading
from .problems import DocumentError, Problem
from .reading import read_document
from .tree import read_tree

__all__ = [
    "Base",
    "Catalogue",
    "Clawback",
    "ClawbackMode",
    "ClawbackStep",
    "Component",
    "Document",
    "DocumentError",
    "Kind",
    "Match",
    "Measure",
    "Mode",
    "Problem",
    "Rate",
    "Step",
    "Tiers",
    "Title",
    "Window",
    "component_digest",
    "decreases",
    "export",
    "parse",
    "warnings",
]


def parse(text: str | bytes, catalogue: Catalogue | None = None) -> Document:
    """The schedule that `text` says. Raises `DocumentError` with every problem; with a catalogue its problems are among them."""
    reading = Reading()
    document = read_document(reading, "", read_tree(text))
    if catalogue is not None:
        reading.problems += check_catalogue(reading.sound, catalogue, reading.lines)
    if document is None or reading.problems:
        raise DocumentError(reading.problems)
    return document
