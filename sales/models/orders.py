"""Orders and their revenue as their events add up: they may be thrown away and derived again."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.choices import ToneChoices
from partners.models import Partner
from sales.models.events import OrderFields, Reason
from sales.models.imports import FeedImport
from sales.queries import OrderQuerySet


class Channel(models.TextChoices):
    """Through whom the operator sells. An order has exactly one: it follows from the kind of partner it belongs to."""

    INDIRECT = "indirect", _("sales partners")
    OWN_STORE = "own_store", _("own stores")


class Order(OrderFields):
    """One sold product on one customer contract, as all its events taken together say, whatever their dates.

    What a run of an earlier month must not know yet, it leaves out itself (sql/order_state.sql with a cut-off).
    """

    class Status(ToneChoices):
        CAPTURED = "captured", "coming", _("captured")
        REJECTED = "rejected", "neutral", _("rejected")
        ACTIVE = "active", "earned", _("active")
        SUSPENDED = "suspended", "held", _("suspended")
        CANCELLED = "cancelled", "taken", _("cancelled")
        WITHDRAWN = "withdrawn", "taken", _("withdrawn")

    id = models.BigAutoField(primary_key=True)
    order_no = models.CharField(_("order"), max_length=80, db_collation="C")
    partner = models.ForeignKey(
        Partner, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="orders"
    )  # looked up by the index order_partner
    dealer_code = models.CharField(_("dealer code"), max_length=40)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices)
    signed_on = models.DateField(_("signed"))
    activated_on = models.DateField(_("activated"), null=True)
    cancelled_on = models.DateField(_("cancelled"), null=True)
    reason = models.CharField(_("reason"), max_length=24, null=True, choices=Reason.choices)
    # Last import (or retry) that touched the order: a run finds what is new since the last one by it, not by a clock.
    feed_import = models.ForeignKey(
        FeedImport, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    # Date of the latest event other than revenue: up to this cut-off the row itself is the state as of then.
    last_event_on = models.DateField()

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [models.UniqueConstraint(fields=["order_no"], name="order_once")]
        indexes = [
            models.Index(fields=["partner", "-signed_on"], name="order_partner"),
            models.Index(fields=["customer_no"], name="order_customer"),
            BrinIndex(fields=["last_event_on"], name="order_last_event", pages_per_range=32),
            BrinIndex(fields=["activated_on"], name="order_activated", pages_per_range=32),
            # The few that a correction gave an activation after their last event: a run looks for them by that day.
            models.Index(
                fields=["activated_on"],
                name="order_ahead",
                condition=models.Q(activated_on__gt=models.F("last_event_on")),
            ),
            BrinIndex(fields=["feed_import"], name="order_feed_import", pages_per_range=32),
        ]

    def __str__(self) -> str:
        return self.order_no

    @property
    def channel(self) -> Channel:
        return Channel.OWN_STORE if self.partner.kind == Partner.Kind.OWN_BRANCH else Channel.INDIRECT


class Revenue(models.Model):
    """Billed EUR net of one order and month: the sum of all revenue rows so far (credit notes are negative)."""

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="revenues")
    month = models.DateField(_("month"))
    amount = models.DecimalField(_("revenue"), max_digits=14, decimal_places=4)
    feed_import = models.ForeignKey(
        FeedImport, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        verbose_name = _("revenue")
        constraints = [models.UniqueConstraint(fields=["order", "month"], name="revenue_order_month")]
        indexes = [
            BrinIndex(fields=["month"], name="revenue_month", pages_per_range=32),
            BrinIndex(fields=["feed_import"], name="revenue_feed_import", pages_per_range=32),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.month:%Y-%m}"
