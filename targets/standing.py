"""How one target stands today: what a page about it needs, put together once.

    for each in standings(items, day):
        each.target, each.actual, each.shown, each.state, each.forecast, each.bonus, each.step

`state` is `suspended`, `ahead`, `running`, `over` (until it is settled) or `settled`. Reads the latest snapshot of each
period; where none was taken yet, the orders themselves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.choices import ToneChoices
from core.periods import berlin_date
from targets import bonus as bonuses
from targets.arithmetic import Change, Span, counting_months, decimal, pace, percent, period_target, periods, shown
from targets.forecast import Forecast, Month, forecast
from targets.models import Adjustment, AgreementItem, Confirmation, Settlement, Snapshot
from targets.queries import attainment


class State(ToneChoices):
    SUSPENDED = "suspended", "held", pgettext_lazy("target", "suspended")
    AHEAD = "ahead", "neutral", _("not begun")
    RUNNING = "running", "coming", _("running")
    OVER = "over", "coming", _("over, not settled yet")
    SETTLED = "settled", "earned", _("settled")


@dataclass(frozen=True)
class Standing:
    """Values in the unit of the KPI, unrounded; amounts in EUR net."""

    item: AgreementItem
    span: Span
    day: date
    state: State
    target: Fraction | None
    actual: Decimal
    forecast: Forecast
    months: tuple[Month, ...]
    bands: tuple[bonuses.Band, ...]

    @property
    def percent(self) -> Fraction | None:
        return percent(self.actual, self.target)

    @property
    def shown(self) -> Decimal | None:
        """Percent as people read it."""
        return shown(self.percent)

    @property
    def running(self) -> bool:
        return self.state == State.RUNNING

    @property
    def linear_shown(self) -> Decimal | None:
        return self._shown(self.forecast.linear)

    @property
    def seasonal_shown(self) -> Decimal | None:
        return self._shown(self.forecast.seasonal)

    @property
    def bonus(self) -> Decimal:
        """If the period ended with today's actual."""
        return bonuses.bonus(self.bands, self.actual, self.target)

    @property
    def bonus_forecast(self) -> Decimal | None:
        """At today's pace by season, in whole units."""
        ends = self.forecast.seasonal
        return None if ends is None else bonuses.bonus(self.bands, Decimal(int(ends)), self.target)

    @property
    def bonus_at_target(self) -> Decimal | None:
        return None if self.target is None else bonuses.bonus(self.bands, self.target, self.target)

    @property
    def step(self) -> bonuses.Step | None:
        return bonuses.next_step(self.bands, self.actual, self.target)

    @property
    def settles_on(self) -> date:
        return self.span.until - timedelta(days=1) + timedelta(days=settings.TARGET_SETTLE_AFTER_DAYS)

    def bonus_of(self, actual: Decimal) -> Decimal:
        """What the period would bring if it ended with `actual`."""
        return bonuses.bonus(self.bands, actual, self.target)

    def _shown(self, value: Fraction | None) -> Decimal | None:
        return shown(pace(value, self.target))


def counted_changes(item: AgreementItem, on: date | None = None, known_on: date | None = None) -> list[Change]:
    """The changes of a target that count: effective by `on`, confirmed where that is needed, recorded by `known_on`.

    With `known_on` the version as it was agreed on that day, whatever was confirmed later.
    """
    return [change_of(event) for event in counted_events(item, on, known_on)]


def counted_events(item: AgreementItem, on: date | None = None, known_on: date | None = None) -> list[Adjustment]:
    """As counted_changes, the events themselves; uses what was prefetched by `with_changes`."""
    confirmed = {row.proposal_id: row.at for row in _confirmations(item)}
    found = []
    for event in item.adjustments.all():
        since = confirmed.get(event.proposal_id) if event.proposal.needs_confirmation else event.recorded_at
        if since is None or (on and event.effective_on > on) or (known_on and berlin_date(since) > known_on):
            continue
        found.append(event)
    undone = {event.undoes_id for event in found}
    return [event for event in found if event.undoes_id is None and event.pk not in undone]


def with_changes(items: QuerySet[AgreementItem]) -> QuerySet[AgreementItem]:
    """What a standing reads, in five queries whatever their number."""
    return items.select_related("agreement__partner", "kpi").prefetch_related(
        "adjustments__proposal", "agreement__confirmations"
    )


def standings(items: Iterable[AgreementItem], day: date, *, ranges: bool = True) -> list[Standing]:
    """The period of each target in which `day` lies, or its nearest one; without `ranges` no look at past years."""
    rows = [(item, current_span(item, day)) for item in items if item.measure != "nps"]
    return _standings(rows, day, ranges=ranges)


def earlier(items: Iterable[AgreementItem], day: date) -> dict[int, list[Standing]]:
    """By target: its periods of the same year before the one of `day`, latest first."""
    rows = [
        (item, span)
        for item in items
        if item.measure != "nps"
        for span in reversed(periods(item.agreement.year, item.period))
        if span.until <= current_span(item, day).start
    ]
    found: dict[int, list[Standing]] = {}
    for standing in _standings(rows, day, ranges=False):
        found.setdefault(standing.item.pk, []).append(standing)
    return found


def standing_of(item: AgreementItem, span: Span, day: date) -> Standing:
    return _standings([(item, span)], day, ranges=True)[0]


def current_span(item: AgreementItem, day: date) -> Span:
    spans = periods(item.agreement.year, item.period)
    return next((span for span in spans if day in span), spans[0] if day < spans[0].start else spans[-1])


def _standings(rows: Sequence[tuple[AgreementItem, Span]], day: date, *, ranges: bool) -> list[Standing]:
    keys = [item.pk for item, _span in rows]
    latest = {
        (row.item_id, row.period_from): row
        for row in Snapshot.objects.filter(item__in=keys, day__lte=day)
        .order_by("item_id", "period_from", "-day")
        .distinct("item_id", "period_from")
    }
    settled = {(row.item_id, row.period_from): row for row in Settlement.objects.filter(item__in=keys)}
    bands = _bands(rows)
    return [
        _standing(
            item,
            span,
            day,
            latest.get((item.pk, span.start)),
            settled.get((item.pk, span.start)),
            bands.get((item.agreement.partner_id, item.kpi.code, span.until), ()),
            ranges=ranges,
        )
        for item, span in rows
    ]


def _standing(
    item: AgreementItem,
    span: Span,
    day: date,
    snapshot: Snapshot | None,
    settled: Settlement | None,
    bands: Sequence[bonuses.Band],
    *,
    ranges: bool,
) -> Standing:
    changes = counted_changes(item, on=day)
    weights = dict(zip((date(span.start.year, n, 1) for n in range(1, 13)), map(Fraction, item.weights), strict=True))
    counting = tuple(Month(first, weights[first]) for first in counting_months(changes, span))
    target = period_target(item.annual, item.weights, changes, span)
    known = settled or snapshot
    as_of = min(snapshot.day if snapshot else day, span.until - timedelta(days=1))
    # Before its first day a period has nothing; what is counted that day belongs to the period before.
    actual = known.actual if known else Decimal(0) if day < span.start else _from_orders(item, as_of)
    return Standing(
        item=item,
        span=span,
        day=as_of,
        state=_state(target, span, day, settled),
        target=target,
        actual=actual,
        forecast=forecast(actual, target, counting, as_of, past_shares(item, span, as_of) if ranges else ()),
        months=counting,
        bands=tuple(bands),
    )


def _bands(rows: Sequence[tuple[AgreementItem, Span]]) -> dict[tuple[int, str, date], Sequence[bonuses.Band]]:
    """By partner, KPI and end of period: what the schedule in force on its last day says."""
    found: dict[tuple[int, str, date], Sequence[bonuses.Band]] = {}
    for until in {span.until for _item, span in rows}:
        partners = {item.agreement.partner_id for item, span in rows if span.until == until}
        kpis = {item.kpi.code for item, span in rows if span.until == until}
        for (partner, kpi), bands in bonuses.bands_of(partners, kpis, until - timedelta(days=1)).items():
            found[partner, kpi, until] = bands
    return found


def _from_orders(item: AgreementItem, day: date) -> Decimal:
    found = attainment(item.agreement.partner, item.kpi.code, day)
    return found.actual if found else Decimal(0)


def _state(target: Fraction | None, span: Span, day: date, settled: Settlement | None) -> State:
    if target is None:
        return State.SUSPENDED
    if settled:
        return State.SETTLED
    if day < span.start:
        return State.AHEAD
    return State.RUNNING if day in span else State.OVER


def past_shares(item: AgreementItem, span: Span, day: date) -> list[Fraction]:
    """What part of the same period's result was reached by the same day in past years, from their snapshots."""
    shares = []
    results = Settlement.objects.filter(
        item__kpi=item.kpi, item__agreement__partner=item.agreement.partner, period_until__lte=span.start
    )
    for result in results.filter(period_from__month=span.start.month, actual__gt=0):
        if (result.period_until.month, result.period_until.day) != (span.until.month, span.until.day):
            continue
        then = day + (result.period_from - span.start)
        at = Snapshot.objects.filter(item=result.item_id, period_from=result.period_from, day__lte=then)
        reached = at.order_by("-day").values_list("actual", flat=True).first()
        if reached:
            shares.append(min(Fraction(reached) / Fraction(result.actual), Fraction(1)))
    return shares


def change_of(event: Adjustment) -> Change:
    return Change(event.kind, event.window_from, event.window_until, event.factor, event.value)


def _confirmations(item: AgreementItem) -> Sequence[Confirmation]:
    return list(item.agreement.confirmations.all())


def plain(value: Fraction | None) -> Decimal | None:
    """For pages: a number with at most two decimals more than anybody reads."""
    return None if value is None else decimal(value)
