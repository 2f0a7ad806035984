"""Read access to orders, products and imports, always through what the person may see."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import F, Q

from core import sql
from core.fields import covering
from core.locks import Lock, is_free
from core.money import CENT
from partners.models import Partner, Role

if TYPE_CHECKING:
    # Named in strings only.
    from sales.models import (  # noqa: F401
        Campaign,
        CampaignRegistration,
        CustomerSpend,
        FeedImport,
        Order,
        Parked,
        Product,
        ProductNotice,
        SegmentBand,
    )


NEWS_FOR = timedelta(days=60)


class ProductQuerySet(models.QuerySet["Product"]):
    def titles(self) -> dict[str, str]:
        """What people call each, in the reader's language, by the code that orders and lines carry."""
        return {product.code: product.title for product in self}

    def orderable_on(self, day: date) -> "ProductQuerySet":
        """Products in the portfolio on a day; announced ones without a date are visible, not orderable."""
        in_time = Q(portfolio_from__lte=day) & (Q(portfolio_until__isnull=True) | Q(portfolio_until__gt=day))
        return self.filter(in_time).exclude(state="announced")

    def announced(self) -> "ProductQuerySet":
        """Shown as a preview: nobody knows yet from which day they can be ordered."""
        return self.filter(state="announced", portfolio_from__isnull=True).order_by("code")


class ProductNoticeQuerySet(models.QuerySet["ProductNotice"]):
    def current(self, today: date) -> "ProductNoticeQuerySet":
        """What is still news on a day: dates to come, and releases of the last two months; a moved date is void."""
        recent = Q(kind="released", day__gt=today - NEWS_FOR, day__lte=today)
        still_true = self.filter(Q(kind="dated", day__gt=today) | recent, day=F("product__portfolio_from"))
        return still_true.select_related("product").order_by("-noticed_at", "-pk")


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: Any) -> "OrderQuerySet":
        return self.filter(partner__in=Partner.objects.visible_to(user))

    def in_channel(self, channel: str) -> "OrderQuerySet":
        own = Q(partner__kind=Partner.Kind.OWN_BRANCH)
        return self.filter(own if channel == "own_store" else ~own)

    def spending_in(self, bands: "Iterable[SegmentBand]") -> "OrderQuerySet":
        """Orders of customers who belonged to one of these segments when they signed, bounds included."""
        return self.filter(_spending_in(bands))

    def on_a_closed_route(self, bands: "Iterable[SegmentBand]") -> "OrderQuerySet":
        """Orders in segments closed to partners that are still a sale, not yet handed over as a referral."""
        return self.spending_in(bands).exclude(transaction="referral")

    def unassigned(self, bands: "Iterable[SegmentBand]") -> "OrderQuerySet":
        """Orders of customers whose yearly spend is known and belonged to none of the segments when they signed."""
        return self.filter(annual_spend__isnull=False).exclude(_spending_in(bands))


def _spending_in(bands: "Iterable[SegmentBand]") -> Q:
    found = Q(pk__in=[])
    for each in bands:
        below = Q() if each.spend_to is None else Q(annual_spend__lte=each.spend_to)
        before = Q() if each.valid_until is None else Q(signed_on__lt=each.valid_until)
        found |= Q(annual_spend__gte=each.spend_from, signed_on__gte=each.valid_from) & below & before
    return found


class FeedImportQuerySet(models.QuerySet["FeedImport"]):
    def visible_to(self, user: Any) -> "FeedImportQuerySet":
        """The feed is the operator's: office roles that run the month see it, partners never do."""
        roles = {
            Role.HEAD_OF_CHANNEL, Role.CHANNEL_MANAGER, Role.COMMISSION_CONTROLLER, Role.FINANCE, Role.AUDITOR,
            Role.ADMINISTRATOR,
        }  # fmt: skip
        return self if user.is_authenticated and user.is_active and user.role in roles else self.none()

    def watermark(self) -> int:
        """The highest id below which nothing can still come: all a later run must look at has a greater one.

        Files are not merged in the sequence in which they were received. Asked under the lock FACTS (shared); an
        import that is received and not merged yet holds the mark below itself, at the price of looking at some
        orders twice.
        """
        unfinished = self.filter(status__in=["received", "importing"]).order_by("pk").values_list("pk", flat=True)
        first = unfinished.first()
        return first - 1 if first else self.order_by("-pk").values_list("pk", flat=True).first() or 0

    def abandoned(self, now: datetime) -> list[int]:
        """Imports that nobody is working on although somebody should be."""
        lost = Q(status="importing") | Q(status="received", received_at__lt=now - timedelta(minutes=2))
        left = Q(status__in=["done", "refused"], finished_at__lt=now - timedelta(minutes=1)) & ~Q(path="")
        keys = self.filter(lost | left).order_by("pk").values_list("pk", flat=True)
        return [key for key in keys if is_free(Lock.IMPORT_ALIVE, key)]


def order_states(order_nos: list[str], cutoff: date | None = None) -> list[Any]:
    """Orders as the events dated up to `cutoff` (all of them if None) say, as rows with the columns of sales_order."""
    with transaction.atomic():
        sql.execute("sales/fold_tables")
        sql.execute("sales/touch_orders", order_nos=order_nos)
        sql.execute("sales/order_state", cutoff=cutoff or "infinity")
        states = sql.rows("sales/read_order_states")
        sql.execute("sales/drop_fold_tables")
    return states


# ---- customer segments -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Gap:
    """Yearly spend that no segment covers, both bounds included; `spend_to` None is without end. EUR net."""

    spend_from: Decimal
    spend_to: Decimal | None

    def __str__(self) -> str:
        return (
            f"{self.spend_from:,.2f}-{self.spend_to:,.2f}" if self.spend_to is not None else f"{self.spend_from:,.2f}-"
        )


def segment_gaps(bands: "list[SegmentBand] | models.QuerySet[SegmentBand]") -> list[Gap]:
    """What lies between, below and above the segments: customers whose sales route nobody decided."""
    gaps: list[Gap] = []
    free_from: Decimal | None = Decimal("0.00")
    for band in sorted(bands, key=lambda band: band.spend_from):
        if free_from is not None and band.spend_from > free_from:
            gaps.append(Gap(free_from, band.spend_from - CENT))
        if band.spend_to is None:
            free_from = None
        elif free_from is not None:
            free_from = max(free_from, band.spend_to + CENT)
    return [*gaps, Gap(free_from, None)] if free_from is not None else gaps


class SegmentBandQuerySet(models.QuerySet["SegmentBand"]):
    def covering(self, spend: Decimal) -> "SegmentBandQuerySet":
        """Bands with this yearly spend, bounds included, which no other range here does."""
        return self.filter(Q(spend_to__isnull=True) | Q(spend_to__gte=spend), spend_from__lte=spend)

    def overlapping(self, band: "SegmentBand") -> "SegmentBandQuerySet":
        """Other bands that share a cent and a day with this one."""
        found = self.exclude(pk=band.pk).filter(Q(spend_to__isnull=True) | Q(spend_to__gte=band.spend_from))
        found = found.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=band.valid_from))
        found = found if band.valid_until is None else found.filter(valid_from__lt=band.valid_until)
        return found if band.spend_to is None else found.filter(spend_from__lte=band.spend_to)

    def on(self, day: date) -> "SegmentBandQuerySet":
        return self.filter(covering(day))

    def route_for(self, spend: Decimal | None, day: date) -> "SegmentBand | None":
        """The segment on a day of a customer with this yearly spend; None: unassigned, or the spend is not known."""
        return self.on(day).covering(spend).first() if spend is not None else None

    def closed_to_partners(self) -> "list[SegmentBand]":
        """Segments of other channels in which partners may not sell, those of former days among them."""
        return [band for band in self if band.closed_to_partners]

    def of_other_channels(self) -> "list[SegmentBand]":
        """Segments that the operator serves itself, whether or not partners may sell there as well."""
        return [band for band in self if band.of_another_channel]

    def gaps(self, day: date) -> list[Gap]:
        return segment_gaps(self.on(day))


# ---- what customers spend ----------------------------------------------------------------------------------------
class CustomerSpendQuerySet(models.QuerySet["CustomerSpend"]):
    def visible_to(self, user: Any) -> "CustomerSpendQuerySet":
        """Revenue of the operator's customers over all partners: those who see all money."""
        roles = {Role.HEAD_OF_CHANNEL, Role.COMMISSION_CONTROLLER, Role.FINANCE, Role.AUDITOR}
        return self if user.is_authenticated and user.is_active and user.role in roles else self.none()

    def suggested(self) -> "CustomerSpendQuerySet":
        return self.filter(status="suggested")

    def latest_of(self, customer_no: str | None) -> "CustomerSpend | None":
        """What replaced the estimate of this customer's orders, if anything did."""
        return self.filter(customer_no=customer_no).order_by("-as_of", "-pk").first()


# The column of the feed that a cause is about; of all others it is the order.
PARKED_FIELDS = {"unknown_dealer": "dealer_code", "unknown_product": "product", "class_missing": "customer_class"}


# ---- what became of a feed ---------------------------------------------------------------------------------------
def report_rows(feed_import: "FeedImport") -> Iterator[list[str]]:
    """Rejected, waiting and exceptional rows of an import: line, event, result, field, value, code or cause."""
    issues = feed_import.issues.order_by("line", "field")
    for issue in issues.iterator(chunk_size=2000):
        yield [str(issue.line), issue.event_id, "rejected", issue.field, issue.value, issue.code]
    for parked in feed_import.parked.select_related("event").order_by("event__line").iterator(chunk_size=2000):
        result = "waiting" if parked.cause == "order_not_captured" else "exception"
        field = PARKED_FIELDS.get(parked.cause, "order_id")
        value = parked.value or parked.event.order_no
        yield [str(parked.event.line), parked.event.event_id, result, field, value, parked.cause]


class ParkedQuerySet(models.QuerySet["Parked"]):
    def open(self) -> "ParkedQuerySet":
        """Exceptions somebody has to look at; waiting events and what was set aside are none."""
        return self.filter(dismissed_at=None).exclude(cause="order_not_captured")

    def waiting(self) -> "ParkedQuerySet":
        return self.filter(cause="order_not_captured")

    def by_cause(self) -> Any:
        """How many events share a cause and a code, and since when: what the office works off, largest first."""
        found = self.values("cause", "value").annotate(count=models.Count("pk"), since=models.Min("event__occurred_on"))
        return found.order_by("-count", "cause", "value")


# ---- campaigns ---------------------------------------------------------------------------------------------------
SEES_CAMPAIGNS = frozenset(
    {"head_of_channel", "channel_manager", "commission_controller", "finance", "auditor", "administrator"}
)


def _not_left_out(number: str) -> Q:
    # Whether NULL contains a number is unknown, so the absent list is asked for first.
    return Q(exclude_partners__isnull=True) | ~Q(exclude_partners__contains=[number])


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, user: Any) -> "CampaignQuerySet":
        """Office roles around the month see drafts too; partners what is approved and not closed to all of theirs."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role != Role.PARTNER:
            return self if user.role in SEES_CAMPAIGNS else self.none()
        mine = list(Partner.objects.own(user).values_list("number", flat=True))
        seen = Q(pk__in=[])
        for number in mine:
            seen |= _not_left_out(number)
        return self.filter(seen, status="approved")

    def for_partner(self, number: str) -> "CampaignQuerySet":
        """Approved campaigns that do not leave this partner out."""
        return self.filter(_not_left_out(number), status="approved")

    def open_on(self, day: date) -> "CampaignQuerySet":
        """Running that day or still to come."""
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day))

    def running_on(self, day: date) -> "CampaignQuerySet":
        return self.filter(covering(day))

    def waiting(self) -> "CampaignQuerySet":
        """What a second person has to decide on."""
        return self.filter(Q(status="draft") | Q(proposal__isnull=False))


class CampaignRegistrationQuerySet(models.QuerySet["CampaignRegistration"]):
    def visible_to(self, user: Any) -> "CampaignRegistrationQuerySet":
        """A partner's own; the office sees those of the partners it sees, if it sees campaigns at all."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role == Role.PARTNER:
            return self.filter(partner__in=Partner.objects.own(user))
        if user.role not in SEES_CAMPAIGNS:
            return self.none()
        return self.filter(partner__in=Partner.objects.visible_to(user))

    def in_force(self) -> "CampaignRegistrationQuerySet":
        return self.filter(withdrawn_on__isnull=True)
