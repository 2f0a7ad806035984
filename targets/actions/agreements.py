"""Making agreements: proposed in the office, offered by a second person, accepted by the partner.

A year's targets are proposed one by one, from a file, or for many at once (actions/bulk.py); all of them end here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import record
from core.errors import Conflict, FourEyes, Refused
from core.periods import berlin_date
from partners.models import Partner, Role, User
from partners.rights import require
from targets.actions import adjustments as adjusting
from targets.arithmetic import EVEN, Change
from targets.models import Adjustment, Agreement, AgreementItem, Kpi, Measure, Unit
from targets.models.kpi import check_weights
from targets.steps import read_step, write_step

PROPOSES = (Role.HEAD_OF_CHANNEL, Role.COMMISSION_CONTROLLER, Role.CHANNEL_MANAGER)
OFFERS = (Role.HEAD_OF_CHANNEL, Role.FINANCE)
Status = Agreement.Status
COPIED = ["unit", "measure", "turnover_of", "families", "transactions", "points"]


@dataclass(frozen=True)
class Goal:
    """One target of an agreement to be made: annual value in the KPI's unit."""

    kpi: Kpi
    annual: Decimal
    period: str = "half_year"
    weights: Sequence[Decimal] = field(default_factory=lambda: EVEN)


def propose_agreement(
    partner: Partner,
    *,
    year: int,
    goals: Sequence[Goal],
    by: User | None,
    partner_duties: str = "",
    operator_duties: str = "",
    now: datetime | None = None,
) -> Agreement:
    """An agreement that waits for a second person; Refused if the partner has one for the year."""
    require(by, *PROPOSES)
    now = now or timezone.now()
    if not goals:
        raise Refused(_("An agreement needs at least one target."))
    if Agreement.objects.filter(partner=partner, year=year).exclude(status=Status.WITHDRAWN).exists():
        raise Refused(_("%(partner)s has an agreement for %(year)s already.") % {"partner": partner, "year": year})
    with transaction.atomic():
        agreement = Agreement.objects.create(
            partner=partner,
            year=year,
            partner_duties=partner_duties,
            operator_duties=operator_duties,
            proposed_at=now,
            proposed_by=by,
        )
        AgreementItem.objects.bulk_create(item_of(agreement, goal) for goal in goals)
        record(by=by, verb="propose_agreement", obj=agreement, now=now, targets=len(goals))
    return agreement


def item_of(agreement: Agreement, goal: Goal) -> AgreementItem:
    """The target with its own copy of what counts; Refused if KPI, partner kind or weights do not fit."""
    kpi = goal.kpi
    if kpi.partner_kinds and agreement.partner.kind not in kpi.partner_kinds:
        raise Refused(_("%(kpi)s is not agreed with partners of this kind.") % {"kpi": kpi})
    try:
        check_weights(list(goal.weights))
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from None
    copied: dict[str, Any] = {name: getattr(kpi, name) for name in COPIED}
    return AgreementItem(
        agreement=agreement, kpi=kpi, annual=goal.annual, period=goal.period, weights=list(goal.weights), **copied
    )


def offer_agreement(agreement: Agreement, *, by: User | None, now: datetime | None = None) -> None:
    """Proposed → offered, by another person than who proposed it. From now on the partner sees it."""
    require(by, *OFFERS)
    if by is not None and agreement.proposed_by_id == by.pk:
        raise FourEyes(_("A second person has to agree: you proposed this yourself."))
    now = now or timezone.now()
    _move(
        agreement, [Status.PROPOSED], {"status": Status.OFFERED, "offered_by": by, "offered_at": now}, "offer", by, now
    )


def accept_agreement(agreement: Agreement, *, by: User | None, document: str = "", now: datetime | None = None) -> None:
    """Offered → accepted (in force at once if the year has begun), with who, when and the text agreed to."""
    _of_the_partner(agreement, by)
    now = now or timezone.now()
    begun = berlin_date(now) >= date(agreement.year, 1, 1)
    values = {
        "status": Status.IN_FORCE if begun else Status.ACCEPTED,
        "accepted_by": by,
        "accepted_at": now,
        "document": document,
    }
    _move(agreement, [Status.OFFERED], values, "accept", by, now)


def decline_agreement(agreement: Agreement, *, by: User | None, reason: str, now: datetime | None = None) -> None:
    """Offered → withdrawn, because the partner does not agree."""
    _of_the_partner(agreement, by)
    _needs(reason)
    _move(agreement, [Status.OFFERED], {"status": Status.WITHDRAWN}, "decline", by, now or timezone.now(), reason)


def withdraw_agreement(agreement: Agreement, *, by: User | None, reason: str, now: datetime | None = None) -> None:
    """Proposed or offered → withdrawn by the office. What was accepted is changed by adjustments only."""
    require(by, *PROPOSES)
    _needs(reason)
    states = [Status.PROPOSED, Status.OFFERED]
    _move(agreement, states, {"status": Status.WITHDRAWN}, "withdraw", by, now or timezone.now(), reason)


def record_agreement(
    partner: Partner,
    *,
    kpi: str,
    year: int,
    annual: Decimal | None = None,
    families: Iterable[str] = (),
    measure: str = Measure.UNITS,
    period: str = "half_year",
    weights: Sequence[Decimal] | None = None,
    adjustments: Iterable[Mapping[str, Any]] = (),
    by: User | None = None,
    now: datetime | None = None,
) -> AgreementItem:
    """An accepted target with its approved and confirmed adjustments, as if both sides had signed long ago.

    For worked examples and for taking over agreements signed on paper; the first time needs an annual target. Said
    again for the same partner, KPI and year, a target other than the one in force and further adjustments are added as
    events; what was agreed before stays.
    """
    require(by, Role.HEAD_OF_CHANNEL)
    now = now or timezone.now()
    unit = {Measure.UNITS: Unit.PIECES, Measure.TURNOVER: Unit.EUR}.get(Measure(measure), Unit.POINTS)
    rule = {"unit": unit, "measure": measure, "families": sorted(families)}
    with transaction.atomic():
        named, _new = Kpi.objects.get_or_create(code=kpi, defaults={"title_de": kpi, "title_en": kpi, **rule})
        signed = {
            "status": Status.IN_FORCE,
            "proposed_at": now,
            "offered_at": now,
            "accepted_at": now,
            "accepted_by": by,
        }
        agreement = Agreement.objects.counting().filter(partner=partner, year=year).first()
        agreement = agreement or Agreement.objects.create(partner=partner, year=year, **signed)
        agreed = {"annual": annual, "period": period, "weights": list(weights or EVEN), **rule}
        item, new = AgreementItem.objects.get_or_create(agreement=agreement, kpi=named, defaults=agreed)
        wanted = [read_step(entry, year) for entry in adjustments]
        if not new:
            wanted = _further(wanted, annual, item)
        if wanted:
            _adjust_at_once(item, wanted, by=by, now=now)
        record(by=by, verb="record_agreement", obj=agreement, now=now, kpi=kpi, annual=str(annual))
    return item


def _further(wanted: Sequence[Any], annual: Decimal | None, item: AgreementItem) -> list[Any]:
    """What is new of it. A target that was set before and replaced since is: it comes back."""
    known = [_change(each) for each in item.adjustments.order_by("recorded_at", "pk")]
    in_force = [item.annual, *(each.value for each in known if each.kind == "set")][-1]
    asked = [each.value for each in wanted if each.kind == "set"] or ([] if annual is None else [annual])
    new = [each for each in wanted if each.kind != "set" and each not in known]
    return [Change("set", value=Decimal(asked[-1])), *new] if asked and asked[-1] != in_force else new


def _adjust_at_once(item: AgreementItem, changes: Sequence[Any], *, by: User | None, now: datetime) -> None:
    year = item.agreement.year
    proposal = adjusting.propose_adjustment(
        [item.agreement],
        year=year,
        title=_("Taken over"),
        steps=[write_step(change) for change in changes],
        reason_code="other",
        reason=_("Taken over as agreed"),
        effective_on=date(year, 1, 1),
        by=None,
        kpis=[item.kpi],
        needs_confirmation=False,
        now=now,
    )
    adjusting.approve_adjustment(proposal, by=by, now=now)


def _change(event: Adjustment) -> Any:
    return Change(event.kind, event.window_from, event.window_until, event.factor, event.value)


def _move(
    agreement: Agreement,
    states: list[Agreement.Status],
    values: dict[str, Any],
    verb: str,
    by: User | None,
    now: datetime,
    reason: str = "",
) -> None:
    with transaction.atomic():
        if not Agreement.objects.filter(pk=agreement.pk, status__in=states).update(**values):
            raise Conflict(_("Somebody was faster: this is no longer in the state you saw."))
        agreement.refresh_from_db()
        record(by=by, verb=f"{verb}_agreement", obj=agreement, reason=reason, now=now)


def _of_the_partner(agreement: Agreement, by: User | None) -> None:
    if by is not None and not Partner.objects.own(by, roles=["owner", "accounting"]).filter(pk=agreement.partner_id):
        raise Refused(_("Only the partner's owner or accounting can decide on this."))


def _needs(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Please give a reason: it is what the next person reads."))
