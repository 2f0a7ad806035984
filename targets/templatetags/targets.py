"""{% load targets %}: values in the unit of their KPI, periods by name, percents cut off after one decimal."""

from decimal import Decimal
from fractions import Fraction

from django import template

from core.formats import percent as written
from targets import wording
from targets.arithmetic import Span, decimal, shown

register = template.Library()


@register.filter
def in_unit(value: Decimal | Fraction | None, unit: str) -> str:
    """500 pieces, 1,250.00 €."""
    return wording.amount(value, unit)


@register.filter
def a_month(value: Decimal | Fraction | None, unit: str) -> str:
    """With two decimals, always: enough to reproduce a percentage, and a column stands on its points."""
    return wording.amount(value, unit, places=2)


@register.filter
def about(value: Decimal | Fraction | None, unit: str) -> str:
    """Whole units, for forecasts: more digits would promise more than anybody knows."""
    return wording.amount(value, unit, places=0)


@register.filter
def cut(value: Decimal | Fraction | None) -> str:
    """Percent, cut off after one decimal: 89.96 is 89.9."""
    return written(shown(value), places=1)


@register.filter
def more(value: Decimal | Fraction | None) -> str:
    """A change in percent with its sign, whole: +19 %."""
    return "" if value is None else written(decimal(Fraction(value)), places=0, signed=True)


@register.filter
def span(value: Span) -> str:
    return wording.span_name(value)


@register.filter
def place(value: float) -> str:
    """A coordinate: localisation would write 12,5 into an SVG attribute."""
    return f"{value:.2f}"
