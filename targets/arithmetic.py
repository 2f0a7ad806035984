"""What a target is after its adjustments, and how far it is: pure, exact, without a database.

Applied in this order, whenever they were recorded: set (a new annual), suspend (the months leave target and actual),
scale (the year becomes factor × the *original* annual, spread over the months left), exclude_plan (the months leave the
target, their orders still count). Of several `set` or `scale` the latest counts. Worked example, annual 1,000:

    half = Change("suspend", date(2021, 1, 1), date(2021, 7, 1)), Change("scale", factor=Decimal("0.5"))
    period_target(Decimal(1000), [Decimal(1)] * 12, half, periods(2021, "half_year")[1])   # 500, not 250
    percent(Decimal(432), Fraction(500))                                                   # 86.4

The database says the same for thousands of agreements at once (`targets_periods` in migrations/0003_periods.py); a
property test holds both together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from core.periods import add_months

LENGTH = {"year": 12, "half_year": 6, "quarter": 3}
EVEN = [Decimal(1)] * 12


@dataclass(frozen=True)
class Change:
    """One adjustment. The window is half open and runs over whole months."""

    kind: str
    window_from: date | None = None
    window_until: date | None = None
    factor: Decimal | None = None
    value: Decimal | None = None

    def covers(self, month: date) -> bool:
        return bool(self.window_from and self.window_until and self.window_from <= month < self.window_until)


@dataclass(frozen=True)
class Span:
    """A period `[start, until)`."""

    start: date
    until: date

    @property
    def months(self) -> list[date]:
        found, month = [], self.start
        while month < self.until:
            found.append(month)
            month = add_months(month, 1)
        return found

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.until


def periods(year: int, length: str) -> list[Span]:
    """The periods of a year, first to last: one, two or four."""
    size = LENGTH[length]
    return [Span(date(year, m, 1), add_months(date(year, m, 1), size)) for m in range(1, 13, size)]


def month_targets(
    annual: Decimal, weights: Sequence[Decimal], changes: Sequence[Change], year: int
) -> dict[date, Fraction | None]:
    """Target of each month of the year, unrounded; None where it is suspended."""
    months = [date(year, n, 1) for n in range(1, 13)]
    weight = dict(zip(months, map(Fraction, weights), strict=True))
    sets = [change.value for change in changes if change.kind == "set"]
    scales = [change.factor for change in changes if change.kind == "scale"]
    suspended = {m for m in months for change in changes if change.kind == "suspend" and change.covers(m)}
    excluded = {m for m in months for change in changes if change.kind == "exclude_plan" and change.covers(m)}
    active = sum((weight[m] for m in months if m not in suspended), Fraction(0))
    if scales:
        total, spread = Fraction(scales[-1] or 0) * Fraction(annual), active
    else:
        total, spread = Fraction(annual if not sets else (sets[-1] or 0)), sum(weight.values(), Fraction(0))
    return {
        m: None if m in suspended else Fraction(0) if m in excluded or not spread else total * weight[m] / spread
        for m in months
    }


def period_target(
    annual: Decimal, weights: Sequence[Decimal], changes: Sequence[Change], span: Span
) -> Fraction | None:
    """Target of one period, unrounded; None if all of it is suspended."""
    by_month = month_targets(annual, weights, changes, span.start.year)
    known = [target for month in span.months if (target := by_month[month]) is not None]
    return sum(known, Fraction(0)) if known else None


def counting_months(changes: Sequence[Change], span: Span) -> list[date]:
    """Months whose orders make the actual: all but the suspended ones."""
    gone = [change for change in changes if change.kind == "suspend"]
    return [month for month in span.months if not any(change.covers(month) for change in gone)]


def percent(actual: Decimal | Fraction, target: Decimal | Fraction | None) -> Fraction | None:
    """Attainment in percent, exact: compare this one. None without a target to measure against."""
    return Fraction(actual) * 100 / Fraction(target) if target else None


def shown(value: Fraction | Decimal | None) -> Decimal | None:
    """Percent as people read it: cut off after one decimal, so that 89.96 is 89.9 and never passes for 90."""
    return None if value is None else truncated(value, Decimal("0.1"))


def pace(value: Decimal | Fraction | None, target: Decimal | Fraction | None) -> Fraction | None:
    """What share of the target a forecast is: of its whole units, which are what people read beside it.

    479.9 of 571 reads "479 pieces" and is 83.8 % everywhere; 84.0 % beside 479 would be another number for the same.
    """
    return None if value is None else percent(Fraction(int(value)), target)


def truncated(value: Fraction | Decimal, step: Decimal) -> Decimal:
    exact = Fraction(value) / Fraction(step)
    whole = abs(exact.numerator) // exact.denominator
    return (Decimal(whole if exact >= 0 else -whole) * step).quantize(step, rounding=ROUND_DOWN)


def decimal(value: Fraction) -> Decimal:
    """For storing and for the API: 28 digits, enough to tell any two percents apart."""
    return Decimal(value.numerator) / Decimal(value.denominator)
