"""Does satisfaction today bring visits tomorrow? Scores of quarters beside the visits of the quarter after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from core import formats
from core.periods import add_months
from targets import nps
from targets.rating import Rating, rate


@dataclass(frozen=True)
class Lag:
    """Scores of quarters beside the visits of the quarter after. `r` from MIN_PERIODS pairs on; it proves no cause."""

    pairs: list[tuple[Rating, int]]
    r: Decimal | None

    @property
    def missing(self) -> int:
        return max(0, nps.MIN_PERIODS - len(self.pairs))

    @property
    def chart(self) -> "Chart | None":
        """From MIN_PERIODS pairs on: fewer points show a line to whoever looks for one."""
        return Chart.of(self.pairs) if not self.missing else None

    @property
    def r_text(self) -> str:
        return formats.number(self.r, places=2, signed=True)


@dataclass(frozen=True)
class Point:
    label: str
    x: float
    y: float
    anchor: str


@dataclass(frozen=True)
class Chart:
    """Scores to the right, visits upwards, in percent of the drawing; `scores` and `visits` are its ends."""

    points: list[Point]
    scores: tuple[str, str]
    visits: tuple[str, str]

    @classmethod
    def of(cls, pairs: Sequence[tuple[Rating, int]]) -> "Chart":
        xs = [each.count.score or Fraction(0) for each, _visits in pairs]
        ys = [visits for _each, visits in pairs]
        points = [
            Point(
                each.label,
                at := _place(x, xs),
                100 - _place(Fraction(y), [Fraction(each) for each in ys]),
                "end" if at > 80 else "start",
            )
            for (each, _visits), x, y in zip(pairs, xs, ys, strict=True)
        ]
        ends = [
            rate("", each.count).score_text
            for each, _visits in sorted(pairs, key=lambda pair: pair[0].count.score or 0)
        ]
        return cls(points, (ends[0], ends[-1]), (formats.number(min(ys)), formats.number(max(ys))))


def _place(value: Fraction, among: Sequence[Fraction]) -> float:
    """Between a tenth and nine tenths, so that no point lies on the frame."""
    low, high = min(among), max(among)
    return round(float(10 + 80 * (value - low) / (high - low)), 2) if high > low else 50.0


def lag(ratings: Iterable[Rating], visits: dict[date, int], today: date) -> Lag:
    """Pairs each quarter's score with the visits of the next one, as far as that is over."""
    pairs = [
        (each, visits[following])
        for each in ratings
        if each.count.score is not None
        and (following := add_months(each.key, 3)) in visits
        and add_months(following, 3) <= today
    ]
    r = nps.correlation([(each.count.score or Fraction(0), Fraction(number)) for each, number in pairs])
    return Lag(pairs, None if r is None else r.quantize(Decimal("0.01"), ROUND_HALF_UP))
