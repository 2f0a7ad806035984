"""A controller's holds, and manual lines with their second person."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from commissions.models import Hold, ManualLine
from core import audit
from core.errors import Conflict, FourEyes, Refused
from partners.models import Partner, Role
from partners.rights import require
from sales.models import Order

CONTROLS = (Role.COMMISSION_CONTROLLER, Role.HEAD_OF_CHANNEL)
# Above this amount (EUR, plus or minus) only the head of channel may be the second person.
HEAD_DECIDES_ABOVE = Decimal(500)


def place_hold(
    *,
    by: Any,
    now: datetime,
    reason: str,
    partner: Partner | None = None,
    order: Order | None = None,
    component: str = "",
) -> Hold:
    """Keeps what would be posted for a partner, an order or a component from being posted, from the next run on."""
    require(by, *CONTROLS)
    _needs(reason)
    with transaction.atomic():
        same = Hold.objects.filter(partner=partner, order=order, component_code=component, released_at__isnull=True)
        if same.exists():
            raise Conflict(_("This is withheld already."))
        hold = Hold.objects.create(
            partner=partner, order=order, component_code=component, reason=reason, placed_at=now, placed_by=by
        )
        audit.record(by=by, verb="place_hold", obj=hold, reason=reason, now=now)
    return hold


def release_hold(hold: Hold, *, by: Any, now: datetime, reason: str = "") -> None:
    """Ends a hold; the next run posts what was kept back."""
    require(by, *CONTROLS)
    with transaction.atomic():
        if not Hold.objects.filter(pk=hold.pk, released_at__isnull=True).update(released_at=now, released_by=by):
            raise Conflict(_("The hold was released already."))
        hold.refresh_from_db()
        audit.record(by=by, verb="release_hold", obj=hold, reason=reason, now=now)


def propose_manual_line(
    partner: Partner, *, amount: Decimal, reason: str, by: Any, now: datetime, reverses: ManualLine | None = None
) -> ManualLine:
    """Proposes an amount (EUR net, plus or minus) outside the schedules.

    `reverses` names an approved line that this one takes back: the same partner and amount with the sign turned, once.
    The first one stays as it is (rule 7).
    """
    require(by, *CONTROLS)
    _needs(reason)
    if not amount:
        raise Refused(_("Nothing is not an amount."))
    with transaction.atomic():
        if reverses is not None:
            _check_reversal(reverses, partner, amount)
        line = ManualLine.objects.create(
            partner=partner, amount=amount, reason=reason, proposed_at=now, proposed_by=by, reverses=reverses
        )
        audit.record(
            by=by, verb="propose_manual_line", obj=line, reason=reason, now=now, reverses=reverses and reverses.pk
        )
    return line


def _check_reversal(first: ManualLine, partner: Partner, amount: Decimal) -> None:
    """A reversal turns one approved line round, whole; anything else is a manual line of its own."""
    first = ManualLine.objects.select_for_update().get(pk=first.pk)
    if first.status != ManualLine.Status.APPROVED:
        raise Refused(_("Only an approved line can be reversed."))
    if first.partner_id != partner.pk or amount != -first.amount:
        raise Refused(_("A reversal takes back the whole line: the same partner, the same amount, the other sign."))
    if first.reversals.exclude(status=ManualLine.Status.DECLINED).exists():
        raise Conflict(_("This line is reversed already, or its reversal waits for a second person."))


def _needs(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Please give a reason: it is what the next person reads."))


def decide_manual_line(line: ManualLine, *, approve: bool, by: Any, now: datetime, reason: str = "") -> None:
    """The second person agrees or declines; above 500 EUR that is the head of channel."""
    head_only = abs(line.amount) > HEAD_DECIDES_ABOVE
    require(by, *((Role.HEAD_OF_CHANNEL,) if head_only else CONTROLS))
    if by.pk == line.proposed_by_id:
        raise FourEyes(_("Whoever proposed a manual line cannot decide on it. Ask a second person."))
    status = ManualLine.Status.APPROVED if approve else ManualLine.Status.DECLINED
    with transaction.atomic():
        open_lines = ManualLine.objects.filter(pk=line.pk, status=ManualLine.Status.PROPOSED)
        if not open_lines.update(status=status, decided_at=now, decided_by=by):
            raise Conflict(_("Somebody decided on this line already."))
        line.refresh_from_db()
        audit.record(by=by, verb=f"{status}_manual_line", obj=line, reason=reason, now=now)
