"""What can be sold and what was sold: catalogue, segments, feed imports, events, and the orders they add up to.

`Event` is the fact: append-only, one row for each line the operator delivered. `Order` and `Revenue` are nothing but a
function of the set of events (see importing.py); they may be thrown away and derived again. The three big tables
carry typed columns and the indexes that queries need, and no foreign-key triggers: five of those made a million
inserts 3.4 times slower, so the loader checks the references instead.
"""

from datetime import date
from decimal import Decimal

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.choices import ToneChoices
from core.fields import MoneyField, Validity
from partners.models import Partner
from sales.queries import (
    CampaignQuerySet,
    CampaignRegistrationQuerySet,
    CustomerSpendQuerySet,
    FeedImportQuerySet,
    OrderQuerySet,
    ParkedQuerySet,
    ProductNoticeQuerySet,
    ProductQuerySet,
    SegmentBandQuerySet,
)
from sales.reading import REFUSALS, refusal_text


class Titled(models.Model):
    """A name in both languages of the interface."""

    title_de = models.CharField(_("title (German)"), max_length=120)
    title_en = models.CharField(_("title (English)"), max_length=120)

    class Meta:
        abstract = True

    @property
    def title(self) -> str:
        return self.title_de if (get_language() or "de").startswith("de") else self.title_en


@pghistory.track()
class ProductFamily(Titled):
    """Products that are sold, certified and commissioned alike. `one_off`: no recurring commission is allowed on it.

    `business`: only businesses buy it, so an order has to name the customer's class; read as a consumer's, it would go
    to the wrong segment and could earn by the wrong component.
    """

    code = models.CharField(_("code"), max_length=40, unique=True)
    one_off = models.BooleanField(_("one-off commission only"), default=False)
    business = models.BooleanField(
        _("for businesses"),
        default=False,
        help_text=_("An order without a customer class is then an exception instead of a consumer's."),
    )

    class Meta:
        verbose_name = _("product family")
        verbose_name_plural = _("product families")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class Product(Titled):
    """What a partner can sell between `portfolio_from` and `portfolio_until`; announced products have no dates yet."""

    class State(ToneChoices):
        ANNOUNCED = "announced", "coming", _("announced")
        RELEASED = "released", "earned", pgettext_lazy("product", "released")
        WITHDRAWN = "withdrawn", "neutral", pgettext_lazy("product", "withdrawn")

    code = models.CharField(_("code"), max_length=60, unique=True)
    family = models.ForeignKey(ProductFamily, models.PROTECT, related_name="products", verbose_name=_("family"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.ANNOUNCED)
    portfolio_from = models.DateField(_("in the portfolio from"), null=True, blank=True)
    portfolio_until = models.DateField(_("in the portfolio until"), null=True, blank=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="announced") | Q(portfolio_from__isnull=False),
                name="product_released_from_a_day",
                violation_error_message=_("A released product needs the day from which partners may sell it."),
            ),
            models.CheckConstraint(
                condition=Q(portfolio_until__isnull=True) | Q(portfolio_until__gt=F("portfolio_from")),
                name="product_portfolio_in_order",
                violation_error_message=_("The end must lie after the start."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ProductNotice(models.Model):
    """Something partners should know of a product: it has got its day, or that day has come (F0-16, F0-17)."""

    class Kind(ToneChoices):
        DATED = "dated", "coming", _("has got its day")
        RELEASED = "released", "earned", _("can be ordered")

    product = models.ForeignKey(Product, models.CASCADE, related_name="notices", verbose_name=_("product"))
    kind = models.CharField(_("news"), max_length=8, choices=Kind.choices)
    day = models.DateField(_("in the portfolio from"))
    noticed_at = models.DateTimeField(_("noticed"))
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)  # set before sending: nobody is told twice

    objects = ProductNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("product notice")
        verbose_name_plural = _("product notices")
        ordering = ["-noticed_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["product", "kind", "day"], name="product_notice_once")]

    def __str__(self) -> str:
        return f"{self.product}: {self.get_kind_display()}"


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


class FeedImport(models.Model):
    """One delivered file on its way into the events: counts, progress, and what was wrong, all on this row.

    Every finished import balances: rows = accepted + duplicate + waiting + exception + rejected. A refused file
    (no feed at all, or not readable as one) leaves nothing but this row and its message.
    """

    class Source(models.TextChoices):
        UPLOAD = "upload", _("upload")
        FOLDER = "folder", _("watched folder")
        API = "api", _("API")
        OFFICE = "office", _("stated in the office")  # no file: one row, about one order
        RETRY = "retry", _("retry of exceptions")  # no file: parked events applied after master data was added

    class Status(ToneChoices):
        RECEIVED = "received", "neutral", _("received")
        IMPORTING = "importing", "coming", _("importing")
        DONE = "done", "earned", _("done")
        REFUSED = "refused", "taken", _("refused")

    class Outcome(ToneChoices):
        """What became of the file, for readers: `done` alone would call a file good of which no row was taken."""

        RECEIVED = "received", "neutral", _("received")
        IMPORTING = "importing", "coming", _("importing")
        DONE = "done", "earned", _("done")
        PARTLY = "partly", "held", _("done, rows rejected")
        NOTHING = "nothing", "taken", _("every row rejected")
        REFUSED = "refused", "taken", _("refused")

    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    filename = models.CharField(_("file"), max_length=200)
    path = models.CharField(max_length=400, blank=True)  # where the bytes wait; emptied with the file when finished
    size = models.BigIntegerField(_("bytes"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.RECEIVED)
    received_at = models.DateTimeField(_("received"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    bytes_read = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(_("rows"), default=0)
    accepted = models.BigIntegerField(_("accepted"), default=0)
    duplicate = models.BigIntegerField(_("duplicates"), default=0)
    waiting = models.BigIntegerField(_("waiting"), default=0)
    exception = models.BigIntegerField(_("exceptions"), default=0)
    rejected = models.BigIntegerField(_("rejected"), default=0)
    # Highest Event.id when this import ended: a run reads "what was recorded since" off it, never off a clock.
    last_event = models.BigIntegerField(null=True, blank=True)
    # Why the file was refused: code and values of sales.reading.REFUSALS, and the words as they were said to who
    # delivered it. Imports of before have the words only.
    error = models.TextField(_("error"), blank=True)
    refusal = models.CharField(max_length=40, blank=True)
    refusal_values = models.JSONField(default=dict, blank=True)

    objects = FeedImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("feed import")
        verbose_name_plural = _("feed imports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk} {self.filename}"

    @property
    def outcome(self) -> str:
        """A value of Outcome."""
        if self.status == self.Status.DONE and self.rejected:
            return self.Outcome.NOTHING if self.rejected == self.rows else self.Outcome.PARTLY
        return self.status

    @property
    def refused_because(self) -> str:
        """The reason in the language of whoever reads it."""
        return refusal_text(self.refusal, self.refusal_values) if self.refusal in REFUSALS else self.error

    @property
    def percent_read(self) -> int:
        """How much of the file is read, 0 to 100; the merge that follows takes about as long again."""
        return min(100, self.bytes_read * 100 // self.size) if self.size else 0


class FeedIssue(models.Model):
    """A rejected row of an import: where, which field, what stood there, what would be right."""

    feed_import = models.ForeignKey(FeedImport, models.CASCADE, related_name="issues")
    line = models.BigIntegerField(pgettext_lazy("of a file", "line"))
    event_id = models.CharField(_("event"), max_length=80, blank=True)
    field = models.CharField(_("field"), max_length=40, blank=True)
    value = models.CharField(_("value"), max_length=200, blank=True)
    # A code with a text for it in queries.py, so that one report reads in both languages.
    code = models.CharField(_("cause"), max_length=40)

    class Meta:
        ordering = ["feed_import", "line", "field"]

    def __str__(self) -> str:
        return f"{self.line}: {self.code}"


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


class Channel(models.TextChoices):
    """Through whom the operator sells. An order has exactly one: it follows from the kind of partner it belongs to."""

    INDIRECT = "indirect", _("sales partners")
    OWN_STORE = "own_store", _("own stores")


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


# ---- campaigns ---------------------------------------------------------------------------------------------------
class CampaignTerms(Titled, Validity):
    """What a campaign grants: the days on which an order must be signed, who must have said beforehand that it takes
    part, how much there is, and what is left out. Lists of codes and numbers; NULL leaves nothing out.
    """

    description_de = models.TextField(_("description (German)"), blank=True)
    description_en = models.TextField(_("description (English)"), blank=True)
    registration_required = models.BooleanField(
        _("registration required"),
        default=False,
        help_text=_("Only orders count that were signed on or after the day the partner registered."),
    )
    # Over all partners together, filled by signature date, then order (rule 17). NULL: as much as is sold.
    cap_units = models.DecimalField(
        _("at most this many units"), max_digits=12, decimal_places=3, null=True, blank=True
    )
    cap_amount = MoneyField(_("at most this much, EUR net"), null=True, blank=True)
    exclude_products = ArrayField(models.CharField(max_length=60), null=True, blank=True)
    exclude_families = ArrayField(models.CharField(max_length=40), null=True, blank=True)
    exclude_partners = ArrayField(models.CharField(max_length=20), null=True, blank=True)  # partner numbers
    stackable = models.BooleanField(
        _("may be added to others"),
        default=True,
        help_text=_("Of several campaigns on one order that may not be added up, only the highest pays."),
    )

    class Meta(Validity.Meta):
        abstract = True

    @property
    def description(self) -> str:
        german = (get_language() or "de").startswith("de")
        return (self.description_de if german else self.description_en) or self.description_de or self.description_en


@pghistory.track(append_only=True)
class Campaign(CampaignTerms):
    """Extra pay for orders that name `code` and were signed within its days; the schedule says how much (rule 17).

    Only approved terms pay, and the columns of an approved row always hold approved terms: a later change waits in
    `proposal` until a second person agrees, so that nothing is taken back while it waits.
    """

    class Status(ToneChoices):
        DRAFT = "draft", "coming", pgettext_lazy("campaign", "waits for approval")
        APPROVED = "approved", "earned", _("approved")

    code = models.CharField(_("code"), max_length=60, unique=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    saved_at = models.DateTimeField(_("saved"))
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("saved by")
    )
    approved_at = models.DateTimeField(_("approved on"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    proposal = models.JSONField(_("proposed change"), null=True, blank=True)  # terms by field name, as text
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proposed by")
    )

    objects = CampaignQuerySet.as_manager()

    class Meta(CampaignTerms.Meta):
        abstract = False
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-valid_from", "code"]
        constraints = [
            *Validity.Meta.constraints,
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("saved_by")),
                name="campaign_four_eyes",
                violation_error_message=_("Who wrote a campaign cannot approve it."),
            ),
            models.CheckConstraint(
                condition=(Q(cap_units__isnull=True) | Q(cap_units__gt=0))
                & (Q(cap_amount__isnull=True) | Q(cap_amount__gt=0)),
                name="campaign_caps_above_zero",
                violation_error_message=_("A cap must lie above zero."),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.code

    @property
    def waits(self) -> bool:
        """Whether a second person has to decide."""
        return self.status == self.Status.DRAFT or self.proposal is not None

    @property
    def author_id(self) -> int | None:
        """Who wrote what waits, and therefore cannot approve it."""
        return self.saved_by_id if self.proposal is None else self.proposed_by_id


class CampaignRegistration(models.Model):
    """A partner takes part from `registered_on` until before `withdrawn_on`: a fact that is added and ended, no more.

    It counts for orders signed on these days. The trigger of migration 0003 refuses everything but the one end.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="registrations", verbose_name=_("campaign"))
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="registrations", verbose_name=_("partner"))
    registered_on = models.DateField(_("registered"))
    registered_at = models.DateTimeField(_("recorded"))
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("registered by")
    )
    withdrawn_on = models.DateField(_("withdrawn"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )

    objects = CampaignRegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign registration")
        verbose_name_plural = _("campaign registrations")
        ordering = ["-registered_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "partner"], condition=Q(withdrawn_on__isnull=True), name="registered_once"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("registered_on")),
                name="registration_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign.code}: {self.partner}"


# ---- what customers spend ----------------------------------------------------------------------------------------
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
