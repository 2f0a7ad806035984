"""Customers by what they spend in a year: which channel serves them, and what they turned out to spend."""

from datetime import date
from decimal import Decimal

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.choices import ToneChoices
from core.fields import Validity
from sales.queries import CustomerSpendQuerySet, SegmentBandQuerySet


class Route(ToneChoices):
    """Who looks after a customer of a spend band."""

    CALL_CENTRE = "call_centre", "neutral", _("call centre and direct marketing")
    PARTNER = "partner", "earned", _("sales partner")
    SHARED = "shared", "held", _("shared: partner allowed, direct sales informed")
    DIRECT_SALES = "direct_sales", "coming", _("direct sales")


# From before there was anything to sell: a rule without a stated beginning held for every order.
EVER = date(1990, 1, 1)


@pghistory.track()
class SegmentBand(Validity):
    """Customers by yearly telephone spend, EUR net; both bounds belong to the band, which no other range here does.

    Which channel serves a customer is decided by the bands valid on the day the order was signed: a band is ended and
    another one added rather than rewritten, else orders of last year would change sides.
    """

    spend_from = models.DecimalField(_("spend from"), max_digits=12, decimal_places=2)
    spend_to = models.DecimalField(
        _("spend up to and including"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    route = models.CharField(_("sales route"), max_length=16, choices=Route.choices)
    partner_allowed = models.BooleanField(_("partners may sell"), default=False)
    valid_from = models.DateField(_("valid from"), default=EVER)

    objects = SegmentBandQuerySet.as_manager()

    class Meta(Validity.Meta):
        verbose_name = _("customer segment")
        verbose_name_plural = _("customer segments")
        ordering = ["spend_from", "valid_from"]
        constraints = [
            *Validity.Meta.constraints,
            models.CheckConstraint(
                condition=Q(spend_to__isnull=True) | Q(spend_to__gte=F("spend_from")),
                name="segment_bounds_in_order",
                violation_error_message=_("The upper bound must not lie below the lower one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.spend_from} – {self.spend_to or '∞'}"

    @property
    def of_another_channel(self) -> bool:
        """Whether the operator looks after these customers itself."""
        return self.route in (Route.CALL_CENTRE, Route.DIRECT_SALES)

    @property
    def closed_to_partners(self) -> bool:
        """Whether a partner's order here is another channel's customer; the flag says partners may sell all the same."""
        return self.of_another_channel and not self.partner_allowed

    def takes(self, spend: Decimal | None, day: date) -> bool:
        """Whether a customer with this yearly spend belonged here on a day; nobody does whose spend is not known."""
        inside = spend is not None and self.spend_from <= spend and (self.spend_to is None or spend <= self.spend_to)
        return inside and self.covers(day)

    def clean(self) -> None:
        """On a day a spend belongs to one segment. A gap is allowed: it is shown as unassigned (SegmentBand.objects.gaps())."""
        super().clean()
        complete = self.spend_from is not None and self.valid_from is not None
        if complete and (others := list(SegmentBand.objects.overlapping(self)[:3])):
            text = _("This segment overlaps with: %(others)s.")
            raise ValidationError(text % {"others": "; ".join(map(str, others))}, code="overlap")


class CustomerSpend(models.Model):
    """A customer's yearly telephone spend as it became known after the sale, EUR net, with its source and date (F0-14).

    It replaces what was known before, for what comes: orders keep the spend they were reported with, so nothing that
    was paid moves. Where the new amount lies in another segment, the office decides whether the customer follows.
    """

    class Source(models.TextChoices):
        ESTIMATE = "estimate", _("estimate with the order")  # stands on the orders, never in a row here
        BILL = "bill", _("bill")
        ACTUAL = "actual", _("revenue of twelve months")

    class Status(ToneChoices):
        SUGGESTED = "suggested", "held", _("to be decided")
        FOLLOWED = "followed", "earned", _("moved to the segment")
        KEPT = "kept", "neutral", _("segment kept")
        SAME = "same", "neutral", _("same segment")

    customer_no = models.CharField(_("customer number"), max_length=60)
    amount = models.DecimalField(_("yearly spend"), max_digits=14, decimal_places=2)
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    as_of = models.DateField(_("as of"))
    before = models.DecimalField(_("before"), max_digits=14, decimal_places=2, null=True)
    before_source = models.CharField(_("source before"), max_length=8, choices=Source.choices, null=True)
    before_as_of = models.DateField(_("as of before"), null=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )

    objects = CustomerSpendQuerySet.as_manager()

    class Meta:
        verbose_name = _("yearly spend of a customer")
        verbose_name_plural = _("yearly spends of customers")
        ordering = ["-as_of", "customer_no"]
        constraints = [
            models.UniqueConstraint(fields=["customer_no", "source", "as_of"], name="customer_spend_once"),
        ]
        indexes = [models.Index(fields=["status", "-as_of"], name="customer_spend_open")]

    def __str__(self) -> str:
        return f"{self.customer_no} {self.as_of:%Y-%m-%d}"
