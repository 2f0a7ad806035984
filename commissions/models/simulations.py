"""A draft tried out on past months: what would have been earned without it and with it."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from commissions.models.people import person
from commissions.models.runs import Run
from commissions.models.schedules import ScheduleVersion
from commissions.queries import SimulationQuerySet
from core.fields import MoneyField


class Simulation(models.Model):
    """Two runs that begin with empty books and end on the same day, one of them with `version` in force as well.

    `version` is a copy of `source` as it was when the simulation was started, so that the result still says what it
    was the result of after the draft has changed. Neither run can be approved or posted; the database refuses it.
    """

    source = models.ForeignKey(ScheduleVersion, models.PROTECT, related_name="simulations")
    version = models.OneToOneField(ScheduleVersion, models.PROTECT, related_name="+")
    before = models.OneToOneField(Run, models.PROTECT, related_name="+")
    after = models.OneToOneField(Run, models.PROTECT, related_name="+")
    first_month = models.DateField(_("first month"))
    last_month = models.DateField(_("last month"))
    # {"count": 2, "agree": true, "told": ""}; null until they were run
    examples = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    # With less without, EUR net over the chosen months; null until both sides are there.
    change = MoneyField(_("difference"), null=True)
    created_at = models.DateTimeField(_("started"))
    created_by = person(_("started by"))

    objects = SimulationQuerySet.as_manager()

    class Meta:
        verbose_name = _("simulation")
        verbose_name_plural = _("simulations")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.source} {self.first_month:%Y-%m} – {self.last_month:%Y-%m}"

    @property
    def status(self) -> Run.Status:
        """The state of whichever side is further behind."""
        states = {self.before.status, self.after.status}
        order = (Run.Status.DISCARDED, Run.Status.CALCULATING, Run.Status.DRAFT, Run.Status.PARKED)
        return next((state for state in order if state in states), Run.Status.IN_REVIEW)
