"""Visits to an outlet: a day or a whole week a row. A later count of the same day or week replaces the earlier one."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.models import Outlet
from targets.models.quality import Delivery
from targets.visits import FootfallQuerySet


@pghistory.track(append_only=True)
class Footfall(models.Model):
    """How many people entered an outlet. The database keeps what a corrected number was before."""

    class Span(models.TextChoices):
        DAY = "day", _("day")
        WEEK = "week", _("week")

    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="footfall", verbose_name=_("outlet"))
    span = models.CharField(_("day or week"), max_length=4, choices=Span.choices)
    starts_on = models.DateField(_("day, or Monday of the week"))
    visits = models.PositiveIntegerField(_("visits"))
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("recorded by")
    )
    delivery = models.ForeignKey(
        Delivery, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("delivery")
    )

    objects = FootfallQuerySet.as_manager()

    class Meta:
        verbose_name = _("footfall")
        verbose_name_plural = _("footfall")
        ordering = ["-starts_on", "outlet"]
        constraints = [
            models.UniqueConstraint(fields=["outlet", "span", "starts_on"], name="footfall_once"),
            models.CheckConstraint(
                condition=models.Q(span="day") | models.Q(starts_on__iso_week_day=1), name="footfall_week_from_monday"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outlet} {self.starts_on:%Y-%m-%d}"
