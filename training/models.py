"""Who may sell what: so far the certificate; courses, sessions and exams follow in this room."""

from datetime import date

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.choices import ToneChoices
from core.fields import Validity
from sales.models import ProductFamily
from training.queries import CertificateQuerySet


@pghistory.track(append_only=True)
class Certificate(Validity):
    """A person may sell a product family. It counts for every partner the person belongs to on the signature date.

    Backdating (`valid_from` before the day of recording) and revoking move money that was decided already, so both
    need a second person.
    """

    class Status(ToneChoices):
        PROPOSED = "proposed", "coming", _("waits for a second person")
        VALID = "valid", "earned", _("valid")
        REVOKED = "revoked", "taken", _("revoked")

    class Standing(ToneChoices):
        """What it is worth on a day, for readers: `valid` alone would call one good that ran out last year."""

        PROPOSED = "proposed", "coming", _("waits for a second person")
        VALID = "valid", "earned", _("valid")
        EXPIRED = "expired", "neutral", _("expired")
        REVOKED = "revoked", "taken", _("revoked")

    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="certificates", verbose_name=_("person")
    )
    family = models.ForeignKey(ProductFamily, models.PROTECT, related_name="certificates", verbose_name=_("family"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PROPOSED)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    revocation_proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("revocation proposed by"),
    )
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("revoked by")
    )
    reason = models.TextField(_("reason"), blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta(Validity.Meta):
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["holder", "family", "valid_from"]
        constraints = [
            *Validity.Meta.constraints,
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("recorded_by")),
                name="certificate_four_eyes",
                violation_error_message=_("Who recorded a certificate cannot approve it."),
            ),
            models.CheckConstraint(
                condition=Q(revoked_by__isnull=True) | ~Q(revoked_by=F("revocation_proposed_by")),
                name="revocation_four_eyes",
                violation_error_message=_("Who proposed a revocation cannot approve it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder}: {self.family}"

    def standing_on(self, day: date) -> str:
        """A value of Standing."""
        over = self.valid_until is not None and self.valid_until <= day
        return self.Standing.EXPIRED if over and self.status == self.Status.VALID else self.status
