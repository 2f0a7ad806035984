"""How ambitious a target is: what it needs a month against what the same months of last year brought.

    target 500 in six months    83.3 a month
    last year 420               70 a month        83.3 / 70 = +19 %

Counted from the orders while all of these months are counted, else from what was settled then; a partner that came in
between has nothing to compare with, which is not a leap from zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from core import sql
from core.periods import add_months
from targets.arithmetic import Span, counting_months, period_target
from targets.forecast import pace_against
from targets.models import AgreementItem, Settlement
from targets.standing import counted_changes, current_span


@dataclass(frozen=True)
class Sold:
    """What was sold of a KPI by partner and month, and since when each partner is counted."""

    values: Mapping[tuple[int, date], Decimal]
    since: Mapping[int, date]

    def per_month(self, partner: int, months: list[date]) -> Fraction | None:
        """None where not all of the months are known."""
        if partner not in self.since or self.since[partner] > min(months):
            return None
        found = (Fraction(self.values.get((partner, month), 0)) for month in months)
        return sum(found, Fraction(0)) / len(months)


@dataclass(frozen=True)
class Difficulty:
    """Per month, in the unit of the KPI. `more` in percent; None where last year says nothing."""

    item: AgreementItem
    span: Span
    needed: Fraction
    before: Fraction | None

    @property
    def more(self) -> Fraction | None:
        return None if self.before is None else pace_against(self.needed, self.before)


def difficulties(items: Iterable[AgreementItem], day: date) -> list[Difficulty]:
    """Of the running (or nearest) period of each target that has one, hardest first, unknown ones last."""
    rows = [(item, current_span(item, day)) for item in items if item.measure != "nps"]
    found = [each for item, span in _with_sold(rows) if (each := difficulty(item, span[0], span[1]))]
    return sorted(found, key=lambda each: (each.more is None, -(each.more or 0), each.item.agreement.partner.sort_key))


def difficulty(item: AgreementItem, span: Span, sold: Sold | None = None) -> Difficulty | None:
    """None while the whole period is suspended."""
    changes = counted_changes(item)
    target, months = period_target(item.annual, item.weights, changes, span), counting_months(changes, span)
    if target is None or not months:
        return None
    if sold is None:
        sold = _sold(item.kpi_id, span.start.year - 1, item.agreement.partner_id)
    before = sold.per_month(item.agreement.partner_id, [add_months(month, -12) for month in months])
    if before is None and (settled := _settled(item, span)):
        before = Fraction(settled.actual) / len(span.months)
    return Difficulty(item, span, target / len(months), before)


def _with_sold(rows: list[tuple[AgreementItem, Span]]) -> Iterable[tuple[AgreementItem, tuple[Span, Sold]]]:
    read: dict[tuple[int, int], Sold] = {}
    for item, span in rows:
        key = (item.kpi_id, span.start.year - 1)
        if key not in read:
            read[key] = _sold(*key)
        yield item, (span, read[key])


def _sold(kpi: int, year: int, partner: int | None = None) -> Sold:
    rows = sql.rows("targets/kpi_months", kpi=kpi, year=year, partner=partner)
    since = {row.partner_id: row.month for row in sql.rows("targets/first_months", partner=partner)}
    return Sold({(row.partner_id, row.month): row.value for row in rows}, since)


def _settled(item: AgreementItem, span: Span) -> Settlement | None:
    return Settlement.objects.filter(
        item__kpi=item.kpi_id,
        item__agreement__partner=item.agreement.partner_id,
        period_from=add_months(span.start, -12),
        period_until=add_months(span.until, -12),
    ).first()
