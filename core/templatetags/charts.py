"""{% load charts %}: shapes for the chart components; rooms pass `core.charts.Bar` and `Step` objects, templates only place them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django import template

from core import charts

register = template.Library()


@register.simple_tag
def bar_shapes(items: Sequence[charts.Bar]) -> list[charts.Shape]:
    return charts.bars(list(items))


@register.simple_tag
def fall_shapes(steps: Sequence[charts.Step]) -> list[charts.Shape]:
    return charts.fall(list(steps))


@register.simple_tag
def share(value: Decimal | None, maximum: Decimal | None) -> str:
    """For SVG attributes: always a dot, whatever the reader's language."""
    return f"{charts.share(value, maximum):.1f}"


@register.filter
def plain(value: float) -> str:
    """A coordinate: localisation would write 12,5 into an SVG attribute and the shape would vanish."""
    return f"{value:.2f}"
