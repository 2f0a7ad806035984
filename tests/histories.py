"""Histories: what became known before each run, as data that the reference model and the database can both replay.

A history is a stage (`start`) and, for each run of `CALENDAR`, the steps recorded before it. Every step changes one
thing, so that the smallest history that still fails can be found by leaving steps out. `document` prints a history
in the words of a worked example. Drawing random ones is the business of `tests/drawing.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from tests.reference import feed
from tests.reference.facts import (
    Campaign,
    Certificate,
    Contract,
    Event,
    Hold,
    Manual,
    Membership,
    Partner,
    Product,
    Registration,
    Segment,
    Survey,
    Target,
    Taxation,
    World,
)
from tests.reference.ledger import Ledger, run
from tests.reference.schedules import Component, Version
from tests.reference.writing import schedule, yaml

# Months of the runs, on both sides of a change of the VAT rate (16 % until 2020-12-31). Some months are skipped.
CALENDAR = tuple(
    date(y, m, 1)
    for y, m in [(2020, 9), (2020, 10), (2020, 12), (2021, 1), (2021, 2), (2021, 4), (2021, 6), (2021, 10)]
)


# From the fifth run on partners may also sell to those who spend most.
SEGMENTS_CHANGE = 4


def segments(slot: int) -> tuple[Segment, ...]:
    """Who serves whom when the slot's run starts: the operator's word, and so the same in all histories.

    Until November nobody else may sell to the call centre's customers; 5,000 to 10,000 EUR are nobody's.
    """
    small, turn = (Decimal(0), Decimal("999.99")), date(2020, 11, 1)
    return (
        Segment("call_centre", *small, valid_until=turn),
        Segment("call_centre", *small, partner_allowed=True, valid_from=turn),
        Segment("partner", Decimal(1000), Decimal("2499.99"), partner_allowed=True),
        Segment("shared", Decimal(2500), Decimal(5000)),
        Segment("direct_sales", Decimal("10000.01"), partner_allowed=slot >= SEGMENTS_CHANGE),
    )


@dataclass(frozen=True)
class Told:
    """An event of the feed arrives."""

    event: Event


@dataclass(frozen=True)
class Published:
    version: Version


@dataclass(frozen=True)
class Certified:
    certificate: Certificate


@dataclass(frozen=True)
class Revoked:
    key: str


@dataclass(frozen=True)
class Agreed:
    """The contracts of a partner are from now on these."""

    partner: str
    contracts: tuple[Contract, ...]


@dataclass(frozen=True)
class Taxed:
    """Somebody's VAT status changes."""

    taxation: Taxation


@dataclass(frozen=True)
class Became:
    """A partner is of another kind from now on."""

    partner: Partner


@dataclass(frozen=True)
class Reworded:
    """The terms of a campaign are from now on these."""

    campaign: Campaign


@dataclass(frozen=True)
class Joined:
    membership: Membership


@dataclass(frozen=True)
class Offered:
    """Family and portfolio dates of a product are from now on these."""

    product: Product


@dataclass(frozen=True)
class Held:
    hold: Hold


@dataclass(frozen=True)
class Released:
    key: str


@dataclass(frozen=True)
class Granted:
    manual: Manual


@dataclass(frozen=True)
class Registered:
    """A partner takes part in a campaign."""

    registration: Registration


@dataclass(frozen=True)
class Withdrawn:
    """And no longer does: the registration, now with its end."""

    registration: Registration


@dataclass(frozen=True)
class Targeted:
    """A target with all adjustments made so far, one more than before."""

    target: Target


@dataclass(frozen=True)
class Surveyed:
    survey: Survey


Step = (
    Told
    | Published
    | Certified
    | Revoked
    | Agreed
    | Taxed
    | Became
    | Reworded
    | Joined
    | Offered
    | Held
    | Released
    | Granted
    | Registered
    | Withdrawn
    | Targeted
    | Surveyed
)


@dataclass(frozen=True)
class History:
    start: World
    slots: tuple[tuple[Step, ...], ...]  # one for each run of the calendar


def applied(world: World, step: Step) -> World:
    match step:
        case Told(event):
            return replace(world, events=world.events | {event})
        case Published(version):
            return replace(world, versions=(*world.versions, version))
        case Certified(certificate):
            return replace(world, certificates=(*world.certificates, certificate))
        case Revoked(key):
            certificates = tuple(replace(c, revoked=c.revoked or c.key == key) for c in world.certificates)
            return replace(world, certificates=certificates)
        case Agreed(partner, contracts):
            others = tuple(c for c in world.contracts if c.partner != partner)
            return replace(world, contracts=(*others, *contracts))
        case Taxed(t):
            partners = tuple(p.taxed(t.vat, t.since) if p.number == t.partner else p for p in world.partners)
            return replace(world, partners=partners)
        case Became(partner):
            partners = tuple(replace(p, kind=partner.kind) if p.number == partner.number else p for p in world.partners)
            return replace(world, partners=partners)
        case Reworded(campaign):
            return replace(world, campaigns=tuple(campaign if c.code == campaign.code else c for c in world.campaigns))
        case Joined(membership):
            return replace(world, memberships=(*world.memberships, membership))
        case Offered(product):
            others = tuple(p for p in world.products if p.code != product.code)
            return replace(world, products=(*others, product))
        case Held(hold):
            return replace(world, holds=(*world.holds, hold))
        case Released(key):
            return replace(world, holds=tuple(h for h in world.holds if h.key != key))
        case Granted(manual):
            return replace(world, manuals=(*world.manuals, manual))
        case Registered(registration):
            return replace(world, registrations=(*world.registrations, registration))
        case Withdrawn(ended):
            whole = replace(ended, until=None)
            return replace(world, registrations=tuple(ended if r == whole else r for r in world.registrations))
        case Targeted(target):
            return replace(world, targets=(*world.targets, target))
        case Surveyed(survey):
            return replace(world, surveys=(*world.surveys, survey))
    raise TypeError(step)


def expected(history: History) -> Ledger:
    """What the reference model posts over the whole calendar."""
    world, ledger = history.start, Ledger()
    for slot, (month, steps) in enumerate(zip(CALENDAR, history.slots, strict=True)):
        world = replace(world, segments=segments(slot))
        for step in steps:
            world = applied(world, step)
        ledger = run(world, ledger, month)
    return ledger


# ---- smaller histories ---------------------------------------------------------------------------------------
def simpler(history: History) -> Iterator[History]:
    """Those of `_less` that can be replayed: nobody holds an order that is not captured yet."""
    for smaller in _less(history):
        captured: set[str] = set()
        for slot in smaller.slots:
            captured |= {s.event.order for s in slot if isinstance(s, Told) and s.event.event_type == "captured"}
            if any(isinstance(s, Held) and s.hold.order and s.hold.order not in captured for s in slot):
                break
        else:
            yield smaller


SPARE = ("contracts", "certificates", "memberships", "registrations", "targets", "surveys")
PAID = ("closing", "recurring", "bundle", "campaign")  # kinds of lines that others may follow


def mended(components: tuple[Component, ...]) -> tuple[Component, ...]:
    """Without references to components that are not there, and without followers that have nothing to follow.

    Two lines of a campaign on one order are one to whoever follows them, so such a campaign is not followed.
    """
    kinds = {c.code: c.kind for c in components if len(c.follows) < 2}
    kept = []
    for c in components:
        there = tuple(code for code in c.follows if kinds.get(code) in (PAID[:3] if c.kind == "campaign" else PAID))
        if there or not c.follows:
            kept.append(replace(c, follows=there))
    return tuple(kept) if len(kept) == len(components) else mended(tuple(kept))


def _less(history: History) -> Iterator[History]:
    """Every history with one thing less: half of its steps, an order, a step, a component, a contract, a certificate."""
    every = [step for slot in history.slots for step in slot]
    for half in (every[::2], every[1::2], every[: len(every) // 2]) if len(every) > 6 else ():
        yield _steps_kept(history, lambda s, half=half: s not in half)
    for order in sorted({s.event.order for slot in history.slots for s in slot if isinstance(s, Told)}):
        yield _steps_kept(history, lambda s, order=order: not (isinstance(s, Told) and s.event.order == order))
    for i, slot in enumerate(history.slots):
        for j in range(len(slot)):
            fewer = (*history.slots[:i], slot[:j] + slot[j + 1 :], *history.slots[i + 1 :])
            yield replace(history, slots=fewer)
    for field in SPARE:
        for i in range(len(getattr(history.start, field))):
            rest = getattr(history.start, field)
            yield replace(history, start=replace(history.start, **{field: rest[:i] + rest[i + 1 :]}))
    for i, version in enumerate(history.start.versions):
        for smaller in _versions(version):
            versions = (*history.start.versions[:i], smaller, *history.start.versions[i + 1 :])
            yield replace(history, start=replace(history.start, versions=versions))
    for i, slot in enumerate(history.slots):
        for j, step in enumerate(slot):
            for smaller in _versions(step.version) if isinstance(step, Published) else ():
                changed = (*slot[:j], Published(smaller), *slot[j + 1 :])
                yield replace(history, slots=(*history.slots[:i], changed, *history.slots[i + 1 :]))


def size(history: History) -> int:
    components = [len(s.version.components) for slot in history.slots for s in slot if isinstance(s, Published)]
    stage = history.start
    return (
        sum(map(len, history.slots))
        + sum(components)
        + sum(len(v.components) for v in stage.versions)
        + sum(len(getattr(stage, field)) for field in SPARE)
    )


def _steps_kept(history: History, keep) -> History:
    return replace(history, slots=tuple(tuple(s for s in slot if keep(s)) for slot in history.slots))


def _versions(version: Version) -> Iterator[Version]:
    if len(version.components) > 1:
        for i in range(len(version.components)):
            components = mended(version.components[:i] + version.components[i + 1 :])
            if components:
                yield replace(version, components=components)


# ---- as a document -------------------------------------------------------------------------------------------
def document(history: History) -> str:
    """The history as a worked example says it; what an example cannot say stands in words."""
    world = history.start
    lines = ["products:", *(f"  - {yaml(_product(p))}" for p in world.products), "schedules:"]
    lines += [f"  - {yaml(schedule(v))}" for v in world.versions]
    lines += [
        "partners:",
        *(f"  - {yaml({'number': p.number, 'kind': p.kind, 'vat': p.vat})}" for p in world.partners),
    ]
    lines += [f"  # {c}" for c in (*world.dealer_codes, *world.contracts, *world.memberships)]
    lines += ["certificates:", *(f"  - {yaml(vars(c))}" for c in world.certificates)]
    for field in ("campaigns", "registrations", "targets", "surveys"):
        lines += [f"{field}:", *(f"  - {yaml(vars(each))}" for each in getattr(world, field))]
    lines += ["segments:", *(f"  - {yaml(vars(each))}" for each in segments(0)), "steps:"]
    for slot, (month, steps) in enumerate(zip(CALENDAR, history.slots, strict=True)):
        changed = set(segments(slot)) - set(segments(max(slot - 1, 0)))
        lines += [f"  - segment: {yaml(vars(each))}" for each in changed]
        events = [s.event for s in steps if isinstance(s, Told)]
        if events:
            lines += ["  - feed: |", *(f"      {row}" for row in feed.write(events).splitlines())]
        lines += [f"  - {_step(s)}" for s in steps if not isinstance(s, Told)]
        lines.append(f"  - run: {month:%Y-%m}")
    return "\n".join(lines)


def _step(step: Step) -> str:
    match step:
        case Published(version):
            return f"publish: {yaml(schedule(version))}"
        case Agreed(partner, contracts):
            said = "; ".join(yaml(vars(c)) for c in contracts)
            return f"contract: {partner} # from now on: {said or 'none'}"
        case Revoked(key) | Released(key):
            return f"{type(step).__name__.lower()}: {key}"
        case _:
            return f"{type(step).__name__.lower()}: {yaml(vars(next(iter(vars(step).values()))))}"


def _product(product: Product) -> dict:
    return vars(product)
