"""A run split over workers: the same lines as one that is not, also with a helper that is killed."""

import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings

from commissions import actions, tasks
from commissions.models import DraftLine, Line, Run, Shard, Statement
from partners.models import Partner
from sales.models import FeedImport, Product, ProductFamily
from tests.drawing import EVERYTHING, histories
from tests.histories import CALENDAR, History
from tests.replay import Replay, found_rows

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 5, 9, tzinfo=UTC)
EACH = 1000  # orders of a partner and month
KILLS = int(os.environ.get("KILLS", "3"))  # months, in each of which a worker dies twice; by hand 20
SCHEDULE = """
schedule: standard
valid_from: 2026-01-01
components:
  - {code: isdn-closing, kind: closing, match: {families: [isdn]}, rate: {amount: 45.00}}
"""


def draw(count: int) -> dict[str, History]:
    drawn: list[History] = []

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(histories(frozenset(EVERYTHING) - {"recurring_tiers"}))
    def collect(history: History) -> None:
        drawn.append(history)

    collect()
    return {f"h{number:04}": history for number, history in enumerate(drawn)}


def test_a_split_run_proposes_what_an_undivided_one_does(settings):
    """Every kind, month after month; each month is posted from the split run, so the next builds on it."""
    replay = Replay(draw(40))
    replay.build()
    settings.CALCULATION_SPLIT_FROM = 0
    compared = 0
    for slot, month in enumerate(CALENDAR):
        replay.record(slot)
        settings.CALCULATION_SHARDS = 1
        run = replay.calculate(month)
        undivided = found_rows(DraftLine.objects.filter(run=run))
        replay.discard(run)
        settings.CALCULATION_SHARDS = 3
        run = replay.calculate(month)
        split = found_rows(DraftLine.objects.filter(run=run))
        assert split == undivided
        compared += sum(map(len, split.values()))
        replay.post(run)
    assert compared > 500
    assert not Shard.objects.exists()


def test_a_later_proposal_has_higher_numbers_than_any_other_session_took_before():
    """The last line of an identity is the one with the highest number, and sessions are given numbers by the thousand."""
    replay = Replay(draw(40))
    replay.build()
    replay.record(0)
    replay.discard(replay.calculate(CALENDAR[0]))
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT nextval('commissions_line_number')")
            (taken,) = cursor.fetchone()
    finally:
        other.close()
    numbers = DraftLine.objects.filter(run=replay.calculate(CALENDAR[0])).values_list("id", flat=True)
    assert min(numbers) // 256 > taken


@pytest.mark.parametrize("split_from", ["1", "1000000"], ids=["split", "undivided"])
def test_workers_killed_at_random_moments_leave_equal_lines_and_no_gap(monkeypatch, cast, request, until, split_from):
    """Two workers and many months; each calculation and each posting loses one of them somewhere in the middle."""
    monkeypatch.setenv("CALCULATION_SHARDS", "4")
    monkeypatch.setenv("CALCULATION_SPLIT_FROM", split_from)
    worker = request.getfixturevalue("worker")
    family = ProductFamily.objects.create(code="isdn", title_de="ISDN", title_en="ISDN")
    Product.objects.create(
        code="isdn-basic", family=family, title_de="-", title_en="-", state="released", portfolio_from=date(2020, 1, 1)
    )
    actions.publish_version(actions.save_draft(SCHEDULE, by=cast.carla, now=NOW), by=cast.hanna, now=NOW)
    dice = Random(KILLS)
    crew = [worker(), worker()]

    def one_dies(work: Callable[[], object], done: Callable[[], bool], *, after: float) -> None:
        work()
        time.sleep(dice.random() * after)
        lost = dice.randrange(2)
        crew[lost].kill()
        crew[lost].wait()
        crew[lost] = worker()
        deadline = time.monotonic() + 120
        while not done():
            assert time.monotonic() < deadline, "waited in vain"
            tasks.sweep_runs()  # as the clock does every minute
            time.sleep(0.3)

    for n in range(KILLS):
        month = date(2026 + n // 12, 1 + n % 12, 1)
        activated(month, [cast.nord, cast.sued, cast.rival])
        run = actions.create_run(month=month, by=cast.carla, now=NOW)
        actions.request_calculation(run, by=cast.carla, now=NOW)
        one_dies(lambda pk=run.pk: tasks.calculate_run.delay(pk), lambda r=run: has(r, "in_review"), after=4)
        drafts = DraftLine.objects.filter(run=run)
        assert drafts.values("order").distinct().count() == drafts.count() == 3 * EACH
        run.refresh_from_db()
        actions.waive_findings(run, by=cast.hanna, now=NOW, reason="test")
        actions.approve_run(run, by=cast.finn, now=NOW)
        actions.request_posting(run, by=cast.finn, now=NOW)
        one_dies(lambda pk=run.pk: tasks.post_run.delay(pk), lambda r=run: has(r, "posted"), after=0.5)
    assert Line.objects.count() == Line.objects.values("order").distinct().count() == KILLS * 3 * EACH
    numbers = list(Statement.objects.order_by("number").values_list("number", flat=True))
    assert numbers == [
        f"{timezone.localdate():%Y}-{n:06}" for n in range(1, 1 + KILLS * 3)
    ]  # posted by a worker, today
    assert all(s.net == s.lines.aggregate(s=Sum("amount"))["s"] for s in Statement.objects.all())


def has(run: Run, status: str) -> bool:
    return Run.objects.get(pk=run.pk).status == status


def activated(month: date, partners: list[Partner]) -> None:
    """1,000 orders of each partner, as a finished import would have left them."""
    delivered = FeedImport.objects.create(source="api", filename="x", received_at=NOW, status="done")
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO sales_order (order_no, partner_id, dealer_code, status, product, transaction, customer_class,
                                        quantity, signed_on, activated_on, last_event_on, feed_import_id)
               SELECT %s || n, (%s::bigint[])[1 + n %% 3], 'D', 'active', 'isdn-basic', 'new', 'consumer', 1, %s, %s, %s, %s
               FROM generate_series(1, %s) n""",
            [f"{month:%y%m}-", [p.pk for p in partners], month, month, month, delivered.pk, 3 * EACH],
        )
