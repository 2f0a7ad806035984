"""What was promised: schedules, their versions, and the components the engine joins on."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commissions.models.people import person
from commissions.queries import ComponentQuerySet, VersionQuerySet
from core.choices import ToneChoices
from sales.models import Titled


class Schedule(Titled):
    """A commission schedule (Tarif): the code that contracts name; what it pays stands in its versions."""

    code = models.CharField(_("code"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.title


class ScheduleVersion(models.Model):
    """A wording of a schedule. Published ones are immutable and store no end.

    In force on a day is the published version with the latest `valid_from` on or before it, and among equal dates
    the one published last (`sequence`). A version may start in the past; the next run posts the differences.
    """

    class Status(ToneChoices):
        DRAFT = "draft", "neutral", _("draft")
        PUBLISHED = "published", "earned", _("published")
        SIMULATED = "simulated", "neutral", _("simulated")  # what a simulation calculated with; in no list

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
    WINDOW_BONUS = "window_bonus", _("volume bonus")
    TARGET_BONUS = "target_bonus", _("target bonus")
    CAMPAIGN = "campaign", _("campaign bonus")
    BUNDLE = "bundle", _("bundle bonus")
    UPLIFT = "uplift", _("quality uplift")
    OVERRIDE = "override", _("distributor's override")
    SPLIT = "split", _("split with the distributor")
    MANUAL = "manual", _("manual line")


class Basis(models.TextChoices):
    """What a rate is applied to: EUR per unit, or percent of an amount."""

    UNITS = "units", _("units")
    REVENUE = "revenue", _("revenue")
    ORDER_VALUE = "order_value", _("order value")
    MONTHLY_PRICE = "monthly_price", _("monthly price")
    LINE = "line", _("the line followed")


class Window(models.TextChoices):
    """Over what time a tier measures. Calendar periods of the activation month."""

    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    HALF_YEAR = "half_year", _("half-year")
    YEAR = "year", _("year")


class Mode(models.TextChoices):
    """Slab: the reached rate for the whole window. Graduated: each slice at its own rate."""

    SLAB = "slab", _("slab")
    GRADUATED = "graduated", _("graduated")


class MatchFields(models.Model):
    """Which orders are meant. Empty lists are NULL and mean: any."""

    families = ArrayField(models.CharField(max_length=40), null=True)
    products = ArrayField(models.CharField(max_length=60), null=True)
    transactions = ArrayField(models.CharField(max_length=10), null=True)
    customer_classes = ArrayField(models.CharField(max_length=10), null=True)
    partner_kinds = ArrayField(models.CharField(max_length=20), null=True)
    levels = ArrayField(models.CharField(max_length=20), null=True)
    routes = ArrayField(models.CharField(max_length=16), null=True)  # of the customer's segment

    class Meta:
        abstract = True


class Component(MatchFields, Titled):
    """One component of a published (or simulated) version, exploded from its document into columns the engine joins on.

    `steps_from` and `steps_rate` are the bounds (inclusive) and rates of tiers, target and uplift steps, ascending.
    `digest` identifies the content that can change an amount, so that two versions with equal components differ in
    nothing (cause `schedule_changed` compares it).
    """

    version = models.ForeignKey(ScheduleVersion, models.PROTECT, related_name="components")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(_("code"), max_length=60, db_collation="C")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    alternatives = models.CharField(max_length=60, null=True)  # the document's `group`
    basis = models.CharField(max_length=14, choices=Basis.choices)
    rate = models.DecimalField(max_digits=14, decimal_places=4)  # EUR per unit, or percent; 0 where steps decide
    round_to = models.DecimalField(max_digits=4, decimal_places=2)
    measure = models.CharField(max_length=14, choices=Basis.choices, blank=True)  # what the tiers add up
    window = models.CharField(max_length=9, choices=Window.choices, blank=True)
    mode = models.CharField(max_length=9, choices=Mode.choices, blank=True)
    steps_from = ArrayField(models.DecimalField(max_digits=18, decimal_places=4), null=True)
    steps_rate = ArrayField(models.DecimalField(max_digits=14, decimal_places=4), null=True)
    steps_total = models.BooleanField(default=False)  # target bonus: a step's amount in total, not per unit
    months = models.PositiveSmallIntegerField(null=True)  # recurring: how long; NULL = as long as there is revenue
    certificate = models.CharField(max_length=40, null=True)  # family whose certificate is needed
    clawback_mode = models.CharField(max_length=16, null=True)
    clawback_months = models.PositiveSmallIntegerField(null=True)
    clawback_until = ArrayField(models.PositiveSmallIntegerField(), null=True)  # mode `steps`: months, ascending
    clawback_percent = ArrayField(models.DecimalField(max_digits=7, decimal_places=4), null=True)
    reserve_percent = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    follows = ArrayField(models.CharField(max_length=60), null=True)
    campaign = models.CharField(max_length=60, blank=True)
    target = models.CharField(max_length=60, blank=True)  # code of the KPI
    settle_after_days = models.PositiveSmallIntegerField(null=True)
    within_days = models.PositiveSmallIntegerField(null=True)  # bundle: between first and last activation
    effective_from = models.DateField(null=True)
    min_answers = models.PositiveIntegerField(null=True)
    digest = models.UUIDField()

    objects = ComponentQuerySet.as_manager()

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="component_once_a_version")]

    def __str__(self) -> str:
        return self.title


class BundleNeed(MatchFields):
    """One of the parts a customer must have for a bundle; an order serves the first need it matches."""

    component = models.ForeignKey(Component, models.PROTECT, related_name="needs")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["component", "position"]
        constraints = [models.UniqueConstraint(fields=["component", "position"], name="bundle_need_once")]

    def __str__(self) -> str:
        return f"{self.component} {self.position}"


class ScheduleExample(models.Model):
    """A worked example attached to a schedule: publishing a version first runs it (formats: worked example)."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="examples")
    title = models.CharField(_("title"), max_length=200)
    document = models.TextField(_("document"))

    def __str__(self) -> str:
        return self.title
