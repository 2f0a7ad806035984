"""Where the shapes of a gauge and of a course stand, in percent of the drawing; templates only place them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from targets.bonus import Band
from targets.models import Snapshot
from targets.standing import Standing

ROOM = 7.0  # what a label needs, in percent of the drawing
HEAD_ROOM = Fraction(6, 5)  # the scale ends a fifth above whatever reaches farthest


@dataclass(frozen=True)
class Mark:
    """A band below the bar."""

    at: float
    band: Band
    reached: bool
    anchor: str
    written: bool  # only a tick where the labels would run into each other: the list of steps says it then


@dataclass(frozen=True)
class Gauge:
    standing: Standing
    actual: float
    forecast: float
    target: float
    marks: tuple[Mark, ...]

    @property
    def crowded(self) -> bool:
        """Whether a step has no label below the bar even on a wide screen."""
        return not all(mark.written for mark in self.marks)


def gauge(standing: Standing) -> Gauge | None:
    """None where there is nothing to measure against."""
    if not standing.target:
        return None
    bands = standing.bands
    ends = standing.forecast.seasonal or Fraction(standing.actual)
    highest = max([Fraction(band.from_percent) for band in bands], default=Fraction(100))
    farthest = max(Fraction(standing.actual), ends, standing.target * highest / 100, standing.target)
    scale = min(farthest * HEAD_ROOM, standing.target * 2) if farthest < standing.target * 2 else farthest

    def place(value: Fraction | Decimal) -> float:
        return round(float(min(max(Fraction(value) / scale, Fraction(0)), Fraction(1)) * 100), 2)

    marks, last = list[Mark](), -100.0
    for band in bands:
        at = place(standing.target * Fraction(band.from_percent) / 100)
        reached = (standing.percent or 0) >= Fraction(band.from_percent)
        written = at - last >= ROOM
        last = at if written else last
        marks.append(Mark(at, band, reached, "end" if at > 92 else "start" if at < 8 else "middle", written))
    return Gauge(standing, place(standing.actual), place(ends), place(standing.target), tuple(marks))


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
    if standing.running and out.low is not None and out.high is not None:
        fan = line([here, (last_day, out.high), (last_day, out.low)])
    return Course(
        plan=line([*start, *planned]),
        reached=line(known) if points else "",
        ahead=line(ahead),
        fan=fan,
        top=top,
        today=x(standing.day),
        rows=_rows(standing, planned, points),
        ticks=tuple((round((x(day - timedelta(days=1)) + x(_end(day))) / 2, 2), day) for day in span.months),
    )


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
