"""One feed file becomes events, orders and revenues: staged, checked, merged, in one transaction.

    read       reading.py        bytes -> rows of text, streamed into COPY
    stage      staging_tables    temporary table `staged`, one row a line
    check      find_suspects, find_issues      wrong lines leave `staged` and become FeedIssue rows
    record     record_events, known_ids        new events; known ids are duplicates or refused
    derive     park_unknown, park_classless, touch_fresh, release_classless, add_plain_orders, order_state, add_orders, change_orders, park_waiting,
               add_revenue

Everything from `stage` on is one transaction: a worker that dies leaves nothing, and whoever takes over begins again.
From `record` on it holds the lock FACTS, so merges come one after the other and no run reads a half-merged file.
Orders depend on the set of events only, so the sequence of files, and of rows in them, never matters:

    rows = accepted + duplicate + waiting + exception + rejected      for every import that is done
"""

import io
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import translation
from psycopg2.sql import SQL, Identifier, Literal

from core import audit, sql
from core.locks import Lock, alive, take
from core.periods import berlin_date
from sales.models import CustomerClass, EventType, FeedImport, Reason, Transaction
from sales.reading import Feed, Unreadable

Status = FeedImport.Status
# Progress is written at most this often: the page asks every second, and a write is a transaction.
PROGRESS_SECONDS = 0.7
# From so many events on, the planner's picture of the table is refreshed before orders are derived from it, and all are
# taken for new until the database says otherwise.
MANY = 20_000


def import_text(
    text: str,
    *,
    by: Any = None,
    now: datetime,
    allow_future: bool = False,
    filename: str = "feed.csv",
    source: str = FeedImport.Source.UPLOAD,
) -> FeedImport:
    """Imports a feed given as text, at once and in this process."""
    file = io.BytesIO(text.encode())
    return _import_now(file, by=by, now=now, allow_future=allow_future, filename=filename, source=source)


def import_file(
    path: Path | str, *, by: Any = None, now: datetime, allow_future: bool = False, filename: str = ""
) -> FeedImport:
    """Imports a file where it lies, at once and in this process; the file stays."""
    with Path(path).open("rb") as file:
        return _import_now(file, by=by, now=now, allow_future=allow_future, filename=filename or Path(path).name)


def _import_now(
    file: BinaryIO, *, by: Any, now: datetime, allow_future: bool, filename: str, source: str = FeedImport.Source.UPLOAD
) -> FeedImport:
    feed_import = FeedImport.objects.create(
        source=source, filename=filename, received_at=now, started_at=now, by=by,
        status=Status.IMPORTING, size=file.seek(0, io.SEEK_END),
    )  # fmt: skip
    file.seek(0)
    with alive(Lock.IMPORT_ALIVE, feed_import.pk), translation.override(language(feed_import)):
        merge(feed_import, file, now=now, allow_future=allow_future)
    return feed_import


def language(feed_import: FeedImport) -> str:
    """Messages about a file are for the person who delivered it."""
    return feed_import.by.language if feed_import.by else settings.LANGUAGE_CODE


def merge(feed_import: FeedImport, file: BinaryIO, *, now: datetime, allow_future: bool = False) -> None:
    """Takes a file in, or refuses it as a whole; either way the import's row tells how it ended.

    The caller made sure that nobody else works on `feed_import`. Any other error than a refusal is raised and leaves
    the row as it was: the same import can be started again.
    """
    began = time.monotonic()
    try:
        with _Progress(feed_import) as progress, transaction.atomic():
            feed = Feed(file, progress)
            counts = _merge(feed_import, feed, "9999-12-31" if allow_future else _today(feed_import))
            ended = now + timedelta(seconds=time.monotonic() - began)
            _finish(feed_import, now=ended, status=Status.DONE, bytes_read=feed.bytes_read, **counts)
    except Unreadable as refusal:
        refuse(feed_import, refusal, now=now)


def refuse(feed_import: FeedImport, why: Unreadable, *, now: datetime) -> None:
    """Nothing of the file was taken in. Kept are code and values for readers, and the words for who delivered it."""
    with transaction.atomic():
        kept = {"error": str(why), "refusal": why.code[:40], "refusal_values": why.values}
        _finish(feed_import, now=now, status=Status.REFUSED, **kept)


def _today(feed_import: FeedImport) -> str:
    return berlin_date(feed_import.received_at).isoformat()


def _merge(feed_import: FeedImport, feed: Feed, today: str) -> dict[str, int]:
    key = feed_import.pk
    sql.execute("sales/staging_tables")
    with connection.cursor() as cursor:
        # The one statement that cannot stand in a file: its columns are those of the header, in its sequence.
        columns = SQL(", ").join(map(Identifier, ("line", "problem", "raw", *feed.columns)))
        copy = SQL("COPY staged ({}) FROM STDIN (FORMAT csv, DELIMITER {})").format(columns, Literal(feed.delimiter))
        try:
            cursor.copy_expert(copy, feed, 1024 * 1024)  # by position: the debug cursor knows no names
        except DatabaseError:
            if feed.refusal:
                raise feed.refusal from None
            raise
    if not feed.rows:
        raise Unreadable("no_events")

    rejected = 0
    words = {
        "transactions": Transaction.values,
        "customer_classes": CustomerClass.values,
        "reasons": Reason.values,
    }
    if sql.execute("sales/find_suspects", today=today, **words):
        rejected = sql.execute("sales/find_issues", feed_import=key, today=today, event_types=EventType.values, **words)
    take(Lock.FACTS)
    after = last_event()
    candidates = feed.rows - rejected
    recorded = _record(key, candidates)
    if recorded >= MANY:
        sql.execute("sales/analyze_events")
    refused = 0
    if recorded < candidates:
        refused = sql.row("sales/known_ids", feed_import=key, after=after).refused
    sql.execute("sales/fresh_events", after=after)
    waiting, exception = derive(feed_import)
    sql.execute("sales/drop_staging")
    return {
        "rows": feed.rows,
        "accepted": recorded - waiting - exception,
        "duplicate": candidates - recorded - refused,
        "waiting": waiting,
        "exception": exception,
        "rejected": rejected + refused,
        "last_event": last_event(),
    }


def _record(key: int, candidates: int) -> int:
    """Makes events of the staged lines whose id is new; returns how many.

    To ask beforehand whether an id is known costs a large file a third more, and nearly none holds such an id: it is
    written without asking, and once more with asking if the index refuses it.
    """
    insert, known = (text for _mark, text in sql.sections("sales/record_events"))
    if candidates >= MANY:
        try:
            with transaction.atomic():
                return sql.run(insert, feed_import=key)
        except IntegrityError:
            pass
    return sql.run(insert + known, feed_import=key)


def derive(feed_import: FeedImport) -> tuple[int, int]:
    """Applies the events of the view `fresh` to orders and revenues; returns how many of them wait or are exceptions.

    The caller holds the lock FACTS exclusively and made the view.
    """
    key = feed_import.pk
    sql.execute("sales/park_unknown")
    sql.execute("sales/park_classless")
    sql.execute("sales/fold_tables")
    sql.execute("sales/touch_fresh")
    released = sql.execute("sales/release_classless")
    added = sql.execute("sales/add_plain_orders", feed_import=key)
    sql.execute("sales/order_state", cutoff="infinity")
    added += sql.execute("sales/add_orders", feed_import=key)
    sql.execute("sales/change_orders", feed_import=key)
    if released or sql.row("sales/count_captures").captures != added:
        sql.execute("sales/park_second_captures")
    sql.execute("sales/park_waiting")
    sql.execute("sales/add_revenue", feed_import=key)
    parked = sql.row("sales/count_parked")
    sql.execute("sales/drop_fresh")
    sql.execute("sales/drop_fold_tables")
    return parked.waiting, parked.exception


def last_event() -> int:
    """The highest Event.id there is; within the lock FACTS nobody adds another."""
    found: int = sql.row("sales/last_event").last
    return found


def _finish(feed_import: FeedImport, *, now: datetime, **values: Any) -> None:
    for name, value in values.items():
        setattr(feed_import, name, value)
    feed_import.finished_at = now
    feed_import.save(update_fields=[*values, "finished_at"])
    audit.record(by=feed_import.by, verb="import_feed", obj=feed_import, now=now, status=feed_import.status)


class _Progress:
    """Tells the import's row how far the file is read, on a connection of its own: the merge commits only at its end.

    That connection is opened when the first update is due, so small files never pay for it.
    """

    def __init__(self, feed_import: FeedImport, clock: Callable[[], float] = time.monotonic) -> None:
        self._key = feed_import.pk
        self._clock = clock
        self._due = clock() + PROGRESS_SECONDS
        self._connection: Any = None

    def __enter__(self) -> "_Progress":
        return self

    def __call__(self, bytes_read: int) -> None:
        if self._clock() < self._due:
            return
        self._connection = self._connection or connection.copy()
        with self._connection.cursor() as cursor:
            cursor.execute(sql.statement("sales/import_progress"), {"feed_import": self._key, "bytes_read": bytes_read})
        self._due = self._clock() + PROGRESS_SECONDS

    def __exit__(self, *_: object) -> None:
        if self._connection:
            self._connection.close()
