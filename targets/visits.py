"""Read access to footfall: who sees whose visits, and the orders that came of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Max, Min, Sum

from core import sql
from partners.models import Outlet, Partner
from targets.footfall import Counted, Week, week_of

if TYPE_CHECKING:
    from targets.models.footfall import Footfall  # noqa: F401 - named in quotes below, where the linter does not look

DAYS = {"day": 1, "week": 7}


class FootfallQuerySet(models.QuerySet["Footfall"]):
    def visible_to(self, user: Any) -> FootfallQuerySet:
        """Partner people see their own outlets; a distributor's do not see who enters its sub-partners' shops."""
        return self.filter(outlet__in=outlets_of(user))

    def counted(self) -> list[Counted]:
        """Summed over outlets by day or week, for `footfall.by_week`."""
        rows = self.order_by().values_list("starts_on", "span").annotate(visits=Sum("visits"))
        return [Counted(starts_on, DAYS[span], visits) for starts_on, span, visits in rows]

    def years(self) -> list[int]:
        """Years with visits, newest first."""
        found = self.order_by().aggregate(first=Min("starts_on"), last=Max("starts_on"))
        if not found["last"]:
            return []
        return list(range(found["last"].isocalendar().year, found["first"].isocalendar().year - 1, -1))


def outlets_of(user: Any) -> models.QuerySet[Outlet]:
    """Outlets whose visits a person may see and enter."""
    if not user.is_authenticated or not user.is_active:
        return Outlet.objects.none()
    partners = Partner.objects.own(user) if user.role == "partner" else Partner.objects.visible_to(user)
    return Outlet.objects.filter(partner__in=partners)


def orders_by_week(outlets: models.QuerySet[Outlet], *, since: date, until: date) -> dict[Week, int]:
    """Orders signed at these outlets in [since, until), by ISO week; by the dealer code of the signature date."""
    seats = list(outlets.order_by().values_list("pk", "partner_id"))
    rows = sql.rows(
        "targets/orders_by_week",
        outlets=[outlet for outlet, _partner in seats],
        partners=sorted({partner for _outlet, partner in seats}),
        since=since,
        until=until,
    )
    return {week_of(row.monday): row.orders for row in rows}


def quarters_of_visits(rows: FootfallQuerySet) -> dict[date, int]:
    """Visits by quarter, a week counted in the quarter of its Thursday, as ISO counts it in a year."""
    found: dict[date, int] = {}
    for row in rows.counted():
        day = row.starts_on + timedelta(days=3 if row.days > 1 else 0)
        first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        found[first] = found.get(first, 0) + row.visits
    return found
