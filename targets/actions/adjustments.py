"""Changing what was agreed: proposed, seen as a preview, approved by a second person, confirmed by each partner.

    proposed ──approve (other person)──▶ approved ──each partner confirms──▶ counts
        └──decline──▶ declined

Nothing is edited: approval writes one event a step and target, and each agreement one audit entry. Until the partner
confirms, the last agreed version counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import record
from core.errors import Conflict, FourEyes, Refused
from core.periods import berlin_date
from partners.models import Partner, Role, User
from partners.rights import require
from targets.arithmetic import Change
from targets.models import Adjustment, Agreement, AgreementItem, Confirmation, Kpi, Proposal, ProposalMember
from targets.models.adjustments import Kind

PROPOSES = (Role.HEAD_OF_CHANNEL, Role.COMMISSION_CONTROLLER, Role.CHANNEL_MANAGER)
APPROVES = (Role.HEAD_OF_CHANNEL, Role.FINANCE)
Status = Proposal.Status
# A settled year may still be corrected; what was never agreed has nothing to change.
CHANGEABLE = ["accepted", "in_force", "settled"]


def read_step(entry: Mapping[str, Any], year: int) -> Change:
    """{kind, from, until, factor, value} as a change; Refused with the key that is wrong."""
    kind = str(entry.get("kind", ""))
    if kind not in Kind.values:
        raise Refused(_("kind: %(kind)s is none of %(kinds)s") % {"kind": kind, "kinds": ", ".join(Kind.values)})
    if kind in (Kind.SET, Kind.SCALE):
        key = "value" if kind == Kind.SET else "factor"
        number = _number(entry.get(key), key)
        return Change(kind, value=number) if kind == Kind.SET else Change(kind, factor=number)
    start, until = _day(entry.get("from"), "from"), _day(entry.get("until"), "until")
    if start.day != 1 or until.day != 1 or start >= until:
        raise Refused(_("A window runs over whole months: from the first of one to the first of a later one."))
    if start < date(year, 1, 1) or until > date(year + 1, 1, 1):
        raise Refused(_("The window leaves the year %(year)s.") % {"year": year})
    return Change(kind, start, until)


def write_step(change: Change) -> dict[str, str]:
    """The change as a proposal stores it; the inverse of read_step."""
    keys = {"kind": change.kind, "from": change.window_from, "until": change.window_until,
            "factor": change.factor, "value": change.value}  # fmt: skip
    return {key: str(value) for key, value in keys.items() if value is not None}


def changes_of(proposal: Proposal) -> list[Change]:
    return [read_step(step, proposal.year) for step in proposal.steps]


def propose_adjustment(
    agreements: Iterable[Agreement],
    *,
    year: int,
    title: str,
    steps: Sequence[Mapping[str, Any]],
    reason_code: str,
    reason: str,
    effective_on: date,
    by: User | None,
    kpis: Iterable[Kpi] = (),
    exceptions: Mapping[int, str] | None = None,
    needs_confirmation: bool = True,
    now: datetime | None = None,
) -> Proposal:
    """One decision for all `agreements` of `year`; `exceptions` maps agreement ids to why they stay as they are."""
    require(by, *PROPOSES)
    if not reason.strip() or not reason_code:
        raise Refused(_("Please give a reason: it is what the partners read."))
    changes = [read_step(step, year) for step in steps]
    if not changes:
        raise Refused(_("Say at least one change."))
    now = now or timezone.now()
    members = list(agreements)
    if by is not None:
        mine = set(
            Agreement.objects.visible_to(by).filter(pk__in=[each.pk for each in members]).values_list("pk", flat=True)
        )
        members = [each for each in members if each.pk in mine]
    members = [each for each in members if each.year == year and each.status in CHANGEABLE]
    if not members:
        raise Refused(_("None of these agreements can be changed: only those a partner accepted can."))
    with transaction.atomic():
        proposal = Proposal.objects.create(
            year=year,
            title=title.strip() or reason.strip()[:120],
            steps=[write_step(change) for change in changes],
            reason_code=reason_code,
            reason=reason.strip(),
            effective_on=effective_on,
            requested_at=now,
            requested_by=by,
            needs_confirmation=needs_confirmation,
        )
        proposal.kpis.set(kpis)
        left_out = exceptions or {}
        ProposalMember.objects.bulk_create(
            ProposalMember(
                proposal=proposal,
                agreement=each,
                excepted=each.pk in left_out,
                note=left_out.get(each.pk, "")[:200],
            )
            for each in members
        )
        record(by=by, verb="propose_adjustment", obj=proposal, reason=reason, now=now, agreements=len(members))
    return proposal


def approve_adjustment(proposal: Proposal, *, by: User | None, reason: str = "", now: datetime | None = None) -> int:
    """Proposed → approved by another person: writes the events and announces them. Returns the agreements changed."""
    require(by, *APPROVES)
    now = now or timezone.now()
    with transaction.atomic():
        _claim(proposal, Status.APPROVED, by=by, reason=reason, now=now)
        changed = _write_events(proposal, by=by, now=now)
        record(by=by, verb="approve_adjustment", obj=proposal, reason=reason, now=now, agreements=len(changed))
        for agreement in changed:
            record(by=by, verb="adjust", obj=agreement, reason=proposal.reason, now=now, proposal=proposal.pk)
    return len(changed)


def decline_adjustment(proposal: Proposal, *, by: User | None, reason: str, now: datetime | None = None) -> None:
    """Proposed → declined: nothing changes."""
    require(by, *APPROVES)
    if not reason.strip():
        raise Refused(_("Please give a reason: it is what the next person reads."))
    with transaction.atomic():
        _claim(proposal, Status.DECLINED, by=by, reason=reason, now=now or timezone.now())
        record(by=by, verb="decline_adjustment", obj=proposal, reason=reason, now=now)


def confirm_adjustment(
    agreement: Agreement, proposal: Proposal, *, by: User | None, document: str = "", now: datetime | None = None
) -> Confirmation:
    """The partner agrees; from now on the new version counts. By a person of the partner with a say over money."""
    if by is not None and not Partner.objects.own(by, roles=["owner", "accounting"]).filter(pk=agreement.partner_id):
        raise Refused(_("Only the partner's owner or accounting can confirm."))
    now = now or timezone.now()
    if not Adjustment.objects.filter(item__agreement=agreement, proposal=proposal).exists():
        raise Refused(_("This adjustment does not concern the agreement."))
    with transaction.atomic():
        made = {"at": now, "by": by, "document": document}
        confirmation, new = Confirmation.objects.get_or_create(agreement=agreement, proposal=proposal, defaults=made)
        if not new:
            raise Conflict(_("This was confirmed already."))
        record(by=by, verb="confirm_adjustment", obj=agreement, now=now, proposal=proposal.pk)
    return confirmation


def _claim(proposal: Proposal, status: Proposal.Status, *, by: User | None, reason: str, now: datetime) -> None:
    if by is not None and proposal.requested_by_id == by.pk:
        raise FourEyes(_("A second person has to agree: you proposed this yourself."))
    open_one = Proposal.objects.filter(pk=proposal.pk, status=Status.PROPOSED)
    if not open_one.update(status=status, decided_by=by, decided_at=now, decision_reason=reason):
        raise Conflict(_("Somebody was faster: this is no longer in the state you saw."))
    proposal.refresh_from_db()


def _write_events(proposal: Proposal, *, by: User | None, now: datetime) -> list[Agreement]:
    changes = changes_of(proposal)
    members = proposal.members.filter(excepted=False)
    items = AgreementItem.objects.filter(agreement__in=members.values("agreement"), agreement__status__in=CHANGEABLE)
    # A score has no months that could be suspended; it is set anew or stays.
    items = items.exclude(measure="nps") if any(change.kind != Kind.SET for change in changes) else items
    kpis = list(proposal.kpis.all())
    items = items.filter(kpi__in=kpis) if kpis else items
    found = list(items.select_related("agreement__partner").order_by("agreement_id", "pk"))
    Adjustment.objects.bulk_create(
        (
            Adjustment(
                item=item,
                proposal=proposal,
                kind=change.kind,
                window_from=change.window_from,
                window_until=change.window_until,
                factor=change.factor,
                value=change.value,
                reason_code=proposal.reason_code,
                reason=proposal.reason,
                effective_on=proposal.effective_on,
                recorded_at=now,
                requested_by_id=proposal.requested_by_id,
                approved_by=by,
            )
            for item in found
            for change in changes
        ),
        batch_size=1000,
    )
    return list({item.agreement_id: item.agreement for item in found}.values())


def _number(value: Any, key: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Refused(_("%(key)s: a number is needed, not %(value)s") % {"key": key, "value": value}) from None
    if not number.is_finite() or number < 0:
        raise Refused(_("%(key)s: not below zero") % {"key": key})
    return number


def _day(value: Any, key: str) -> date:
    if isinstance(value, datetime):
        return berlin_date(value)
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Refused(_("%(key)s: a date such as 2026-07-01 is needed") % {"key": key}) from None
