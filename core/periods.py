"""Business time: dates in Europe/Berlin, months as their first day, intervals half open.

full_months(date(2026, 3, 10), date(2026, 11, 20))   # 8
add_months(date(2026, 1, 31), 1)                     # 2026-02-28, clipped to the month's end (BGB § 188)
"""

from calendar import monthrange
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


def berlin_date(moment: datetime) -> date:
    """The calendar day in Berlin of an aware moment; a naive one is an error, since its day is a guess."""
    if moment.tzinfo is None:
        raise ValueError("a moment without time zone has no business day")
    return moment.astimezone(BERLIN).date()


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    """The same day number `months` later or earlier, clipped to the end of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def full_months(start: date, end: date) -> int:
    """The largest n with `start` + n months <= `end`; 0 when `end` lies before `start` (convention CV11)."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if add_months(start, months) > end:
        months -= 1
    return max(months, 0)


def month_index(month: date, first: date) -> int:
    """Number of a calendar month counted from the month of `first`, which is 1 (convention CV13)."""
    return (month.year - first.year) * 12 + month.month - first.month + 1


def parse_month(text: str) -> date:
    """`2026-07` as the first day of that month; ValueError for anything else."""
    year, _, month = text.partition("-")
    if len(year) != 4 or len(month) != 2:
        raise ValueError(f"{text!r} is no month, write for example 2026-07")
    return date(int(year), int(month), 1)


def first_of_quarter(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def parse_quarter(text: str) -> date:
    """`2026-Q2` as the first day of that quarter; ValueError for anything else."""
    year, _, number = text.partition("-Q")
    if len(year) != 4 or not year.isdigit() or number not in {"1", "2", "3", "4"}:
        raise ValueError(f"{text!r} is no quarter, write for example 2026-Q2")
    return date(int(year), int(number) * 3 - 2, 1)


def quarter_code(day: date) -> str:
    """What `parse_quarter` reads: 2026-Q2."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def last_day(until: date | None) -> date | None:
    """What people read for an exclusive `until`: the last day that still counts."""
    return until - timedelta(days=1) if until else None
