"""What the operator does for its partners in a half-year: campaigns, trainings, rebuilds, each with its days."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from partners.models import Partner
from sales.models import Titled
from targets.models.kpi import codes
from targets.queries import SupportMeasureQuerySet


class SupportMeasure(Titled):
    """One measure on the days `[starts_on, until)`; in the plan of every half-year that it touches.

    Announced means promised: it is never edited or erased, only withdrawn with a reason.
    """

    note = models.TextField(_("more about it"), blank=True)
    partner_kinds = codes(_("partner kinds"))  # none: all of them
    starts_on = models.DateField(_("from"))
    until = models.DateField(_("until"))
    announced_at = models.DateTimeField(_("announced"))
    announced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("announced by")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawal_reason = models.TextField(_("reason"), blank=True)

    objects = SupportMeasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("support measure")
        verbose_name_plural = _("support measures")
        ordering = ["starts_on", "until", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("starts_on")), name="support_days"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawal_reason=""), name="support_withdrawn_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def last_day(self) -> date:
        return self.until - timedelta(days=1)

    @property
    def kinds(self) -> list[str]:
        """Whom it is for, in words; none: everybody."""
        return [str(Partner.Kind(kind).label) for kind in self.partner_kinds]
