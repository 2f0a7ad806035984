"""What changes about campaigns: written by one person, approved by another, joined by partners before they sell.

campaign = save_campaign(code="smart", valid_from=..., valid_until=..., registration="required", by=carla, now=now)
approve_campaign(campaign, by=hanna, now=now)
register_for_campaign(campaign, partner, on=today, by=owner, now=now)

    draft ──approve──▶ approved ──save──▶ approved, a change waits ──approve / decline──▶ approved

Take these from `sales.actions`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import Conflict, FourEyes, Refused
from core.periods import berlin_date
from partners.models import Partner, Role, User
from partners.rights import require
from sales.models import Campaign, CampaignRegistration

KEEPS_CAMPAIGNS = (Role.COMMISSION_CONTROLLER, Role.HEAD_OF_CHANNEL)
REGISTERS = (*KEEPS_CAMPAIGNS, Role.CHANNEL_MANAGER)
MONEY_MEMBERS = ["owner", "accounting"]
EXCLUDES = ("products", "families", "partners")
Status = Campaign.Status


def save_campaign(
    *,
    code: str,
    valid_from: date,
    by: Any,
    now: datetime,
    valid_until: date | None = None,
    title_de: str = "",
    title_en: str = "",
    description_de: str = "",
    description_en: str = "",
    registration: str = "none",
    cap_units: Decimal | None = None,
    cap_amount: Decimal | None = None,
    exclude: Mapping[str, Sequence[str]] | None = None,
    stackable: bool = True,
    approved_by: Any = None,
) -> Campaign:
    """Writes the terms of the campaign `code`, a new one or one that exists; they pay after approve_campaign().

    `valid_until` is exclusive. `registration` is "required" or "none", `exclude` names codes under "products" and
    "families" and numbers under "partners". A change of an approved campaign waits beside the terms in force.
    `approved_by` approves in the same step; another person than `by` (FourEyes).
    """
    require(by, *KEEPS_CAMPAIGNS)
    if valid_until is not None and valid_until <= valid_from:
        raise Refused(_("The end must lie after the start."))
    if any(cap is not None and cap <= 0 for cap in (cap_units, cap_amount)):
        raise Refused(_("A cap must lie above zero."))
    if registration not in ("required", "none") or set(exclude or {}) - set(EXCLUDES):
        raise ValueError(f"registration {registration!r}, exclude {sorted(exclude or {})}")
    terms: dict[str, Any] = {
        "title_de": title_de or code,
        "title_en": title_en or title_de or code,
        "description_de": description_de,
        "description_en": description_en,
        "valid_from": valid_from,
        "valid_until": valid_until,
        "registration_required": registration == "required",
        "cap_units": cap_units,
        "cap_amount": cap_amount,
        "stackable": stackable,
    } | {f"exclude_{kind}": sorted((exclude or {}).get(kind, ())) or None for kind in EXCLUDES}
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().filter(code=code).first()
        if campaign is None:
            campaign = Campaign.objects.create(code=code, saved_at=now, saved_by=by, **terms)
        elif campaign.status == Status.DRAFT:
            _put(campaign, saved_at=now, saved_by=by, **terms)
        elif all(getattr(campaign, name) == value for name, value in terms.items()):
            _put(campaign, proposal=None, proposed_by=None)
        else:
            _put(campaign, proposal=as_text(terms), proposed_by=by)
        audit.record(by=by, verb="save_campaign", obj=campaign, now=now, **as_text(terms))
        if approved_by is not None:
            approve_campaign(campaign, by=approved_by, now=now)
    return campaign


def approve_campaign(campaign: Campaign, *, by: Any, now: datetime, reason: str = "") -> Campaign:
    """Makes what was written count, first terms or a change; never by who wrote it. The next run takes it into account."""
    require(by, *KEEPS_CAMPAIGNS)
    with transaction.atomic():
        seen = campaign.proposal
        campaign = _locked(campaign)
        if not campaign.waits or campaign.proposal != seen:
            raise Conflict(_("The campaign was changed or decided on meanwhile. Reload the page."))
        if by is not None and by.pk == campaign.author_id:
            raise FourEyes(_("Whoever wrote a campaign cannot approve it. Ask a second person."))
        changes: dict[str, Any] = {"status": Status.APPROVED, "approved_at": now, "approved_by": by}
        if campaign.proposal is not None:
            changes |= from_text(campaign.proposal)
            changes |= {"saved_by": campaign.proposed_by, "saved_at": now, "proposal": None, "proposed_by": None}
        _put(campaign, **changes)
        audit.record(by=by, verb="approve_campaign", obj=campaign, reason=reason, now=now)
    return campaign


def decline_campaign_change(campaign: Campaign, *, by: Any, now: datetime, reason: str) -> Campaign:
    """Drops the change that waits; the terms in force stay. Its author may take it back this way too."""
    require(by, *KEEPS_CAMPAIGNS)
    if not reason.strip():
        raise Refused(_("Please give a reason: it is what the next person reads."))
    with transaction.atomic():
        campaign = _locked(campaign)
        if campaign.proposal is None:
            raise Conflict(_("No change waits any more. Reload the page."))
        dropped = campaign.proposal
        _put(campaign, proposal=None, proposed_by=None)
        audit.record(by=by, verb="decline_campaign_change", obj=campaign, reason=reason, now=now, dropped=dropped)
    return campaign


def register_for_campaign(
    campaign: Campaign, partner: Partner, *, on: date, by: Any, now: datetime
) -> CampaignRegistration:
    """The partner takes part from the day `on` (Berlin): orders signed on it or later count.

    By the partner's owner or accounting, or by the office for a partner it sees. Nobody registers for a day that is
    over, since what was sold without knowing of the campaign was not sold for it; only the system itself may.
    """
    _may_register(partner, by)
    if by is not None and on < berlin_date(now):
        raise Refused(_("A registration counts before the sale: it cannot begin on a day that is over."))
    with transaction.atomic():
        campaign = _locked(campaign)
        if campaign.status != Status.APPROVED:
            raise Refused(_("This campaign is not approved yet."))
        if partner.number in (campaign.exclude_partners or ()):
            raise Refused(_("This campaign is not open to this partner."))
        if campaign.valid_until is not None and on >= campaign.valid_until:
            raise Refused(_("This campaign is over."))
        earlier = campaign.registrations.filter(partner=partner)
        if earlier.in_force().exists():
            raise Conflict(_("The partner is registered already."))
        if earlier.filter(withdrawn_on__gt=on).exists():
            raise Conflict(_("An earlier registration reaches into these days."))
        made: CampaignRegistration = campaign.registrations.create(
            partner=partner, registered_on=on, registered_at=now, registered_by=by
        )
        audit.record(by=by, verb="register_for_campaign", obj=made, now=now, on=str(on), partner=partner.number)
    return made


def withdraw_registration(registration: CampaignRegistration, *, on: date, by: Any, now: datetime) -> None:
    """Ends the partner's part: orders signed on `on` or later count no more; what was sold before stays."""
    _may_register(registration.partner, by)
    if by is not None and on < berlin_date(now):
        raise Refused(_("A registration cannot end on a day that is over: its orders were sold for the campaign."))
    if on < registration.registered_on:
        raise Refused(_("The end must lie after the start."))
    with transaction.atomic():
        open_ones = CampaignRegistration.objects.in_force().filter(pk=registration.pk)
        if not open_ones.update(withdrawn_on=on, withdrawn_at=now, withdrawn_by=by):
            raise Conflict(_("The registration was withdrawn already."))
        registration.refresh_from_db()
        audit.record(by=by, verb="withdraw_registration", obj=registration, now=now, on=str(on))


def _may_register(partner: Partner, by: Any) -> None:
    """PermissionDenied unless it is the partner's money member, the office that keeps campaigns, or its manager."""
    if isinstance(by, User) and by.role == Role.PARTNER:
        allowed = Partner.objects.own(by, roles=MONEY_MEMBERS)
    else:
        require(by, *REGISTERS)
        allowed = Partner.objects.all() if by is None else Partner.objects.visible_to(by)
    if not allowed.filter(pk=partner.pk).exists():
        raise PermissionDenied(_("Your role does not include this step."))


def _locked(campaign: Campaign) -> Campaign:
    """The row as it stands now, kept still until the transaction ends."""
    return Campaign.objects.select_for_update().get(pk=campaign.pk)


def _put(campaign: Campaign, **values: Any) -> None:
    for name, value in values.items():
        setattr(campaign, name, value)
    campaign.save(update_fields=list(values))


# ---- terms as JSON -------------------------------------------------------------------------------------------------
def as_text(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Terms as JSON can hold them: dates and amounts as text, so that no amount ever passes through a float."""
    return {name: str(value) if isinstance(value, date | Decimal) else value for name, value in terms.items()}


def from_text(proposal: Mapping[str, Any]) -> dict[str, Any]:
    """Terms of a waiting change as the values of their fields; the reverse of as_text()."""
    fields: Any = {field.name: field for field in Campaign._meta.concrete_fields}
    return {name: fields[name].to_python(value) for name, value in proposal.items()}
