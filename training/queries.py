"""Read access to certificates."""

from typing import TYPE_CHECKING, Any

from django.db import models

from partners.models import Partner

if TYPE_CHECKING:
    from training.models import Certificate  # noqa: F401 - named in quotes below, where the linter does not look


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def counting(self) -> "CertificateQuerySet":
        """Certificates that open a door: recorded and, where a second person was needed, approved."""
        return self.filter(status="valid")

    def visible_to(self, user: Any) -> "CertificateQuerySet":
        """Own certificates, those of people of visible partners; every office role sees all of its partners' people."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        people = models.Q(holder__memberships__partner__in=Partner.objects.visible_to(user)) | models.Q(holder=user)
        return self.filter(people).distinct()

    def waiting(self) -> "CertificateQuerySet":
        """Backdated ones, and those somebody proposed to revoke: a second person decides."""
        revocation = models.Q(status="valid", revocation_proposed_by__isnull=False)
        return self.filter(models.Q(status="proposed") | revocation)

    def waiting_for(self, user: Any) -> "CertificateQuerySet":
        """Those of them this person may decide on, because somebody else asked."""
        own = models.Q(status="proposed", recorded_by=user) | models.Q(status="valid", revocation_proposed_by=user)
        return self.waiting().exclude(own)
