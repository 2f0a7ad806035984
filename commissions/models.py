"""What was promised, what was calculated, what was posted: schedules, runs, lines, statements.

The one idea: a run compares what partners are entitled to by the facts known today with what posted lines say so far,
and proposes the difference, line by line, with its cause. `DraftLine` is the proposal and is replaced whenever the run
is calculated again; `Line` is posted and never changes. Both have the same columns, because posting copies them.
"""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from commissions.queries import DraftLineQuerySet, LineQuerySet, RunQuerySet, StatementQuerySet, VersionQuerySet
from core.choices import ToneChoices
from core.fields import MoneyField
from partners.models import Partner
from sales.models import Order

PERSON = settings.AUTH_USER_MODEL


def person(verbose_name: Any) -> "models.ForeignKey[Any, Any]":
    """Who did it. Never deleted, since the trail would end."""
    return models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=verbose_name)


class Schedule(models.Model):
    """A commission schedule (Tarif): the code that contracts name; what it pays stands in its versions."""

    code = models.CharField(_("code"), max_length=60, unique=True)
    title_de = models.CharField(_("title (German)"), max_length=120)
    title_en = models.CharField(_("title (English)"), max_length=120)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.title_de if (get_language() or "de").startswith("de") else self.title_en


class ScheduleVersion(models.Model):
    """A wording of a schedule. Published ones are immutable and store no end.

    In force on a day is the published version with the latest `valid_from` on or before it, and among equal dates
    the one published last (`sequence`). A version may start in the past; the next run posts the differences.
    """

    class Status(ToneChoices):
        DRAFT = "draft", "neutral", _("draft")
        PUBLISHED = "published", "earned", _("published")

    schedule = models.ForeignKey(Schedule, models.PROTECT, related_name="versions", verbose_name=_("schedule"))
    # Number within the schedule, given at publication: what people call "version 2".
    sequence = models.PositiveIntegerField(_("version"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    valid_from = models.DateField(_("for orders signed from"))
    freeze_days = models.PositiveSmallIntegerField(default=45)
    document = models.TextField(_("document"))  # canonical YAML, the text that counts
    created_at = models.DateTimeField(_("created"))
    created_by = person(_("created by"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = person(_("published by"))
    reason = models.TextField(_("reason"), blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("schedule version")
        verbose_name_plural = _("schedule versions")
        ordering = ["schedule", "-valid_from", "-sequence", "-pk"]
        constraints = [models.UniqueConstraint(fields=["schedule", "sequence"], name="version_number_once")]

    def __str__(self) -> str:
        if self.sequence is None:
            return f"{self.schedule} ({self.get_status_display()})"
        return gettext("%(schedule)s, version %(n)s") % {"schedule": self.schedule, "n": self.sequence}


class Kind(models.TextChoices):
    """How a component earns. Values are the words of the schedule document."""

    CLOSING = "closing", _("closing commission")
    RECURRING = "recurring", _("recurring commission")
    MANUAL = "manual", _("manual line")


class Basis(models.TextChoices):
    """What a rate is applied to: EUR per unit, or percent of an amount."""

    UNITS = "units", _("units")
    REVENUE = "revenue", _("revenue")
    ORDER_VALUE = "order_value", _("order value")
    MONTHLY_PRICE = "monthly_price", _("monthly price")


class Component(models.Model):
    """One component of a published version, exploded from its document into columns the engine joins on.

    Empty match lists are NULL and mean: any. `digest` identifies the content that can change an amount, so that two
    versions with equal components differ in nothing (cause `schedule_changed` compares it).
    """

    version = models.ForeignKey(ScheduleVersion, models.PROTECT, related_name="components")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(_("code"), max_length=60, db_collation="C")
    title_de = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    families = ArrayField(models.CharField(max_length=40), null=True)
    products = ArrayField(models.CharField(max_length=60), null=True)
    transactions = ArrayField(models.CharField(max_length=10), null=True)
    customer_classes = ArrayField(models.CharField(max_length=10), null=True)
    partner_kinds = ArrayField(models.CharField(max_length=20), null=True)
    levels = ArrayField(models.CharField(max_length=20), null=True)
    alternatives = models.CharField(max_length=60, null=True)  # the document's `group`
    basis = models.CharField(max_length=14, choices=Basis.choices)
    rate = models.DecimalField(max_digits=14, decimal_places=4)  # EUR per unit, or percent
    round_to = models.DecimalField(max_digits=4, decimal_places=2)
    months = models.PositiveSmallIntegerField(null=True)  # recurring: how long; NULL = as long as there is revenue
    certificate = models.CharField(max_length=40, null=True)  # family whose certificate is needed
    clawback_mode = models.CharField(max_length=16, null=True)
    clawback_months = models.PositiveSmallIntegerField(null=True)
    digest = models.UUIDField()

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="component_once_a_version")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.title_de if (get_language() or "de").startswith("de") else self.title_en


class ScheduleExample(models.Model):
    """A worked example attached to a schedule: publishing a version first runs it (formats: worked example)."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="examples")
    title = models.CharField(_("title"), max_length=200)
    document = models.TextField(_("document"))

    def __str__(self) -> str:
        return self.title


class Run(models.Model):
    """A calculation of everything up to and including `month`, from the facts recorded so far.

    monthly: draft → calculating → in review → approved (other person) → posted, or discarded. `parked` is a run whose
    control step found the result contradicting itself; nobody can approve it. provisional: the open month's figures,
    made every night, never approved; `in_review` simply means finished there.
    """

    class Kind(models.TextChoices):
        MONTHLY = "monthly", _("monthly run")
        PROVISIONAL = "provisional", _("provisional figures")

    class Status(ToneChoices):
        DRAFT = "draft", "neutral", _("draft")
        CALCULATING = "calculating", "coming", _("calculating")
        IN_REVIEW = "in_review", "coming", _("in review")
        PARKED = "parked", "taken", _("parked")
        APPROVED = "approved", "coming", _("approved")
        POSTED = "posted", "earned", _("posted")
        DISCARDED = "discarded", "neutral", _("discarded")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.MONTHLY)
    month = models.DateField(_("month"))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.DRAFT)
    full = models.BooleanField(_("everything, not only what changed"), default=False)
    created_at = models.DateTimeField(_("created"))
    created_by = person(_("created by"))
    # When the facts were read and what the last import was then; calculation and review show it as "as of".
    snapshot_at = models.DateTimeField(_("facts as of"), null=True, blank=True)
    last_import = models.BigIntegerField(null=True, blank=True)
    # The posted run whose books it was compared with. If another one posts meanwhile, it has to calculate again.
    since = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    step = models.CharField(_("step"), max_length=20, blank=True)
    steps_done = models.PositiveSmallIntegerField(default=0)
    steps_total = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    calculated_at = models.DateTimeField(_("calculated"), null=True, blank=True)
    calculated_by = person(_("calculated by"))
    lines = models.BigIntegerField(_("lines"), default=0)
    net = MoneyField(_("net"), default=0)
    error = models.TextField(_("error"), blank=True)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    approved_by = person(_("approved by"))
    posted_at = models.DateTimeField(_("posted"), null=True, blank=True)
    posted_by = person(_("posted by"))

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-month", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["month"],
                condition=Q(kind="monthly") & ~Q(status="discarded"),
                name="run_one_a_month",
                violation_error_message=_("There is a run of this month already."),
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("calculated_by")),
                name="run_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Fingerprint(models.Model):
    """What a run saw of a partner, schedule, product: if it differs from the last posted run's, all it touches is in scope."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="fingerprints")
    subject = models.CharField(max_length=10)
    key = models.CharField(max_length=80, db_collation="C")
    digest = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "subject", "key"], name="fingerprint_once")]

    def __str__(self) -> str:
        return f"{self.subject} {self.key}"


class Finding(models.Model):
    """What control or review found in a run. Blocking ones keep it from being approved."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="findings")
    check_name = models.CharField(max_length=40)
    blocking = models.BooleanField(default=True)
    count = models.BigIntegerField(default=0)
    detail = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    def __str__(self) -> str:
        return f"{self.check_name}: {self.count}"


class Cause(ToneChoices):
    """Why a line is there: the first input that differs in value from the booked line before it (formats, rule 5)."""

    EARNED = "earned", "earned", _("earned")
    LATE_EVENT = "late_event", "earned", _("reported late")
    CORRECTED = "corrected", "coming", _("corrected")
    REATTRIBUTED = "reattributed", "held", _("re-attributed")
    CONTRACT = "contract", "held", _("contract changed")
    CANCELLED = "cancelled", "taken", _("cancelled")
    REINSTATED = "reinstated", "earned", _("cancellation revoked")
    SCHEDULE_CHANGED = "schedule_changed", "coming", _("schedule changed")
    CERTIFICATE = "certificate", "held", _("certificate")
    HOLD = "hold", "held", _("hold")
    MANUAL = "manual", "neutral", _("manual")


class HoldReason(models.TextChoices):
    """Why a fact earns nothing yet (formats, rule 6). Empty: nothing is in the way."""

    NO_CONTRACT = "no_contract", _("no contract on the signature date")
    NOT_IN_SCHEDULE = "not_in_schedule", _("not in the schedule")
    NOT_IN_PORTFOLIO = "not_in_portfolio", _("product not in the portfolio on the signature date")
    CERTIFICATE_MISSING = "certificate_missing", _("certificate missing on the signature date")
    WITHHELD = "withheld", _("withheld by the commission controller")
    EVIDENCE_MISSING = "evidence_missing", _("proof of the cancellation missing")


class LineFields(models.Model):
    """Identity, result and every input of a line; `explain` recomputes the cents from these columns alone.

    Identity (rule 4): partner, component, month, order, revenue month; for a manual line the fact itself.
    amount = entitled − booked, both EUR net; entitled = full − clawed; full = base × rate rounded half-up once to
    `round_to`; clawed = full × n / d rounded to the cent. A notice is the 0.00 line that says a fact is held, and what
    it would be worth (`would_be`).
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    partner = models.ForeignKey(Partner, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    order = models.ForeignKey(
        Order, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    component = models.ForeignKey(
        Component, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    manual = models.ForeignKey(
        "ManualLine", models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    certificate = models.ForeignKey(
        "training.Certificate", models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    distributor = models.ForeignKey(
        Partner, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    # Whose the order was when this was calculated; another than `partner` on a line that takes back.
    attributed_to = models.ForeignKey(
        Partner, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    previous_id = models.BigIntegerField(null=True)  # last posted Line of this identity: what this one corrects
    month = models.DateField(_("month"))
    revenue_month = models.DateField(_("revenue month"), null=True)
    signed_on = models.DateField(_("signed"), null=True)
    activated_on = models.DateField(_("activated"), null=True)
    cancelled_on = models.DateField(_("cancelled"), null=True)
    service_date = models.DateField(_("service date"))
    clawed_n = models.IntegerField(default=0)
    clawed_d = models.IntegerField(default=1)
    is_notice = models.BooleanField(default=False)
    has_evidence = models.BooleanField(default=False)
    component_code = models.CharField(_("component"), max_length=60, blank=True, db_collation="C")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, blank=True)
    cause = models.CharField(_("cause"), max_length=16, choices=Cause.choices)
    hold_reason = models.CharField(_("held because"), max_length=20, choices=HoldReason.choices, blank=True)
    schedule = models.CharField(_("schedule"), max_length=60, blank=True)
    level = models.CharField(_("level"), max_length=20, blank=True)
    product = models.CharField(_("product"), max_length=60, blank=True)
    transaction = models.CharField(max_length=10, blank=True)
    customer_class = models.CharField(max_length=10, blank=True)
    dealer_code = models.CharField(_("dealer code"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=24, blank=True)
    basis = models.CharField(max_length=14, choices=Basis.choices, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3, null=True)
    base = models.DecimalField(_("base"), max_digits=18, decimal_places=4, default=0)
    rate = models.DecimalField(_("rate"), max_digits=14, decimal_places=4, default=0)
    round_to = models.DecimalField(max_digits=4, decimal_places=2, default="0.01")
    full = MoneyField(_("full amount"), default=0)
    clawed = MoneyField(_("clawed back"), default=0)
    entitled = MoneyField(_("entitled"), default=0)
    booked = MoneyField(_("booked before"), default=0)
    amount = MoneyField(_("amount"))
    would_be = MoneyField(_("would be"), null=True)
    vat_percent = models.DecimalField(_("VAT percent"), max_digits=4, decimal_places=2, default=0)

    class Meta:
        abstract = True


class DraftLine(LineFields):
    """Proposed line of a run. The table is partitioned by run, so replacing a proposal of a million lines is a DROP."""

    objects = DraftLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft line")
        verbose_name_plural = _("draft lines")

    def __str__(self) -> str:
        return f"{self.component_code} {self.month:%Y-%m} {self.amount}"


class Line(LineFields):
    """Posted line. Append-only: the database refuses UPDATE, DELETE and TRUNCATE.

    `seal` is a digest of all other columns, so that `recheck` notices the smallest change in any of them, also in
    those that do not enter the arithmetic.
    """

    statement = models.ForeignKey(
        "Statement", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="lines"
    )
    seal = models.UUIDField()

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        indexes = [
            models.Index(fields=["statement", "component_code"], name="line_statement"),
            models.Index(fields=["order", "month"], name="line_order"),
            models.Index(fields=["manual"], name="line_manual", condition=Q(manual__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.component_code} {self.month:%Y-%m} {self.amount}"


class Statement(models.Model):
    """Commission statement (§ 87c HGB) of one partner and run; a Gutschrift where self-billing is agreed. Append-only.

    net = sum of its lines. `brought_forward` (≤ 0) is what the statement before carried. All EUR (rules 19 and 20).
    """

    number = models.CharField(_("statement number"), max_length=20, unique=True)
    run = models.ForeignKey(Run, models.DO_NOTHING, db_constraint=False, related_name="statements")
    partner = models.ForeignKey(Partner, models.DO_NOTHING, db_constraint=False, related_name="statements")
    previous = models.ForeignKey("self", models.DO_NOTHING, db_constraint=False, db_index=False, null=True)
    month = models.DateField(_("month"))
    issued_on = models.DateField(_("issued"))
    due_on = models.DateField(_("due"))  # last day of the month after the statement's (§ 87a (4), § 87c (1) HGB)
    vat_status = models.CharField(_("VAT status"), max_length=16, choices=Partner.Vat.choices)
    self_billed = models.BooleanField(_("self-billed"))
    payee = models.JSONField(encoder=DjangoJSONEncoder)  # name, address, tax numbers, IBAN as on the day of issue
    lines_count = models.BigIntegerField(_("lines"))
    net = MoneyField(_("net"))
    brought_forward = MoneyField(_("brought forward"))
    vat = MoneyField(_("VAT"))
    gross = MoneyField(_("gross"))
    reserve_withheld = MoneyField(_("reserve withheld"), default=0)
    reserve_released = MoneyField(_("reserve released"), default=0)
    reserve_drawn = MoneyField(_("reserve drawn"), default=0)
    carried_forward = MoneyField(_("carried forward"))
    payable = MoneyField(_("payable"))
    # Digest of all other columns: what cannot be computed again (payee, tax status) cannot change unnoticed either.
    seal = models.UUIDField()

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["-month", "-pk"]
        constraints = [models.UniqueConstraint(fields=["partner", "month"], name="statement_one_a_month")]

    def __str__(self) -> str:
        return self.number


class StatementVat(models.Model):
    """One VAT rate group of a statement; the tax is computed on the group's total, never per line (rule 19). Append-only."""

    statement = models.ForeignKey(Statement, models.DO_NOTHING, db_constraint=False, related_name="vat_groups")
    percent = models.DecimalField(_("VAT percent"), max_digits=4, decimal_places=2)
    net = MoneyField(_("net"))
    brought_forward = MoneyField(_("brought forward"))
    vat = MoneyField(_("VAT"))
    carried_forward = MoneyField(_("carried forward"))

    class Meta:
        ordering = ["statement", "-percent"]
        constraints = [models.UniqueConstraint(fields=["statement", "percent"], name="statement_vat_once")]

    def __str__(self) -> str:
        return f"{self.percent} %"


class Hold(models.Model):
    """A controller stops what would be posted for a partner, an order, or a component of either (reason `withheld`)."""

    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="holds")
    order = models.ForeignKey(
        Order, models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="holds"
    )
    component_code = models.CharField(_("component"), max_length=60, blank=True)
    reason = models.TextField(_("reason"))
    placed_at = models.DateTimeField(_("placed"))
    placed_by = person(_("placed by"))
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    released_by = person(_("released by"))

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.CheckConstraint(
                condition=Q(partner__isnull=False) | Q(order__isnull=False) | ~Q(component_code=""),
                name="hold_names_something",
            )
        ]

    def __str__(self) -> str:
        return self.reason


class ManualLine(models.Model):
    """An amount outside the schedules: a fact of its own, posted once by the next run after a second person agreed.

    The engine never nets or undoes it; its reversal is a second manual line (rule 7).
    """

    class Status(ToneChoices):
        PROPOSED = "proposed", "coming", _("waits for a second person")
        APPROVED = "approved", "earned", _("approved")
        DECLINED = "declined", "neutral", _("declined")

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="manual_lines")
    amount = MoneyField(_("amount"))
    reason = models.TextField(_("reason"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PROPOSED)
    proposed_at = models.DateTimeField(_("proposed"))
    proposed_by = person(_("proposed by"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = person(_("decided by"))

    class Meta:
        verbose_name = _("manual line")
        verbose_name_plural = _("manual lines")
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("proposed_by")), name="manual_four_eyes"
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.reason}"
