"""Text to `Document`: the shape of a schedule as data, and the few rules that a shape cannot say.

What the format defines and we do not calculate yet stands in a `LATER` list and is refused by its name. When a kind or a key gets
its calculation, it moves from there into `KINDS` or one of the tables of keys.
"""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from .document import Base, Clawback, ClawbackMode, Component, Document, Kind, Match, Rate, Title
from .fields import (
    Key,
    Reader,
    Reading,
    code,
    day,
    decimal,
    join,
    later,
    list_of,
    one_of,
    peek,
    set_of,
    whole_number,
    words,
)
from .tree import Node, Scalar, Sequence

TRANSACTIONS = ("new", "renewal", "upgrade", "downgrade", "addon", "referral")
CUSTOMER_CLASSES = ("consumer", "soho", "smb", "enterprise")
PARTNER_KINDS = ("system_partner", "exclusive", "specialist_dealer", "agency", "own_branch", "distributor")
ROUND_TO = (Decimal("0.01"), Decimal("0.10"), Decimal("1.00"))

LATER_KINDS = ("window_bonus", "target_bonus", "campaign", "bundle", "uplift", "override", "split")
LATER_CLAWBACK_MODES = ("started_months", "days", "steps")
LATER_KEYS = (
    *("target", "mode", "steps", "settle_after_days", "campaign", "follows", "needs", "within_days"),
    *("by", "min_answers", "effective_from", "keep_percent", "reserve_percent"),
)


@dataclass(frozen=True)
class KindShape:
    """What one kind of component may say beyond the keys that all share."""

    bases: tuple[str, ...]  # what its percentage may be of
    keys: Dictionary[str, Key] = field(default_factory=dict)
    later_rates: tuple[str, ...] = ("tiers",)


KINDS: dict[str, KindShape] = {
    Kind.CLOSING: KindShape(bases=(Base.ORDER_VALUE, Base.MONTHLY_PRICE)),
    Kind.RECURRING: KindShape(
        bases=(Base.REVENUE,),
        keys={"months": Key(whole_number(1, 600))},
        later_rates=("tiers", "amount"),
    ),
}
ANY_KIND = KindShape(
    bases=tuple(Base), keys={name: key for shape in KINDS.values() for name, key in shape.keys.items()}
)


def read_document(reading: Reading, place: str, node: Node) -> Document | None:
    """A schedule at `place` of a larger text (a worked example), or with place "" the whole text."""
    values = reading.mapping(place, node, DOCUMENT)
    return None if values is None else Document(**values)


def _title(reading: Reading, place: str, node: Node) -> Title | None:
    values = reading.mapping(place, node, {"de": Key(words(120)), "en": Key(words(120))})
    return None if values is None else Title(**values)


def _components(reading: Reading, place: str, node: Node) -> tuple[Component, ...]:
    components = list_of(_component)(reading, place, node) or []
    first: dict[str, int] = {}
    for index, item in enumerate(node.items if isinstance(node, Sequence) else []):
        name = peek(item, "code")
        if not isinstance(name, Scalar):
            continue
        if name.text in first:
            where = f"{place}[{first[name.text]}]"
            reading.refuse(
                f"{place}[{index}].code", name, _("is already the code of %s") % where, right=_("another code")
            )
        first.setdefault(name.text, index)
    return tuple(component for _place, component in components)


def _component(reading: Reading, place: str, node: Node) -> Component | None:
    kind = peek(node, "kind")
    name = kind.text if isinstance(kind, Scalar) else ""
    if name in LATER_KINDS:  # its own keys and rates would only repeat the same finding
        one_of(KINDS, LATER_KINDS)(reading, join(place, "kind"), kind or node)
        return None
    shape = KINDS.get(name, ANY_KIND)
    elsewhere = {key: _("belongs to another kind of component") for key in ANY_KIND.keys if key not in shape.keys}
    keys = {**COMPONENT, **shape.keys, "rate": Key(_rate(name, shape), required=True)}
    values = reading.mapping(place, node, keys, later(*LATER_KEYS) | elsewhere)
    if values is None:
        return None
    component = Component(**{**values, "kind": Kind(name)})
    reading.sound.append((place, component))
    return component


def _rate(kind: str, shape: KindShape) -> Reader:
    def read(reading: Reading, place: str, node: Node) -> Rate | None:
        values = reading.mapping(place, node, RATE, later(*shape.later_rates))
        if values is None:
            return None
        either = [name for name in RATE if name not in shape.later_rates and name != "of"]
        if len({"amount", "percent"} & values.keys()) != 1:
            message = _("has an amount and a percentage") if "percent" in values else _("has no rate")
            reading.refuse(place, node, message, right=_("one of %s") % ", ".join(either))
        elif "percent" in values and "of" not in values:
            reading.refuse(join(place, "of"), node, _("is missing"), right=_("one of %s") % ", ".join(shape.bases))
        elif "percent" in values and values["of"] not in shape.bases:
            right = _("one of %s") % ", ".join(shape.bases)
            reading.refuse(join(place, "of"), peek(node, "of"), _("is not possible with kind %s") % kind, right=right)
        elif "amount" in values and "of" in values:
            message = _("means nothing beside an amount")
            reading.refuse(join(place, "of"), peek(node, "of"), message, right=_("leave the key out"))
        else:
            return Rate(values.get("amount"), values.get("percent"), Base(values["of"]) if "of" in values else None)
        return None

    return read


def _match(reading: Reading, place: str, node: Node) -> Match | None:
    values = reading.mapping(place, node, MATCH)
    return None if values is None else Match(**values)


def _clawback(reading: Reading, place: str, node: Node) -> Clawback | None:
    values = reading.mapping(place, node, CLAWBACK, later("steps"))
    return None if values is None else Clawback(ClawbackMode(values["mode"]), values["months"])


def _round_to(reading: Reading, place: str, node: Node) -> Decimal | None:
    value: Decimal | None = decimal("0", "1000", 4)(reading, place, node)
    if value is None or value in ROUND_TO:
        return value
    reading.refuse(place, node, _("is not a step to round to"), right="0.01, 0.10, 1.00")
    return None


RATE = {
    "amount": Key(decimal("0", "9999999.99", 4)),
    "percent": Key(decimal("0", "10000", 4)),
    "of": Key(one_of(tuple(Base))),
}
MATCH = {
    "families": Key(set_of(words(40))),
    "products": Key(set_of(words(60))),
    "transactions": Key(set_of(one_of(TRANSACTIONS))),
    "customer_classes": Key(set_of(one_of(CUSTOMER_CLASSES))),
    "partner_kinds": Key(set_of(one_of(PARTNER_KINDS))),
    "levels": Key(set_of(words(20))),
}
CLAWBACK = {
    "mode": Key(one_of(tuple(ClawbackMode), LATER_CLAWBACK_MODES), required=True),
    "months": Key(whole_number(1, 600), required=True),
}
COMPONENT = {
    "code": Key(code, required=True),
    "title": Key(_title),
    "kind": Key(one_of(tuple(KINDS), LATER_KINDS), required=True),
    "match": Key(_match),
    "group": Key(code),
    "certificate": Key(words(40)),
    "round_to": Key(_round_to),
    "clawback": Key(_clawback),
}
DOCUMENT = {
    "schedule": Key(code, required=True),
    "title": Key(_title),
    "valid_from": Key(day, required=True),
    "freeze_days": Key(whole_number(0, 3650)),
    "components": Key(_components, required=True),
}
