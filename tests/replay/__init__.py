"""Replays many histories at once in one database, each under its own prefix, through the real import and real runs.

    replay = Replay({"h0": history, "h1": other})
    replay.build()
    for slot, month in enumerate(CALENDAR):
        replay.record(slot)
        run = replay.calculate(month)
        replay.post(run)

The feed goes through the import and the months through the actions of a run. All other facts are written as rows
(`recording`), all of one sort at a time: recorded one by one, they would take three times as long as the runs.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from random import Random

from commissions.actions import (
    approve_run,
    calculate_run,
    create_run,
    discard_run,
    post_run,
    request_calculation,
    waive_findings,
)
from commissions.models import Run
from partners.models import Role
from sales.importing import import_text
from tests.histories import History, Told, applied, segments
from tests.reference import facts, feed
from tests.replay.recording import NOW, Recording, person
from tests.replay.words import Page, Row, expected_pages, expected_rows, found_pages, found_rows

__all__ = ["Page", "Replay", "Row", "expected_pages", "expected_rows", "found_pages", "found_rows"]


class Replay:
    def __init__(self, batch: Mapping[str, History]) -> None:
        self.batch = dict(batch)
        self.worlds = {prefix: history.start for prefix, history in batch.items()}
        self.dice = Random(20)
        self.told: list[str] = []  # rows of the feed so far, a few of which are delivered again

    def build(self) -> None:
        """Everything the histories start with."""
        self.carla, self.hanna, self.finn = (
            person("carla-replay", Role.COMMISSION_CONTROLLER),
            person("hanna-replay", Role.HEAD_OF_CHANNEL),
            person("finn-replay", Role.FINANCE),
        )
        for somebody in (self.carla, self.hanna, self.finn):
            somebody.save()
        self.recording = Recording(by=self.carla, second=self.hanna)
        self.recording.build(self.worlds)

    def record(self, slot: int) -> None:
        """All steps of one slot: the feed of all histories in one shuffled file, then the rest sort by sort."""
        steps = [(prefix, step) for prefix, history in self.batch.items() for step in history.slots[slot]]
        for prefix, step in steps:
            self.worlds[prefix] = applied(self.worlds[prefix], step)
        events = [_prefixed(prefix, step.event) for prefix, step in steps if isinstance(step, Told)]
        if events:
            self._import(events)
        self.recording.record(steps, self.worlds)
        self.recording.segments(segments(slot))

    def _import(self, events: list[facts.Event]) -> None:
        """One file in random sequence, with some rows of earlier files once more."""
        again = self.dice.sample(self.told, min(len(self.told), 20))
        self.told += events
        rows = [*events, *again]
        self.dice.shuffle(rows)
        done = import_text(feed.write(rows), by=self.carla, now=NOW)
        assert (done.status, done.rejected) == ("done", 0), (
            done.error,
            done.issues.values("field", "value", "code")[:3],
        )

    # ---- the run ----
    def calculate(self, month: date, *, full: bool = False) -> Run:
        run = create_run(month=month, by=self.carla, now=NOW, full=full)
        request_calculation(run, by=self.carla, now=NOW)
        calculate_run(run, now=NOW)
        run.refresh_from_db()
        return run

    def discard(self, run: Run) -> None:
        discard_run(run, by=self.carla, now=NOW, reason="replay")

    def post(self, run: Run) -> None:
        waive_findings(run, by=self.hanna, now=NOW, reason="replay")
        approve_run(run, by=self.hanna, now=NOW)
        post_run(run, by=self.finn, now=NOW)


def _prefixed(prefix: str, event: facts.Event) -> facts.Event:
    codes = ("dealer_code", "product", "customer_no")
    named = {f: f"{prefix}-{getattr(event, f)}" for f in codes if getattr(event, f) is not None}
    if event.campaign is not None:
        named["campaign"] = " ".join(f"{prefix}-{code}" for code in event.campaign.split())
    return replace(event, event_id=f"{event.event_id}-{prefix}", order=f"{prefix}-{event.order}", **named)
