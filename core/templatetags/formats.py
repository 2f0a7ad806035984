"""Template names for `core.formats`: {% load formats %} {{ line.amount|money }} {{ statement.period|month }} {% amount x signed=True %}."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import formats

register = template.Library()

register.filter("money", formats.money)
register.filter("day", formats.day)
register.filter("moment", formats.moment)
register.filter("month", formats.month)
register.filter("month_short", formats.month_short)
register.filter("until", formats.until)
register.filter("quarter", formats.quarter)


@register.filter
def number(value: formats.Amount, places: int | None = None) -> str:
    """A count; `|number:0` rounds to whole ones."""
    return formats.number(value, places=places)


@register.filter
def percent(value: formats.Amount, places: int | None = None) -> str:
    """A value in percent; `|percent:1` for one decimal."""
    return formats.percent(value, places=places)


@register.filter
def signed(value: formats.Amount) -> str:
    """Money that always carries its sign."""
    return formats.money(value, signed=True)


@register.filter
def money4(value: formats.Amount) -> str:
    """Money before rounding, four places, as the arithmetic of a line shows it."""
    return formats.money(value, places=4)


# Digits after the point of an amount, and what follows them; nothing of a count or a percentage.
DECIMALS = re.compile(r"(?<=\d[.,])(\d+)\D*$")


@register.filter
def decimals(rows: Iterable[tuple[str, str, str]]) -> int:
    """The most decimals an amount of these rows has; what is not money does not count."""
    return max((_decimals(text) for _label, _note, text in rows), default=0)


@register.filter
def aligned(text: str, places: int) -> SafeString | str:
    """An amount with room behind it for as many decimals, so that the points of a column stand below each other."""
    missing = places - _decimals(text)
    return format_html('{}<span class="room">{}</span>', text, "0" * missing) if missing > 0 and "€" in text else text


def _decimals(text: str) -> int:
    match = DECIMALS.search(text) if "€" in text else None
    return len(match[1]) if match else 0


@register.simple_tag
def amount(value: formats.Amount, signed: bool = False, tone: str = "") -> SafeString:
    """Money with its meaning: negative is red and carries a minus, positive is green only where the sign is the message."""
    text = formats.money(value, signed=bool(signed))
    if not tone and text:
        tone = "taken" if text.startswith(formats.MINUS) else "earned" if text.startswith("+") else ""
    return (
        format_html('<span class="nowrap {}">{}</span>', tone, text)
        if tone
        else format_html('<span class="nowrap">{}</span>', text)
    )


@register.simple_tag
def badge(choices: Any, value: Any) -> SafeString:
    """The badge of a status: `choices` is the ToneChoices class, so neither template nor view compares strings."""
    return formats_badge(choices, value)


def formats_badge(choices: Any, value: Any) -> SafeString:
    """Label and tone of one status value as a badge; unknown values read as themselves, neutrally."""
    if value in (None, ""):
        return SafeString("")
    known = value in choices.values
    label, tone = (choices(value).label, choices(value).tone) if known else (value, "neutral")
    return format_html('<span class="badge {}">{}</span>', tone, label)
