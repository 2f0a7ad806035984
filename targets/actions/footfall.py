"""Visits entered by hand."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import record
from core.errors import Refused
from core.locks import Lock, take
from core.periods import berlin_date
from partners.models import Outlet, User
from partners.rights import require
from targets.actions.deliveries import COUNTS_VISITS, MOST_VISITS, store_visits
from targets.models.footfall import Footfall
from targets.visits import outlets_of


def record_footfall(
    outlet: Outlet, visits: Mapping[date, int], *, by: User, span: str = Footfall.Span.DAY, now: datetime | None = None
) -> int:
    """Visits of these days, or of the weeks that begin on them; what was entered before is corrected.

    Returns how many counts are new or changed.
    """
    require(by, *COUNTS_VISITS)
    if not outlets_of(by).filter(pk=outlet.pk).exists():
        raise PermissionDenied
    now = now or timezone.now()
    today = berlin_date(now)
    for day, count in visits.items():
        if day > today:
            raise Refused(_("The day lies in the future."))
        if span == Footfall.Span.WEEK and day.isoweekday() != 1:
            raise Refused(_("A week begins on a Monday; write that day."))
        if not 0 <= count <= MOST_VISITS:
            raise Refused(_("Visits are a whole number from 0 to 1,000,000."))
    rows: dict[Any, dict[str, Any]] = {
        (outlet.pk, span, day): {"outlet_id": outlet.pk, "span": span, "starts_on": day, "visits": count}
        for day, count in visits.items()
    }
    with transaction.atomic():
        take(Lock.DELIVERIES)
        changed = store_visits(rows, by=by, now=now)
        if changed:
            days = {day.isoformat(): count for day, count in visits.items()}
            record(by=by, verb="record_footfall", obj=outlet, now=now, span=str(span), visits=days)
    return changed
