"""How a target that is a score stands: the customers' answers of its period beside what was agreed.

    for each in score_standings(items, day):
        each.count, each.score, each.target, each.state, each.reached

A score is not split over months and has no forecast. Below the minimum of answers it is not rated: neither reached nor
missed. A quarter counts with the one before where it is pooled; half-years and years add their quarters up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.conf import settings

from core.periods import add_months
from targets.arithmetic import Span, periods, truncated
from targets.models import AgreementItem, Settlement, SurveyQuarter
from targets.nps import Count, total
from targets.scores import counts_by_partner, pool
from targets.standing import State, counted_changes

TENTH = Decimal("0.1")


@dataclass(frozen=True)
class ScoreStanding:
    """One score target in one of its periods; `target` and `score` in points from −100 to 100. Not `released`: whoever
    looks may not see the answers yet."""

    item: AgreementItem
    span: Span
    target: Decimal
    count: Count
    state: State
    settlement: Settlement | None
    released: bool = True

    @property
    def rated(self) -> bool:
        return self.settlement.target is not None if self.settlement else self.count.rated()

    @property
    def score(self) -> Fraction | None:
        """Unrounded; of a settled period what was settled."""
        if self.settlement:
            return Fraction(self.settlement.actual) if self.rated else None
        return self.count.score

    @property
    def shown(self) -> Decimal | None:
        """As people read it, cut off after one decimal."""
        return None if self.score is None else truncated(self.score, TENTH)

    @property
    def answers(self) -> int | None:
        """What the score rests on: as settled, else so far; None where the reader may not see it yet."""
        if self.settlement:
            return self.settlement.answers
        return self.count.answers if self.released else None

    @property
    def later(self) -> Decimal | None:
        """The score as it stands today, where what came after the settlement moved it; the settled result stays."""
        if not self.settlement or self.settlement.answers is None or not self.released or self.count.score is None:
            return None
        today = truncated(self.count.score, TENTH)
        return None if (today, self.count.answers) == (self.shown, self.answers) else today

    @property
    def reached(self) -> bool | None:
        """None: not rated, so neither."""
        return self.score >= self.target if self.rated and self.score is not None else None

    @property
    def settles_on(self) -> date:
        return settling_day(self.span)


def settling_day(span: Span) -> date:
    return span.until - timedelta(days=1) + timedelta(days=settings.TARGET_SETTLE_AFTER_DAYS)


def score_standings(
    items: Iterable[AgreementItem], day: date, *, quarters: Iterable[date] | None = None
) -> list[ScoreStanding]:
    """Every period of each score target that has begun by `day`, latest first; `quarters`: only answers of these are
    shown, since partners see no quarter before its release (a settled result they do)."""
    rows = [
        (item, span)
        for item in items
        if item.measure == "nps"
        for span in reversed(periods(item.agreement.year, item.period))
        if span.start <= day
    ]
    allowed = set(quarters) if quarters is not None else None
    counts = _counts([span for _item, span in rows], allowed)
    settled = {(row.item_id, row.period_from): row for row in Settlement.objects.filter(item__in=[i for i, _s in rows])}
    return [
        ScoreStanding(
            item,
            span,
            agreed_score(item, day),
            counts.get((item.agreement.partner_id, span), Count()),
            _state(span, day, settled.get((item.pk, span.start))),
            settled.get((item.pk, span.start)),
            released=allowed is None or any(first in allowed for first in _quarters(span)),
        )
        for item, span in rows
    ]


def count_of_periods(rows: Iterable[tuple[int, Span]]) -> dict[tuple[int, Span], Count]:
    """Answers of (partner, period), as they count for a target."""
    wanted = list(rows)
    found = _counts([span for _partner, span in wanted], None)
    return {key: found.get(key, Count()) for key in wanted}


def agreed_score(item: AgreementItem, day: date) -> Decimal:
    """What was agreed, or set anew since."""
    sets = [change.value for change in counted_changes(item, on=day) if change.kind == "set"]
    return sets[-1] if sets and sets[-1] is not None else item.annual


def _counts(spans: list[Span], released: set[date] | None) -> dict[tuple[int, Span], Count]:
    quarters = {first for span in spans for first in _quarters(span)}
    read = quarters | {add_months(first, -3) for first in quarters}
    by_partner: dict[int, dict[date, Count]] = {}
    for (partner, quarter), count in counts_by_partner(read).items():
        if released is None or quarter in released:
            by_partner.setdefault(partner, {})[quarter] = count
    pooled = SurveyQuarter.objects.pooled()
    found = {}
    for span in set(spans):
        inside = _quarters(span)
        for partner, own in by_partner.items():
            counts = pool(own, pooled) if len(inside) == 1 else own
            found[partner, span] = total(counts.get(first, Count()) for first in inside)
    return found


def _quarters(span: Span) -> list[date]:
    return span.months[::3]


def _state(span: Span, day: date, settled: Settlement | None) -> State:
    if settled:
        return State.SETTLED
    if day < span.start:
        return State.AHEAD
    return State.RUNNING if day in span else State.OVER
