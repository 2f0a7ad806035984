"""The engine against the reference model: many random histories, every posted line, every statement, to the cent.

One database holds a batch of independent histories, each under its own prefix; batches follow each other. Every month is calculated twice, once
only what changed and once everything, which has to propose the same. If a history differs, it is made smaller step by
step, all candidates of a round again at once, and printed in the words of a worked example.

    HISTORIES=2000 SEED=1 pytest tests/commissions/test_reference.py     # more of them, other ones every time
    KINDS="closing recurring tiers override" pytest tests/commissions/test_reference.py   # other kinds than usual
    SHRINK=600 pytest tests/commissions/test_reference.py                # more patience for the smallest one
"""

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings

from commissions.models import DraftLine, Line, Run
from sales.models import Order
from tests.drawing import histories
from tests.histories import CALENDAR, History, document, expected, simpler, size
from tests.reference.ledger import Ledger
from tests.replay import Replay, expected_pages, expected_rows, found_pages, found_rows

pytestmark = pytest.mark.django_db

BATCH = int(os.environ.get("BATCH", "50"))  # histories in one database at a time; more make every query larger
HISTORIES = int(os.environ.get("HISTORIES", "300"))
SHRINK = int(os.environ.get("SHRINK", "90"))
# What the engine calculates so far, in the words of `tests.drawing.EVERYTHING`; a word more is drawn more.
SUPPORTED = frozenset(
    os.environ.get("KINDS", "closing recurring fixed tiers recurring_tiers clawbacks window_bonus target_bonus").split()
)
LEAST = 0.05  # share of the histories in which each cause, and each reason of a hold, has to appear
RE_RATED = 0.2  # share of those in which a line of a month already posted is re-rated
CAUSES = [
    *("earned", "late_event", "corrected", "reattributed", "contract", "cancelled", "reinstated"),
    *("schedule_changed", "certificate", "hold", "manual"),
    *(["re_rated"] if "tiers" in SUPPORTED else []),
    *(["target"] if "target_bonus" in SUPPORTED else []),
    *(["survey"] if "uplift" in SUPPORTED else []),
]
HOLDS = [
    *("no_contract", "not_in_schedule", "not_in_portfolio", "certificate_missing", "withheld", "evidence_missing"),
    *(["campaign_not_registered"] if "campaign" in SUPPORTED else []),
]
KINDS = sorted(SUPPORTED - {"fixed", "tiers", "recurring_tiers", "clawbacks", "reserve"})
ACROSS = "re_rated across months"
RESERVES = ("reserve_withheld", "reserve_released", "reserve_drawn")
Wrong = dict[str, list[str]]


def test_the_engine_and_the_reference_model_post_the_same_cents():
    histories = draw(HISTORIES)
    wrong: Wrong = {}
    for names in batched(histories, BATCH):
        wrong |= play({name: histories[name] for name in names})
    if wrong:
        pytest.fail(report(histories, wrong), pytrace=False)


def test_the_histories_show_every_cause_often_enough():
    ledgers = [expected(history) for history in draw(HISTORIES).values()]
    table = coverage(ledgers)
    print(f"\n{len(ledgers)} histories, {sum(len(each.lines) for each in ledgers)} lines; share of histories with")
    print("\n".join(f"  {what:22}{share:6.1%}" for what, share in table.items()))
    assert {what: share for what, share in table.items() if share < (RE_RATED if what == ACROSS else LEAST)} == {}


def batched(names: Iterable[str], size: int) -> Iterator[list[str]]:
    listed = list(names)
    for first in range(0, len(listed), size):
        yield listed[first : first + size]


def draw(count: int) -> dict[str, History]:
    """The same histories every time, unless SEED asks for others."""
    drawn: list[History] = []

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        derandomize="SEED" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    @given(histories(SUPPORTED))
    def collect(history: History) -> None:
        drawn.append(history)

    collect()
    return {f"h{number:04}": history for number, history in enumerate(drawn)}


def coverage(ledgers: list[Ledger]) -> dict[str, float]:
    seen: Counter[str] = Counter()
    for ledger in ledgers:
        seen.update({line.cause for line in ledger.lines} | {line.hold for line in ledger.lines if line.notice})
        seen.update({line.kind for line in ledger.lines})
        seen[ACROSS] += any(line.cause == "re_rated" and line.identity.month < line.run for line in ledger.lines)
        for field in RESERVES:
            seen[field] += any(getattr(statement, field) for statement in ledger.statements)
    across = [ACROSS] if "tiers" in SUPPORTED else []
    reserves = RESERVES if "reserve" in SUPPORTED else ()
    return {what: seen[what] / len(ledgers) for what in (*CAUSES, *HOLDS, *KINDS, *across, *reserves)}


# ---- both sides ------------------------------------------------------------------------------------------------
def play(batch: Mapping[str, History]) -> Wrong:
    """What the engine and the reference disagree on, by prefix. Leaves nothing in the database."""
    wrong: Wrong = {}
    with transaction.atomic():
        _play(batch, wrong)
        transaction.set_rollback(True)
    return wrong


def _play(batch: Mapping[str, History], wrong: Wrong) -> None:
    ledgers = {prefix: expected(history) for prefix, history in batch.items()}
    replay = Replay(batch)
    replay.build()
    for slot, month in enumerate(CALENDAR):
        replay.record(slot)
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
        for prefix, ledger in ledgers.items():
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
    return f"{len(wrong)} of {len(batch)} histories differ ({differing})\n\n{document(history)}\n\n" + "\n".join(said)


def smallest(history: History, said: list[str]) -> tuple[History, list[str]]:
    """Leaves out what the difference does not need, for at most SHRINK seconds (a history as drawn is readable too)."""
    until = time.monotonic() + SHRINK
    while time.monotonic() < until:
        candidates = {f"s{number:03}": smaller for number, smaller in enumerate(simpler(history))}
        wrong = play(candidates)
        if not wrong.keys() & candidates.keys():
            break
        prefix = min((p for p in wrong if p in candidates), key=lambda p: size(candidates[p]))
        history, said = candidates[prefix], wrong[prefix]
    return history, said
