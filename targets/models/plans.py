"""What a partner does about what customers said: tasks out of a quarter's result, each with a name and a day."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.choices import ToneChoices
from core.formats import quarter
from partners.models import Partner
from targets.masking import Driver
from targets.scores import PlanTaskQuerySet


class PlanTask(models.Model):
    """One task of a partner's action plan.

    open ──done (with what came of it)──▶ done
      └────drop (with why)──▶ dropped
    """

    class Status(ToneChoices):
        OPEN = "open", "coming", _("open")
        DONE = "done", "earned", _("done")
        DROPPED = "dropped", "neutral", _("dropped")

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="plan_tasks", verbose_name=_("partner"))
    quarter = models.DateField(_("quarter"))  # whose result it answers
    driver = models.CharField(_("it is about"), max_length=16, choices=Driver.choices, blank=True)
    what = models.CharField(_("what is done"), max_length=300)
    who = models.CharField(_("who"), max_length=80)
    due_on = models.DateField(_("until"))
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.OPEN)
    outcome = models.CharField(_("what came of it"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("planned"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("planned by")
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("closed by")
    )

    objects = PlanTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task of an action plan")
        verbose_name_plural = _("action plans")
        ordering = ["-status", "due_on", "pk"]
        indexes = [models.Index(fields=["partner", "quarter"], name="plan_of_partner")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", closed_at=None)
                | Q(closed_at__isnull=False) & ~Q(status="open") & ~Q(outcome=""),
                name="plan_closed_with_outcome",
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner} {quarter(self.quarter)}: {self.what}"
