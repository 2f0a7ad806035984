"""Two imports at the same moment, and `kill -9` in the middle of one: nothing lost, nothing doubled, nothing half.

Each story is first told with the protection off, to show that there is something to protect from. A lock that the
test holds on the table of orders stops an import exactly where its events are recorded and its orders are not.
"""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction

from core.locks import Lock, is_free
from sales import actions, tasks
from sales.importing import import_text
from sales.models import Event, FeedImport, Order, Parked
from tests.sales.conftest import make_channel
from tests.sales.feed import HISTORY, csv, everything

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ORDERS = 300
CAPTURED = [f"c{n},captured,2026-03-05,O-{n},D-A,isdn,C-{n}" for n in range(ORDERS)]
ACTIVATED = [f"a{n},activated,2026-03-09,O-{n}" for n in range(ORDERS)]
IMPORT = """
from datetime import UTC, datetime
from sales import importing
{before}
done = importing.import_file({path!r}, now=datetime(2026, 11, 2, tzinfo=UTC))
print(done.status, done.rows, done.accepted, done.duplicate, done.waiting)
"""
WITHOUT_LOCK = "importing.take = lambda *_: None"
WITHOUT_TRANSACTION = """
from contextlib import nullcontext
from core import sql
whole = sql.statement
sql.statement = lambda name: whole(name).replace("ON COMMIT DROP", "").replace("SET LOCAL", "SET")
importing.transaction.atomic = nullcontext
"""


@pytest.fixture
def channel(transactional_db) -> None:
    make_channel()


@pytest.fixture
def launch(channel, script, tmp_path):
    """`launch(rows)` imports rows in a process of its own."""

    def start(rows: list[str], before: str = ""):
        path = tmp_path / f"feed{len(list(tmp_path.glob('feed*.csv')))}.csv"
        path.write_text(csv(*rows))
        return script(IMPORT.format(path=str(path), before=before))

    return start


@contextmanager
def orders_locked() -> Iterator[None]:
    """Until the end of the block nobody writes an order; on a connection of its own, the test can go on writing."""
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE sales_order IN EXCLUSIVE MODE")
        yield
    finally:
        other.rollback()
        other.close()


def blocked() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]


def ended(process) -> str:
    return process.communicate(timeout=120)[0].strip()


# ---- two at the same moment ----------------------------------------------------------------------------------------
def at_the_same_moment(launch, until, before: str = "") -> list[str]:
    """One file captures the orders, the other activates them; both are under way before either can finish."""
    with orders_locked():
        both = [launch(CAPTURED, before), launch(ACTIVATED, before)]
        until(lambda: blocked() == 2)
    return [ended(process) for process in both]


def test_without_the_lock_two_imports_do_not_see_each_other(launch, until):
    at_the_same_moment(launch, until, WITHOUT_LOCK)
    assert Event.objects.count() == 2 * ORDERS
    assert Order.objects.filter(status="active").count() < ORDERS


def test_two_imports_at_the_same_moment_give_the_same_orders(launch, until):
    said = at_the_same_moment(launch, until)
    assert all(text.startswith(f"done {ORDERS} {ORDERS} 0") or "0 0 300" in text for text in said), said
    assert Order.objects.filter(status="active").count() == ORDERS
    assert not Parked.objects.exists()


def test_the_same_file_twice_at_the_same_moment_counts_once(launch, until):
    with orders_locked():
        both = [launch(CAPTURED + ACTIVATED) for _ in range(2)]
        until(lambda: blocked() == 2)
    assert sorted(ended(process) for process in both) == [
        f"done {2 * ORDERS} 0 {2 * ORDERS} 0",
        f"done {2 * ORDERS} {2 * ORDERS} 0 0",
    ]
    assert (Event.objects.count(), Order.objects.count()) == (2 * ORDERS, ORDERS)


def test_overlapping_files_in_three_processes_give_what_one_file_gives(launch):
    with transaction.atomic():
        import_text(csv(*HISTORY), now=NOW)
        expected = everything()
        transaction.set_rollback(True)
    dice = random.Random(7)
    parts = [dice.sample(HISTORY, 12) for _ in range(2)]
    parts.append([row for row in HISTORY if row not in parts[0] + parts[1]] + parts[0][:3])
    for process in [launch(part) for part in parts]:
        assert ended(process).startswith("done")
    assert everything() == expected


# ---- kill -9 in the middle -----------------------------------------------------------------------------------------
def test_without_its_transaction_a_killed_import_loses_orders_for_ever(launch, until):
    with orders_locked():
        process = launch(CAPTURED, WITHOUT_TRANSACTION)
        until(lambda: blocked() == 1)
        process.kill()
        process.wait()
        until(lambda: blocked() == 0)
    assert Event.objects.count() == ORDERS
    again = import_text(csv(*CAPTURED), now=NOW)
    assert again.duplicate == ORDERS  # the events are there, so nobody ever derives the orders
    assert Order.objects.count() < ORDERS


def delivered(rows: list[str]) -> FeedImport:
    return actions.receive_feed(ContentFile(csv(*rows).encode()), source="api", by=None, now=NOW)


def child_of(process) -> int | None:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(children[0]) if children else None


def killed_in_the_middle(worker, until, before: str = "") -> FeedImport:
    """A worker's child is killed between the events and the orders; the worker itself lives on."""
    process = worker("--concurrency", "1", before=before)
    with orders_locked():
        feed_import = delivered(CAPTURED + ACTIVATED)
        until(lambda: blocked() == 1)
        os.kill(child_of(process), signal.SIGKILL)
        until(lambda: blocked() == 0)  # the database notices within a second that nobody is there any more
    return feed_import


EARLY = "app.conf.task_acks_late = app.conf.task_reject_on_worker_lost = False"


def test_without_late_acknowledgement_the_file_of_a_killed_worker_stays_undone(channel, worker, until):
    feed_import = killed_in_the_middle(worker, until, EARLY)
    until(lambda: is_free(Lock.IMPORT_ALIVE, feed_import.pk))
    time.sleep(5)
    feed_import.refresh_from_db()
    assert feed_import.status == "importing"
    assert not Event.objects.exists()


def test_a_killed_import_is_delivered_again_and_done_once(channel, worker, until):
    feed_import = killed_in_the_middle(worker, until)
    until(lambda: FeedImport.objects.get(pk=feed_import.pk).status == "done")
    assert_done_once(feed_import)


def test_an_import_whose_whole_worker_was_killed_is_taken_over_by_the_sweep(channel, worker, until):
    first = worker()
    with orders_locked():
        feed_import = delivered(CAPTURED + ACTIVATED)
        until(lambda: blocked() == 1)
        first.kill()
        first.wait()
        until(lambda: blocked() == 0)
    until(lambda: is_free(Lock.IMPORT_ALIVE, feed_import.pk))
    feed_import.refresh_from_db()
    assert (feed_import.status, Event.objects.exists()) == ("importing", False)
    worker()
    tasks.sweep_imports()
    until(lambda: FeedImport.objects.get(pk=feed_import.pk).status == "done")
    assert_done_once(feed_import)


def assert_done_once(feed_import: FeedImport) -> None:
    feed_import.refresh_from_db()
    assert (feed_import.rows, feed_import.accepted, feed_import.duplicate) == (2 * ORDERS, 2 * ORDERS, 0)
    assert (Event.objects.count(), Order.objects.filter(status="active").count()) == (2 * ORDERS, ORDERS)
