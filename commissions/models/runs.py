"""A calculation and what it saw, found and proposes."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commissions.models.people import person
from commissions.queries import FindingQuerySet, RunQuerySet
from core.choices import ToneChoices
from core.fields import MoneyField


class Run(models.Model):
    """A calculation of everything up to and including `month`, from the facts recorded so far.

    monthly: draft → calculating → in review → approved (other person) → posted, or discarded. `parked` is a run whose
    control step found the result contradicting itself; nobody can approve it. provisional: the open month's figures,
    made every night, never approved; `in_review` simply means finished there.
    """

    class Kind(models.TextChoices):
        MONTHLY = "monthly", _("monthly run")
        PROVISIONAL = "provisional", _("provisional figures")
        SIMULATION = "simulation", _("simulation")

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
    # The youngest order there was then: those after it have nothing booked, which saves looking for it.
    last_order = models.BigIntegerField(null=True, blank=True)
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
            # Whatever a program does by mistake: figures that only look at something never become money.
            models.CheckConstraint(
                condition=Q(kind="monthly")
                | ~Q(status__in=["approved", "posted"]) & Q(approved_by=None, posted_by=None),
                name="run_only_monthly_posts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Shard(models.Model):
    """A part of a calculation that any worker may do; whoever does it holds the row, so a killed worker lets go of it."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="shards")
    step = models.CharField(max_length=20)
    part = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    done = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step", "part", "number"], name="shard_once")]

    def __str__(self) -> str:
        return f"{self.run} {self.step} {self.part}.{self.number}"


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
    """What control or the firewall found in a run. Blocking ones keep it from being approved.

    A contradiction (control) can only be repaired. What merely stands out (`waivable`) somebody may waive, with a
    reason; a blocking one never who had the run calculated.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="findings")
    check_name = models.CharField(max_length=40)
    blocking = models.BooleanField(default=True)
    waivable = models.BooleanField(default=False)
    count = models.BigIntegerField(default=0)
    detail = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    waived_by = person(_("waived by"))
    waived_at = models.DateTimeField(_("waived"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(waived_at__isnull=True) | (Q(waivable=True) & ~Q(reason="")),
                name="finding_waived_with_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.check_name}: {self.count}"
