"""Changes of an agreement. A proposal names them and whom they concern; a second person's approval writes the events."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.choices import ToneChoices
from targets.models.agreements import Agreement, AgreementItem
from targets.models.kpi import Kpi
from targets.queries import AdjustmentQuerySet, ProposalQuerySet


class ReasonCode(models.TextChoices):
    FORCE_MAJEURE = "force_majeure", _("force majeure")
    CLOSED = "closed", _("outlet closed or rebuilt")
    MARKET = "market", _("change of market or price")
    TERRITORY = "territory", _("change of territory or outlets")
    MISTAKE = "mistake", _("mistake in the agreement")
    OTHER = "other", _("other")


class Kind(models.TextChoices):
    SET = "set", _("new annual target")
    SUSPEND = "suspend", _("suspend months")
    SCALE = "scale", _("share of the original annual target")
    EXCLUDE_PLAN = "exclude_plan", _("take out the plan of months")
    UNDO = "undo", _("undo an adjustment")


class Proposal(models.Model):
    """One decision about many agreements: the steps, the reason, who asked, who approved.

    `steps` is a list of {kind, from, until, factor, value} as in the public format of targets, numbers as text. One that
    `reverses` another has no steps of its own: it takes back every event the other wrote.
    """

    class Status(ToneChoices):
        PROPOSED = "proposed", "coming", _("waits for a second person")
        APPROVED = "approved", "earned", _("approved")
        DECLINED = "declined", "taken", _("declined")

    year = models.PositiveSmallIntegerField(_("year"))
    title = models.CharField(_("title"), max_length=120)
    kpis = models.ManyToManyField(Kpi, blank=True, verbose_name=_("KPIs"))  # none: all of the agreement
    steps = models.JSONField(_("steps"), encoder=DjangoJSONEncoder)
    reason_code = models.CharField(_("kind of reason"), max_length=16, choices=ReasonCode.choices)
    reason = models.TextField(_("reason"))
    effective_on = models.DateField(_("effective on"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PROPOSED)
    requested_at = models.DateTimeField(_("requested"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("requested by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decision_reason = models.TextField(_("reason of the decision"), blank=True)
    needs_confirmation = models.BooleanField(_("partners confirm"), default=True)
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reversals", verbose_name=_("undoes")
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="adjustment_four_eyes",
                violation_error_message=_("Who asked for an adjustment cannot approve it."),
            ),
            models.CheckConstraint(condition=~Q(reason_code="") & ~Q(reason=""), name="adjustment_has_reason"),
            models.UniqueConstraint(
                fields=["reverses"], condition=~Q(status="declined"), name="adjustment_undone_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ProposalMember(models.Model):
    """An agreement the proposal is about; an exception stays as it is, and says why."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="members", verbose_name=_("adjustment"))
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="+", verbose_name=_("agreement"))
    excepted = models.BooleanField(_("exception"), default=False)
    note = models.CharField(_("why"), max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "agreement"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.proposal}: {self.agreement}"


class Adjustment(models.Model):
    """One approved step on one target. Append-only; `effective_on` says from when it counts, `recorded_at` since when
    it is known. `window_until` is exclusive and, like `window_from`, the first of a month. What was written in error is
    not taken out: a later event `undoes` it, from its own effective date and confirmation on."""

    item = models.ForeignKey(AgreementItem, models.PROTECT, related_name="adjustments", verbose_name=_("target"))
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="events", verbose_name=_("adjustment"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    window_from = models.DateField(_("from"), null=True)
    window_until = models.DateField(_("until"), null=True)
    factor = models.DecimalField(_("factor"), max_digits=9, decimal_places=6, null=True)
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=4, null=True)
    undoes = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", verbose_name=_("undoes"))
    reason_code = models.CharField(_("kind of reason"), max_length=16, choices=ReasonCode.choices)
    reason = models.TextField(_("reason"))
    effective_on = models.DateField(_("effective on"))
    recorded_at = models.DateTimeField(_("recorded"))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = AdjustmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a target")
        verbose_name_plural = _("changes of targets")
        ordering = ["recorded_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="set", value__gte=0, factor__isnull=True, window_from__isnull=True)
                | Q(kind="scale", factor__gte=0, value__isnull=True, window_from__isnull=True)
                | Q(
                    kind__in=["suspend", "exclude_plan"],
                    window_from__isnull=False,
                    window_until__gt=F("window_from"),
                    value__isnull=True,
                    factor__isnull=True,
                )
                | Q(
                    kind="undo",
                    undoes__isnull=False,
                    value__isnull=True,
                    factor__isnull=True,
                    window_from__isnull=True,
                    window_until__isnull=True,
                ),
                name="adjustment_shape",
            ),
            models.CheckConstraint(
                condition=Q(window_from__isnull=True) | Q(window_from__day=1, window_until__day=1),
                name="adjustment_whole_months",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("requested_by")), name="change_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.get_kind_display()}"


class Confirmation(models.Model):
    """The partner agreed to a change. Append-only; until then the last agreed version counts."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="confirmations")
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="confirmations")
    at = models.DateTimeField(_("confirmed"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    document = models.TextField(_("document"), blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agreement", "proposal"], name="confirmed_once")]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.proposal}"
