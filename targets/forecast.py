"""Where a target will end if things go on: linear, seasonal, and what each remaining month needs. Pure and exact.

Worked example, half-year target 500 with weights 14/14/15/16/20/21 for July to December, 190 by the end of September:

    linear      190 / 3 × 6     = 380     76.0 %
    seasonal    190 / 0.43      = 441.86  88.4 %
    needed      310 to go: 103.33 a month, or by season 87.02 + 108.77 + 114.21

A begun month counts with the share of its days that are over. Suspended months are none: they are left out before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from core.periods import last_of_month


@dataclass(frozen=True)
class Month:
    """A month that counts, with its weight in the year."""

    first: date
    weight: Fraction

    def over(self, day: date) -> Fraction:
        """Share of the month that is over in the evening of `day`."""
        length = last_of_month(self.first).day
        return Fraction(min(max((day - self.first).days + 1, 0), length), length)


@dataclass(frozen=True)
class Need:
    """What one remaining month has to bring, evenly and by season."""

    month: date
    linear: Fraction
    seasonal: Fraction


@dataclass(frozen=True)
class Forecast:
    """Values at the end of the period, None before its first day is over. `low`, `high`: as past years would end it."""

    linear: Fraction | None
    seasonal: Fraction | None
    low: Fraction | None
    high: Fraction | None
    needs: tuple[Need, ...]
    to_go: Fraction

    @property
    def spread(self) -> tuple[Fraction, Fraction] | None:
        """From, to, as past years would end it; None where they agree or there is only one: that is no range."""
        return (
            (self.low, self.high) if self.low is not None and self.high is not None and self.low < self.high else None
        )


def months(firsts: Sequence[date], weights: Sequence[Decimal]) -> list[Month]:
    return [Month(first, Fraction(weight)) for first, weight in zip(firsts, weights, strict=True)]


def forecast(
    actual: Decimal | Fraction,
    target: Decimal | Fraction | None,
    counting: Sequence[Month],
    day: date,
    past_shares: Sequence[Fraction] = (),
) -> Forecast:
    """`past_shares`: what part of the period's result was reached by this day in each past year."""
    reached = Fraction(actual)
    over = sum((month.over(day) for month in counting), Fraction(0))
    weighed = sum((month.over(day) * month.weight for month in counting), Fraction(0))
    weight = sum((month.weight for month in counting), Fraction(0))
    ends = [reached / share for share in past_shares if share > 0]
    to_go = max(Fraction(target or 0) - reached, Fraction(0))
    return Forecast(
        linear=reached * len(counting) / over if over else None,
        seasonal=reached * weight / weighed if weighed else None,
        low=min(ends) if ends else None,
        high=max(ends) if ends else None,
        needs=_needs(to_go, counting, day),
        to_go=to_go,
    )


def _needs(to_go: Fraction, counting: Sequence[Month], day: date) -> tuple[Need, ...]:
    left = [(month, 1 - month.over(day)) for month in counting if month.over(day) < 1]
    even = sum((part for _month, part in left), Fraction(0))
    weighed = sum((part * month.weight for month, part in left), Fraction(0))
    return tuple(
        Need(
            month.first,
            to_go * part / even,
            to_go * part * month.weight / weighed if weighed else to_go * part / even,
        )
        for month, part in left
    )


def pace_against(needed_per_month: Fraction, last_year_per_month: Fraction) -> Fraction | None:
    """How much more a month is needed than last year brought, in percent: 83.3 against 70 is +19 %."""
    return (needed_per_month / last_year_per_month - 1) * 100 if last_year_per_month else None
