"""Where each month stands, and how long is left until its statutory date.

    for month in months(user, now):      # newest first, months that nobody calculated yet among them
        month.run, month.deadline, month.days_left

Reading only. Months are named by their first day; the deadline is a day in Berlin.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from commissions.models import Run
from core.periods import add_months, berlin_date, first_of_month, last_of_month
from sales.models import Order

Status = Run.Status
URGENT_DAYS = 4  # fewer than this many left until the statutory date are shown as an alarm
SHOWN_MONTHS = 24


@dataclass(frozen=True)
class Month:
    """A row of the board; `run` is None while nobody calculated the month."""

    month: date
    run: Run | None
    today: date

    @property
    def deadline(self) -> date:
        return deadline(self.month)

    @property
    def days_left(self) -> int:
        return (self.deadline - self.today).days

    @property
    def urgent(self) -> bool:
        return not self.closed and self.days_left < URGENT_DAYS

    @property
    def over(self) -> bool:
        """The month itself is complete, so that calculating it makes sense."""
        return self.month < first_of_month(self.today)

    @property
    def calculable_from(self) -> date:
        return add_months(self.month, 1)

    @property
    def closed(self) -> bool:
        return bool(self.run and self.run.status == Status.POSTED)

    @property
    def waiting(self) -> bool:
        """Marked for posting, and the worker is on its way."""
        return bool(self.run and self.run.status == Status.APPROVED and self.run.posted_by_id)


def deadline(month: date) -> date:
    """Statements of month M are due by the end of M + 1 (§ 87c (1) sentence 2 HGB)."""
    return last_of_month(add_months(month, 1))


def months(user: Any, now: datetime) -> list[Month]:
    """Newest first: every month with a run, and those after the last posted one up to now."""
    today = berlin_date(now)
    runs = Run.objects.visible_to(user).filter(kind=Run.Kind.MONTHLY).exclude(status=Status.DISCARDED)
    found = {
        run.month: run
        for run in runs.select_related("calculated_by", "approved_by", "posted_by").order_by("-month")[:SHOWN_MONTHS]
    }
    posted = [run.month for run in found.values() if run.status == Status.POSTED]
    first = add_months(max(posted), 1) if posted else _first_sold()
    here = first_of_month(today)
    while first and first <= here:
        found.setdefault(first, None)  # type: ignore[arg-type]
        first = add_months(first, 1)
    return [Month(month, found[month], today) for month in sorted(found, reverse=True)]


def _first_sold() -> date | None:
    """The month in which the first order was activated, at most two years back."""
    oldest = Order.objects.filter(activated_on__isnull=False).order_by("activated_on").first()
    return first_of_month(oldest.activated_on) if oldest and oldest.activated_on else None
