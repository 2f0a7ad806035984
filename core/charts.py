"""Geometry of the charts: from amounts to shares of 100, so that templates only place rectangles.

A chart is text in HTML with shapes in SVG (no script, no inline style). Worked example, waterfall of a statement:

    fall([Step("Earned", 100), Step("Cancelled", -20), Step("Net", None)])
    Earned 0..100, Cancelled 80..100, Net 0..80     (in percent of the tallest; None = the sum so far)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Bar:
    """One column: `label` on the axis, `title` in the table; `open` = not final (dashed); `shown` = value always visible."""

    label: str
    value: Decimal
    title: str = ""
    tone: str = "brand"
    open: bool = False
    href: str = ""
    shown: bool = False


@dataclass(frozen=True)
class Step:
    """One step of a waterfall: a movement, or with `value` None the total so far."""

    label: str
    value: Decimal | None
    tone: str = ""


@dataclass(frozen=True)
class Shape:
    """A rectangle from `low` to `high` percent of the chart's height; `top` and `left` are ready for SVG."""

    item: Bar | Step
    amount: Decimal
    low: float
    high: float
    zero: float
    tone: str
    total: bool = False
    shown: bool = True

    @property
    def size(self) -> float:
        """Never thinner than a hairline, so that a small amount stays visible; zero stays zero."""
        return max(self.high - self.low, 0.8) if self.amount else 0.0

    @property
    def top(self) -> float:
        return min(100 - self.high, 100 - self.size)

    @property
    def axis(self) -> float:
        return 100 - self.zero


def _scale(values: Iterable[Decimal]) -> tuple[Decimal, Decimal]:
    known = [Decimal(0), *values]
    low, high = min(known), max(known)
    return low, (high - low) or Decimal(1)


def _percent(value: Decimal, low: Decimal, span: Decimal) -> float:
    return round(float((value - low) / span * 100), 2)


def _shape(
    item: Bar | Step,
    amount: Decimal,
    start: float,
    end: float,
    zero: float,
    tone: str,
    *,
    total: bool = False,
    shown: bool = True,
) -> Shape:
    return Shape(item, amount, min(start, end), max(start, end), zero, tone, total, shown)


def bars(items: Sequence[Bar]) -> list[Shape]:
    """Columns over one zero line; without any `shown`, the tallest and the last carry their value."""
    low, span = _scale(b.value for b in items)
    zero = _percent(Decimal(0), low, span)
    marked = [b for b in items if b.shown] or ([max(items, key=lambda b: b.value), items[-1]] if items else [])
    return [
        _shape(b, b.value, zero, _percent(b.value, low, span), zero, b.tone, shown=any(b is m for m in marked))
        for b in items
    ]


def fall(steps: Sequence[Step]) -> list[Shape]:
    """Waterfall: movements hang between the sum before and the sum after, totals stand on the zero line."""
    running, spans = Decimal(0), []
    for step in steps:
        before, running = running, running + (step.value or 0)
        spans.append((Decimal(0), running) if step.value is None else (before, running))
    low, span = _scale(v for pair in spans for v in pair)
    zero = _percent(Decimal(0), low, span)
    shapes = []
    for step, (a, b) in zip(steps, spans, strict=True):
        total = step.value is None
        moved = b - a
        tone = step.tone or ("ink" if total else "taken" if moved < 0 else "earned")
        shapes.append(_shape(step, moved, _percent(a, low, span), _percent(b, low, span), zero, tone, total=total))
    return shapes


def share(value: Decimal | None, maximum: Decimal | None) -> float:
    """Length of an inline bar in percent of the longest, by absolute value."""
    return round(float(abs(value) / abs(maximum) * 100), 1) if value and maximum else 0.0


@dataclass(frozen=True)
class Whisker:
    """A value with its interval on a scale, in percent of the scale's width."""

    at: float
    low: float
    high: float
    zero: float

    @property
    def width(self) -> float:
        return round(self.high - self.low, 2)


def whisker(
    value: Decimal, low: Decimal, high: Decimal, lowest: Decimal = Decimal(-100), highest: Decimal = Decimal(100)
) -> Whisker:
    """Where value and interval lie between `lowest` and `highest`: 50 (30 to 70) on -100 to 100 is 75 (65 to 85)."""
    span = highest - lowest
    return Whisker(*(_percent(each, lowest, span) for each in (value, low, high, Decimal(0))))
