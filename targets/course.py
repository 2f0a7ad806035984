"""The course of a period as lines on a drawing of 100 × 100, with the scale beside it and the same as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from targets.models import Snapshot
from targets.standing import Standing


@dataclass(frozen=True)
class Row:
    """One month of the table beside the course: planned and reached by its last day, cumulated."""

    month: date
    planned: Fraction
    reached: Decimal | None
    needed: Fraction | None


@dataclass(frozen=True)
class Course:
    """Polylines as SVG points on a drawing of 100 × 100, and the same as a table."""

    plan: str
    reached: str
    ahead: str
    fan: str
    top: Fraction
    today: float
    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, date], ...]
    scale: tuple[tuple[float, Fraction], ...]


def course(standing: Standing, snapshots: Sequence[Snapshot]) -> Course:
    """The period from its first to its last day: plan by season, what was reached, where it goes."""
    span, length = standing.span, (standing.span.until - standing.span.start).days
    planned = _planned(standing)
    points = [(snapshot.day, Fraction(snapshot.actual)) for snapshot in snapshots if snapshot.day in span]
    ends = [value for value in (standing.forecast.seasonal, standing.forecast.high) if value is not None]
    top = max([Fraction(1), *(value for _day, value in planned), *(value for _day, value in points), *ends]) * 11 / 10

    def x(day: date) -> float:
        return round(min(max((day - span.start).days + 1, 0), length) / length * 100, 2)

    def y(value: Fraction) -> float:
        return round(100 - float(value / top * 100), 2)

    def line(spots: Sequence[tuple[date, Fraction]]) -> str:
        return " ".join(f"{x(day)},{y(value)}" for day, value in spots)

    last_day = span.until - timedelta(days=1)
    start = [(span.start - timedelta(days=1), Fraction(0))]
    known = [*start, *points]
    here, out = known[-1], standing.forecast
    ahead = [here, (last_day, out.seasonal)] if standing.running and out.seasonal is not None else []
    fan = ""
    if standing.running and out.spread:
        low, high = out.spread
        fan = line([here, (last_day, high), (last_day, low)])
    return Course(
        plan=line([*start, *planned]),
        reached=line(known) if points else "",
        ahead=line(ahead),
        fan=fan,
        top=top,
        today=x(standing.day),
        rows=_rows(standing, planned, points),
        scale=tuple((y(value), value) for value in round_values(top)),
        ticks=tuple((round((x(day - timedelta(days=1)) + x(_end(day))) / 2, 2), day) for day in span.months),
    )


def round_values(top: Fraction) -> list[Fraction]:
    """Two to four round values above zero and below the top: 200, 400 and 600 below 628."""
    power = Fraction(10) ** (len(str(int(top))) - 1)
    step = next(each for each in (power * 5, power * 2, power, power / 2, power / 5) if each * 2 < top)
    return [step * n for n in range(1, 5) if step * n < top]


def _end(month: date) -> date:
    following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)


def _planned(standing: Standing) -> list[tuple[date, Fraction]]:
    """Cumulated plan on the last day of each month; flat over suspended months."""
    weights = {month.first: month.weight for month in standing.months}
    total = sum(weights.values(), Fraction(0))
    target, sofar, found = standing.target or Fraction(0), Fraction(0), []
    for month in standing.span.months:
        sofar += target * weights.get(month, Fraction(0)) / total if total else Fraction(0)
        found.append((_end(month), sofar))
    return found


def _rows(
    standing: Standing, planned: Sequence[tuple[date, Fraction]], points: Sequence[tuple[date, Fraction]]
) -> tuple[Row, ...]:
    needs = {need.month: need.seasonal for need in standing.forecast.needs} if standing.running else {}
    rows = []
    for end, value in planned:
        month = end.replace(day=1)
        inside = [actual for day, actual in points if day <= end]
        begun = month <= standing.day
        reached = Decimal(inside[-1].numerator) / inside[-1].denominator if inside and begun else None
        rows.append(Row(month, value, reached, needs.get(month)))
    return tuple(rows)
