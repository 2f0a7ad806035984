"""Read access to schedules, runs, lines and statements, always through whose money the person may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

from commissions.schedule_document import Catalogue
from core.periods import last_day
from partners.models import Partner, Role
from sales.models import Campaign, Product, ProductFamily
from targets.models import Kpi

if TYPE_CHECKING:
    from commissions.models import DraftLine, Finding, Line, ReserveMovement, Run, ScheduleVersion, Statement  # noqa: F401

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


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: Any) -> "FindingQuerySet":
        """With their run."""
        return self if user.is_authenticated and user.is_active and user.role in RUN_READERS else self.none()

    def contradictions(self) -> "FindingQuerySet":
        """What cannot be right: nobody may waive it, the run is parked."""
        return self.filter(blocking=True, waivable=False)

    def in_the_way(self) -> "FindingQuerySet":
        """What keeps a run from being approved as things stand."""
        return self.filter(blocking=True, waived_at__isnull=True)


class LineQuerySet(models.QuerySet["Line"]):
    def visible_to(self, user: Any) -> "LineQuerySet":
        return self.filter(partner__in=Partner.objects.money_visible_to(user))


class DraftLineQuerySet(models.QuerySet["DraftLine"]):
    def visible_to(self, user: Any) -> "DraftLineQuerySet":
        return self.filter(partner__in=Partner.objects.money_visible_to(user))


class StatementQuerySet(models.QuerySet["Statement"]):
    def visible_to(self, user: Any) -> "StatementQuerySet":
        return self.filter(partner__in=Partner.objects.money_visible_to(user))


class ReserveQuerySet(models.QuerySet["ReserveMovement"]):
    def visible_to(self, user: Any) -> "ReserveQuerySet":
        return self.filter(partner__in=Partner.objects.money_visible_to(user))


@dataclass(frozen=True)
class Context:
    """What an explanation says beyond the line's own columns: titles, numbers and names, in the reader's language.

    Everything may be unknown; the arithmetic needs none of it.
    """

    component: str = ""  # title
    schedule: str = ""  # title
    version: int | None = None
    version_from: date | None = None
    months: int | None = None  # how long a recurring component pays
    order_no: str = ""
    customer_no: str = ""
    product: str = ""  # title
    certificate_family: str = ""  # title of the family whose certificate the component needs
    certificate_holder: str = ""
    certificate_last_day: date | None = None
    previous_statement: str = ""  # number of the statement on which the identity was booked last
    manual_reason: str = ""


def contexts(lines: Sequence[Any]) -> dict[int, Context]:
    """What `explain` says beside the arithmetic, for each line or draft line by its id; constant number of queries."""
    models.prefetch_related_objects(list(lines), "component__version", "order", "certificate__holder", "manual")
    products = {p.code: p for p in Product.objects.filter(code__in={line.product for line in lines} - {""})}
    families = {family.code: family for family in ProductFamily.objects.all()}
    previous = dict(
        apps.get_model("commissions", "Line")
        .objects.filter(pk__in=[line.previous_id for line in lines if line.previous_id])
        .values_list("pk", "statement__number")
    )
    schedules = {schedule.code: schedule.title for schedule in apps.get_model("commissions", "Schedule").objects.all()}
    return {
        line.pk: _context(
            line,
            products.get(line.product),
            families,
            schedule=schedules.get(line.schedule, line.schedule),
            previous=previous.get(line.previous_id, ""),
        )
        for line in lines
    }


def _context(
    line: Any, product: Product | None, families: dict[str, ProductFamily], *, schedule: str, previous: str
) -> Context:
    component, certificate = line.component, line.certificate
    version = component and component.version
    needed = families.get(component.certificate) if component and component.certificate else None
    return Context(
        component=component.title if component else "",
        schedule=schedule,
        version=version.sequence if version else None,
        version_from=version.valid_from if version else None,
        months=component.months if component else None,
        order_no=line.order.order_no if line.order else "",
        customer_no=(line.order.customer_no or "") if line.order else "",
        product=product.title if product else "",
        certificate_family=needed.title if needed else "",
        certificate_holder=certificate.holder.name if certificate else "",
        certificate_last_day=last_day(certificate.valid_until) if certificate else None,
        previous_statement=previous,
        manual_reason=line.manual.reason if line.manual else "",
    )


def catalogue() -> Catalogue:
    """What schedule documents may refer to: families (and whether they are one-off), products and their family."""
    return Catalogue(
        families=dict(ProductFamily.objects.values_list("code", "one_off")),
        products=dict(Product.objects.values_list("code", "family__code")),
        campaigns=set(Campaign.objects.values_list("code", flat=True)),
        targets=set(Kpi.objects.values_list("code", flat=True)),
    )
