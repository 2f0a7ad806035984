"""Text to `Example`: its parts, what it expects, and that every name in it means something."""

from __future__ import annotations

from django.utils.translation import gettext as _

from commissions.models import Cause, HoldReason
from commissions.schedule_document.catalogue import check_catalogue
from commissions.schedule_document.document import Component
from commissions.schedule_document.fields import Key, Reading, day, decimal, list_of, month, one_of, peek, words
from commissions.schedule_document.problems import DocumentError
from commissions.schedule_document.reading import read_document
from commissions.schedule_document.tree import Node, read_tree

from . import parts
from .document import AttainmentExpectation, Example, Expectation, StatementSums
from .names import catalogue, check_names

MAX_BYTES = 2_000_000  # feeds make examples long, and they come from files of people who may run commands


def parse_example(text: str | bytes) -> Example:
    """The example that `text` says. Raises `DocumentError` with every problem found."""
    reading = Reading()
    values = reading.mapping("", read_tree(text, max_bytes=MAX_BYTES), EXAMPLE)
    if values is None:
        raise DocumentError(reading.problems)
    placed = {key: values.get(key, []) for key in EXAMPLE if key != "title"}
    example = Example(
        title=values.get("title", ""), **{key: tuple(item for _place, item in placed[key]) for key in placed}
    )
    check_names(reading, example, {key: [place for place, _item in placed[key]] for key in placed})
    reading.problems += check_catalogue(
        [(place, item) for place, item in reading.sound if isinstance(item, Component)],
        catalogue(example),
        reading.lines,
    )
    if reading.problems:
        raise DocumentError(reading.problems)
    return example


def _statement(reading: Reading, place: str, node: Node) -> StatementSums | None:
    values = reading.mapping(place, node, STATEMENT)
    if values == {}:
        reading.refuse(place, node, _("compares nothing"), right=_("one of %s") % ", ".join(STATEMENT))
        return None
    return None if values is None else StatementSums(**values)


def _expectation(reading: Reading, place: str, node: Node) -> Expectation | AttainmentExpectation | None:
    if peek(node, "attainment") is not None:
        return _attainment(reading, place, node)
    values = reading.mapping(place, node, EXPECTATION)
    if values is None:
        return None
    statement = values.pop("statement", None)
    if statement is not None and (values.keys() - {"run", "partner"} or "partner" not in values):
        reading.refuse(place, node, _("compares a statement"), right=_("only run, partner and statement beside it"))
    elif statement is None and not values.keys() & {"amount", "cause", "held"}:
        reading.refuse(place, node, _("expects nothing"), right=_("an amount or a statement"))
    else:
        return Expectation(line=node.line, statement=statement, **values)
    return None


def _attainment(reading: Reading, place: str, node: Node) -> AttainmentExpectation | None:
    values = reading.mapping(place, node, ATTAINMENT)
    if values is None:
        return None
    if not values.keys() & {"target", "actual", "percent"}:
        reading.refuse(place, node, _("expects nothing"), right=_("one of %s") % "target, actual, percent")
        return None
    return AttainmentExpectation(line=node.line, **values)


STATEMENT = {key: Key(parts.money) for key in StatementSums.__dataclass_fields__}
EXPECTATION = {
    "run": Key(month, required=True),
    "partner": Key(words(20)),
    "order": Key(words(80)),
    "component": Key(parts.name),
    "cause": Key(one_of(Cause.values)),
    "held": Key(one_of(HoldReason.values)),
    "amount": Key(parts.money),
    "statement": Key(_statement),
}
measured = decimal("-999999999999", "999999999999", 4)
ATTAINMENT = {
    "attainment": Key(parts.name, required=True),
    "partner": Key(words(20), required=True),
    "as_of": Key(day, required=True),
    "target": Key(measured),
    "actual": Key(measured),
    "percent": Key(measured),
}
EXAMPLE = {
    "title": Key(words(200)),
    "products": Key(list_of(parts.product, may_be_empty=True)),
    "schedules": Key(list_of(read_document, may_be_empty=True)),
    "partners": Key(list_of(parts.partner, may_be_empty=True)),
    "certificates": Key(list_of(parts.certificate, may_be_empty=True)),
    "targets": Key(list_of(parts.target, may_be_empty=True)),
    "surveys": Key(list_of(parts.survey, may_be_empty=True)),
    "campaigns": Key(list_of(parts.campaign, may_be_empty=True)),
    "segments": Key(list_of(parts.segment, may_be_empty=True)),
    "steps": Key(list_of(parts.step), required=True),
    "expect": Key(list_of(_expectation), required=True),
}
