"""Runs under two workers and `kill -9`: nothing doubled, nothing lost, numbers without gaps.

Each story is first told with the protection off, to show that there is something to protect from.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils import timezone

from commissions import actions, tasks
from commissions.models import DraftLine, Line, Run, Statement
from core import locks
from sales.models import FeedImport, Product, ProductFamily

NOW = datetime(2026, 11, 5, 9, tzinfo=UTC)
ORDERS = 30_000
SCHEDULE = """
schedule: standard
valid_from: 2026-01-01
components:
  - {code: isdn-closing, kind: closing, match: {families: [isdn]}, rate: {amount: 45.00}}
"""
CALCULATE = """
from django.utils import timezone
from commissions import actions
from commissions.models import Run
print(actions.calculate_run(Run.objects.get(pk={run}), now=timezone.now()))
"""
# What posting would be without its one transaction: the statements are committed, then the process is gone.
POST_WITHOUT_TRANSACTION = """
import os, signal
from datetime import date
from django.db import connection, transaction
from core import sql
from commissions.statement import STATEMENT
before_the_lines = sql.statement("commissions/post").split("SELECT commissions_post_draft")[0]
given = dict(run={run}, month=date(2026, 3, 1), cutoff=date(2026, 3, 31), issued_on=date(2026, 4, 5), series="2026", last_number=0)
with connection.cursor() as cursor:
    for text in [*map(sql.statement, STATEMENT), before_the_lines]:
        cursor.execute(text.replace("ON COMMIT DROP", ""), given)
os.kill(os.getpid(), signal.SIGKILL)
"""
START = """
from datetime import date
from django.utils import timezone
from commissions import actions
from core.errors import Conflict
from partners.models import User
carla, now = User.objects.get(pk={carla}), timezone.now()
try:
    run = actions.create_run(month=date(2026, 3, 1), by=carla, now=now)
    actions.request_calculation(run, by=carla, now=now)
    print(actions.calculate_run(run, now=now))
except Conflict:
    print("refused")
"""
POST = """
from django.utils import timezone
from commissions import tasks
tasks.post_run({run})
"""


@pytest.fixture
def sold(transactional_db, cast):
    """30,000 orders of three partners, activated in March."""
    family = ProductFamily.objects.create(code="isdn", title_de="ISDN", title_en="ISDN")
    Product.objects.create(
        code="isdn-basic", family=family, title_de="-", title_en="-", state="released", portfolio_from=date(2020, 1, 1)
    )
    actions.publish_version(actions.save_draft(SCHEDULE, by=cast.carla, now=NOW), by=cast.hanna, now=NOW)
    delivered = FeedImport.objects.create(source="api", filename="x", received_at=NOW, status="done")
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO sales_order (order_no, partner_id, dealer_code, status, product, transaction, customer_class,
                                        quantity, signed_on, activated_on, last_event_on, feed_import_id)
               SELECT 'O-' || n, (%s::bigint[])[1 + n %% 3], 'D', 'active', 'isdn-basic', 'new', 'consumer', 1,
                      '2026-03-02', '2026-03-10', '2026-03-10', %s
               FROM generate_series(1, %s) n""",
            [[cast.nord.pk, cast.sued.pk, cast.rival.pk], delivered.pk, ORDERS],
        )
        cursor.execute("ANALYZE sales_order")


@pytest.fixture
def month(sold, cast):
    """A claimed run of March."""
    run = actions.create_run(month=date(2026, 3, 1), by=cast.carla, now=NOW)
    actions.request_calculation(run, by=cast.carla, now=NOW)
    return run


@pytest.fixture
def approved(month, cast):
    actions.calculate_run(month, now=NOW)
    actions.approve_run(month, by=cast.finn, now=NOW)
    actions.request_posting(month, by=cast.finn, now=NOW)
    return month


def draft_is_right(run: Run) -> bool:
    drafts = DraftLine.objects.filter(run=run)
    return (
        drafts.values("order").distinct().count() == drafts.count() == ORDERS
        and drafts.aggregate(s=Sum("amount"))["s"] == Decimal("45.00") * ORDERS
    )


def posted_right(run: Run) -> bool:
    doubled = Line.objects.values("order").annotate(n=Count("pk")).filter(n__gt=1).exists()
    numbers = list(Statement.objects.order_by("number").values_list("number", flat=True))
    return (
        not doubled
        and Line.objects.count() == ORDERS
        and numbers == [f"{timezone.localdate():%Y}-{n:06}" for n in range(1, 4)]  # posted by a worker, today
        and all(s.net == s.lines.aggregate(s=Sum("amount"))["s"] for s in Statement.objects.all())
    )


def without_sign_of_life(run: Run) -> str:
    return (
        "from contextlib import nullcontext\nfrom core import locks\nlocks.alive = lambda *a: nullcontext(True)\n"
        + (CALCULATE.format(run=run.pk))
    )


def test_without_the_sign_of_life_two_workers_tread_on_each_other(month, script):
    workers = [script(without_sign_of_life(month)) for _ in range(2)]
    said = [process.communicate()[0] for process in workers]
    assert any("Error" in text for text in said), said


def test_of_two_runs_of_a_month_started_together_there_is_one(sold, cast, script, until):
    with transaction.atomic():
        locks.take(locks.Lock.POSTING)  # both come as far as this, and go on at the same moment
        started = [script(START.format(carla=cast.carla.pk)) for _ in range(2)]
        until(lambda: waiting() == 2)
    said = sorted(process.communicate()[0].strip() for process in started)
    assert said == ["True", "refused"]
    assert draft_is_right(Run.objects.get())


def test_of_two_workers_one_calculates_and_the_other_leaves(month, script):
    workers = [script(CALCULATE.format(run=month.pk)) for _ in range(2)]
    said = sorted(process.communicate()[0].strip() for process in workers)
    assert said == ["False", "True"]
    month.refresh_from_db()
    assert month.status == Run.Status.IN_REVIEW
    assert draft_is_right(month)


def test_a_run_whose_worker_was_killed_is_taken_over_by_the_sweep(month, worker, until):
    first = worker()
    tasks.calculate_run.delay(month.pk)
    until(lambda: Run.objects.get(pk=month.pk).steps_done >= 2)
    first.send_signal(signal.SIGKILL)
    first.wait()
    month.refresh_from_db()
    assert month.status == Run.Status.CALCULATING  # left alone it would stay so for ever
    worker()
    until(lambda: not pg_busy())
    tasks.sweep_runs()
    until(lambda: Run.objects.get(pk=month.pk).status == Run.Status.IN_REVIEW)
    assert draft_is_right(month)


def test_without_its_transaction_a_killed_posting_leaves_statements_without_lines(approved, script):
    killed = script(POST_WITHOUT_TRANSACTION.format(run=approved.pk))
    said, _ = killed.communicate()
    assert killed.returncode == -signal.SIGKILL, said
    assert Statement.objects.count() == 3
    assert not posted_right(approved)


def test_a_killed_posting_leaves_nothing_and_the_next_one_posts_all(approved, script, until):
    with in_the_way("commissions_line"):
        first = script(POST.format(run=approved.pk))
        until(pg_posting)  # the statements are written, the lines are not handed over yet
        first.kill()
        first.wait()
    until(lambda: not pg_busy())
    assert (Line.objects.count(), Statement.objects.count()) == (0, 0)
    workers = [script(POST.format(run=approved.pk)) for _ in range(2)]
    assert min(process.wait() for process in workers) == 0
    approved.refresh_from_db()
    assert approved.status == Run.Status.POSTED
    assert posted_right(approved)


@contextmanager
def in_the_way(table: str) -> Iterator[None]:
    """Posting takes milliseconds; somebody else's lock makes it wait where it can be killed."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE")
        yield
    finally:
        other.close()


def others() -> list[str]:
    """What the other connections to this database are doing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND state <> 'idle' AND backend_type = 'client backend'"
        )
        return [query for (query,) in cursor.fetchall()]


def waiting() -> int:
    """How many wait for an advisory lock; unlike the activities, this is not frozen within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone()[0]


def pg_busy() -> bool:
    return bool(others())


def pg_posting() -> bool:
    """Somebody waits for the lock in its way; the holder itself is idle in its transaction."""
    return any(query.startswith("-- Purpose: the figures become statements") for query in others())
