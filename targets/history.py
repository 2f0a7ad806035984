"""The versions of one target: what was agreed first, and each change with who asked, who approved, who confirmed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.db.models import Prefetch

from targets.arithmetic import Change, Span, month_targets, period_target, periods
from targets.models import Adjustment, AgreementItem, Confirmation, Proposal
from targets.standing import change_of, counted_changes, counted_events
from targets.wording import sentence


@dataclass(frozen=True)
class Version:
    """`confirmed` None and `counts` False: announced, and the version before it still counts."""

    number: int
    recorded_at: datetime
    effective_on: date
    title: str
    reason: str
    reason_label: str
    sentences: tuple[str, ...]
    asked_by: str
    approved_by: str
    confirmation: Confirmation | None
    counts: bool
    targets: tuple[tuple[Span, Fraction | None], ...]
    proposal: Proposal | None


def versions(item: AgreementItem) -> list[Version]:
    """Latest first. Each says the target of every period as it stood with all changes up to it."""
    agreement = item.agreement
    spans = periods(agreement.year, item.period)
    first = Version(
        number=1,
        recorded_at=agreement.accepted_at or agreement.offered_at or agreement.proposed_at,
        effective_on=date(agreement.year, 1, 1),
        title="",
        reason="",
        reason_label="",
        sentences=(),
        asked_by=str(agreement.proposed_by or ""),
        approved_by=str(agreement.offered_by or ""),
        confirmation=None,
        counts=agreement.accepted_at is not None,
        targets=_targets(item, spans, []),
        proposal=None,
    )
    found, sofar = [first], list[Adjustment]()
    confirmed = {row.proposal_id: row for row in agreement.confirmations.all()}
    events = item.adjustments.select_related("proposal", "requested_by", "approved_by", "undoes").order_by(
        "recorded_at", "pk"
    )
    groups: dict[int, list[Adjustment]] = {}
    for event in events:
        groups.setdefault(event.proposal_id, []).append(event)
    for number, steps in enumerate(groups.values(), start=2):
        one, proposal = steps[0], steps[0].proposal
        undone = {step.undoes_id for step in steps}
        sofar = [each for each in [*sofar, *steps] if each.undoes_id is None and each.pk not in undone]
        confirmation = confirmed.get(proposal.pk)
        found.append(
            Version(
                number=number,
                recorded_at=one.recorded_at,
                effective_on=one.effective_on,
                title=proposal.title,
                reason=one.reason,
                reason_label=one.get_reason_code_display(),
                sentences=tuple(sentence(step, item.unit) for step in steps),
                asked_by=str(one.requested_by or ""),
                approved_by=str(one.approved_by or ""),
                confirmation=confirmation,
                counts=confirmation is not None or not proposal.needs_confirmation,
                targets=_targets(item, spans, [change_of(each) for each in sofar]),
                proposal=proposal,
            )
        )
    return found[::-1]


def months_as_of(item: AgreementItem, day: date) -> dict[date, Fraction | None]:
    """The target of each month as it was agreed on a day."""
    return month_targets(item.annual, item.weights, counted_changes(item, known_on=day), item.agreement.year)


@dataclass(frozen=True)
class Agreed:
    """One target as it was agreed on a day: each period's value, and the changes that counted by then."""

    item: AgreementItem
    targets: tuple[tuple[Span, Fraction | None], ...]
    sentences: tuple[str, ...]


def agreed_as_of(items: Iterable[AgreementItem], day: date) -> list[Agreed]:
    """All targets of an agreement as of a day, by KPI; `items` come from `standing.with_changes`."""
    found = []
    for item in sorted(items, key=lambda each: each.kpi.code):
        events = counted_events(item, known_on=day)
        changes = [change_of(event) for event in events]
        spans = periods(item.agreement.year, item.period)
        said = tuple(sentence(event, item.unit) for event in events)
        if item.measure == "nps":
            sets = [change.value for change in changes if change.value is not None]
            score = Fraction(sets[-1] if sets else item.annual)
            found.append(Agreed(item, tuple((span, score) for span in spans), said))
        else:
            found.append(Agreed(item, _targets(item, spans, changes), said))
    return found


def waiting_for(item_agreements: Sequence[int]) -> list[tuple[int, Proposal]]:
    """(agreement id, adjustment) that were announced and wait for the partner's confirmation, oldest first."""
    rows = (
        Adjustment.objects.filter(item__agreement__in=item_agreements, proposal__needs_confirmation=True)
        .exclude(item__agreement__status="withdrawn")
        .order_by()  # the usual sequence would make every step of a change a row of its own
        .values_list("item__agreement", "proposal")
        .distinct()
    )
    done = set(Confirmation.objects.filter(agreement__in=item_agreements).values_list("agreement", "proposal"))
    open_rows = [row for row in rows if row not in done]
    kpis = Prefetch("kpis")
    proposals = Proposal.objects.prefetch_related(kpis).in_bulk({proposal for _agreement, proposal in open_rows})
    found = [(agreement, proposals[proposal]) for agreement, proposal in open_rows]
    return sorted(found, key=lambda pair: (pair[1].decided_at or pair[1].requested_at, pair[0]))


def _targets(
    item: AgreementItem, spans: Sequence[Span], changes: Sequence[Change]
) -> tuple[tuple[Span, Fraction | None], ...]:
    return tuple((span, period_target(item.annual, item.weights, changes, span)) for span in spans)
