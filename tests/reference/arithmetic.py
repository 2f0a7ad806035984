"""Exact numbers and calendar months.

Amounts are `Fraction`s of EUR until they leave the model; months are the date of their first day.

    half_up(Fraction("0.125"), CENT)        = 0.13      half_up(Fraction("-0.125"), CENT) = -0.13
    plus_months(date(2026, 1, 31), 1)       = 2026-02-28
    full_months(2026-03-10, 2026-11-20)     = 8
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import NamedTuple

CENT = Fraction(1, 100)


def half_up(value: Fraction, step: Fraction) -> Fraction:
    """Round to a multiple of `step`, halves away from zero."""
    steps = (abs(value) / step + Fraction(1, 2)).__floor__() * step
    return steps if value >= 0 else -steps


def month_of(day: date) -> date:
    return day.replace(day=1)


def last_day(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def plus_months(day: date, months: int) -> date:
    """The same day number `months` later, clipped to the end of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def month_number(activated_on: date, month: date) -> int:
    """1 in the calendar month of the activation; zero or less before it."""
    return (month.year * 12 + month.month) - (activated_on.year * 12 + activated_on.month) + 1


def months_between(first: date, last: date) -> Iterator[date]:
    month = month_of(first)
    while month <= last:
        yield month
        month = plus_months(month, 1)


def full_months(start: date, end: date) -> int:
    """The largest n with start + n months <= end; 0 if `end` lies before `start`."""
    n = 0
    while plus_months(start, n + 1) <= end:
        n += 1
    return n


def within(day: date, valid_from: date | None, valid_until: date | None) -> bool:
    """[from, until); an open side is None."""
    return (valid_from is None or valid_from <= day) and (valid_until is None or day < valid_until)


MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


class Window(NamedTuple):
    """Calendar months that are measured together."""

    first: date  # first day of its first month
    last: date  # last day of its last month


def window_of(month: date, length: str) -> Window:
    """The quarter of August is July to September."""
    months = MONTHS[length]
    first = date(month.year, (month.month - 1) // months * months + 1, 1)
    return Window(first, last_day(plus_months(first, months - 1)))


def started_months(start: date, end: date) -> int:
    """Full months, plus 1 if days remain; nothing has started before the start."""
    full = full_months(start, end)
    return full + (1 if plus_months(start, full) < end else 0)
