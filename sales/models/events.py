"""What the operator reported, row by row, in the words of the feed."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.choices import ToneChoices
from sales.models.imports import FeedImport
from sales.queries import ParkedQuerySet


class EventType(models.TextChoices):
    """In the order in which events of one day take effect (formats: the feed)."""

    CAPTURED = "captured", _("captured")
    REJECTED = "rejected", _("rejected")
    CORRECTED = "corrected", _("corrected")
    REATTRIBUTED = "reattributed", _("re-attributed")
    ACTIVATED = "activated", _("activated")
    SUSPENDED = "suspended", _("suspended")
    RESUMED = "resumed", _("resumed")
    CANCELLED = "cancelled", _("cancelled")
    WITHDRAWN = "withdrawn", _("withdrawn")
    CANCELLATION_REVOKED = "cancellation_revoked", _("cancellation revoked")
    REVENUE = "revenue", _("revenue")


class Transaction(models.TextChoices):
    NEW = "new", _("new contract")
    RENEWAL = "renewal", _("renewal")
    UPGRADE = "upgrade", _("upgrade")
    DOWNGRADE = "downgrade", _("downgrade")
    ADDON = "addon", _("add-on")
    REFERRAL = "referral", _("referral")


class CustomerClass(models.TextChoices):
    CONSUMER = "consumer", _("consumer")
    SOHO = "soho", _("small office")
    SMB = "smb", _("small and mid-size business")
    ENTERPRISE = "enterprise", _("enterprise")


class Reason(models.TextChoices):
    """Why an order was rejected or cancelled. Who answers for it decides the clawback (§ 87a (2), (3) HGB)."""

    WITHDRAWAL = "WITHDRAWAL", _("withdrawn by the customer")
    NON_PAYMENT = "NON_PAYMENT", _("customer did not pay")
    FRAUD_PARTNER = "FRAUD_PARTNER", _("fraud by the partner")
    FRAUD_CUSTOMER = "FRAUD_CUSTOMER", _("fraud by the customer")
    CUSTOMER_MOVED = "CUSTOMER_MOVED", _("customer moved")
    CUSTOMER_DECEASED = "CUSTOMER_DECEASED", _("customer deceased")
    NO_AVAILABILITY = "NO_AVAILABILITY", _("not available at the address")
    PROVIDER_FAULT = "PROVIDER_FAULT", _("operator's fault")
    PROVIDER_TERMINATION = "PROVIDER_TERMINATION", _("ended by the operator")
    PRICE_INCREASE = "PRICE_INCREASE", _("price increase")
    REGULAR_END = "REGULAR_END", _("regular end")
    PORT_OUT = "PORT_OUT", _("number ported away")
    DUPLICATE = "DUPLICATE", _("entered twice")
    DATA_ERROR = "DATA_ERROR", _("data error")
    OTHER = "OTHER", _("other reason")


class OrderFields(models.Model):
    """What an event may say about an order, typed as the feed format says. Empty means: not said."""

    product = models.CharField(_("product"), max_length=60, null=True)
    transaction = models.CharField(_("transaction"), max_length=10, null=True, choices=Transaction.choices)
    customer_no = models.CharField(_("customer number"), max_length=60, null=True)
    customer_name = models.CharField(_("customer"), max_length=200, null=True)
    customer_class = models.CharField(_("customer class"), max_length=10, null=True, choices=CustomerClass.choices)
    annual_spend = models.DecimalField(_("yearly spend"), max_digits=14, decimal_places=2, null=True)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3, null=True)
    order_value = models.DecimalField(_("order value"), max_digits=14, decimal_places=4, null=True)
    monthly_price = models.DecimalField(_("monthly price"), max_digits=14, decimal_places=4, null=True)
    term_months = models.IntegerField(_("term in months"), null=True)
    campaign = models.CharField(_("campaign"), max_length=60, null=True)
    evidence = models.CharField(_("evidence"), max_length=200, null=True)

    class Meta:
        abstract = True


class Event(OrderFields):
    """One row of the feed that was understood. Append-only; `event_id` is the idempotency key over all files for ever."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=80, db_collation="C")
    event_type = models.CharField(_("event"), max_length=20, choices=EventType.choices)
    occurred_on = models.DateField(_("date"))
    order_no = models.CharField(_("order"), max_length=80, db_column="order_id", db_collation="C")
    dealer_code = models.CharField(_("dealer code"), max_length=40, null=True)
    revenue_month = models.DateField(_("revenue month"), null=True)
    revenue = models.DecimalField(_("revenue"), max_digits=14, decimal_places=4, null=True)
    signed_on = models.DateField(_("signed"), null=True)
    activated_on = models.DateField(_("activated"), null=True)
    reason = models.CharField(_("reason"), max_length=24, null=True, choices=Reason.choices)
    feed_import = models.ForeignKey(FeedImport, models.DO_NOTHING, db_constraint=False, db_index=False)
    line = models.BigIntegerField(pgettext_lazy("of a file", "line"))

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        # Not `unique=True` on the field: Django would add a second index for LIKE, a tenth of the time of every import.
        constraints = [models.UniqueConstraint(fields=["event_id"], name="event_once")]
        indexes = [
            models.Index(fields=["order_no"], name="event_order"),
            # Events arrive roughly by date, so block ranges find "dated in between" at next to no cost for inserts.
            BrinIndex(fields=["occurred_on"], name="event_occurred_on", pages_per_range=32),
            # Few: a run asks which orders' customers spend something else than it was told at first.
            models.Index(
                fields=["order_no"],
                name="event_respent",
                condition=Q(event_type="corrected", annual_spend__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.event_id


class Parked(models.Model):
    """An event that cannot take effect yet: it waits for its order, or an office user has to resolve it.

    The event itself is a recorded fact and stays; only this row comes and goes.
    """

    class Cause(ToneChoices):
        ORDER_NOT_CAPTURED = "order_not_captured", "coming", _("order not captured yet")
        UNKNOWN_DEALER = "unknown_dealer", "held", _("unknown dealer code")
        UNKNOWN_PRODUCT = "unknown_product", "held", _("unknown product")
        CLASS_MISSING = "class_missing", "held", _("customer class not stated")
        CAPTURED_TWICE = "captured_twice", "held", _("order captured a second time")

    event = models.OneToOneField(Event, models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="parked")
    feed_import = models.ForeignKey(FeedImport, models.DO_NOTHING, db_constraint=False, related_name="parked")
    cause = models.CharField(_("cause"), max_length=20, choices=Cause.choices)
    value = models.CharField(_("value"), max_length=80, blank=True)  # the code it is about, for grouping
    # A second capture that the office looked at and set aside; it stays parked and is no longer an open exception.
    dismissed_at = models.DateTimeField(null=True, blank=True)

    objects = ParkedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["cause", "value"], name="parked_cause")]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.cause}"
