"""Bonuses without an order: on what a partner reached in a window, month by month, and on an attained target.

from 0: 0 %, from 40,000: 1 %, half-year, slab; January to April 12,000 / 9,500 / 14,250 / 8,800
B(35,750) = 0.00, B(44,550) = 445.50: April posts 445.50
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from tests.reference.arithmetic import MONTHS, Window, half_up, last_day, month_of, months_between, window_of
from tests.reference.assessment import NOTHING, Assessment, Identity, Inputs
from tests.reference.books import Line
from tests.reference.claims import value_of
from tests.reference.clawback import share_of
from tests.reference.eligibility import certified, components_on, contract_of, fits, in_portfolio, withheld
from tests.reference.facts import World
from tests.reference.orders import Order
from tests.reference.schedules import Component
from tests.reference.settling import Frozen, Settled
from tests.reference.targets import actual, periods, planned
from tests.reference.tiers import graduated, rate_at


def components_at(world: World, partner: str, day: date, kind: str) -> tuple[str, list[Component]]:
    """Of the partner's contract on that day; no contract, no bonus."""
    contract = contract_of(world, partner, day)
    if contract is None:
        return "", []
    return contract.schedule, [c for c in components_on(world, contract.schedule, day) if c.kind == kind]


def inputs_at(world: World, partner: str, day: date, **own: object) -> Inputs:
    """A bonus depends on the partner's schedule on the last day, and on nothing else of the contract."""
    contract = contract_of(world, partner, day)
    return Inputs(partner, contract and (contract.schedule, "", None), **own)


# ---- window_bonus --------------------------------------------------------------------------------------------------
def counts(world: World, component: Component, order: Order) -> bool:
    """Whether the order is in the measure: matched, sold under a contract, nothing in the way, nothing clawed back."""
    contract = contract_of(world, order.partner, order.signed_on)
    return (
        contract is not None
        and fits(component.match, world, order, contract)
        and in_portfolio(world, order)
        and certified(world, order.partner, component, order.signed_on)
        and share_of(component, order).taken == 0
    )


def worth(component: Component, x: Fraction) -> Fraction:
    """B(x), unrounded EUR."""
    tiers = component.tiers
    total = graduated(tiers.steps, x) if tiers.mode == "graduated" else x * rate_at(tiers.steps, x)
    return total / (100 if tiers.by == "percent" else 1)


def window_bonuses(
    world: World,
    orders: Iterable[Order],
    month: date,
    frozen: Frozen,
    booked: Mapping[Identity, Sequence[Line]],
) -> dict[Identity, Assessment]:
    """`booked`: the lines of bonuses posted before; their windows are looked at even if no order is left in them.

    Of a settled window only what a hold kept back is still owed, and as much as it was then.
    """
    found: dict[Identity, Assessment] = {}
    touched: dict[str, set[date]] = {}
    active: dict[str, list[Order]] = {}
    for order in orders:
        if order.activated_on and month_of(order.activated_on) <= month:
            active.setdefault(order.partner, []).append(order)
            first = month_of(order.activated_on)
            billed = {m for m, _ in order.revenue if first <= m <= month}
            touched[order.partner] = touched.get(order.partner, set()) | {first} | billed
    for identity in booked:
        touched.setdefault(identity.partner, set()).add(identity.month)
    for partner, months in touched.items():
        for length in ("month", "quarter", "half_year", "year"):
            for window in sorted({window_of(m, length) for m in months}):
                kept = {i: b for i, b in booked.items() if i.partner == partner and within(window, length, i, b)}
                owed = frozen.windows.get((partner, window), Settled()).bonuses
                owed = dict(settled_in_hindsight(world, frozen, partner, window, kept)) | owed
                found |= {
                    i: as_held_now(world, i, owed[i]) for i in kept if i in owed and kept[i][-1].hold == "withheld"
                }
                _, components = components_at(world, partner, window.last, "window_bonus")
                moving = [
                    c for c in components if c.tiers.window == length and not frozen.find(partner, c.code, window)
                ]
                found |= dict(_bonuses(world, partner, active.get(partner, []), window, moving, month))
    return found


def within(window: Window, length: str, identity: Identity, lines: Sequence[Line]) -> bool:
    promised = [line.inputs.component for line in lines if line.inputs.component]
    return window.first <= identity.month <= window.last and any(c.tiers.window == length for c in promised)


def settled_in_hindsight(
    world: World, frozen: Frozen, partner: str, window: Window, booked: Mapping[Identity, Sequence[Line]]
) -> Iterator[tuple[Identity, Assessment]]:
    """What is owed of a window that only now turns out to have been settled before: by what counted when the last run
    was posted, and by the contract and component that the latest notice of a hold names."""
    stood = frozen.stood.get((partner, window), Settled()).bonuses
    notices = [
        line
        for lines in booked.values()
        for line in lines
        if line.hold == "withheld"
        and line.inputs.component
        and not frozen.stored(partner, line.identity.component, window)
    ]
    for identity in booked:
        own = [n for n in notices if n.identity.component == identity.component]
        if own and frozen.find(partner, identity.component, window):
            reached = stood[identity].inputs.reached if identity in stood else (NOTHING, NOTHING)
            inputs = replace(max(own, key=lambda n: n.run).inputs, reached=reached)
            yield identity, Assessment("window_bonus", inputs, earned(inputs.component, *reached), service=window.last)


def counting_months(world: World, orders: Iterable[Order], month: date) -> Iterator[tuple[str, str, date]]:
    """Partner, component and month wherever something counts for a window bonus, also of a window that no longer moves."""
    for order in orders:
        if order.activated_on and month_of(order.activated_on) <= month:
            for m in {month_of(order.activated_on), *(billed for billed, _ in order.revenue if billed <= month)}:
                for length in MONTHS:
                    _, promised = components_at(world, order.partner, window_of(m, length).last, "window_bonus")
                    for c in promised:
                        if c.tiers.window == length and size(c, order, m) and counts(world, c, order):
                            yield order.partner, c.code, m


def _bonuses(
    world: World, partner: str, orders: list[Order], window: Window, components: list[Component], month: date
) -> Iterator[tuple[Identity, Assessment]]:
    for component in components:
        counting = [o for o in orders if counts(world, component, o)]
        hold = hold_of(world, partner, component.code)
        before = NOTHING
        for m in months_between(window.first, min(window.last, month)):
            after = before + sum((size(component, o, m) for o in counting), NOTHING)
            full = earned(component, before, after)
            inputs = inputs_at(world, partner, window.last, component=component, hold=hold, reached=(before, after))
            yield Identity(partner, component.code, m), Assessment("window_bonus", inputs, full, service=window.last)
            before = after


def earned(component: Component, before: Fraction, after: Fraction) -> Fraction:
    return half_up(worth(component, after) - worth(component, before), Fraction(component.round_to))


def hold_of(world: World, partner: str, component: str) -> str:
    return "withheld" if withheld(world, partner, "", component) else ""


def as_held_now(world: World, identity: Identity, was: Assessment) -> Assessment:
    return replace(was, inputs=replace(was.inputs, hold=hold_of(world, identity.partner, identity.component)))


def size(component: Component, order: Order, month: date) -> Fraction:
    """What was sold counts in the month of its activation; what was billed in its own, from that month on."""
    if component.of == "revenue":
        return value_of("revenue", order, month) if month >= month_of(order.activated_on) else NOTHING
    if month_of(order.activated_on) != month:
        return NOTHING
    return order.quantity if component.tiers.measure == "units" else value_of(component.of, order, None)


# ---- target_bonus --------------------------------------------------------------------------------------------------
class Final(NamedTuple):
    """What the first posted run found out about a period: the actual never moves again."""

    actual: Fraction
    inputs: Inputs


def target_bonuses(
    world: World, orders: list[Order], month: date, frozen: Mapping[Identity, Final]
) -> dict[Identity, Assessment]:
    found = {}
    latest = {(t.partner, t.kpi, t.year): t for t in world.targets}
    for target in latest.values():
        for window in periods(target):
            _, components = components_at(world, target.partner, window.last, "target_bonus")
            for component in components:
                identity = Identity(target.partner, component.code, month_of(window.last))
                due = window.last + timedelta(component.settle_after_days)
                if component.target != target.kpi or (last_day(month) < due and identity not in frozen):
                    continue
                known = frozen.get(identity)
                reached = known.actual if known else actual(world, target, orders, window)
                plan = planned(target, window)
                hold = hold_of(world, target.partner, component.code)
                given = {"component": component, "base": reached, "target": plan, "hold": hold}
                inputs = inputs_at(world, target.partner, window.last, **given)
                full = half_up(bonus(component, reached, plan), Fraction(component.round_to))
                found[identity] = Assessment("target_bonus", inputs, full, service=window.last)
    return found


def bonus(component: Component, reached: Fraction, plan: Fraction) -> Fraction:
    """Slab on the attained percent, unrounded; nothing below the first step, nothing for a suspended period."""
    attained = [s for s in component.steps if plan > 0 and reached / plan * 100 >= s.start]
    if not attained:
        return NOTHING
    rate = Fraction(attained[-1].rate)
    return rate if component.in_total else rate * reached


def gone(world: World, identity: Identity, kind: str, last: Inputs) -> Assessment:
    """What a bonus that no component grants any more is: nothing, by the partner's contract and schedule of now."""
    length = last.component.tiers.window if kind == "window_bonus" and last.component else "month"
    inputs = inputs_at(world, identity.partner, window_of(identity.month, length).last)
    return Assessment(kind, replace(inputs, base=last.base, target=last.target), idle=True)
