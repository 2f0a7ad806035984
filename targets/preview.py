"""What an adjustment would do, before anybody approves it: target, attainment and bonus of each target and period.

    rows = preview(items, changes, effective_on, day)
    rows[0].before.target, rows[0].after.bonus, rows[0].gain

Nothing is written. Bonus in EUR net: at today's pace by season while the period runs, with its actual once it is over.
Rows that stay as they are do not appear.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from core import sql
from targets import bonus as bonuses
from targets.arithmetic import Change, Span, counting_months, percent, period_target, periods
from targets.forecast import Month, forecast
from targets.models import AgreementItem
from targets.standing import change_of, counted_events

Actuals = Mapping[int, Mapping[date, Decimal]]


@dataclass(frozen=True)
class Side:
    """One side of the comparison. `target` None: suspended."""

    target: Fraction | None
    actual: Fraction
    bonus: Decimal

    @property
    def percent(self) -> Fraction | None:
        return percent(self.actual, self.target)


@dataclass(frozen=True)
class Effect:
    item: AgreementItem
    span: Span
    before: Side
    after: Side

    @property
    def gain(self) -> Decimal:
        return self.after.bonus - self.before.bonus


def preview(
    items: Sequence[AgreementItem], changes: Sequence[Change], day: date, *, undone: int | None = None
) -> list[Effect]:
    """Largest change of bonus first. `items` come from `standing.with_changes`; scores are left out.

    `undone`: the adjustment that would be taken back, by its key.
    """
    counted = [item for item in items if item.measure != "nps"]
    actuals = month_actuals(counted)
    bands = _bands(counted)
    found = []
    for item in counted:
        events = counted_events(item)
        agreed = [change_of(event) for event in events]
        kept = [change_of(event) for event in events if event.proposal_id != undone or undone is None]
        for span in periods(item.agreement.year, item.period):
            steps = bands.get((item.agreement.partner_id, item.kpi.code, span.until), ())
            before = _side(item, span, agreed, actuals, steps, day)
            after = _side(item, span, [*kept, *changes], actuals, steps, day)
            if before != after:
                found.append(Effect(item, span, before, after))
    return sorted(found, key=lambda each: (-abs(each.gain), each.item.agreement.partner.sort_key, each.span.start))


def total(effects: Iterable[Effect]) -> tuple[Decimal, Decimal]:
    """Bonus of all before and after, EUR net."""
    before = after = Decimal("0.00")
    for each in effects:
        before, after = before + each.before.bonus, after + each.after.bonus
    return before, after


def month_actuals(items: Sequence[AgreementItem]) -> Actuals:
    """By target and month, whatever is suspended; as of the last count."""
    found: dict[int, dict[date, Decimal]] = {}
    for row in sql.rows("targets/item_months", items=[item.pk for item in items]) if items else []:
        found.setdefault(row.item_id, {})[row.month] = row.value
    return found


def _side(
    item: AgreementItem,
    span: Span,
    changes: Sequence[Change],
    actuals: Actuals,
    bands: Sequence[bonuses.Band],
    day: date,
) -> Side:
    target = period_target(item.annual, item.weights, changes, span)
    months = counting_months(changes, span)
    sold = actuals.get(item.pk, {})
    actual = sum((Fraction(sold.get(month, 0)) for month in months), Fraction(0))
    ends = actual
    if day in span:
        counting = [Month(month, Fraction(item.weights[month.month - 1])) for month in months]
        ends = forecast(actual, target, counting, day).seasonal or actual
    return Side(target, actual, bonuses.bonus(bands, Decimal(int(ends)) if item.unit == "pieces" else ends, target))


def _bands(items: Sequence[AgreementItem]) -> Mapping[tuple[int, str, date], Sequence[bonuses.Band]]:
    """By partner, KPI and end of period: the schedule in force on the period's last day."""
    ends: dict[date, tuple[set[int], set[str]]] = {}
    for item in items:
        for span in periods(item.agreement.year, item.period):
            partners, kpis = ends.setdefault(span.until, (set(), set()))
            partners.add(item.agreement.partner_id)
            kpis.add(item.kpi.code)
    return {
        (partner, kpi, until): steps
        for until, (partners, kpis) in ends.items()
        for (partner, kpi), steps in bonuses.bands_of(partners, kpis, until - timedelta(days=1)).items()
    }
