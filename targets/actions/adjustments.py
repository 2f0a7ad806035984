"""Changing what was agreed: proposed, seen as a preview, approved by a second person, confirmed by each partner.

    proposed ──approve (other person)──▶ approved ──each partner confirms──▶ counts
        └──decline──▶ declined

Nothing is edited: approval writes one event a step and target, and each agreement one audit entry. Until the partner
confirms, the last agreed version counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import record
from core.errors import Conflict, FourEyes, Refused
from partners.models import Partner, Role, User
from partners.rights import require
from targets.models import Adjustment, Agreement, AgreementItem, Confirmation, Kpi, Proposal, ProposalMember, ReasonCode
from targets.models.adjustments import Kind
from targets.steps import changes_of, read_step, write_step

PROPOSES = (Role.HEAD_OF_CHANNEL, Role.COMMISSION_CONTROLLER, Role.CHANNEL_MANAGER)
APPROVES = (Role.HEAD_OF_CHANNEL, Role.FINANCE)
Status = Proposal.Status
# A settled year may still be corrected; what was never agreed has nothing to change.
CHANGEABLE = ["accepted", "in_force", "settled"]


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


def propose_undo(
    proposal: Proposal,
    *,
    reason: str,
    effective_on: date,
    by: User | None,
    reason_code: str = ReasonCode.MISTAKE,
    now: datetime | None = None,
) -> Proposal:
    """Asks to take an approved adjustment back, for all agreements it changed: an event that undoes each of its events.

    A second person approves it and the partners confirm it, like any other change; to have the change after all, it is
    proposed anew.
    """
    require(by, *PROPOSES)
    if not reason.strip():
        raise Refused(_("Please give a reason: it is what the partners read."))
    if proposal.status != Status.APPROVED or proposal.reverses_id:
        raise Refused(_("Only an approved adjustment can be taken back, and only once."))
    changed = Agreement.objects.filter(items__adjustments__proposal=proposal).distinct()
    if by is not None and changed.exclude(pk__in=Agreement.objects.visible_to(by).values("pk")).exists():
        raise Refused(_("It also concerns partners of others; the head of channel can take it back."))
    now = now or timezone.now()
    with transaction.atomic():
        Proposal.objects.select_for_update().get(pk=proposal.pk)
        if proposal.reversals.exclude(status=Status.DECLINED).exists():
            raise Conflict(_("Somebody has asked to take this back already."))
        undo = Proposal.objects.create(
            year=proposal.year,
            title=_("Taken back: %(what)s") % {"what": proposal.title[:100]},
            steps=[],
            reason_code=reason_code,
            reason=reason.strip(),
            effective_on=effective_on,
            requested_at=now,
            requested_by=by,
            needs_confirmation=proposal.needs_confirmation,
            reverses=proposal,
        )
        undo.kpis.set(proposal.kpis.all())
        ProposalMember.objects.bulk_create(ProposalMember(proposal=undo, agreement=each) for each in changed)
        record(by=by, verb="propose_undo", obj=undo, reason=reason, now=now, proposal=proposal.pk)
    return undo


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
    rows = _undoing(proposal) if proposal.reverses else _changing(proposal)
    told = {
        "reason_code": proposal.reason_code,
        "reason": proposal.reason,
        "effective_on": proposal.effective_on,
        "recorded_at": now,
        "requested_by_id": proposal.requested_by_id,
        "approved_by": by,
    }
    events = [Adjustment(item=item, proposal=proposal, **what, **told) for item, what in rows]
    Adjustment.objects.bulk_create(events, batch_size=1000)
    return list({item.agreement_id: item.agreement for item, _what in rows}.values())


def _undoing(proposal: Proposal) -> list[tuple[AgreementItem, dict[str, Any]]]:
    members = proposal.members.filter(excepted=False).values("agreement")
    events = Adjustment.objects.filter(proposal=proposal.reverses, item__agreement__in=members)
    events = events.select_related("item__agreement__partner").order_by("item__agreement_id", "pk")
    return [(event.item, {"kind": Kind.UNDO, "undoes": event}) for event in events]


def _changing(proposal: Proposal) -> list[tuple[AgreementItem, dict[str, Any]]]:
    changes = changes_of(proposal)
    members = proposal.members.filter(excepted=False)
    items = AgreementItem.objects.filter(agreement__in=members.values("agreement"), agreement__status__in=CHANGEABLE)
    # A score has no months that could be suspended; it is set anew or stays.
    items = items.exclude(measure="nps") if any(change.kind != Kind.SET for change in changes) else items
    kpis = list(proposal.kpis.all())
    items = items.filter(kpi__in=kpis) if kpis else items
    return [
        (
            item,
            {
                "kind": change.kind,
                "window_from": change.window_from,
                "window_until": change.window_until,
                "factor": change.factor,
                "value": change.value,
            },
        )
        for item in items.select_related("agreement__partner").order_by("agreement_id", "pk")
        for change in changes
    ]
