"""How amounts, months and days are written, in German and English.

    money(Decimal("1234.56"))            1.234,56 €    €1,234.56
    money(Decimal("-80"))                −80,00 €      −€80.00      (true minus, U+2212)
    money(Decimal("52"), signed=True)    +52,00 €      +€52.00
    month(date(2026, 9, 1))              September 2026
    day(date(2026, 11, 22))              22.11.2026    22 Nov 2026

Display only: nothing here feeds a calculation. Amounts are euros, rounded half-up for the reader; days are Europe/Berlin.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import dateformat, timezone
from django.utils.translation import get_language

MINUS = "\u2212"
NBSP = "\u00a0"
JOINER = "\u2060"  # no width; without it a line may end between a sign and the euro sign behind it

Amount = Decimal | int | float | str | None


def german() -> bool:
    """Whether the reader's language is German; everything else reads the English forms."""
    return (get_language() or "").startswith("de")


def _decimal(value: Amount) -> Decimal | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _digits(value: Decimal, places: int) -> str:
    """Grouped digits without sign, rounded half-up (format() alone would round half-even)."""
    text = f"{abs(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
    return text.translate(str.maketrans(",.", ".,")) if german() else text


def _sign(value: Decimal, places: int, signed: bool) -> str:
    """The sign of the value as it will be read: an amount that rounds to zero has none."""
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if rounded < 0:
        return MINUS
    return "+" if signed and rounded > 0 else ""


def money(value: Amount, *, signed: bool = False, places: int = 2, unit: bool = True) -> str:
    """Euros with sign and currency; the empty string for None."""
    amount = _decimal(value)
    if amount is None:
        return ""
    sign, digits = _sign(amount, places, signed), _digits(amount, places)
    if not unit:
        return sign + digits
    if german():
        return f"{sign}{digits}{NBSP}€"
    return f"{sign}{JOINER}€{digits}" if sign else f"€{digits}"


def number(value: Amount, *, places: int | None = None, signed: bool = False) -> str:
    """A count or quantity; `places` None keeps the decimals the value has, without trailing zeros."""
    amount = _decimal(value)
    if amount is None:
        return ""
    if places is None:
        exponent = amount.normalize().as_tuple().exponent
        places = max(0, -exponent) if isinstance(exponent, int) else 0
    return _sign(amount, places, signed) + _digits(amount, places)


def percent(value: Amount, *, places: int | None = None, signed: bool = False) -> str:
    """A value already in percent: 4 is written 4 % in German, 4% in English."""
    text = number(value, places=places, signed=signed)
    return text and (f"{text}{NBSP}%" if german() else f"{text}%")


def _local(value: date | datetime) -> date | datetime:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def day(value: date | datetime | None) -> str:
    """A calendar day in Berlin."""
    if not value:
        return ""
    return dateformat.format(_local(value), "d.m.Y" if german() else "j M Y")


def moment(value: datetime | None) -> str:
    """A point in time to the minute, Berlin time."""
    if not value:
        return ""
    text = f"{day(value)}, {dateformat.format(_local(value), 'H:i')}"
    return f"{text}{NBSP}Uhr" if german() else text


def month(value: date | None) -> str:
    """A month by its first day: September 2026."""
    return dateformat.format(value, "F Y") if value else ""


def month_short(value: date | None) -> str:
    """Three letters for a chart axis: Sep, Mär."""
    return dateformat.format(value, "F")[:3] if value else ""


def quarter(value: date | None) -> str:
    """A quarter by its first day: Q3 2026."""
    return f"Q{(value.month + 2) // 3} {value.year}" if value else ""


def until(value: date | None) -> str:
    """The last day of a half-open interval: stored [from, until), people read "until" inclusive; "" means open."""
    return day(value - timedelta(days=1)) if value else ""
