"""That every name in an example means something.

A name nobody has set up would make an expectation of 0.00 come true by itself, so unknown partners, components, orders and
months are refused like unknown keys are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from collections.abc import Mapping as Dictionary
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from commissions.schedule_document.catalogue import Catalogue
from commissions.schedule_document.document import Document
from commissions.schedule_document.fields import Reading, join, nearest
from commissions.schedule_document.problems import Problem

from .document import (
    AttainmentExpectation,
    Campaign,
    Certificate,
    Contract,
    Example,
    Expectation,
    Feed,
    Hold,
    Manual,
    Partner,
    Registration,
    Release,
    Run,
    Survey,
    Target,
)

STEP_NAMES: dict[type, str] = {
    Certificate: "certificate",
    Contract: "contract",
    Target: "target",
    Survey: "survey",
    Campaign: "campaign",
    Registration: "register",
    Hold: "hold",
    Release: "release",
    Manual: "manual",
}
REFERENCES = ("partner", "order", "component", "schedule", "parent", "campaign", "attainment")
# What must not be said twice: part of the example and the attribute that names it.
ONCE = (("partners", "number"), ("partners", "dealer_code"), ("products", "code"), ("campaigns", "code"))


def catalogue(example: Example) -> Catalogue:
    """Families are created on the fly, by whoever names one; one product marked one-off marks its family."""
    families: dict[str, bool] = {}
    for product in example.products:
        families[product.family] = families.get(product.family, False) or product.one_off
    for certificate in (*example.certificates, *example.steps_of(Certificate)):
        families.setdefault(certificate.family, False)
    for target in (*example.targets, *example.steps_of(Target)):
        for family in target.families or ():
            families.setdefault(family, False)
    return Catalogue(families, {product.code: product.family for product in example.products})


def check_names(reading: Reading, example: Example, places: Dictionary[str, list[str]]) -> None:
    known = _known(example)
    for part, part_places in places.items():
        for place, item in zip(part_places, getattr(example, part), strict=True):
            inner = join(place, STEP_NAMES[type(item)]) if part == "steps" and type(item) in STEP_NAMES else place
            for key, value in _references(item):
                if value is not None and value not in known[key]:
                    right = nearest(value, sorted(known[key])) if key != "order" and known[key] else ""
                    line = reading.lines.get(join(inner, key)) or reading.lines.get(place)
                    message = _("is named here and nowhere set up")
                    reading.problems.append(Problem(join(inner, key), message, line, value, right))
    for part, key in ONCE:
        _check_once(reading, places[part], getattr(example, part), key)


def _known(example: Example) -> dict[str, Collection[str]]:
    documents = [*example.schedules, *example.steps_of(Document)]
    partners = {partner.number for partner in example.partners}
    return {
        "partner": partners,
        "parent": partners,
        "schedule": {document.schedule for document in documents},
        "component": {component.code for document in documents for component in document.components},
        "order": {word for feed in example.steps_of(Feed) for word in re.split(r"[\s,;\"]+", feed.text)},
        "run": {f"{run.month:%Y-%m}" for run in example.steps_of(Run)},
        "campaign": {campaign.code for campaign in chain(example.campaigns, example.steps_of(Campaign))},
        "attainment": {target.kpi for target in chain(example.targets, example.steps_of(Target))},
    }


def _check_once(reading: Reading, places: list[str], items: tuple[Any, ...], key: str) -> None:
    seen: set[str] = set()
    for place, item in zip(places, items, strict=True):
        value = getattr(item, key)
        if value in seen:
            message = _("is written twice")
            reading.problems.append(Problem(join(place, key), message, reading.lines.get(join(place, key)), value))
        seen |= {value} if value is not None else set()


def _references(item: Any) -> Iterator[tuple[str, str | None]]:
    """What an item names that something else must have set up: key and value."""
    if isinstance(item, Document):
        return
    if isinstance(item, Expectation):
        yield "run", f"{item.run:%Y-%m}"
    if isinstance(item, AttainmentExpectation):
        yield "attainment", item.attainment
        yield "partner", item.partner
        return
    if isinstance(item, Partner) and item.contract is not None:
        yield "schedule", item.contract.schedule
    for key in REFERENCES:
        yield key, getattr(item, key, None)
