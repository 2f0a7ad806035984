"""What changes about satisfaction: results recorded as counts, quarters released, pooled; answers re-assigned.

An answer decides about money and about how somebody's work is seen, so moving it takes two people:

    request_reassignment ──approve_reassignment (head of channel)──▶ the answer has moved, or counts no more
                         └─decline_reassignment──▶ nothing has changed
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import record
from core.errors import Conflict, FourEyes, Refused
from core.periods import first_of_quarter
from partners.models import Membership, Outlet, Partner, Role, User
from partners.rights import require
from targets.models.quality import Reassignment, Response, SurveyQuarter, SurveyResult, Touchpoint

DECIDES = (Role.HEAD_OF_CHANNEL,)
REQUESTS = (Role.COMMISSION_CONTROLLER, Role.CHANNEL_MANAGER)
KEEPS_RESULTS = (Role.COMMISSION_CONTROLLER, Role.HEAD_OF_CHANNEL)
OWNS = (Membership.Role.OWNER, Membership.Role.ACCOUNTING)


def record_survey(
    partner: Partner,
    quarter: date,
    promoters: int,
    passives: int,
    detractors: int,
    *,
    by: User | None,
    reason: str = "",
    now: datetime | None = None,
) -> SurveyResult:
    """A partner's answers of a quarter (its first day), already counted. A later record replaces an earlier one.

    Recording what is recorded already changes nothing.
    """
    require(by, *KEEPS_RESULTS)
    if min(promoters, passives, detractors) < 0:
        raise Refused(_("Counts of answers are not negative."))
    if quarter != first_of_quarter(quarter):
        raise Refused(_("A quarter is named by its first day, for example 2026-04-01."))
    now = now or timezone.now()
    counts: dict[str, Any] = {"promoters": promoters, "passives": passives, "detractors": detractors}
    with transaction.atomic():
        # The partner's row is the lock: of two people recording at once the second sees the first one's result.
        Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
        last = SurveyResult.objects.filter(partner=partner, quarter=quarter).order_by("-pk").first()
        if last and all(getattr(last, name) == value for name, value in counts.items()):
            return last
        result = SurveyResult.objects.create(
            partner=partner, quarter=quarter, reason=reason, recorded_at=now, recorded_by=by, **counts
        )
        record(by=by, verb="record_survey", obj=result, reason=reason, now=now, **counts)
    return result


# ---- quarters ------------------------------------------------------------------------------------------------------
def release_quarter(
    quarter: date, *, on: date | None, by: User | None, reason: str = "", now: datetime | None = None
) -> SurveyQuarter:
    """Partners see a quarter's answers and scores from the day `on`; None hides them again."""
    require(by, *KEEPS_RESULTS)
    return _set(quarter, "release_survey_quarter", {"released_on": on}, by=by, reason=reason, now=now)


def pool_quarter(
    quarter: date, *, pooled: bool, by: User | None, reason: str = "", now: datetime | None = None
) -> SurveyQuarter:
    """Counts a quarter together with the one before, or by itself. It moves money, so only the head of channel may."""
    require(by, *DECIDES)
    return _set(quarter, "pool_survey_quarter", {"pooled": pooled}, by=by, reason=reason, now=now)


def _set(
    quarter: date, verb: str, values: dict[str, Any], *, by: User | None, reason: str, now: datetime | None
) -> SurveyQuarter:
    with transaction.atomic():
        this, _created = SurveyQuarter.objects.update_or_create(quarter=first_of_quarter(quarter), defaults=values)
        record(
            by=by, verb=verb, obj=this, reason=reason, now=now, **{name: str(value) for name, value in values.items()}
        )
    return this


# ---- re-assignment -------------------------------------------------------------------------------------------------
def request_reassignment(
    response: Response,
    *,
    by: User,
    reason: str,
    exclude: bool = False,
    outlet: Outlet | None = None,
    partner: Partner | None = None,
    touchpoint: str = "",
    now: datetime | None = None,
) -> Reassignment:
    """Asks to move an answer to an outlet, a partner or a touchpoint, or to take it out; it stays until decided.

    Staff say where it belongs. A partner's owner or accounting may only say that it is not theirs (`exclude`).
    """
    _may_ask(response, by, exclude=exclude)
    _needs(reason)
    if outlet:
        partner = outlet.partner
    if exclude:
        outlet, partner, touchpoint = None, None, ""
    elif not partner and touchpoint not in (Touchpoint.HOTLINE, Touchpoint.ONLINE):
        raise Refused(_("Say where the answer belongs: an outlet, a partner, the hotline or online."))
    if partner:
        own = partner.kind == Partner.Kind.OWN_BRANCH
        touchpoint = Touchpoint.SHOP if own else Touchpoint.PARTNER
    now = now or timezone.now()
    with transaction.atomic():
        locked = Response.objects.select_for_update().get(pk=response.pk)
        if locked.reassignments.waiting().exists():
            raise Conflict(_("Somebody has asked for this answer already; it waits for a decision."))
        if locked.status == Response.Status.EXCLUDED and exclude:
            raise Refused(_("The answer does not count already."))
        asked = Reassignment.objects.create(
            response=locked,
            kind=Reassignment.Kind.EXCLUDE if exclude else Reassignment.Kind.MOVE,
            touchpoint=touchpoint,
            partner=partner,
            outlet=outlet,
            from_partner=locked.partner,
            reason=reason,
            requested_at=now,
            requested_by=by,
        )
        record(by=by, verb="request_reassignment", obj=asked, reason=reason, now=now, to=str(partner or touchpoint))
    return asked


def _may_ask(response: Response, by: User, *, exclude: bool) -> None:
    if not by.is_active or not Response.objects.visible_to(by).filter(pk=response.pk).exists():
        raise PermissionDenied
    if by.role == Role.PARTNER:
        mine = Partner.objects.own(by, roles=list(OWNS))
        if not exclude or response.partner not in mine:
            raise PermissionDenied
    else:
        require(by, *REQUESTS)


def approve_reassignment(
    asked: Reassignment, *, by: User, reason: str = "", now: datetime | None = None
) -> Reassignment:
    """Requested → approved: the answer moves, and the next run knows."""
    with transaction.atomic():
        asked = _decide(asked, "approve_reassignment", Reassignment.Status.APPROVED, by=by, reason=reason, now=now)
        moved: dict[str, Any] = {"status": Response.Status.EXCLUDED, "cause": ""}
        if asked.kind == Reassignment.Kind.MOVE:
            moved = {
                "status": Response.Status.COUNTED,
                "cause": "",
                "touchpoint": asked.touchpoint,
                "partner": asked.partner,
                "outlet": asked.outlet,
            }
        Response.objects.filter(pk=asked.response_id).update(**moved)
    return asked


def decline_reassignment(asked: Reassignment, *, by: User, reason: str, now: datetime | None = None) -> Reassignment:
    """Requested → declined: the answer stays where it is."""
    _needs(reason)
    with transaction.atomic():
        return _decide(asked, "decline_reassignment", Reassignment.Status.DECLINED, by=by, reason=reason, now=now)


def _decide(
    asked: Reassignment, verb: str, status: str, *, by: User, reason: str, now: datetime | None
) -> Reassignment:
    require(by, *DECIDES)
    if asked.requested_by_id == by.pk:
        raise FourEyes(_("A second person has to agree: you proposed this yourself."))
    now = now or timezone.now()
    decided = {"status": status, "decided_at": now, "decided_by": by, "decision": reason}
    if not Reassignment.objects.filter(pk=asked.pk, status=Reassignment.Status.REQUESTED).update(**decided):
        raise Conflict(_("Somebody was faster: this is no longer in the state you saw."))
    asked.refresh_from_db()
    record(by=by, verb=verb, obj=asked, reason=reason or asked.reason, now=now)
    return asked


def _needs(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Please give a reason: it is what the next person reads."))
