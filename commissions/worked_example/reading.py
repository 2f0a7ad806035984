"""Text to `Example`: the shape of a worked example as data, and that every name in it means something.

A name nobody has set up would make an expectation of 0.00 come true by itself, so unknown partners, components, orders, months,
causes are refused like unknown keys are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from collections.abc import Mapping as Dictionary
from typing import Any

from django.utils.translation import gettext as _

from commissions.models import Cause, HoldReason
from commissions.schedule_document.catalogue import Catalogue, check_catalogue
from commissions.schedule_document.document import Component, Document
from commissions.schedule_document.fields import (
    Key,
    Reader,
    Reading,
    day,
    decimal,
    join,
    later,
    list_of,
    month,
    nearest,
    one_of,
    peek,
    scalar,
    truth,
    words,
)
from commissions.schedule_document.problems import DocumentError, Problem
from commissions.schedule_document.reading import PARTNER_KINDS, read_document
from commissions.schedule_document.tree import Node, read_tree

from .document import (
    Certificate,
    Contract,
    Example,
    Expectation,
    Feed,
    Hold,
    Manual,
    Partner,
    Product,
    Release,
    Run,
    StatementSums,
    Step,
)

MAX_BYTES = 2_000_000  # feeds make examples long, and they come from files of people who may run commands
VAT = ("regular", "small_business", "eu", "none")
LATER_CAUSES = ("re_rated", "target", "survey")
LATER_HELD = ("campaign_not_registered",)

money = decimal("-999999999.99", "999999999.99", 2)
name = words(60)


def parse_example(text: str | bytes) -> Example:
    """The example that `text` says. Raises `DocumentError` with every problem found."""
    reading = Reading()
    values = reading.mapping(
        "", read_tree(text, max_bytes=MAX_BYTES), EXAMPLE, later("targets", "surveys", "campaigns")
    )
    if values is None:
        raise DocumentError(reading.problems)
    lists = ("products", "schedules", "partners", "certificates", "steps", "expect")
    placed = {key: values.get(key, []) for key in lists}
    example = Example(
        title=values.get("title", ""), **{key: tuple(item for _place, item in placed[key]) for key in lists}
    )
    _check_names(reading, example, {key: [place for place, _item in placed[key]] for key in lists})
    reading.problems += check_catalogue(
        [(place, item) for place, item in reading.sound if isinstance(item, Component)],
        _catalogue(example),
        reading.lines,
    )
    if reading.problems:
        raise DocumentError(reading.problems)
    return example


# ---- the parts --------------------------------------------------------------------------------------------------
def _made(kind: Callable[..., Any], keys: dict[str, Key]) -> Reader:
    def read(reading: Reading, place: str, node: Node) -> Any:
        values = reading.mapping(place, node, keys)
        return None if values is None else kind(**values)

    return read


def _partner(reading: Reading, place: str, node: Node) -> Partner | None:
    values = reading.mapping(place, node, PARTNER)
    if values is None:
        return None
    schedule, start, end = (values.pop(key, None) for key in ("schedule", "contract_from", "contract_until"))
    if (schedule is None) != (start is None):
        missing = "schedule" if schedule is None else "contract_from"
        reading.refuse(join(place, missing), node, _("is missing"), right=_("schedule and contract_from, or neither"))
        return None
    partner = Partner(**values)
    if schedule is None:
        return partner
    contract = Contract(partner.number, start, end, schedule, partner.level, partner.parent)
    return Partner(**values, contract=contract)


def _contract(reading: Reading, place: str, node: Node) -> Contract | None:
    values = reading.mapping(place, node, CONTRACT)
    if values is None:
        return None
    # A partner's own entry says contract_from, a certificate says valid_from; both are understood here.
    for bound in ("from", "until"):
        if (value := values.pop(f"contract_{bound}", None)) is not None:
            values[f"valid_{bound}"] = value
    if "valid_from" not in values:
        reading.refuse(join(place, "valid_from"), node, _("is missing"))
        return None
    return Contract(**values)


def _hold(kind: type[Hold]) -> Reader:
    def read(reading: Reading, place: str, node: Node) -> Hold | None:
        values = reading.mapping(place, node, HOLD)
        if values is None:
            return None
        if not values.keys() & {"partner", "order", "component"}:
            reading.refuse(place, node, _("names nothing"), right=_("a partner, an order or a component"))
            return None
        return kind(**values)

    return read


def _feed(reading: Reading, place: str, node: Node) -> Feed | None:
    text = scalar(reading, place, node)
    return None if text is None else Feed(text)


def _run(reading: Reading, place: str, node: Node) -> Run | None:
    first = month(reading, place, node)
    return None if first is None else Run(first)


def _step(reading: Reading, place: str, node: Node) -> Step | None:
    values = reading.mapping(place, node, STEPS, later("survey", "target", "register"))
    if values is None:
        return None
    if len(values) != 1:
        reading.refuse(place, node, _("should be one step"), right=_("one of %s") % ", ".join(STEPS))
        return None
    (step,) = values.values()
    return step


def _statement(reading: Reading, place: str, node: Node) -> StatementSums | None:
    values = reading.mapping(place, node, STATEMENT)
    if values == {}:
        reading.refuse(place, node, _("compares nothing"), right=_("one of %s") % ", ".join(STATEMENT))
        return None
    return None if values is None else StatementSums(**values)


def _expectation(reading: Reading, place: str, node: Node) -> Expectation | None:
    if peek(node, "attainment") is not None:
        reading.refuse(join(place, "attainment"), peek(node, "attainment"), _("is not supported yet"), value="")
        return None
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


PARTNER = {
    "number": Key(words(20), required=True),
    "kind": Key(one_of(PARTNER_KINDS)),
    "schedule": Key(name, nullable=True),
    "dealer_code": Key(words(40), nullable=True),
    "contract_from": Key(day, nullable=True),
    "contract_until": Key(day, nullable=True),
    "level": Key(words(20), nullable=True),
    "parent": Key(words(20), nullable=True),
    "vat": Key(one_of(VAT)),
}
CONTRACT = {
    "partner": Key(words(20), required=True),
    "schedule": Key(name),
    "valid_from": Key(day),
    "valid_until": Key(day, nullable=True),
    "contract_from": Key(day),
    "contract_until": Key(day, nullable=True),
    "level": Key(words(20), nullable=True),
    "parent": Key(words(20), nullable=True),
}
CERTIFICATE = {
    "partner": Key(words(20), required=True),
    "family": Key(words(40), required=True),
    "valid_from": Key(day, required=True),
    "valid_until": Key(day, nullable=True),
    "person": Key(words(60), nullable=True),
    "revoked": Key(truth),
}
HOLD = {key: Key(words(200), nullable=True) for key in ("partner", "order", "component", "reason")}
MANUAL = {
    "partner": Key(words(20), required=True),
    "amount": Key(money, required=True),
    "reason": Key(words(200)),
}
STATEMENT = {key: Key(money) for key in StatementSums.__dataclass_fields__}
EXPECTATION = {
    "run": Key(month, required=True),
    "partner": Key(words(20)),
    "order": Key(words(80)),
    "component": Key(name),
    "cause": Key(one_of(Cause.values, LATER_CAUSES)),
    "held": Key(one_of(HoldReason.values, LATER_HELD)),
    "amount": Key(money),
    "statement": Key(_statement),
}
_certificate = _made(Certificate, CERTIFICATE)
STEPS = {
    "feed": Key(_feed),
    "run": Key(_run),
    "publish": Key(read_document),
    "certificate": Key(_certificate),
    "contract": Key(_contract),
    "hold": Key(_hold(Hold)),
    "release": Key(_hold(Release)),
    "manual": Key(_made(Manual, MANUAL)),
}
PRODUCT = {"code": Key(words(60), required=True), "family": Key(words(40), required=True), "one_off": Key(truth)}
EXAMPLE = {
    "title": Key(words(200)),
    "products": Key(list_of(_made(Product, PRODUCT), may_be_empty=True)),
    "schedules": Key(list_of(read_document, may_be_empty=True)),
    "partners": Key(list_of(_partner, may_be_empty=True)),
    "certificates": Key(list_of(_certificate, may_be_empty=True)),
    "steps": Key(list_of(_step), required=True),
    "expect": Key(list_of(_expectation), required=True),
}


# ---- names ------------------------------------------------------------------------------------------------------
def _catalogue(example: Example) -> Catalogue:
    """Families are created on the fly, by products and by certificates; one product marked one-off marks its family."""
    families: dict[str, bool] = {}
    for product in example.products:
        families[product.family] = families.get(product.family, False) or product.one_off
    for certificate in (*example.certificates, *example.steps_of(Certificate)):
        families.setdefault(certificate.family, False)
    return Catalogue(families, {product.code: product.family for product in example.products})


def _check_names(reading: Reading, example: Example, places: Dictionary[str, list[str]]) -> None:
    documents = [*example.schedules, *example.steps_of(Document)]
    known: dict[str, Collection[str]] = {
        "partner": {partner.number for partner in example.partners},
        "schedule": {document.schedule for document in documents},
        "component": {component.code for document in documents for component in document.components},
        "order": {word for feed in example.steps_of(Feed) for word in re.split(r"[\s,;\"]+", feed.text)},
        "run": {f"{run.month:%Y-%m}" for run in example.steps_of(Run)},
    }
    known["parent"] = known["partner"]
    for part, part_places in places.items():
        for place, item in zip(part_places, getattr(example, part), strict=True):
            inner = join(place, STEP_NAMES[type(item)]) if part == "steps" and type(item) in STEP_NAMES else place
            for key, value in _references(item):
                if value is not None and value not in known[key]:
                    right = nearest(value, sorted(known[key])) if key != "order" and known[key] else ""
                    line = reading.lines.get(join(inner, key)) or reading.lines.get(place)
                    message = _("is named here and nowhere set up")
                    reading.problems.append(Problem(join(inner, key), message, line, value, right))
    for part, key in (("partners", "number"), ("partners", "dealer_code"), ("products", "code")):
        seen: set[str] = set()
        for place, item in zip(places[part], getattr(example, part), strict=True):
            value = getattr(item, key)
            if value in seen:
                message = _("is written twice")
                reading.problems.append(Problem(join(place, key), message, reading.lines.get(join(place, key)), value))
            seen |= {value} if value is not None else set()


STEP_NAMES: dict[type, str] = {
    Certificate: "certificate",
    Contract: "contract",
    Hold: "hold",
    Release: "release",
    Manual: "manual",
}
REFERENCES = ("partner", "order", "component", "schedule", "parent")


def _references(item: Any) -> Iterator[tuple[str, str | None]]:
    """What an item names that something else must have set up: key and value."""
    if isinstance(item, Document):
        return
    if isinstance(item, Expectation):
        yield "run", f"{item.run:%Y-%m}"
    if isinstance(item, Partner) and item.contract is not None:
        yield "schedule", item.contract.schedule
    for key in REFERENCES:
        yield key, getattr(item, key, None)
