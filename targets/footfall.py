"""Footfall: visits to an outlet week by week, against a base year, and what a target needs of them.

    index(3200, 4000)                              # Fraction(80): 80 % of the base week, which is -20 %
    index(3200, None)                              # None: without a base week there is nothing to compare
    week_of(date(2021, 7, 8))                      # (2021, 27): calendar week, ISO 8601
    plan = Plan(base=4000, change=Decimal(-20), conversion=Decimal(12), target=480)
    plan.visits, plan.sales, plan.needed           # 3200, 384, 15 (percent)

A base year is chosen, never assumed: 2020 was itself no normal year, so an index against it flatters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

Week = tuple[int, int]  # ISO year and week


def week_of(day: date) -> Week:
    iso = day.isocalendar()
    return iso.year, iso.week


def monday(week: Week) -> date:
    return date.fromisocalendar(week[0], week[1], 1)


def base_week(week: Week, year: int) -> Week | None:
    """The week of the same number in another year; None for a week 53 which that year does not have."""
    try:
        monday((year, week[1]))
    except ValueError:
        return None
    return year, week[1]


def index(visits: int, base: int | None) -> Fraction | None:
    """Visits in percent of the base; None where the base is missing or was zero."""
    return Fraction(100 * visits, base) if base else None


def change(visits: int, base: int | None) -> Fraction | None:
    """By how many percent visits lie above (+) or below (-) the base: 3,200 to 4,000 is -20."""
    found = index(visits, base)
    return None if found is None else found - 100


def conversion(sales: int, visits: int) -> Fraction | None:
    """Sales in percent of visits; None without visits."""
    return Fraction(100 * sales, visits) if visits else None


@dataclass(frozen=True)
class WeekRow:
    """One week beside the same week of the base year."""

    week: Week
    visits: int
    days: int
    base: int | None = None
    base_days: int = 0
    orders: int = 0

    @property
    def monday(self) -> date:
        return monday(self.week)

    @property
    def comparable(self) -> bool:
        """A week of four days against one of seven would look like a slump."""
        return self.base is not None and self.days == self.base_days

    @property
    def index(self) -> Fraction | None:
        return index(self.visits, self.base) if self.comparable else None

    @property
    def change(self) -> Fraction | None:
        return change(self.visits, self.base) if self.comparable else None

    @property
    def conversion(self) -> Fraction | None:
        return conversion(self.orders, self.visits)


@dataclass(frozen=True)
class Counted:
    """Visits of some days: a day has 1, a week reported as a whole 7."""

    starts_on: date
    days: int
    visits: int


def by_week(rows: Iterable[Counted]) -> dict[Week, tuple[int, int]]:
    """Visits and days by week. A week reported as a whole counts as it is; its single days would count twice."""
    whole: dict[Week, int] = {}
    single: dict[Week, tuple[int, int]] = {}
    for row in rows:
        week = week_of(row.starts_on)
        if row.days > 1:
            whole[week] = whole.get(week, 0) + row.visits
        else:
            visits, days = single.get(week, (0, 0))
            single[week] = visits + row.visits, days + 1
    return single | {week: (visits, 7) for week, visits in whole.items()}


def beside(
    counted: Mapping[Week, tuple[int, int]], *, year: int, base_year: int, orders: Mapping[Week, int] | None = None
) -> list[WeekRow]:
    """The weeks of `year` that were counted, each with its base week and its orders."""
    found = []
    for week in sorted(week for week in counted if week[0] == year):
        visits, days = counted[week]
        then = base_week(week, base_year)
        base, base_days = counted.get(then, (None, 0)) if then else (None, 0)
        found.append(WeekRow(week, visits, days, base, base_days, (orders or {}).get(week, 0)))
    return found


def comparable_total(rows: Iterable[WeekRow]) -> tuple[int, int] | None:
    """Visits and base visits over the weeks that can be compared; None if there is none."""
    fitting = [row for row in rows if row.comparable]
    return (sum(row.visits for row in fitting), sum(row.base or 0 for row in fitting)) if fitting else None


@dataclass(frozen=True)
class Plan:
    """What a target needs: visits of the base period, their change and the conversion in percent, the target in units."""

    base: int
    change: Decimal
    conversion: Decimal
    target: int

    @property
    def visits(self) -> Fraction:
        """4,000 × (1 - 0.20) = 3,200."""
        return self.base * (1 + Fraction(self.change) / 100)

    @property
    def sales(self) -> Fraction:
        """3,200 × 12 % = 384."""
        return self.visits * Fraction(self.conversion) / 100

    @property
    def needed(self) -> Fraction | None:
        """Conversion in percent at which these visits reach the target: 480 / 3,200 = 15 %."""
        return Fraction(100 * self.target) / self.visits if self.visits and self.target else None

    @property
    def visits_needed(self) -> Fraction | None:
        """Visits that reach the target at this conversion: 480 / 12 % = 4,000."""
        return self.target / (Fraction(self.conversion) / 100) if self.conversion and self.target else None


def sunday(week: Week) -> date:
    return monday(week) + timedelta(days=6)
