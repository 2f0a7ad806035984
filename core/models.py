"""What every room shares in the database: the audit trail and gap-free counters."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One change of state: actor, time, verb, object, reason. Append-only by trigger."""

    at = models.DateTimeField(_("at"), db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("actor")
    )
    verb = models.CharField(_("action"), max_length=60)
    object_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=40)
    object_label = models.CharField(_("object"), max_length=200)
    reason = models.TextField(_("reason"), blank=True)
    detail = models.JSONField(_("detail"), default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["object_type", "object_id", "-at"], name="audit_object")]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_label}"


class Counter(models.Model):
    """Last number given out of a series, for example the statements of a year. The row lock is what prevents doubles."""

    series = models.CharField(primary_key=True, max_length=60)
    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.series}: {self.last}"
