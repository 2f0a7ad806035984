"""Steps of a component: which rate something reaches, and what a stretch of a measure is worth slice by slice.

    from 0: 3 %, from 10,000: 4 %
    rate_at(17,000)          4 %
    slices(8,000, 17,000)    2,000 × 3 % = 60.00 and 7,000 × 4 % = 280.00

`component` is anything with a component's columns. Lower bounds are inclusive; below the first one its rate counts.
Everything is exact; nothing here rounds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal, localcontext
from fractions import Fraction
from typing import Any

from commissions.models import Basis, Kind, Mode

MIN_ANSWERS = 30  # of a survey, where the schedule says nothing
PRECISION = 60  # digits: amounts of 18 and rates of 14 need more than Decimal's usual 28


@dataclass(frozen=True)
class Step:
    """From `start` on, `rate`: EUR per unit, percent, or EUR in total."""

    start: Decimal
    rate: Decimal


@dataclass(frozen=True)
class Slice:
    """The part of a stretch that lies in one step; `amount` in EUR is negative where the stretch runs backwards."""

    start: Decimal
    end: Decimal
    rate: Decimal
    amount: Decimal

    @property
    def size(self) -> Decimal:
        return self.end - self.start


def steps_of(component: Any) -> list[Step]:
    if component is None or not component.steps_from:
        return []
    return [Step(start, rate) for start, rate in zip(component.steps_from, component.steps_rate, strict=True)]


def price(quantity: Decimal, rate: Decimal, basis: str) -> Decimal:
    """Quantity × EUR, or amount × percent, unrounded."""
    with localcontext() as context:
        context.prec = PRECISION
        product = quantity * rate
        return product if basis == Basis.UNITS else product.scaleb(-2)


def rate_at(component: Any, reached: Decimal) -> Decimal:
    steps = steps_of(component)
    begun = [step for step in steps if step.start <= reached]
    return (begun or steps[:1])[-1].rate


def slices(component: Any, start: Decimal, end: Decimal) -> list[Slice]:
    """The stretch from `start` to `end`, cut at the steps' bounds. What lies below the first bound has its rate."""
    low, high = min(start, end), max(start, end)
    return [
        Slice(bottom, top, rate, price(top - bottom if end >= start else bottom - top, rate, component.basis))
        for bottom, top, rate in _bands(component, low, high)
        if top > bottom
    ]


def _bands(component: Any, low: Decimal, high: Decimal) -> Iterator[tuple[Decimal, Decimal, Decimal]]:
    steps = steps_of(component)
    for index, step in enumerate(steps):
        bottom = low if index == 0 else max(low, step.start)
        top = high if index + 1 == len(steps) else min(high, steps[index + 1].start)
        yield bottom, top, step.rate


def stretch(component: Any, start: Decimal, end: Decimal) -> Decimal:
    """F(end) − F(start) in EUR."""
    return sum((part.amount for part in slices(component, start, end)), Decimal(0))


def worth(component: Any, reached: Decimal) -> Decimal:
    """B(reached): what a volume bonus comes to in all once so much is reached."""
    if component.mode == Mode.GRADUATED:
        return stretch(component, Decimal(0), reached)
    return price(reached, rate_at(component, reached), component.basis)


def attained(actual: Decimal | None, target: Decimal | None) -> Fraction | None:
    """Percent of the target, unrounded; None where there is no target."""
    if actual is None or not target or target < 0:
        return None
    return Fraction(actual) * 100 / Fraction(target)


def score(line: Any) -> Fraction | None:
    """NPS of an uplift's line, unrounded: promoters less detractors of 100 answers. None without an answer."""
    return attained(line.measure, line.measured_of)


def enough_answers(line: Any, component: Any) -> bool:
    return (line.measured_of or 0) >= (component.min_answers or MIN_ANSWERS)


def reached_by(line: Any, component: Any) -> Fraction | None:
    """What the step of the line was chosen by; None where steps decide nothing, or nothing was reached."""
    if component is None or not component.steps_from:
        return None
    if line.kind == Kind.TARGET_BONUS:
        return attained(line.measure, line.measured_of)
    if line.kind == Kind.UPLIFT:
        return score(line) if enough_answers(line, component) else None
    return None if line.measure is None else Fraction(line.measure)


def chosen_rate(line: Any, component: Any) -> Decimal | None:
    """The rate the line must have by its component's steps; None where no step sets one for the whole line."""
    if component is None or not component.steps_from:
        return None
    reached = reached_by(line, component)
    if line.kind in (Kind.TARGET_BONUS, Kind.UPLIFT):
        begun = [step.rate for step in steps_of(component) if reached is not None and step.start <= reached]
        rate = begun[-1] if begun else Decimal(0)
        return max(rate, Decimal(0)) if line.kind == Kind.UPLIFT else rate
    if component.mode == Mode.SLAB and line.measure is not None:
        return rate_at(component, line.measure)
    return None


def next_step(line: Any, component: Any) -> Step | None:
    """The step after the one reached, if there is one."""
    reached = reached_by(line, component)
    if reached is None:
        return None
    return next((step for step in steps_of(component) if step.start > reached), None)


def this_step(line: Any, component: Any) -> Step | None:
    """The step reached, if one is."""
    reached = reached_by(line, component)
    if reached is None:
        return None
    begun = [step for step in steps_of(component) if step.start <= reached]
    return begun[-1] if begun else None


def truncated(value: Fraction) -> Decimal:
    """To one decimal, never up: 99.96 must not read as 100.0 where the step from 100 was not reached."""
    exact = Decimal(value.numerator * 10) / Decimal(value.denominator)
    return exact.quantize(Decimal(1), rounding=ROUND_DOWN) / 10
