"""A controller's decisions that are facts to the engine: holds and manual lines."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commissions.models.people import person
from core.choices import ToneChoices
from core.fields import MoneyField
from partners.models import Partner
from sales.models import Order


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
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reversals", verbose_name=_("reverses")
    )

    class Meta:
        verbose_name = _("manual line")
        verbose_name_plural = _("manual lines")
        constraints = [
            models.UniqueConstraint(fields=["reverses"], condition=~Q(status="declined"), name="manual_reversed_once"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("proposed_by")), name="manual_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.reason}"
