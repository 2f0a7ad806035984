"""How much money the holds in force keep back: lines whose last word is "withheld", posted or proposed.

    kept_back(holds)[hold.pk].amount      EUR net that the next run would post if the hold were released

A line under two holds is counted with both, since releasing one of them would not set it free.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from commissions.models import Hold, Run
from core import sql


@dataclass(frozen=True)
class Kept:
    """What one hold keeps back. `run`: the proposal in which some of it stands, if any."""

    lines: int
    amount: Decimal
    run: int | None


def kept_back(holds: Sequence[Hold]) -> dict[int, Kept]:
    """By hold; nothing for one that keeps nothing back yet, since no run was calculated since it was placed."""
    if not holds:
        return {}
    posted = Run.objects.posted().filter(snapshot_at__gte=min(hold.placed_at for hold in holds))
    proposal = latest_proposal()
    rows = sql.rows(
        "commissions/holds_keep",
        holds=[hold.pk for hold in holds],
        runs=list(posted.values_list("pk", flat=True)),
        proposal=proposal and proposal.pk,
    )
    drafted = proposal.pk if proposal else None
    return {row.hold: Kept(row.lines, row.amount, drafted if row.drafted else None) for row in rows}


def latest_proposal() -> Run | None:
    """The month that waits for approval, else the nightly figures; none of a month that is posted meanwhile."""
    last = Run.objects.posted().order_by("-month").first()
    waiting = Run.objects.filter(status__in=[Run.Status.IN_REVIEW, Run.Status.APPROVED]).exclude(
        kind=Run.Kind.SIMULATION
    )
    if last:
        waiting = waiting.filter(month__gt=last.month)
    return waiting.order_by("kind", "-month", "-pk").first()
