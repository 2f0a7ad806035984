"""The operator's side of a half-year: measures announced to partners, and withdrawn if one cannot be kept."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import record
from core.errors import Conflict, Refused
from partners.models import Role, User
from partners.rights import require
from targets.models import SupportMeasure

ANNOUNCES = (Role.HEAD_OF_CHANNEL,)


def announce_measure(
    *,
    title_de: str,
    title_en: str,
    starts_on: date,
    until: date,
    by: User | None,
    partner_kinds: Sequence[str] = (),
    note: str = "",
    now: datetime | None = None,
) -> SupportMeasure:
    """A measure on the days `[starts_on, until)`, seen from now on by partners of these kinds (none: of all)."""
    require(by, *ANNOUNCES)
    if not title_de.strip() or not title_en.strip():
        raise Refused(_("Say in both languages what is done."))
    if until <= starts_on:
        raise Refused(_("The last day lies before the first."))
    now = now or timezone.now()
    with transaction.atomic():
        measure = SupportMeasure.objects.create(
            title_de=title_de.strip(), title_en=title_en.strip(), note=note.strip(), starts_on=starts_on, until=until,
            partner_kinds=list(partner_kinds), announced_at=now, announced_by=by,
        )  # fmt: skip
        record(by=by, verb="announce_measure", obj=measure, now=now, starts_on=str(starts_on), until=str(until))
    return measure


def withdraw_measure(measure: SupportMeasure, *, reason: str, by: User | None, now: datetime | None = None) -> None:
    """Partners see it struck out, with the reason: what was promised does not vanish."""
    require(by, *ANNOUNCES)
    if not reason.strip():
        raise Refused(_("Please give a reason: it is what the partners read."))
    now = now or timezone.now()
    with transaction.atomic():
        standing = SupportMeasure.objects.filter(pk=measure.pk, withdrawn_at=None)
        if not standing.update(withdrawn_at=now, withdrawal_reason=reason.strip()):
            raise Conflict(_("Somebody was faster: this is no longer in the state you saw."))
        measure.refresh_from_db()
        record(by=by, verb="withdraw_measure", obj=measure, reason=reason, now=now)
