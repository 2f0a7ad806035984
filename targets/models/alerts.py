"""What somebody should hear of, in the portal and by e-mail; each person chooses."""

from typing import cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partners.models import Partner
from targets.models.agreements import Agreement, AgreementItem
from targets.queries import AlertQuerySet


class AlertKind(models.TextChoices):
    BELOW_BAND = "below_band", _("a forecast falls below a band")
    CONFIRM = "confirm", _("a changed agreement waits for confirmation")
    SETTLES_SOON = "settles_soon", _("a period is about to be settled")
    SCORE = "score", _("a quarter's score is released, or it has fallen")


class Alert(models.Model):
    """One message to one person; `subject` keeps it from being told twice. It concerns an agreement, or a partner."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="target_alerts")
    kind = models.CharField(_("kind"), max_length=16, choices=AlertKind.choices)
    agreement = models.ForeignKey(Agreement, models.CASCADE, null=True, related_name="+")
    partner = models.ForeignKey(Partner, models.CASCADE, null=True, related_name="+")
    item = models.ForeignKey(AgreementItem, models.CASCADE, null=True, related_name="+")
    subject = models.CharField(max_length=120)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("at"))
    read_at = models.DateTimeField(null=True, blank=True)
    in_portal = models.BooleanField(default=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "subject"], name="alert_once"),
            models.CheckConstraint(
                condition=Q(agreement__isnull=False) | Q(partner__isnull=False), name="alert_concerns_somebody"
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def about(self) -> Partner:
        """The partner it concerns."""
        return cast(Partner, self.agreement.partner if self.agreement else self.partner)


class AlertChoice(models.Model):
    """Where a person wants to hear of one kind; without a row: in the portal and by e-mail."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="alert_choices")
    kind = models.CharField(_("kind"), max_length=16, choices=AlertKind.choices)
    portal = models.BooleanField(_("in the portal"), default=True)
    email = models.BooleanField(_("by e-mail"), default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="choice_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.kind}"
