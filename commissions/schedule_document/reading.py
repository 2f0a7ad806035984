"""Text to `Document`: the shape of a schedule as data, and the few rules that a shape cannot say.

What each kind may say stands in `KINDS`; a key of another kind is refused there by its name, so nothing that is written is
without effect.
"""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from .document import Base, Component, Document, Kind, Match, Mode, Title
from .fields import Key, Reader, Reading, code, day, decimal, list_of, one_of, peek, set_of, whole_number, words
from .following import check_follows
from .rates import clawback, elsewhere, month_count, rate, round_to, share, steps
from .tree import Node, Scalar, Sequence

TRANSACTIONS = ("new", "renewal", "upgrade", "downgrade", "addon", "referral")
CUSTOMER_CLASSES = ("consumer", "soho", "smb", "enterprise")
PARTNER_KINDS = ("system_partner", "exclusive", "specialist_dealer", "agency", "own_branch", "distributor")
ROUTES = ("call_centre", "partner", "shared", "direct_sales")
SETTLE_AFTER_DAYS = 45
MIN_ANSWERS = 30
NPS = "nps"


def read_document(reading: Reading, place: str, node: Node) -> Document | None:
    """A schedule at `place` of a larger text (a worked example), or with place "" the whole text."""
    values = reading.mapping(place, node, DOCUMENT)
    return None if values is None else Document(**values)


def _title(reading: Reading, place: str, node: Node) -> Title | None:
    values = reading.mapping(place, node, {"de": Key(words(120)), "en": Key(words(120))})
    return None if values is None else Title(**values)


def _components(reading: Reading, place: str, node: Node) -> tuple[Component, ...]:
    components = list_of(_component)(reading, place, node) or []
    items = node.items if isinstance(node, Sequence) else []
    first: dict[str, int] = {}
    for index, item in enumerate(items):
        name = peek(item, "code")
        if not isinstance(name, Scalar):
            continue
        if name.text in first:
            where = f"{place}[{first[name.text]}]"
            reading.refuse(
                f"{place}[{index}].code", name, _("is already the code of %s") % where, right=_("another code")
            )
        first.setdefault(name.text, index)
    check_follows(reading, place, items)
    return tuple(component for _place, component in components)


def _component(reading: Reading, place: str, node: Node) -> Component | None:
    kind = peek(node, "kind")
    name = kind.text if isinstance(kind, Scalar) else ""
    shape = _shape(name, node)
    others = {key: shape.instead.get(key, elsewhere()) for key in EVERY_KEY if key not in shape.keys}
    values = reading.mapping(place, node, {**COMPONENT, **shape.keys}, others)
    if values is None:
        return None
    component = Component(**{**shape.defaults, **values, "kind": Kind(name)})
    reading.sound.append((place, component))
    return component


@dataclass(frozen=True)
class KindShape:
    """What one kind of component may say beyond code, title, kind and rounding."""

    keys: Dictionary[str, Key]
    defaults: Dictionary[str, object] = field(default_factory=dict)
    instead: Dictionary[str, str] = field(default_factory=dict)  # why a key of others is none here


def _shape(kind: str, node: Node) -> KindShape:
    if kind == Kind.CAMPAIGN and peek(node, "follows") is not None:
        return KindShape(FOLLOWING_CAMPAIGN, instead=_beside_follows())
    return KINDS.get(kind, ANY_KIND)


def _beside_follows() -> dict[str, str]:
    return dict.fromkeys(("match", "group", "clawback"), _("means nothing beside follows, which says what it pays for"))


def _match(reading: Reading, place: str, node: Node) -> Match | None:
    values = reading.mapping(place, node, MATCH)
    return None if values is None else Match(**values)


def _needs(reading: Reading, place: str, node: Node) -> tuple[Match, ...] | None:
    found = [each for _place, each in list_of(_match)(reading, place, node) or []]
    if isinstance(node, Sequence) and len(node.items) == 1:
        reading.refuse(place, node, _("is no bundle"), right=_("at least two parts that a customer needs"))
        return None
    return tuple(found)


def _unread(reading: Reading, place: str, node: Node) -> None:
    return None


def _mode(reading: Reading, place: str, node: Node) -> Mode | None:
    text = one_of((Mode.SLAB,))(reading, place, node)
    return None if text is None else Mode(text)


MATCH = {
    "families": Key(set_of(words(40))),
    "products": Key(set_of(words(60))),
    "transactions": Key(set_of(one_of(TRANSACTIONS))),
    "customer_classes": Key(set_of(one_of(CUSTOMER_CLASSES))),
    "partner_kinds": Key(set_of(one_of(PARTNER_KINDS))),
    "levels": Key(set_of(words(20))),
    "routes": Key(set_of(one_of(ROUTES))),
}
COMPONENT = {
    "code": Key(code, required=True),
    "title": Key(_title),
    "kind": Key(one_of(tuple(Kind)), required=True),
    "round_to": Key(round_to),
}
CERTIFICATE = {"certificate": Key(words(40))}
ORDERS = {"match": Key(_match), "group": Key(code), **CERTIFICATE, "clawback": Key(clawback)}
FOLLOWS = {"follows": Key(set_of(code), required=True)}
CAMPAIGN = {"campaign": Key(words(60), required=True)}
TARGET_STEPS: Reader = steps("amount_per_unit", "amount", starts=decimal("0", "10000", 4))
UPLIFT_STEPS: Reader = steps("percent", starts=decimal("-100", "100", 4))


def _rate(kind: Kind, *either: str, bases: tuple[Base, ...] = ()) -> dict[str, Key]:
    return {"rate": Key(rate(kind, either, bases), required=True)}


PRICES = (Base.ORDER_VALUE, Base.MONTHLY_PRICE)
FOLLOWING_CAMPAIGN = {**CAMPAIGN, **FOLLOWS, **CERTIFICATE, **_rate(Kind.CAMPAIGN, "percent")}
KINDS: dict[str, KindShape] = {
    Kind.CLOSING: KindShape(
        {**ORDERS, "reserve_percent": Key(share), **_rate(Kind.CLOSING, "amount", "percent", "tiers", bases=PRICES)}
    ),
    Kind.RECURRING: KindShape(
        {
            **ORDERS,
            "months": Key(month_count),
            **_rate(Kind.RECURRING, "amount", "percent", "tiers", bases=(Base.REVENUE,)),
        }
    ),
    Kind.WINDOW_BONUS: KindShape({**ORDERS, **_rate(Kind.WINDOW_BONUS, "tiers", bases=tuple(Base))}),
    Kind.TARGET_BONUS: KindShape(
        {
            "target": Key(words(60), required=True),
            "mode": Key(_mode),
            "steps": Key(TARGET_STEPS, required=True),
            "settle_after_days": Key(whole_number(0, 3650)),
        },
        defaults={"mode": Mode.SLAB, "settle_after_days": SETTLE_AFTER_DAYS},
    ),
    Kind.CAMPAIGN: KindShape({**CAMPAIGN, **ORDERS, **_rate(Kind.CAMPAIGN, "amount")}),
    Kind.BUNDLE: KindShape(
        {
            "needs": Key(_needs, required=True),
            "within_days": Key(whole_number(0, 3650)),
            **CERTIFICATE,
            "clawback": Key(clawback),
            **_rate(Kind.BUNDLE, "amount"),
        }
    ),
    Kind.UPLIFT: KindShape(
        {
            **FOLLOWS,
            "by": Key(one_of((NPS,))),
            "min_answers": Key(whole_number(0, 1_000_000)),
            "effective_from": Key(day),
            "steps": Key(UPLIFT_STEPS, required=True),
        },
        defaults={"by": NPS, "min_answers": MIN_ANSWERS},
    ),
    Kind.OVERRIDE: KindShape({**FOLLOWS, **_rate(Kind.OVERRIDE, "percent")}),
    Kind.SPLIT: KindShape({**FOLLOWS, "keep_percent": Key(share, required=True)}),
}
EVERY_KEY = {name: key for shape in KINDS.values() for name, key in shape.keys.items()}
# Of a kind nobody knows: its own keys would only repeat the finding, so any is let through and none is needed.
ANY_KIND = KindShape({name: Key(_unread) for name in EVERY_KEY})
DOCUMENT = {
    "schedule": Key(code, required=True),
    "title": Key(_title),
    "valid_from": Key(day, required=True),
    "freeze_days": Key(whole_number(0, 3650)),
    "components": Key(_components, required=True),
}
