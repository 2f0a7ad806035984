"""Counting what was reached: nightly and on demand, set by set in the database.

    count      what orders add up to: everything once, then only what changed since
    snapshot   target, actual and both forecasts of every open period, one row a day
    settle     freezes a period TARGET_SETTLE_AFTER_DAYS after its last day

All of it may be run again: the counts start from the last watermark, a day's snapshot is replaced, a settlement stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core import locks, sql
from core.audit import record
from core.periods import berlin_date
from partners.models import Role, User
from partners.rights import require
from sales.models import FeedImport
from targets.arithmetic import decimal, period_target, periods, truncated
from targets.models import Agreement, AgreementItem, Settlement, Snapshot
from targets.scored import agreed_score, count_of_periods, settling_day
from targets.standing import counted_changes, with_changes
from targets.wording import span_name

Status = Agreement.Status


@dataclass(frozen=True)
class Taken:
    """What one evening did: whether it counted from nothing, snapshots written, periods settled."""

    full: bool
    snapshots: int
    settled: int


def take_snapshots(*, now: datetime | None = None, full: bool = False) -> Taken:
    """Brings counts and snapshots of today (Berlin) up to date and settles what is due."""
    now = now or timezone.now()
    day = berlin_date(now)
    with transaction.atomic():
        locks.take(locks.Lock.COUNTING)
        begin_agreements(day)
        locks.take(locks.Lock.FACTS, shared=True)
        counted_all = count(day, full=full)
        snapshots = sql.execute("targets/snapshot", day=day)
        sql.execute("targets/snapshot_tidy")
        settled = sql.execute("targets/settle", day=day, after=settings.TARGET_SETTLE_AFTER_DAYS)
        settled += settle_scores(day)
        sql.execute("targets/close_agreements", now=now)
    return Taken(counted_all, snapshots, settled)


def settle_scores(day: date) -> int:
    """Freezes the score of every period whose settling day has come; too few answers settle it as not rated."""
    items = with_changes(AgreementItem.objects.counting().filter(measure="nps"))
    items = items.filter(agreement__year__in=[day.year - 1, day.year])
    known = set(Settlement.objects.filter(item__in=items).values_list("item", "period_from"))
    due = [
        (item, span)
        for item in items
        for span in periods(item.agreement.year, item.period)
        if settling_day(span) <= day and (item.pk, span.start) not in known
    ]
    counts = count_of_periods((item.agreement.partner_id, span) for item, span in due)
    rows = []
    for item, span in due:
        count = counts[item.agreement.partner_id, span]
        score = count.score if count.rated() else None
        rows.append(
            Settlement(
                item=item,
                period_from=span.start,
                period_until=span.until,
                settled_on=day,
                target=None if score is None else agreed_score(item, day),
                actual=Decimal(0) if score is None else truncated(score, Decimal("0.0001")),
                answers=count.answers,
            )
        )
    Settlement.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def record_result(
    item: AgreementItem,
    period_from: date,
    *,
    actual: Decimal,
    by: User | None,
    course: Mapping[date, Decimal] | None = None,
    now: datetime | None = None,
) -> Settlement:
    """The settled result of a period that was counted elsewhere, with its course; for years before this product."""
    require(by, Role.HEAD_OF_CHANNEL)
    span = next(each for each in periods(item.agreement.year, item.period) if each.start == period_from)
    target = period_target(item.annual, item.weights, counted_changes(item), span)
    exact = None if target is None else decimal(target)
    row = {"item": item, "period_from": span.start, "period_until": span.until, "target": exact}
    with transaction.atomic():
        Snapshot.objects.bulk_create(
            (Snapshot(day=day, actual=value, **row) for day, value in (course or {}).items()), ignore_conflicts=True
        )
        settled = Settlement.objects.create(actual=actual, settled_on=span.until, **row)
        label = f"{item.agreement.partner}: {item.kpi}, {span_name(span)}"
        detail = {"actual": str(actual), "period": str(period_from)}
        record(by=by, verb="record_result", obj=item.agreement, label=label, now=now, **detail)
    return settled


def count(day: date, *, full: bool = False) -> bool:
    """Counts orders as of `day`; from nothing if asked, if nothing was counted yet, or if the last count is younger."""
    known = sql.rows("targets/counted_until")
    # Two years are watched: last year's last period is settled in this one.
    since = date(day.year - 1, 1, 1)
    full = full or not known or known[0].as_of > day or known[0].as_of.year != day.year
    params = {"since": since, "as_of": day, "last_import": FeedImport.objects.watermark()}
    with connection.cursor() as cursor:
        # A count sorts millions of rows once; with the everyday memory it would write them to disk in between. A row
        # handed over by a helper costs less than what the helper does for it; the planner thinks the opposite and
        # leaves the second core idle.
        cursor.execute("SET LOCAL work_mem = '256MB'; SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute("SET LOCAL parallel_tuple_cost = 0")
    if full:
        sql.execute("targets/count_all", **params)
    else:
        sql.execute("targets/count_new", counted_import=known[0].last_import, **params)
    return full


def begin_agreements(day: date) -> int:
    """Accepted → in force on the first of January."""
    return Agreement.objects.filter(status=Status.ACCEPTED, year__lte=day.year).update(status=Status.IN_FORCE)
