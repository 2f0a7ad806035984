"""Read access to schedules, runs, lines and statements, always through whose money the person may see."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models

from partners.models import Partner, Role

if TYPE_CHECKING:
    from commissions.models import ScheduleVersion

RUN_READERS = {Role.HEAD_OF_CHANNEL, Role.COMMISSION_CONTROLLER, Role.FINANCE, Role.AUDITOR}
SCHEDULE_READERS = RUN_READERS | {Role.CHANNEL_MANAGER}


class VersionQuerySet(models.QuerySet["ScheduleVersion"]):
    def published(self) -> "VersionQuerySet":
        return self.filter(status="published")

    def in_force(self, schedule: str, day: date) -> "ScheduleVersion | None":
        """The version that applies to orders signed on `day`."""
        candidates = self.published().filter(schedule__code=schedule, valid_from__lte=day)
        return candidates.order_by("-valid_from", "-sequence").first()

    def visible_to(self, user: Any) -> "VersionQuerySet":
        """Office roles see all; partners see the published versions their own contracts name (F0-22)."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role in SCHEDULE_READERS:
            return self
        partners = Partner.objects.money_visible_to(user)
        return self.published().filter(
            schedule__code__in=partners.filter(contracts__status="in_force").values("contracts__schedule")
        )


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, user: Any) -> "RunQuerySet":
        """Whole runs show every partner's money, so only roles that may see all of it open them."""
        return self if user.is_authenticated and user.is_active and user.role in RUN_READERS else self.none()

    def posted(self) -> "RunQuerySet":
        return self.filter(kind="monthly", status="posted")


class LineQuerySet(models.QuerySet["Line"]):
    def visible_to(self, user: Any) -> "LineQuerySet":
        return self.filter(partner__in=Partner.objects.money_visible_to(user))


class DraftLineQuerySet(models.QuerySet["DraftLine"]):
    def visible_to(self, user: Any) -> "DraftLineQuerySet":
        return self.filter(partner__in=Partner.objects.money_visible_to(user))


class StatementQuerySet(models.QuerySet["Statement"]):
    def visible_to(self, user: Any) -> "StatementQuerySet":
        return self.filter(partner__in=Partner.objects.money_visible_to(user))
