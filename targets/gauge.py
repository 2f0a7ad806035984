"""Where the shapes of a gauge stand, in percent of the drawing; templates only place them."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.formats import money
from targets.bonus import Band
from targets.standing import Standing

# What a character of a label and the gap between two labels take where a gauge is just wide enough to show them (640
# pixels, targets.css), in percent of the drawing.
CHARACTER, GAP = 1.05, 0.7
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

    marks, last = list[Mark](), -GAP
    for band in bands:
        at = place(standing.target * Fraction(band.from_percent) / 100)
        reached = (standing.percent or 0) >= Fraction(band.from_percent)
        width = CHARACTER * len(money(band.amount))
        anchor, begins = _anchored(at, width)
        written = begins >= last + GAP
        last = begins + width if written else last
        marks.append(Mark(at, band, reached, anchor, written))
    return Gauge(standing, place(standing.actual), place(ends), place(standing.target), tuple(marks))


def _anchored(at: float, width: float) -> tuple[str, float]:
    """How a label hangs at its tick so that neither edge cuts it, and where it begins."""
    if at + width / 2 > 100:
        return "end", at - width
    return ("start", at) if at < width / 2 else ("middle", at - width / 2)
