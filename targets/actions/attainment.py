"""Counting what was reached: nightly and on demand, set by set in the database.

    count      what orders add up to: everything once, then only what changed since
    snapshot   target, actual and both forecasts of every open period, one row a day
    settle     freezes a period TARGET_SETTLE_AFTER_DAYS after its last day

All of it may be run again: the counts start from the last watermark, a day's snapshot is replaced, a settlement stays.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core import locks, sql
from core.periods import berlin_date
from sales.models import FeedImport
from targets.models import Agreement

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
        settled = sql.execute("targets/settle", day=day, after=settings.TARGET_SETTLE_AFTER_DAYS)
        sql.execute("targets/close_agreements", now=now)
    return Taken(counted_all, snapshots, settled)


def count(day: date, *, full: bool = False) -> bool:
    """Counts orders as of `day`; from nothing if asked, if nothing was counted yet, or if the last count is younger."""
    known = sql.rows("targets/counted_until")
    # Two years are watched: last year's last period is settled in this one.
    since = date(day.year - 1, 1, 1)
    full = full or not known or known[0].as_of > day or known[0].as_of.year != day.year
    params = {"since": since, "as_of": day, "last_import": FeedImport.objects.watermark()}
    with connection.cursor() as cursor:
        # A count sorts millions of rows once; with the everyday memory it would write them to disk in between.
        cursor.execute("SET LOCAL work_mem = '256MB'; SET LOCAL maintenance_work_mem = '512MB'")
    sql.execute("targets/count_all" if full else "targets/count_new", **params)
    return full


def begin_agreements(day: date) -> int:
    """Accepted → in force on the first of January."""
    return Agreement.objects.filter(status=Status.ACCEPTED, year__lte=day.year).update(status=Status.IN_FORCE)
