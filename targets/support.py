"""The support plan: the operator's measures half-year by half-year, and those of the one that runs.

plan(measures)               # [(second half 2026, [tv campaign, training]), (first half 2026, [training])]
running(partner, user)       # the half-year of today with what is promised to this partner
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from partners.models import Partner
from targets.arithmetic import Span, periods
from targets.models import SupportMeasure


def half_year(day: date) -> Span:
    return next(span for span in periods(day.year, "half_year") if day in span)


def plan(measures: Iterable[SupportMeasure]) -> list[tuple[Span, list[SupportMeasure]]]:
    """By half-year, the latest first; a measure stands in each that it touches."""
    found: dict[date, tuple[Span, list[SupportMeasure]]] = {}
    for each in measures:
        span = half_year(each.starts_on)
        while span.start < each.until:
            found.setdefault(span.start, (span, []))[1].append(each)
            span = half_year(span.until)
    return [found[start] for start in sorted(found, reverse=True)]


def running(partner: Partner, user: Any) -> tuple[Span, Sequence[SupportMeasure]]:
    """The plan of the half-year that runs, for the partner's targets and home page."""
    span = half_year(timezone.localdate())
    mine = SupportMeasure.objects.visible_to(user).for_partner(partner).touching(span)
    return span, list(mine.filter(withdrawn_at=None))
