"""Read access to what customers said: who sees which answers, and answers counted by whatever is asked.

    answers = Response.objects.visible_to(user).counted()
    answers.tally(Question.TOUCHPOINT, "quarter")            # {date(2026, 4, 1): Count(31, 11, 6), …}
    answers.tally(Question.PRODUCT, "quarter", "customer_class")   # keys are tuples

What a partner is paid by is counted once more, set-based, in sql/scores.sql; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import Count as CountRows
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from core.periods import add_months, berlin_date
from partners.models import Partner
from partners.queries import SEES_ALL_PARTNERS
from targets.nps import PASSIVE, PROMOTER, Count, total

if TYPE_CHECKING:
    from targets.models.plans import PlanTask  # noqa: F401
    from targets.models.quality import (  # noqa: F401 - named in quotes below, where the linter does not look
        Delivery,
        Reassignment,
        Response,
        SurveyQuarter,
        SurveyResult,
    )

Tally = dict[Any, Count]


class ResponseQuerySet(models.QuerySet["Response"]):
    def visible_to(self, user: Any) -> ResponseQuerySet:
        """Partner people: answers about their own partner, of quarters released to partners. Staff: those of their
        partners; who sees every partner also sees answers that belong to none."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role in SEES_ALL_PARTNERS:
            return self
        if user.role == "partner":
            quarters = _others(self, "SurveyQuarter").released(berlin_date(timezone.now())).values("quarter")
            return self.filter(partner__in=Partner.objects.own(user), quarter__in=quarters)
        return self.filter(partner__in=Partner.objects.visible_to(user))

    def released_to(self, partner: Partner, on: date) -> ResponseQuerySet:
        """What the partner's own people see on a day; staff who look through their eyes see no more."""
        quarters = _others(self, "SurveyQuarter").released(on).values("quarter")
        return self.filter(partner=partner, quarter__in=quarters)

    def counted(self) -> ResponseQuerySet:
        return self.filter(status="counted")

    def quarantined(self) -> ResponseQuerySet:
        return self.filter(status="quarantined")

    def with_open_request(self) -> ResponseQuerySet:
        """Adds `asked`: whether somebody asked to re-assign it and nobody decided yet."""
        open_ones = _others(self, "Reassignment").filter(response=OuterRef("pk"), status="requested")
        return self.annotate(asked=Exists(open_ones))

    def tally(self, question: str, *by: str) -> Tally:
        """Answers to one question, counted by these fields: one field gives plain keys, several give tuples."""
        field = f"score_{question}"
        rows = (
            self.exclude(**{field: None})
            .order_by()
            .values_list(*by)
            .annotate(
                promoters=CountRows("pk", filter=Q(**{f"{field}__gte": PROMOTER})),
                passives=CountRows("pk", filter=Q(**{f"{field}__gte": PASSIVE, f"{field}__lt": PROMOTER})),
                detractors=CountRows("pk", filter=Q(**{f"{field}__lt": PASSIVE})),
            )
        )
        width = len(by)
        return {(row[0] if width == 1 else row[:width]): Count(*row[width:]) for row in rows}

    def by_driver(self, question: str) -> Tally:
        """Counted by what comments are about; an answer that is about two things counts for both."""
        text = models.Func("drivers", models.Value(","), function="array_to_string", output_field=models.CharField())
        tally: Tally = {}
        for found, count in self.annotate(about=text).tally(question, "about").items():
            for driver in filter(None, found.split(",")):
                tally[driver] = tally.get(driver, Count()) + count
        return tally

    def count_of(self, question: str) -> Count:
        """All of them together."""
        return total(self.tally(question, "quarter").values())


class SurveyResultQuerySet(models.QuerySet["SurveyResult"]):
    def visible_to(self, user: Any) -> SurveyResultQuerySet:
        """As the answers themselves."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role != "partner":
            return self.filter(partner__in=Partner.objects.visible_to(user))
        quarters = _others(self, "SurveyQuarter").released(berlin_date(timezone.now())).values("quarter")
        return self.filter(partner__in=Partner.objects.own(user), quarter__in=quarters)

    def latest(self) -> SurveyResultQuerySet:  # type: ignore[override]
        """The one of each partner and quarter that counts: recorded last."""
        newest = self.model._default_manager.filter(partner=OuterRef("partner"), quarter=OuterRef("quarter"))
        return self.filter(pk=Subquery(newest.order_by("-pk").values("pk")[:1]))


class SurveyQuarterQuerySet(models.QuerySet["SurveyQuarter"]):
    def released(self, on: date) -> SurveyQuarterQuerySet:
        """Quarters partners may look at on a day: from the day of release on."""
        return self.filter(released_on__lte=on)

    def pooled(self) -> set[date]:
        """Quarters that count together with the one before."""
        return set(self.filter(pooled=True).values_list("quarter", flat=True))


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, user: Any) -> DeliveryQuerySet:
        """Files are the operator's; partner people see what they sent themselves."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(by=user) if user.role == "partner" else self


class ReassignmentQuerySet(models.QuerySet["Reassignment"]):
    def visible_to(self, user: Any) -> ReassignmentQuerySet:
        """Partner people see those about answers that are, or were, theirs."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role in SEES_ALL_PARTNERS:
            return self
        partners = Partner.objects.own(user) if user.role == "partner" else Partner.objects.visible_to(user)
        return self.filter(Q(from_partner__in=partners) | Q(response__partner__in=partners))

    def waiting(self) -> ReassignmentQuerySet:
        return self.filter(status="requested")


class PlanTaskQuerySet(models.QuerySet["PlanTask"]):
    def visible_to(self, user: Any) -> PlanTaskQuerySet:
        """Everybody of the partner, since everybody there serves customers; staff who see the partner."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        partners = Partner.objects.own(user) if user.role == "partner" else Partner.objects.visible_to(user)
        return self.filter(partner__in=partners)


def counts_by_partner(quarters: Iterable[date]) -> dict[tuple[int, date], Count]:
    """What counts for each (partner, quarter), not pooled: single answers and results recorded as counts."""
    wanted = list(quarters)
    results: Any = apps.get_model("targets", "SurveyResult").objects
    answers: Any = apps.get_model("targets", "Response").objects
    here = answers.counted().filter(quarter__in=wanted, partner__isnull=False)
    recorded = {(each.partner_id, each.quarter): each.count for each in results.latest().filter(quarter__in=wanted)}
    return merge(here.tally("touchpoint", "partner", "quarter"), recorded)


def pool(by_quarter: dict[date, Count], pooled: set[date]) -> dict[date, Count]:
    """Adds the quarter before to every quarter in `pooled`; one with no answer of its own lives off the one before."""
    quarters = set(by_quarter) | {each for each in pooled if add_months(each, -3) in by_quarter}
    return {
        each: by_quarter.get(each, Count())
        + (by_quarter.get(add_months(each, -3), Count()) if each in pooled else Count())
        for each in sorted(quarters)
    }


def merge(*tallies: Tally) -> Tally:
    """Counts of the same key added up."""
    merged: Tally = {}
    for tally in tallies:
        for key, count in tally.items():
            merged[key] = merged.get(key, Count()) + count
    return merged


def _others(rows: models.QuerySet[Any], name: str) -> Any:
    """All rows of another model of this room: models import this module, so it cannot import them."""
    return rows.model._meta.apps.get_model("targets", name)._default_manager.get_queryset()
