"""Read access to schedules, runs, lines and statements, always through whose money the person may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

from commissions.parts import other_parts
from commissions.schedule_document import Catalogue
from core.periods import last_day
from partners.models import Partner, Role
from sales.models import Campaign, Product, ProductFamily
from targets.models import Agreement, AgreementItem, Kpi

if TYPE_CHECKING:
    from commissions.models import (  # noqa: F401
        Component,
        DraftLine,
        Finding,
        Line,
        ReserveMovement,
        Run,
        ScheduleVersion,
        Simulation,
        Statement,
    )

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
            return self.exclude(status="simulated")
        partners = Partner.objects.money_visible_to(user)
        return self.published().filter(
            schedule__code__in=partners.filter(contracts__status="in_force").values("contracts__schedule")
        )


class ComponentQuerySet(models.QuerySet["Component"]):
    def published(self) -> "ComponentQuerySet":
        """Oldest version first; without what simulations tried out, which promises nothing."""
        return self.filter(version__status="published").order_by("version_id")


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, user: Any) -> "RunQuerySet":
        """Whole runs show every partner's money, so only roles that may see all of it open them."""
        return self if user.is_authenticated and user.is_active and user.role in RUN_READERS else self.none()

    def posted(self) -> "RunQuerySet":
        return self.filter(kind="monthly", status="posted")

    def provisional(self) -> "RunQuerySet":
        """The nightly figures for what is not posted. Older ones than the last posting would count its lines twice."""
        last = self.model.objects.posted().order_by("-month").values("pk")[:1]
        fresh = self.filter(kind="provisional", status="in_review").annotate(last=models.Subquery(last))
        return fresh.filter(models.Q(since=models.F("last")) | models.Q(since=None, last=None)).order_by(
            "-month", "-pk"
        )


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


class SimulationQuerySet(models.QuerySet["Simulation"]):
    def visible_to(self, user: Any) -> "SimulationQuerySet":
        """They show every partner's money, so whoever opens whole runs opens them."""
        return self if user.is_authenticated and user.is_active and user.role in RUN_READERS else self.none()

    def unfinished(self) -> "SimulationQuerySet":
        """A side is being calculated, or both are there and the examples were not run yet."""
        working = models.Q(before__status="calculating") | models.Q(after__status="calculating")
        over = ("in_review", "parked")
        return self.filter(working | models.Q(before__status__in=over, after__status__in=over, examples__isnull=True))


class LineQuerySet(models.QuerySet["Line"]):
    def of(self, statements: "Sequence[Statement]") -> "LineQuerySet":
        """By run and partner: an index of their runs' tables is asked, and of the tables of all other runs none."""
        runs, partners = {each.run_id for each in statements}, {each.partner_id for each in statements}
        return self.filter(run__in=runs, partner__in=partners, statement__in=[each.pk for each in statements])

    def visible_to(self, user: Any) -> "LineQuerySet":
        return self.filter(partner__in=Partner.objects.money_visible_to(user))


class DraftLineQuerySet(models.QuerySet["DraftLine"]):
    def visible_to(self, user: Any) -> "DraftLineQuerySet":
        return self.filter(partner__in=Partner.objects.money_visible_to(user))


class StatementQuerySet(models.QuerySet["Statement"]):
    def visible_to(self, user: Any) -> "StatementQuerySet":
        return self.filter(partner__in=Partner.objects.money_visible_to(user))

    def with_other(self) -> "StatementQuerySet":
        """Adds `other`, EUR: what carry-over and reserve make of net and VAT, so that a list adds up to the payable."""
        return self.annotate(other=models.F("payable") - models.F("net") - models.F("vat"))


class ReserveQuerySet(models.QuerySet["ReserveMovement"]):
    def visible_to(self, user: Any) -> "ReserveQuerySet":
        return self.filter(partner__in=Partner.objects.money_visible_to(user))

    def cohorts(self) -> models.QuerySet[Any, dict[str, Any]]:
        """A row per partner and cohort: EUR kept back, released, drawn and left; `risk` as the last statement found it."""
        last = self.model._default_manager.filter(partner=models.OuterRef("partner"), cohort=models.OuterRef("cohort"))
        sums = self.order_by().values("partner__number", "partner__legal_name", "cohort")
        moved = models.F("withheld") - models.F("released") - models.F("drawn")
        return sums.annotate(
            kept=models.Sum("withheld"),
            freed=models.Sum("released"),
            used=models.Sum("drawn"),
            left=models.Sum(moved),
            risk=models.Subquery(last.order_by("-statement__month").values("exposure")[:1]),
        )


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
    followed: str = ""  # title of the component whose line this one follows
    followed_partner: str = ""  # whose line that is
    followed_line: int | None = None  # the last posted one, if there is
    followed_statement: str = ""
    campaign: str = ""  # title
    target: str = ""  # title of the KPI
    period: str = ""  # how long it is measured
    parts: tuple[str, ...] = ()  # the other orders of a bundle, of the same partner


def contexts(lines: Sequence[Any]) -> dict[int, Context]:
    """What `explain` says beside the arithmetic, for each line or draft line by its id; constant number of queries."""
    models.prefetch_related_objects(
        list(lines), "component__version", "order", "certificate__holder", "manual", "followed_partner"
    )
    posted = apps.get_model("commissions", "Line").objects
    previous = posted.filter(pk__in=[line.previous_id for line in lines if line.previous_id])
    titles = _Titles(
        products=Product.objects.filter(code__in={line.product for line in lines} - {""}).titles(),
        families={family.code: family.title for family in ProductFamily.objects.all()},
        schedules={each.code: each.title for each in apps.get_model("commissions", "Schedule").objects.all()},
        campaigns=_titles_of(Campaign, {line.component.campaign for line in lines if line.component}),
        targets=_titles_of(Kpi, {line.component.target for line in lines if line.component}),
        periods=_periods(lines),
        statements=dict(previous.values_list("pk", "statement__number")),
        followed=_followed_titles(lines),
        parts=other_parts(lines),
    )
    followed = _followed_lines(lines, posted)
    return {line.pk: _context(line, titles, followed) for line in lines}


@dataclass(frozen=True)
class _Titles:
    """Names by code in the reader's language; numbers of statements by line."""

    products: dict[str, str]
    families: dict[str, str]
    schedules: dict[str, str]
    campaigns: dict[str, str]
    targets: dict[str, str]
    periods: dict[tuple[int, str, int], str]  # by partner, KPI and year
    statements: dict[int, str]
    followed: dict[tuple[int, str], str]  # by version and code of the component
    parts: dict[int, tuple[str, ...]]  # numbers of orders by line


def _titles_of(model: Any, codes: set[str]) -> dict[str, str]:
    wanted = codes - {""}
    return {row.code: row.title for row in model.objects.filter(code__in=wanted)} if wanted else {}


def _periods(lines: Sequence[Any]) -> dict[tuple[int, str, int], str]:
    bonuses = [line for line in lines if line.component and line.component.target]
    if not bonuses:
        return {}
    agreed = AgreementItem.objects.filter(
        agreement__in=Agreement.objects.counting(),
        agreement__partner__in={line.partner_id for line in bonuses},
        kpi__code__in={line.component.target for line in bonuses},
    )
    return {
        row[:3]: row[3] for row in agreed.values_list("agreement__partner", "kpi__code", "agreement__year", "period")
    }


def _followed_titles(lines: Sequence[Any]) -> dict[tuple[int, str], str]:
    codes = {line.followed_code for line in lines} - {""}
    if not codes:
        return {}
    versions = {line.component.version_id for line in lines if line.component}
    found = apps.get_model("commissions", "Component").objects.filter(version__in=versions, code__in=codes)
    return {(component.version_id, component.code): component.title for component in found}


def _followed_lines(lines: Sequence[Any], posted: Any) -> dict[tuple[Any, ...], tuple[int, str]]:
    """The last posted line of each fact that is followed: by order, customer, revenue month, partner and component."""
    orders = {line.order_id for line in lines if line.followed_code and line.order_id}
    if not orders:
        return {}
    codes = {line.followed_code for line in lines}
    columns = ("order", "customer_no", "revenue_month", "partner", "component_code")
    found = posted.filter(order__in=orders, component_code__in=codes, is_notice=False).order_by("pk")
    return {tuple(row[:5]): row[5:] for row in found.values_list(*columns, "pk", "statement__number")}


def _context(line: Any, titles: _Titles, followed: dict[tuple[Any, ...], tuple[int, str]]) -> Context:
    component, certificate = line.component, line.certificate
    version = component and component.version
    fact = (line.order_id, line.customer_no, line.revenue_month, line.followed_partner_id, line.followed_code)
    followed_line, followed_statement = followed.get(fact, (None, ""))
    return Context(
        component=component.title if component else "",
        schedule=titles.schedules.get(line.schedule, line.schedule),
        version=version.sequence if version else None,
        version_from=version.valid_from if version else None,
        months=component.months if component else None,
        order_no=line.order.order_no if line.order else "",
        customer_no=(line.order.customer_no or "") if line.order else "",
        product=titles.products.get(line.product, ""),
        certificate_family=titles.families.get(component.certificate or "", "") if component else "",
        certificate_holder=certificate.holder.name if certificate else "",
        certificate_last_day=last_day(certificate.valid_until) if certificate else None,
        previous_statement=titles.statements.get(line.previous_id, ""),
        manual_reason=line.manual.reason if line.manual else "",
        followed=titles.followed.get((component.version_id, line.followed_code), "") if component else "",
        followed_partner=line.followed_partner.legal_name if line.followed_partner else "",
        followed_line=followed_line,
        followed_statement=followed_statement,
        campaign=titles.campaigns.get(component.campaign, component.campaign) if component else "",
        target=titles.targets.get(component.target, component.target) if component else "",
        period=titles.periods.get((line.partner_id, component.target, line.month.year), "") if component else "",
        parts=titles.parts.get(line.pk, ()),
    )


def catalogue() -> Catalogue:
    """What schedule documents may refer to, and what published ones have promised that a new one must not contradict."""
    published = apps.get_model("commissions", "Component").objects.published()
    promised = published.filter(kind__in=("window_bonus", "target_bonus"))
    return Catalogue(
        families=dict(ProductFamily.objects.values_list("code", "one_off")),
        products=dict(Product.objects.values_list("code", "family__code")),
        campaigns=set(Campaign.objects.values_list("code", flat=True)),
        targets=set(Kpi.objects.values_list("code", flat=True)),
        bonuses={code: (kind, over) for code, kind, over in promised.values_list("code", "kind", "window")},
    )
