"""Everything that changes who somebody is to us: contracts, people, managers, bank account, VAT, state.

Each verb checks that the person may do it, claims the state it starts from by a conditional UPDATE (nothing updated =
somebody was faster, `Conflict`), and writes one audit row. Dates are business days in Berlin, ends are exclusive.
What a change means for money follows in the next run by itself: these verbs never touch a line.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from knox.models import AuthToken

from core.audit import record
from core.errors import Conflict, Refused
from core.formats import day
from core.periods import berlin_date
from partners.models import Contract, FormerVatStatus, Membership, Partner, PartnerChange, Role, User
from partners.queries import DECIDES_CHANGES
from partners.validation import validate_iban

CHANNEL = {Role.HEAD_OF_CHANNEL, Role.ADMINISTRATOR}
# From which state to which: a terminated partner never comes back, it gets a new number and a new contract.
MOVES: dict[str, set[str]] = {
    Partner.Status.PROSPECT: {Partner.Status.ONBOARDING, Partner.Status.TERMINATED},
    Partner.Status.ONBOARDING: {Partner.Status.ACTIVE, Partner.Status.TERMINATED},
    Partner.Status.ACTIVE: {Partner.Status.SUSPENDED, Partner.Status.TERMINATED},
    Partner.Status.SUSPENDED: {Partner.Status.ACTIVE, Partner.Status.TERMINATED},
    Partner.Status.TERMINATED: set(),
}


def put_contract_in_force(contract: Contract, *, by: User, reason: str, now: datetime | None = None) -> Contract:
    """Draft → in force. From then on orders signed within its dates are paid by it; before, they are held (F0-42).

    Level and distributor of today follow it if it covers today, else on its day (`follow_contracts`). Conflict: no draft any more, or another contract of
    the partner is in force on some of the days.
    """
    _may_look_after(by, contract.partner)
    _needs(reason)
    with (
        transaction.atomic(),
        _readable("contract_one_in_force_a_day", _("Another contract is in force on these days.")),
    ):
        _claim(Contract.objects.filter(pk=contract.pk, status=Contract.Status.DRAFT), status=Contract.Status.IN_FORCE)
        contract.refresh_from_db()
        if contract.covers(berlin_date(now or timezone.now())):
            Partner.objects.filter(pk=contract.partner_id).update(level=contract.level, parent=contract.parent_id)
        record(by=by, verb="put_contract_in_force", obj=contract, reason=reason, now=now)
    return contract


def follow_contracts(*, now: datetime) -> list[Partner]:
    """Level and distributor of every partner as the contract in force today says; returns those that changed.

    A contract put in force for a later day takes effect on that day by this (daily, Celery beat). It may run any number
    of times, and a day on which it did not run is made up for by the next one.
    """
    changed = []
    for contract in Contract.objects.on(berlin_date(now)).select_related("partner"):
        partner = contract.partner
        before = {"level": partner.level, "parent": partner.parent_id}
        after = {"level": contract.level, "parent": contract.parent_id}
        if before == after:
            continue
        with transaction.atomic():
            if Partner.objects.filter(pk=partner.pk, **before).update(**after):
                partner.refresh_from_db()
                record(by=None, verb="follow_contract", obj=partner, now=now, before=before, after=after)
                changed.append(partner)
    return changed


def end_contract(contract: Contract, *, until: date, by: User, reason: str, now: datetime | None = None) -> Contract:
    """Sets the first day no longer covered; it may lie in the past. An earlier end that was agreed stays."""
    _may_look_after(by, contract.partner)
    _needs(reason)
    if until <= contract.valid_from:
        raise Refused(_("The end must lie after the start."))
    running = Q(valid_until__isnull=True) | Q(valid_until__gt=until)
    with transaction.atomic():
        _claim(Contract.objects.filter(running, pk=contract.pk, status=Contract.Status.IN_FORCE), valid_until=until)
        contract.refresh_from_db()
        record(by=by, verb="end_contract", obj=contract, reason=reason, now=now, until=until)
    return contract


def take_contract_back(contract: Contract, *, by: User, reason: str, now: datetime | None = None) -> Contract:
    """In force → draft: it was entered wrongly. What was posted under it comes back with the next run."""
    _may_look_after(by, contract.partner)
    _needs(reason)
    with transaction.atomic():
        _claim(Contract.objects.filter(pk=contract.pk, status=Contract.Status.IN_FORCE), status=Contract.Status.DRAFT)
        contract.refresh_from_db()
        record(by=by, verb="take_contract_back", obj=contract, reason=reason, now=now)
    return contract


def add_member(
    partner: Partner,
    *,
    user: User,
    role: str,
    valid_from: date,
    by: User,
    reason: str = "",
    now: datetime | None = None,
) -> Membership:
    """A person begins to work for the partner. Conflict: a member on some of these days already."""
    _may_staff(by, partner)
    if user.is_office:
        raise Refused(_("Staff of the operator cannot belong to a partner."))
    with transaction.atomic(), _readable("membership_once_a_day", _("The person is a member on some of these days.")):
        membership = Membership.objects.create(partner=partner, user=user, role=role, valid_from=valid_from)
        record(by=by, verb="add_member", obj=membership, reason=reason, now=now, partner=partner.number, role=role)
    return membership


def end_membership(
    membership: Membership, *, until: date, by: User, reason: str = "", now: datetime | None = None
) -> Membership:
    """The person leaves: `until` is the first day without rights. Certificates stay good for what was sold before."""
    _may_staff(by, membership.partner)
    if until <= membership.valid_from:
        raise Refused(_("The end must lie after the start."))
    running = Q(valid_until__isnull=True) | Q(valid_until__gt=until)
    with transaction.atomic():
        _claim(Membership.objects.filter(running, pk=membership.pk), valid_until=until)
        membership.refresh_from_db()
        record(by=by, verb="end_membership", obj=membership, reason=reason, now=now, until=until)
    return membership


def assign_manager(
    partner: Partner,
    *,
    manager: User | None,
    deputy: User | None = None,
    by: User,
    reason: str = "",
    now: datetime | None = None,
) -> Partner:
    """Who looks after the partner and who stands in; both see it from now on, the ones before no longer."""
    if by.role not in CHANNEL:
        raise PermissionDenied
    if manager and manager == deputy:
        raise Refused(_("The deputy must be somebody else."))
    for person in filter(None, (manager, deputy)):
        if person.role != Role.CHANNEL_MANAGER or not person.is_active:
            raise Refused(_("%(name)s is not an active channel manager.") % {"name": person.name})
    people = {"manager": manager and manager.pk, "deputy": deputy and deputy.pk}
    return _change(partner, "assign_manager", by=by, reason=reason, now=now, shown=people, **people)


def propose_bank_account(
    partner: Partner, *, iban: str, account_holder: str, by: User, reason: str, now: datetime | None = None
) -> PartnerChange:
    """The account of payouts from now on, as soon as a second person agrees. The trail keeps the last four digits."""
    iban = iban.replace(" ", "").upper()
    validate_iban(iban)
    return _propose(
        partner, PartnerChange.What.BANK, by=by, reason=reason, now=now, iban=iban, account_holder=account_holder
    )


def propose_vat_status(
    partner: Partner,
    *,
    vat_status: str,
    by: User,
    reason: str,
    vat_id: str | None = None,
    effective_from: date | None = None,
    now: datetime | None = None,
) -> PartnerChange:
    """How services from a day on are taxed (from today, if none is given), once confirmed. What was issued stays."""
    vat_id = partner.vat_id if vat_id is None else vat_id
    if vat_status == Partner.Vat.EU and not vat_id:
        raise Refused(_("Reverse charge needs the partner's VAT ID (§ 13b UStG)."))
    now = now or timezone.now()
    said = {"vat_status": vat_status, "vat_id": vat_id, "effective_from": effective_from or berlin_date(now)}
    return _propose(partner, PartnerChange.What.VAT, by=by, reason=reason, now=now, **said)


def tax_from(partner: Partner, *, vat_status: str, since: date) -> None:
    """Part of confirming a change of the VAT status: the one before counts for services before `since`."""
    last = partner.former_vat.order_by("-valid_until").first()
    begun = last.valid_until if last else None
    if begun and since < begun:
        raise Refused(_("The VAT status changed on %(day)s; nothing before that can change.") % {"day": day(begun)})
    if vat_status != partner.vat_status and since != begun:
        FormerVatStatus.objects.create(
            partner=partner, vat_status=partner.vat_status, valid_from=begun, valid_until=since
        )
    Partner.objects.filter(pk=partner.pk).update(vat_status=vat_status)


def _propose(
    partner: Partner, what: str, *, by: User, reason: str, now: datetime | None, **values: Any
) -> PartnerChange:
    _decides_changes(by)
    _needs(reason)
    now = now or timezone.now()
    with (
        transaction.atomic(),
        _readable("partner_change_one_at_a_time", _("Such a change of this partner is waiting already.")),
    ):
        change = PartnerChange.objects.create(
            partner=partner, what=what, proposed_by=by, proposed_at=now, reason=reason, **values
        )
        record(by=by, verb="propose_partner_change", obj=partner, reason=reason, now=now, **_shown(change))
    return change


def confirm_partner_change(
    change: PartnerChange, *, by: User, reason: str = "", now: datetime | None = None
) -> PartnerChange:
    """Puts the proposal into the master data. Conflict: decided already; refused to whoever proposed it."""
    with transaction.atomic():
        _decide(change, PartnerChange.Status.CONFIRMED, by=by, now=now)
        # Read before it is overwritten: the trail says what was there.
        shown: dict[str, Any] = _shown(change) | {"proposed_by": change.proposed_by_id}
        if change.what == PartnerChange.What.BANK:
            fields = {"iban": change.iban, "account_holder": change.account_holder}
        else:
            today = berlin_date(now or timezone.now())
            since = change.effective_from or today
            if since > today:
                raise Refused(_("It counts from %(day)s; confirm it then.") % {"day": day(since)})
            tax_from(
                Partner.objects.select_for_update().get(pk=change.partner_id), vat_status=change.vat_status, since=since
            )
            fields = {"vat_id": change.vat_id}
        Partner.objects.filter(pk=change.partner_id).update(**fields)
        record(by=by, verb="confirm_partner_change", obj=change.partner, reason=reason, now=now, **shown)
    return change


def decline_partner_change(
    change: PartnerChange, *, by: User, reason: str, now: datetime | None = None
) -> PartnerChange:
    """The master data stays as it is; a second person says so here as well, with a reason."""
    _needs(reason)
    with transaction.atomic():
        _decide(change, PartnerChange.Status.DECLINED, by=by, now=now)
        record(by=by, verb="decline_partner_change", obj=change.partner, reason=reason, now=now, **_shown(change))
    return change


def _decide(change: PartnerChange, status: str, *, by: User, now: datetime | None) -> None:
    _decides_changes(by)
    if by.pk == change.proposed_by_id:
        raise Refused(_("You proposed it yourself: a second person decides."))
    waiting = PartnerChange.objects.filter(pk=change.pk, status=PartnerChange.Status.PROPOSED)
    _claim(waiting, status=status, decided_by=by, decided_at=now or timezone.now())
    change.refresh_from_db()


def _shown(change: PartnerChange) -> dict[str, str]:
    """What the trail tells: of an account the last four digits, which suffice to recognise it."""
    partner = Partner.objects.get(pk=change.partner_id)
    if change.what == PartnerChange.What.BANK:
        return {"what": change.what, "before": partner.iban[-4:], "after": change.iban[-4:]}
    since = {"from": change.effective_from.isoformat()} if change.effective_from else {}
    return {"what": change.what, "before": partner.vat_status, "after": change.vat_status} | since


def _decides_changes(by: User) -> None:
    if by.role not in DECIDES_CHANGES or not by.is_active:
        raise PermissionDenied


def change_status(partner: Partner, *, status: str, by: User, reason: str, now: datetime | None = None) -> Partner:
    """Moves the partner along `MOVES`. Statements go on as long as facts bring lines, whatever the state."""
    _may_look_after(by, partner)
    _needs(reason)
    if status not in MOVES[partner.status]:
        raise Conflict(
            _("A partner does not go from “%(old)s” to “%(new)s”.")
            % {"old": partner.get_status_display(), "new": dict(Partner.Status.choices).get(status, status)}
        )
    before = partner.status
    with transaction.atomic():
        _claim(Partner.objects.filter(pk=partner.pk, status=before), status=status)
        partner.refresh_from_db()
        record(by=by, verb="change_status", obj=partner, reason=reason, now=now, before=before, after=status)
    return partner


def create_token(*, by: User, lifetime: timedelta, now: datetime | None = None) -> tuple[AuthToken, str]:
    """A token for the API with all rights of its owner, and its text, which nobody can read again."""
    with transaction.atomic():
        token, secret = AuthToken.objects.create(user=by, expiry=lifetime)
        record(by=by, verb="create_token", obj=by, now=now, key=token.token_key, expiry=token.expiry)
    return token, secret


def revoke_token(token: AuthToken, *, by: User, now: datetime | None = None) -> None:
    """The token is refused from now on. Owners revoke their own, administrators anybody's."""
    if token.user_id != by.pk and by.role != Role.ADMINISTRATOR:
        raise PermissionDenied
    with transaction.atomic():
        if not AuthToken.objects.filter(pk=token.pk).delete()[0]:
            raise Conflict(_("The token was revoked already."))
        record(by=by, verb="revoke_token", obj=token.user, now=now, key=token.token_key)


def remove_second_factor(user: User, *, by: User, reason: str, now: datetime | None = None) -> None:
    """For a lost phone. Staff have to set up a new one before they get any further."""
    if by.role != Role.ADMINISTRATOR or by.pk == user.pk:
        raise PermissionDenied
    _needs(reason)
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        record(by=by, verb="remove_second_factor", obj=user, reason=reason, now=now)


def _change(
    partner: Partner, verb: str, *, by: User, reason: str, now: datetime | None, shown: dict[str, Any], **fields: Any
) -> Partner:
    with transaction.atomic():
        Partner.objects.filter(pk=partner.pk).update(**fields)
        partner.refresh_from_db()
        record(by=by, verb=verb, obj=partner, reason=reason, now=now, **shown)
    return partner


def _claim(rows: Any, **values: Any) -> None:
    """The conditional UPDATE: of two callers exactly one finds the row in the state it expects."""
    if not rows.update(**values):
        raise Conflict(_("Somebody was faster: this is no longer in the state you saw."))


@contextmanager
def _readable(constraint: str, message: str) -> Iterator[None]:
    """Turns the refusal of one named database constraint into a sentence."""
    try:
        yield
    except IntegrityError as error:
        if constraint not in str(error):
            raise
        raise Conflict(message) from error


def _needs(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Please give a reason: it is what the next person reads."))


def _may_look_after(by: User, partner: Partner) -> None:
    """The channel's head, administrators, and the managers of this very partner."""
    if by.role in CHANNEL or (by.role == Role.CHANNEL_MANAGER and by.pk in (partner.manager_id, partner.deputy_id)):
        return
    raise PermissionDenied


def _may_staff(by: User, partner: Partner) -> None:
    """Who looks after the partner, or an owner of it."""
    if by.is_office:
        _may_look_after(by, partner)
    elif not Partner.objects.own(by, roles=[Membership.Role.OWNER]).filter(pk=partner.pk).exists():
        raise PermissionDenied
