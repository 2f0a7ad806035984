"""Read access to targets, always through what the person may see."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models

from core import sql
from core.periods import first_of_month
from partners.models import Partner
from sales.models import Product
from sales.queries import order_states
from targets.arithmetic import Span, decimal, percent, shown

if TYPE_CHECKING:
    # Named in quotes in the bases below, where the linter does not look.
    from targets.models import (  # noqa: F401
        Adjustment,
        Agreement,
        AgreementItem,
        Alert,
        Kpi,
        Proposal,
        SupportMeasure,
    )

# Bonus hangs on an agreement, so it is seen by who sees the partner's money.
DECIDES = {"head_of_channel", "commission_controller", "finance", "auditor"}
COUNTING = ["accepted", "in_force", "settled"]
# Cancelled for these reasons an order still counts: the operator's own faults never lower what a partner reached.
OPERATORS_FAULT = {"NO_AVAILABILITY", "PROVIDER_FAULT", "PROVIDER_TERMINATION", "PRICE_INCREASE"}


class KpiQuerySet(models.QuerySet["Kpi"]):
    def visible_to(self, user: Any) -> "KpiQuerySet":
        return self if user.is_authenticated and user.is_active else self.none()


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, user: Any) -> "AgreementQuerySet":
        """Those of partners whose money the person sees; a partner's people not before it is offered."""
        seen = self.filter(partner__in=Partner.objects.money_visible_to(user))
        return seen.exclude(status="proposed") if getattr(user, "role", "") == "partner" else seen

    def counting(self) -> "AgreementQuerySet":
        """Agreed by both sides, whether the year has begun, runs, or is settled."""
        return self.filter(status__in=COUNTING)


class AgreementItemQuerySet(models.QuerySet["AgreementItem"]):
    def visible_to(self, user: Any) -> "AgreementItemQuerySet":
        seen = self.filter(agreement__partner__in=Partner.objects.money_visible_to(user))
        return seen.exclude(agreement__status="proposed") if getattr(user, "role", "") == "partner" else seen

    def counting(self) -> "AgreementItemQuerySet":
        return self.filter(agreement__status__in=COUNTING)


class AdjustmentQuerySet(models.QuerySet["Adjustment"]):
    def visible_to(self, user: Any) -> "AdjustmentQuerySet":
        return self.filter(item__agreement__partner__in=Partner.objects.money_visible_to(user))


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, user: Any) -> "ProposalQuerySet":
        """The office's own business until it is approved; a channel manager sees what concerns own partners."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role in DECIDES:
            return self
        if user.role == "channel_manager":
            own = Partner.objects.money_visible_to(user)
            return self.filter(models.Q(members__agreement__partner__in=own) | models.Q(requested_by=user)).distinct()
        return self.none()


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, user: Any) -> "AlertQuerySet":
        return self.filter(user=user) if user.is_authenticated else self.none()


class SupportMeasureQuerySet(models.QuerySet["SupportMeasure"]):
    def visible_to(self, user: Any) -> "SupportMeasureQuerySet":
        """Staff see all of them; a partner's people those that are for a kind of their own."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role != "partner":
            return self
        own = Partner.objects.own(user).values_list("kind", flat=True)
        return self.filter(models.Q(partner_kinds=[]) | models.Q(partner_kinds__overlap=ArraySubquery(own)))

    def for_partner(self, partner: Partner) -> "SupportMeasureQuerySet":
        return self.filter(models.Q(partner_kinds=[]) | models.Q(partner_kinds__contains=[partner.kind]))

    def touching(self, span: Span) -> "SupportMeasureQuerySet":
        return self.filter(starts_on__lt=span.until, until__gt=span.start)


# ---- how far one target is, straight from the orders ---------------------------------------------------------------
class Attainment(NamedTuple):
    """`target` None: the period is suspended. `percent` exact to 28 digits; people read `shown`, cut after one digit."""

    target: Decimal | None
    actual: Decimal
    percent: Decimal | None

    @property
    def shown(self) -> Decimal | None:
        return shown(self.percent)


def attainment(partner: "Partner", kpi: str, as_of: date) -> Attainment | None:
    """The period of `kpi` in which `as_of` lies (or the last one before it) by the events dated up to `as_of`.

    None: nothing is agreed. Reads the orders themselves, so it is right before any snapshot was taken; for many
    partners at once the snapshots are the way.
    """
    for period in sql.rows("targets/periods_of", partner=partner.pk, kpi=kpi, as_of=as_of):
        rule = apps.get_model("targets", "AgreementItem").objects.get(pk=period.item_id)
        actual = sum((_counted(rule, order) for order in _orders(partner, period, as_of)), Decimal(0))
        exact = percent(actual, period.target)
        return Attainment(period.target, actual, None if exact is None else decimal(exact))
    return None


def _orders(partner: "Partner", period: Any, as_of: date) -> list[Any]:
    """Orders that count in the period: activated in a month that is not suspended, and not taken away by the day."""
    rows = sql.rows(
        "targets/orders_of", partner=partner.pk, as_of=as_of, start=period.period_from, until=period.period_until
    )
    later = [row.order_no for row in rows if row.later]
    standing = [row for row in rows if not row.later]
    if later:
        standing += [state for state in order_states(later, as_of) if state.partner_id == partner.pk]
    return [
        order
        for order in standing
        if order.activated_on
        and order.activated_on <= as_of
        and first_of_month(order.activated_on) in period.months
        and (not order.cancelled_on or order.cancelled_on > as_of or order.reason in OPERATORS_FAULT)
    ]


def _counted(rule: "AgreementItem", order: Any) -> Decimal:
    """What one order adds, in the unit of the target."""
    if rule.transactions and order.transaction not in rule.transactions:
        return Decimal(0)
    if rule.families and _family(order.product) not in rule.families:
        return Decimal(0)
    if rule.measure == "turnover":
        if rule.turnover_of == "order_value":
            return order.order_value or Decimal(0)
        return (order.monthly_price or Decimal(0)) * order.quantity
    return order.quantity * (Decimal(rule.points.get(order.product, 0)) if rule.unit == "points" else 1)


def _family(product: str) -> str:
    return Product.objects.values_list("family__code", flat=True).get(code=product)
