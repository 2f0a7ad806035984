"""How far a target is: a snapshot a day, and the result that no longer moves. EUR, pieces or points of the KPI."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from targets.models.agreements import AgreementItem


class Snapshot(models.Model):
    """Target and actual of one period as they stood in the evening of `day`. Derived: may be calculated again."""

    item = models.ForeignKey(AgreementItem, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    period_from = models.DateField(_("period from"))
    period_until = models.DateField(_("period until"))
    day = models.DateField(_("as of"))
    # None: the whole period is suspended, which is not the same as a target of zero.
    target = models.DecimalField(_("target"), max_digits=30, decimal_places=12, null=True)
    actual = models.DecimalField(_("actual"), max_digits=20, decimal_places=4)
    # Where the period ends at this pace; None while nothing of it is over.
    linear = models.DecimalField(_("linear forecast"), max_digits=30, decimal_places=4, null=True)
    seasonal = models.DecimalField(_("seasonal forecast"), max_digits=30, decimal_places=4, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "period_from", "day"], name="snapshot_once_a_day")]
        indexes = [models.Index(fields=["day"], name="snapshot_day")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.day}"


class Settlement(models.Model):
    """The actual of a period, frozen. Append-only: a cancellation that comes later changes nothing any more."""

    item = models.ForeignKey(AgreementItem, models.PROTECT, related_name="settlements")
    period_from = models.DateField(_("period from"))
    period_until = models.DateField(_("period until"))
    settled_on = models.DateField(_("settled on"))
    target = models.DecimalField(_("target"), max_digits=30, decimal_places=12, null=True)
    actual = models.DecimalField(_("actual"), max_digits=20, decimal_places=4)
    answers = models.PositiveIntegerField(_("answers"), null=True)  # of a score: what it rests on

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "period_from"], name="settled_once")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.period_from}"
