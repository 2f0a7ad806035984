"""Targets: what a partner should reach in a period after all adjustments, and what the orders say was reached.

annual 1,000, first half suspended, scale 0.5: the second half's target is 0.5 x 1,000 = 500
432 units from July on: 86.4 %
"""

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from tests.reference.arithmetic import Window, month_of, months_between, window_of
from tests.reference.clawback import NEVER
from tests.reference.eligibility import product_of
from tests.reference.facts import Adjustment, Target, World
from tests.reference.orders import Order

NOTHING = Fraction(0)


def periods(target: Target) -> Iterator[Window]:
    months = months_between(date(target.year, 1, 1), date(target.year, 12, 1))
    yield from sorted({window_of(month, target.period) for month in months})


def of_kind(target: Target, kind: str) -> list[Adjustment]:
    return [a for a in target.adjustments if a.kind == kind]


def covered(adjustments: Iterable[Adjustment], month: date) -> bool:
    return any(a.since <= month < a.until for a in adjustments)


def months_planned(target: Target) -> dict[date, Fraction]:
    """The target of each month: `set`, `suspend`, `scale`, `exclude_plan`, whatever the sequence of writing."""
    months = list(months_between(date(target.year, 1, 1), date(target.year, 12, 1)))
    weights = dict(zip(months, map(Fraction, target.weights), strict=True))
    annual = Fraction(([a.value for a in of_kind(target, "set")] or [target.annual])[-1])
    kept = {m: w for m, w in weights.items() if not covered(of_kind(target, "suspend"), m)}
    total = annual * sum(kept.values(), NOTHING) / sum(weights.values(), NOTHING)
    for scale in of_kind(target, "scale"):
        total = Fraction(scale.value) * Fraction(target.annual)
    if not sum(kept.values(), NOTHING):
        return {}
    per_weight = total / sum(kept.values(), NOTHING)
    return {m: w * per_weight for m, w in kept.items() if not covered(of_kind(target, "exclude_plan"), m)}


def planned(target: Target, period: Window) -> Fraction:
    months = months_planned(target)
    return sum((v for m, v in months.items() if period.first <= m <= period.last), NOTHING)


def actual(world: World, target: Target, orders: Iterable[Order], period: Window) -> Fraction:
    """Of the orders as folded on the run's last day; the operator's own faults lower nobody's attainment."""
    return sum((_size(target, order) for order in orders if counts(world, target, order, period)), NOTHING)


def counts(world: World, target: Target, order: Order, period: Window) -> bool:
    return (
        order.partner == target.partner
        and order.activated_on is not None
        and period.first <= order.activated_on <= period.last
        and not covered(of_kind(target, "suspend"), month_of(order.activated_on))
        and (target.families is None or product_of(world, order).family in target.families)
        and (target.transactions is None or order.transaction in target.transactions)
        and (order.cancellation is None or order.cancellation.reason in NEVER)
    )


def _size(target: Target, order: Order) -> Fraction:
    return order.quantity if target.measure == "units" else order.order_value


def percent(reached: Fraction, plan: Fraction) -> Fraction | None:
    """As shown: truncated to one decimal; None where nothing was asked for."""
    return Fraction((reached * 1000 / plan).__floor__(), 10) if plan else None
