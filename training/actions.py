"""Giving and taking certificates. What a certificate opens or closes is money, so the past takes two people.

Recording one from today on counts at once. One that begins in the past would release orders that were held, and
revoking one would take paid lines back: both wait until a second person agrees.

    proposed ──approve──▶ valid ──propose_revocation, approve_revocation──▶ revoked
        └──decline──▶ revoked
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import record
from core.errors import Conflict, FourEyes, Refused
from core.periods import berlin_date
from partners.models import Role, User
from sales.models import ProductFamily
from training.models import Certificate

RECORDS = {Role.TRAINER, Role.ADMINISTRATOR}
APPROVES = {Role.COMMISSION_CONTROLLER, Role.HEAD_OF_CHANNEL}
Status = Certificate.Status

PROPOSED = {"status": Status.PROPOSED}
UNDISPUTED = {"status": Status.VALID, "revocation_proposed_by__isnull": True}
DISPUTED = {"status": Status.VALID, "revocation_proposed_by__isnull": False}


def record_certificate(
    holder: User,
    family: ProductFamily,
    *,
    valid_from: date,
    by: User,
    valid_until: date | None = None,
    reason: str = "",
    now: datetime | None = None,
) -> Certificate:
    """Valid at once from today (Berlin) on; proposed if it begins earlier, and then it needs a reason."""
    _may(by, RECORDS)
    now = now or timezone.now()
    if valid_until and valid_until <= valid_from:
        raise Refused(_("The end must lie after the start."))
    backdated = valid_from < berlin_date(now)
    if backdated:
        _needs(reason)
    with transaction.atomic():
        certificate = Certificate.objects.create(
            holder=holder,
            family=family,
            valid_from=valid_from,
            valid_until=valid_until,
            status=Status.PROPOSED if backdated else Status.VALID,
            recorded_at=now,
            recorded_by=by,
            reason=reason,
        )
        record(by=by, verb="record_certificate", obj=certificate, reason=reason, now=now, backdated=backdated)
    return certificate


def approve_certificate(
    certificate: Certificate, *, by: User, reason: str = "", now: datetime | None = None
) -> Certificate:
    """Proposed → valid, by another person than who recorded it."""
    _may(by, APPROVES)
    _another(certificate.recorded_by_id, by)
    agreed = {"status": Status.VALID, "approved_by": by}
    return _move(certificate, "approve_certificate", PROPOSED, agreed, by=by, reason=reason, now=now)


def decline_certificate(certificate: Certificate, *, by: User, reason: str, now: datetime | None = None) -> Certificate:
    """Proposed → revoked: it never counted."""
    _may(by, APPROVES)
    _needs(reason)
    declined = {"status": Status.REVOKED, "reason": reason}
    return _move(certificate, "decline_certificate", PROPOSED, declined, by=by, reason=reason, now=now)


def propose_revocation(certificate: Certificate, *, by: User, reason: str, now: datetime | None = None) -> Certificate:
    """Asks a second person to revoke; until then the certificate counts."""
    _may(by, RECORDS | APPROVES)
    _needs(reason)
    proposed = {"revocation_proposed_by": by, "reason": reason}
    return _move(certificate, "propose_revocation", UNDISPUTED, proposed, by=by, reason=reason, now=now)


def approve_revocation(
    certificate: Certificate, *, by: User, reason: str = "", now: datetime | None = None
) -> Certificate:
    """Valid → revoked, as if it had never been: the next run takes back what hung on it (cause `certificate`)."""
    _may(by, APPROVES)
    _another(certificate.revocation_proposed_by_id, by)
    revoked = {"status": Status.REVOKED, "revoked_by": by}
    return _move(
        certificate, "approve_revocation", DISPUTED, revoked, by=by, reason=reason or certificate.reason, now=now
    )


def decline_revocation(certificate: Certificate, *, by: User, reason: str, now: datetime | None = None) -> Certificate:
    """The certificate stays valid."""
    _may(by, APPROVES)
    _needs(reason)
    kept = {"revocation_proposed_by": None, "reason": reason}
    return _move(certificate, "decline_revocation", DISPUTED, kept, by=by, reason=reason, now=now)


def _move(
    certificate: Certificate,
    verb: str,
    start: dict[str, Any],
    values: dict[str, Any],
    *,
    by: User,
    reason: str,
    now: datetime | None,
) -> Certificate:
    """Claims the state `start`, sets `values`, writes the audit row."""
    with transaction.atomic():
        if not Certificate.objects.filter(pk=certificate.pk, **start).update(**values):
            raise Conflict(_("Somebody was faster: this is no longer in the state you saw."))
        certificate.refresh_from_db()
        record(by=by, verb=verb, obj=certificate, reason=reason, now=now)
    return certificate


def _may(by: User, roles: set[Role]) -> None:
    if by.role not in roles:
        raise PermissionDenied


def _another(first: int | None, by: User) -> None:
    if first == by.pk:
        raise FourEyes(_("A second person has to agree: you proposed this yourself."))


def _needs(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Please give a reason: it is what the next person reads."))
