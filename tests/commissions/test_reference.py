"""The engine against the reference model: many random histories, every posted line, every statement, to the cent.

One database holds a batch of independent histories, each under its own prefix; batches follow each other, in parts that
several workers share. Every month is calculated twice, once only what changed and once everything, which has to propose
the same. If a history differs, it is made smaller step by step, all candidates of a round again at once, and printed in
the words of a worked example. A history is drawn from its number and SEED alone.

    HISTORIES=20000 SEED=1 pytest -n 2 tests/commissions/test_reference.py    # the long profile: more, and other ones
    KINDS="closing recurring tiers override" pytest tests/commissions/test_reference.py   # other kinds than all
    SHRINK=600 pytest tests/commissions/test_reference.py                # more patience for the smallest one
"""

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from random import Random

import pytest
from django.db import connection, transaction

from commissions.models import DraftLine, Line, Run
from sales.models import Order
from tests.drawing import EVERYTHING, draw_history
from tests.histories import CALENDAR, History, document, expected, simpler, size
from tests.reference.ledger import Ledger
from tests.replay import Replay, expected_pages, expected_rows, found_pages, found_rows

pytestmark = pytest.mark.django_db

PARTS = 4  # tests, so that two workers share them
BATCH = int(os.environ.get("BATCH", "250"))  # histories in one database at a time; more make every query larger
HISTORIES = int(os.environ.get("HISTORIES", "2000"))
SEED = os.environ.get("SEED", "0")
SHRINK = int(os.environ.get("SHRINK", "90"))
KINDS = frozenset(os.environ["KINDS"].split()) if "KINDS" in os.environ else EVERYTHING
LEAST = 0.05  # share of the histories in which each cause, each reason of a hold and each kind has to appear
RE_RATED = 0.2  # share of those in which a line of a month already posted is re-rated
CAUSES = [
    *("earned", "late_event", "corrected", "reattributed", "contract", "cancelled", "reinstated"),
    *("schedule_changed", "certificate", "hold", "manual"),
    *(["re_rated"] if "tiers" in KINDS else []),
    *(["target"] if "target_bonus" in KINDS else []),
    *(["survey"] if "uplift" in KINDS else []),
]
HOLDS = [
    *("no_contract", "not_in_schedule", "not_in_portfolio", "certificate_missing", "withheld", "evidence_missing"),
    *(["campaign_not_registered"] if "campaign" in KINDS else []),
]
LINES = sorted(KINDS - {"fixed", "tiers", "recurring_tiers", "clawbacks", "reserve"})
ACROSS = "re_rated across months"
RESERVES = ("reserve_withheld", "reserve_released", "reserve_drawn")
Wrong = dict[str, list[str]]


@pytest.mark.parametrize("part", range(PARTS))
def test_the_engine_and_the_reference_model_post_the_same_cents(part: int):
    histories = {f"h{number:05}": drawn(number) for number in range(part, HISTORIES, PARTS)}
    ledgers = {prefix: expected(history) for prefix, history in histories.items()}
    wrong: Wrong = {}
    for prefixes in batched(histories, BATCH):
        wrong |= play({prefix: histories[prefix] for prefix in prefixes}, ledgers)
    if wrong:
        pytest.fail(report(histories, wrong), pytrace=False)


def test_the_histories_show_every_cause_often_enough():
    ledgers = [expected(drawn(number)) for number in range(2000)]
    shares = coverage(ledgers)
    print(f"\n{len(ledgers)} histories, {sum(len(each.lines) for each in ledgers)} lines; share of histories with")
    print("\n".join(f"  {what:24}{share:6.1%}" for what, share in shares.items()))
    assert {what: share for what, share in shares.items() if share < (RE_RATED if what == ACROSS else LEAST)} == {}


def drawn(number: int) -> History:
    return draw_history(Random(f"{SEED} {number}"), KINDS)


def batched(prefixes: Iterable[str], size: int) -> Iterator[list[str]]:
    listed = list(prefixes)
    for first in range(0, len(listed), size):
        yield listed[first : first + size]


def coverage(ledgers: Iterable[Ledger]) -> dict[str, float]:
    ledgers, seen = list(ledgers), Counter[str]()
    for ledger in ledgers:
        seen.update({line.cause for line in ledger.lines} | {line.hold for line in ledger.lines if line.notice})
        seen.update({line.kind for line in ledger.lines})
        seen[ACROSS] += any(line.cause == "re_rated" and line.identity.month < line.run for line in ledger.lines)
        for field in RESERVES:
            seen[field] += any(getattr(statement, field) for statement in ledger.statements)
    across = [ACROSS] if "tiers" in KINDS else []
    reserves = RESERVES if "reserve" in KINDS else ()
    return {what: seen[what] / len(ledgers) for what in (*CAUSES, *HOLDS, *LINES, *across, *reserves)}


# ---- both sides ------------------------------------------------------------------------------------------------
def play(batch: Mapping[str, History], ledgers: Mapping[str, Ledger]) -> Wrong:
    """What the engine and the reference disagree on, by prefix. Leaves nothing in the database."""
    wrong: Wrong = {}
    with transaction.atomic(), connection.cursor() as cursor:
        # Some hundred orders are no work for several processes, and starting them costs more than all else.
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        _play(batch, ledgers, wrong)
        transaction.set_rollback(True)
    return wrong


def _play(batch: Mapping[str, History], ledgers: Mapping[str, Ledger], wrong: Wrong) -> None:
    replay = Replay(batch)
    replay.build()
    for slot, month in enumerate(CALENDAR):
        replay.record(slot)
        if slot % 2 == 0:
            # A server does it by itself; here every table looks empty to the planner, and joins read all for each row.
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        run = replay.calculate(month)
        scoped = found_rows(DraftLine.objects.filter(run=run))
        replay.discard(run)
        run = replay.calculate(month, full=True)
        everything = found_rows(DraftLine.objects.filter(run=run))
        for prefix in batch:
            _compare(wrong, prefix, month, ("scoped", scoped.get(prefix)), ("full", everything.get(prefix)))
        if run.status == Run.Status.PARKED:
            _parked(wrong, run)
            return
        replay.post(run)
        lines, pages = found_rows(Line.objects.filter(run=run)), found_pages(run)
        for prefix in batch:
            ledger = ledgers[prefix]
            rows = expected_rows(ledger, replay.worlds[prefix], month)
            _compare(wrong, prefix, month, ("engine", lines.get(prefix)), ("reference", rows))
            _compare(wrong, prefix, month, ("engine", pages.get(prefix)), ("reference", expected_pages(ledger, month)))


def _compare(wrong: Wrong, prefix: str, month, one: tuple[str, list | None], other: tuple[str, list | None]) -> None:
    here, there = Counter(one[1] or ()), Counter(other[1] or ())
    for name, rows in ((one[0], here - there), (other[0], there - here)):
        for row in rows.elements():
            wrong.setdefault(prefix, []).append(f"{month:%Y-%m} only {name:10} {row}")


def _parked(wrong: Wrong, run: Run) -> None:
    """The control step says of one order of each kind what contradicts itself."""
    for finding in run.findings.all():
        order = Order.objects.filter(pk=finding.detail.get("order")).first()
        prefix = order.order_no.partition("-")[0] if order else "?"
        wrong.setdefault(prefix, []).append(f"{run.month:%Y-%m} parked: {finding}")
    for prefix, rows in found_rows(DraftLine.objects.filter(run=run, cause="")).items():
        wrong.setdefault(prefix, []).extend(f"{run.month:%Y-%m} no cause   {row}" for row in rows)


# ---- the smallest history that still differs ---------------------------------------------------------------------
def report(batch: Mapping[str, History], wrong: Wrong) -> str:
    prefix = min((p for p in wrong if p in batch), key=lambda p: size(batch[p]))
    history, said = smallest(batch[prefix], wrong[prefix])
    differing = ", ".join(sorted(wrong)[:20])
    return (
        f"{len(wrong)} of {len(batch)} histories differ with SEED={SEED} ({differing})\n\n{document(history)}\n\n"
        + "\n".join(said)
    )


def smallest(history: History, said: list[str]) -> tuple[History, list[str]]:
    """Leaves out what the difference does not need, for at most SHRINK seconds (a history as drawn is readable too)."""
    until = time.monotonic() + SHRINK
    while time.monotonic() < until:
        candidates = {f"s{number:03}": smaller for number, smaller in enumerate(simpler(history))}
        wrong = play(candidates, {prefix: expected(each) for prefix, each in candidates.items()})
        if not wrong.keys() & candidates.keys():
            break
        prefix = min((p for p in wrong if p in candidates), key=lambda p: size(candidates[p]))
        history, said = candidates[prefix], wrong[prefix]
    return history, said
