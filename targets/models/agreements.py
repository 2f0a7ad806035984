"""What was agreed: partner × year, with one item a KPI. Never edited once offered; changes are adjustments."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.choices import ToneChoices
from partners.models import Partner
from targets.models.kpi import Counted, Kpi, Period, month_weights
from targets.queries import AgreementItemQuerySet, AgreementQuerySet


@pghistory.track(append_only=True)
class Agreement(models.Model):
    """One partner's targets for one calendar year.

    proposed ──offer (second person)──▶ offered ──accept (partner)──▶ accepted ──1 January──▶ in force ──▶ settled
        └─────────withdraw──────────────────┴────decline──▶ withdrawn
    """

    class Status(ToneChoices):
        PROPOSED = "proposed", "neutral", _("waits for a second person")
        OFFERED = "offered", "coming", _("offered")
        ACCEPTED = "accepted", "earned", _("accepted")
        IN_FORCE = "in_force", "earned", _("in force")
        SETTLED = "settled", "neutral", _("settled")
        WITHDRAWN = "withdrawn", "taken", _("withdrawn")

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="agreements", verbose_name=_("partner"))
    year = models.PositiveSmallIntegerField(_("year"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PROPOSED)
    partner_duties = models.TextField(_("what the partner does"), blank=True)
    operator_duties = models.TextField(_("what the operator does"), blank=True)
    proposed_at = models.DateTimeField(_("proposed"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("proposed by")
    )
    offered_at = models.DateTimeField(_("offered at"), null=True, blank=True)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("offered by")
    )
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("accepted by")
    )
    # The very text the partner agreed to, kept word by word.
    document = models.TextField(_("document"), blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("target agreement")
        verbose_name_plural = _("target agreements")
        ordering = ["-year", "partner__sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "year"], condition=~Q(status="withdrawn"), name="agreement_once_a_year"
            ),
            models.CheckConstraint(
                condition=Q(offered_by__isnull=True) | ~Q(offered_by=F("proposed_by")),
                name="agreement_four_eyes",
                violation_error_message=_("Who proposed an agreement cannot offer it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner} {self.year}"


class AgreementItem(Counted):
    """One KPI of an agreement: target of the whole year, how it spreads over months and periods, what counts."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="items", verbose_name=_("agreement"))
    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="+", verbose_name=_("KPI"))
    annual = models.DecimalField(_("annual target"), max_digits=16, decimal_places=4)
    period = models.CharField(_("period"), max_length=10, choices=Period.choices, default=Period.HALF_YEAR)
    weights = month_weights()

    objects = AgreementItemQuerySet.as_manager()

    class Meta(Counted.Meta):
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["agreement", "kpi__code"]
        constraints = [
            *Counted.Meta.constraints,
            models.UniqueConstraint(fields=["agreement", "kpi"], name="agreement_kpi_once"),
            models.CheckConstraint(condition=Q(annual__gte=0) | Q(measure="nps"), name="annual_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.kpi}"
