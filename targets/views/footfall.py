"""Visits week by week beside a base year, for one partner or for the whole channel; and what a target needs of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import formats
from core.charts import share
from partners.models import Outlet, Partner
from targets.arithmetic import Span
from targets.footfall import (
    Plan,
    Week,
    WeekRow,
    base_week,
    beside,
    by_week,
    change,
    comparable_total,
    conversion,
    monday,
    week_of,
)
from targets.models.footfall import Footfall
from targets.nps import decimal
from targets.visits import FootfallQuerySet, orders_by_week

# A year has 52 or 53 weeks, each a slot of the chart.
SLOTS = 53
RECENT = 13  # weeks of the table that are always open; the others unfold
COLUMN = 1.4  # width of a week's column in percent; a slot is 1.89


@dataclass(frozen=True)
class Slot:
    """A week in the chart, in percent of its width and height: a column for the visits, a mark for the base year."""

    row: WeekRow
    left: float
    height: float
    base: float | None
    title: str

    @property
    def right(self) -> float:
        return self.left + COLUMN

    @property
    def top(self) -> float:
        return 100 - self.height

    @property
    def base_top(self) -> float | None:
        return None if self.base is None else 100 - self.base


@dataclass(frozen=True)
class ShownWeek:
    """A row of the table beside the chart, as it is read; `n/a` where there is nothing to compare with."""

    row: WeekRow

    @property
    def number(self) -> int:
        return self.row.week[1]

    @property
    def short(self) -> str:
        """A week of which not every day was counted."""
        days = self.row.days
        return "" if days >= 7 else ngettext("%(n)d day", "%(n)d days", days) % {"n": days}

    @property
    def base(self) -> str:
        return "" if self.row.base is None else formats.number(self.row.base)

    @property
    def index(self) -> str:
        return _("n/a") if self.row.index is None else formats.number(decimal(self.row.index), places=1)

    @property
    def conversion(self) -> str:
        found = self.row.conversion
        return _("n/a") if found is None else formats.percent(decimal(found), places=1)


@dataclass(frozen=True)
class Choice:
    """What the reader chose: outlet (or all), year, base year."""

    outlet: Outlet | None
    year: int
    base_year: int
    years: list[int]
    base_years: list[int]


def choose(request: HttpRequest, visits: FootfallQuerySet, outlets: QuerySet[Outlet], today: date) -> Choice:
    """`?outlet=7&year=2026&base=2024`; without, all outlets, the latest year, the year before it."""
    outlet = outlets.filter(pk=_number(request, "outlet") or 0).first()
    years = visits.years() or [today.isocalendar().year]
    year = asked if (asked := _number(request, "year")) in years else years[0]
    # A base year may be later: a bad year is read against the good one that followed.
    base_years = [each for each in years if each != year] or [year - 1]
    fallback = year - 1 if year - 1 in base_years else base_years[0]
    base = asked if (asked := _number(request, "base")) in base_years else fallback
    return Choice(outlet, year or years[0], base or fallback, years, base_years)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@dataclass(frozen=True)
class Goal:
    """A running target in pieces, for what it needs of the visits that are still to come."""

    key: int
    title: str
    span: Span
    actual: Decimal
    to_go: Fraction


def board(
    request: HttpRequest,
    visits: FootfallQuerySet,
    outlets: QuerySet[Outlet],
    today: date,
    goals: Sequence[Goal] = (),
) -> dict[str, Any]:
    """Context of both pages: the weeks, their chart, the totals, what a target needs.

    A goal is of the whole partner, so one outlet alone is asked nothing for it.
    """
    choice = choose(request, visits, outlets, today)
    asked = _number(request, "goal")
    goal = None if choice.outlet else next((each for each in goals if asked in (each.key, None)), None)
    if choice.outlet:
        visits, outlets = visits.filter(outlet=choice.outlet), outlets.filter(pk=choice.outlet.pk)
    # Only the two years are read; a week belongs to the year of its Thursday, so the first may begin in December.
    wanted = Q(pk__in=[])
    for each in {choice.year, choice.base_year}:
        wanted |= Q(starts_on__gte=monday((each, 1)), starts_on__lt=monday((each + 1, 1)))
    counted = by_week(visits.filter(wanted).counted())
    first, last = monday((choice.year, 1)), monday((choice.year + 1, 1))
    orders = orders_by_week(outlets.filter(footfall__isnull=False).distinct(), since=first, until=last)
    rows = beside(counted, year=choice.year, base_year=choice.base_year, orders=orders)
    total = comparable_total(rows)
    moved = change(*total) if total else None
    defaults = {"base_visits": Decimal(total[1] if total else 0), "change": decimal(moved or Fraction())}
    defaults |= ahead(goal, counted, choice.base_year, today) if goal else {}
    all_visits, all_orders = sum(row.visits for row in rows), sum(row.orders for row in rows)
    rate = conversion(all_orders, all_visits)
    shown = [ShownWeek(row) for row in reversed(rows)]
    return {
        "choice": choice,
        "rows": rows,
        "weeks": [weeks for weeks in (shown[:RECENT], shown[RECENT:]) if weeks],
        "slots": _slots(rows),
        "visits": all_visits,
        "orders": all_orders,
        "conversion": None if rate is None else decimal(rate),
        "compared": total,
        "change": moved,
        "change_text": "" if moved is None else formats.percent(decimal(moved), places=1, signed=True),
        "goals": goals,
        "goal": goal,
        "plan": plan(request, {"conversion": decimal(rate or Fraction()), "target": Decimal(0), **defaults}),
    }


def ahead(goal: Goal, counted: Mapping[Week, tuple[int, int]], base_year: int, today: date) -> dict[str, Decimal]:
    """What the rest of the period has to go on: the base year's visits of the weeks to come, pieces a hundred visits
    brought so far, pieces to go. Nothing where no visit is known.

    A week belongs to the period in which its Thursday lies, as ISO 8601 has it for years.
    """
    days = (goal.span.start + timedelta(days=n) for n in range((goal.span.until - goal.span.start).days))
    weeks = [week_of(day) for day in days if day.isoweekday() == 4]
    later = (base_week(week, base_year) for week in weeks if monday(week) > today)
    known = [week for week in later if week and week in counted]
    here = sum(counted[week][0] for week in weeks if week in counted)
    found = {"target": Decimal(math.ceil(goal.to_go))}
    if known:
        found["base_visits"] = Decimal(sum(counted[week][0] for week in known))
    if here:
        found["conversion"] = 100 * goal.actual / here
    return found


def _slots(rows: list[WeekRow]) -> list[Slot]:
    highest = Decimal(max((max(row.visits, row.base or 0) for row in rows), default=0))
    width = 100 / SLOTS
    return [
        Slot(
            row,
            round((row.week[1] - 1) * width, 2),
            share(Decimal(row.visits), highest),
            None if row.base is None else share(Decimal(row.base), highest),
            _("Week %(week)d: %(visits)s") % {"week": row.week[1], "visits": formats.number(row.visits)},
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Needs:
    """The calculator: what was entered, what follows; percentages as decimals for reading."""

    plan: Plan
    given: dict[str, str]
    refusal: str = ""

    @property
    def visits(self) -> Decimal:
        return decimal(self.plan.visits)

    @property
    def sales(self) -> Decimal:
        return decimal(self.plan.sales)

    @property
    def needed(self) -> Decimal | None:
        return None if self.plan.needed is None else decimal(self.plan.needed)

    @property
    def visits_needed(self) -> Decimal | None:
        return None if self.plan.visits_needed is None else decimal(self.plan.visits_needed)


def plan(request: HttpRequest, defaults: Mapping[str, Decimal]) -> Needs:
    """`?base_visits=4000&change=-20&conversion=12&target=480`; what is not given is taken from the weeks above."""
    tenth = Decimal("0.1")
    defaults = {**defaults, **{name: defaults[name].quantize(tenth) for name in ("change", "conversion")}}
    values, refusal = {}, ""
    for name, default in defaults.items():
        text = request.GET.get(name, "").strip().replace(",", ".").replace("\u2212", "-")
        try:
            values[name] = Decimal(text) if text else default
        except InvalidOperation:
            values[name], refusal = default, _("Please enter numbers.")
        if not values[name].is_finite() or abs(values[name]) > 10**9:
            values[name], refusal = default, _("Please enter numbers.")
    # Without grouping: what the form shows is read again when it is sent again.
    point = "," if formats.german() else "."
    given = {name: f"{value.normalize():f}".replace(".", point) for name, value in values.items()}
    this = Plan(int(values["base_visits"]), values["change"], values["conversion"], int(values["target"]))
    return Needs(this, given, refusal)


def last_days(today: date, days: int = 7) -> list[date]:
    """The days a form offers: today and those before it, oldest first."""
    return [today - timedelta(days=back) for back in reversed(range(days))]


def all_visits() -> FootfallQuerySet:
    rows: Any = Footfall.objects.all()
    return rows


def visits_of(partner: Partner) -> FootfallQuerySet:
    rows: Any = Footfall.objects.filter(outlet__partner=partner)
    return rows
