"""The parts of a worked example, each by its keys: what is set up, and the steps that can be taken."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from commissions.schedule_document.fields import (
    Key,
    Reader,
    Reading,
    day,
    decimal,
    join,
    list_of,
    month,
    one_of,
    scalar,
    set_of,
    truth,
    whole_number,
    words,
)
from commissions.schedule_document.reading import PARTNER_KINDS, ROUTES, read_document
from commissions.schedule_document.tree import Node, Sequence

from .document import (
    Adjustment,
    Campaign,
    Certificate,
    Contract,
    Feed,
    Hold,
    Manual,
    Partner,
    Product,
    Registration,
    Release,
    Run,
    Segment,
    Step,
    Survey,
    Target,
)

VAT = ("regular", "small_business", "eu", "none")
ADJUSTMENTS = {
    "set": ("value",),
    "scale": ("factor",),
    "suspend": ("from", "until"),
    "exclude_plan": ("from", "until"),
}
QUARTER = re.compile(r"([0-9]{4})-Q([1-4])", re.ASCII)
MONTHS = 12

money = decimal("-999999999.99", "999999999.99", 2)
above_zero = decimal("0.0001", "999999999999", 4)
annual = decimal("0", "999999999999", 4)
count = whole_number(0, 999_999_999)
name = words(60)


def made(kind: Callable[..., Any], keys: dict[str, Key], renamed: dict[str, str] | None = None) -> Reader:
    """A reader of `kind` by its keys; `renamed`: the attribute of a key that cannot be one, like `from`."""

    def read(reading: Reading, place: str, node: Node) -> Any:
        values = reading.mapping(place, node, keys)
        return None if values is None else kind(**{(renamed or {}).get(key, key): values[key] for key in values})

    return read


# ---- master data ------------------------------------------------------------------------------------------------
def partner(reading: Reading, place: str, node: Node) -> Partner | None:
    values = reading.mapping(place, node, PARTNER)
    if values is None:
        return None
    schedule, start, end = (values.pop(key, None) for key in ("schedule", "contract_from", "contract_until"))
    if (schedule is None) != (start is None):
        missing = "schedule" if schedule is None else "contract_from"
        reading.refuse(join(place, missing), node, _("is missing"), right=_("schedule and contract_from, or neither"))
        return None
    found = Partner(**values)
    if schedule is None:
        return found
    return Partner(**values, contract=Contract(found.number, start, end, schedule, found.level, found.parent))


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


# ---- targets, surveys, campaigns --------------------------------------------------------------------------------
def _target(keys: dict[str, Key]) -> Reader:
    def read(reading: Reading, place: str, node: Node) -> Target | None:
        values = reading.mapping(place, node, keys)
        if values is None:
            return None
        adjustments = tuple(each for _place, each in values.pop("adjustments", []))
        return Target(**values, adjustments=adjustments)

    return read


def _adjustment(reading: Reading, place: str, node: Node) -> Adjustment | None:
    """Each kind has its own keys: a key that does nothing would look as if it did."""
    values = reading.mapping(place, node, ADJUSTMENT)
    if values is None:
        return None
    kind = values.pop("kind")
    if kind == "set" and "annual" in values:
        values["value"] = values.pop("annual")
    wanted = ADJUSTMENTS[kind]
    if set(values) != set(wanted):
        reading.refuse(place, node, _("does not say what kind %s needs") % kind, right=_("only %s") % ", ".join(wanted))
        return None
    return Adjustment(kind, values.get("from"), values.get("until"), values.get("factor"), values.get("value"))


def _weights(reading: Reading, place: str, node: Node) -> tuple[Any, ...] | None:
    found = list_of(decimal("0", "99999", 4))(reading, place, node)
    if isinstance(node, Sequence) and len(node.items) != MONTHS:
        reading.refuse(place, node, _("has not one weight a month"), right=_("12 numbers, January first"))
        return None
    return tuple(value for _place, value in found or ())


def _quarter(reading: Reading, place: str, node: Node) -> date | None:
    """The first day of a quarter written as `2026-Q2`."""
    text = scalar(reading, place, node)
    found = QUARTER.fullmatch(text or "")
    if text is None or (found and found[1] != "0000"):
        return found and date(int(found[1]), int(found[2]) * 3 - 2, 1)
    reading.refuse(place, node, _("is not a quarter"), right=_("year and quarter, like 2026-Q2"))
    return None


def _exclude(reading: Reading, place: str, node: Node) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    values = reading.mapping(place, node, EXCLUDE)
    return None if values is None else tuple(sorted(values.items()))


# ---- steps ------------------------------------------------------------------------------------------------------
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


def step(reading: Reading, place: str, node: Node) -> Step | None:
    values = reading.mapping(place, node, STEPS)
    if values is None:
        return None
    if len(values) != 1:
        reading.refuse(place, node, _("should be one step"), right=_("one of %s") % ", ".join(STEPS))
        return None
    (found,) = values.values()
    return found


PRODUCT = {"code": Key(words(60), required=True), "family": Key(words(40), required=True), "one_off": Key(truth)}
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
    "vat": Key(one_of(VAT)),
}
CERTIFICATE = {
    "partner": Key(words(20), required=True),
    "family": Key(words(40), required=True),
    "valid_from": Key(day, required=True),
    "valid_until": Key(day, nullable=True),
    "person": Key(words(60), nullable=True),
    "revoked": Key(truth),
}
ADJUSTMENT = {
    "kind": Key(one_of(tuple(ADJUSTMENTS)), required=True),
    "from": Key(day),
    "until": Key(day),
    "factor": Key(decimal("0", "999", 6)),
    "value": Key(annual),
    "annual": Key(annual),
}
TARGET_CHANGED = {
    "partner": Key(words(20), required=True),
    "kpi": Key(name, required=True),
    "year": Key(whole_number(1990, 2100), required=True),
    "annual": Key(annual),
    "families": Key(set_of(words(40))),
    "measure": Key(one_of(("units", "turnover"))),
    "period": Key(one_of(("year", "half_year", "quarter"))),
    "weights": Key(_weights),
    "adjustments": Key(list_of(_adjustment, may_be_empty=True)),
}
TARGET = {**TARGET_CHANGED, "annual": Key(annual, required=True)}
SURVEY = {
    "partner": Key(words(20), required=True),
    "quarter": Key(_quarter, required=True),
    "promoters": Key(count, required=True),
    "passives": Key(count, required=True),
    "detractors": Key(count, required=True),
}
EXCLUDE = {
    "products": Key(set_of(words(60))),
    "families": Key(set_of(words(40))),
    "partners": Key(set_of(words(20))),
}
CAMPAIGN = {
    "code": Key(name, required=True),
    "from": Key(day, required=True),
    "until": Key(day, nullable=True),
    "registration": Key(one_of(("required", "none"))),
    "cap_units": Key(above_zero, nullable=True),
    "cap_amount": Key(above_zero, nullable=True),
    "exclude": Key(_exclude),
    "stackable": Key(truth),
}
SEGMENT = {
    "from": Key(decimal("0", "9999999999.99", 2), required=True),
    "to": Key(decimal("0", "9999999999.99", 2), nullable=True),
    "route": Key(one_of(ROUTES), required=True),
    "partner_allowed": Key(truth),
}
REGISTRATION = {
    "partner": Key(words(20), required=True),
    "campaign": Key(name, required=True),
    "on": Key(day),
}
HOLD = {key: Key(words(200), nullable=True) for key in ("partner", "order", "component", "reason")}
MANUAL = {
    "partner": Key(words(20), required=True),
    "amount": Key(money, required=True),
    "reason": Key(words(200)),
}
BOUNDS = {"from": "valid_from", "until": "valid_until", "on": "valid_from"}
product = made(Product, PRODUCT)
certificate = made(Certificate, CERTIFICATE)
target = _target(TARGET)
survey = made(Survey, SURVEY)
campaign = made(Campaign, CAMPAIGN, BOUNDS)
segment = made(Segment, SEGMENT, {"from": "spend_from", "to": "spend_to"})
STEPS = {
    "feed": Key(_feed),
    "run": Key(_run),
    "publish": Key(read_document),
    "certificate": Key(certificate),
    "contract": Key(_contract),
    "target": Key(_target(TARGET_CHANGED)),
    "survey": Key(survey),
    "campaign": Key(campaign),
    "segment": Key(segment),
    "register": Key(made(Registration, REGISTRATION, BOUNDS)),
    "hold": Key(_hold(Hold)),
    "release": Key(_hold(Release)),
    "manual": Key(made(Manual, MANUAL)),
}
