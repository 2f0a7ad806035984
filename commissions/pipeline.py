"""The steps of a calculation: which SQL files each consists of, with which parameters, and what of them may be split.

Marks in a file say where the statements below them run if a large run is split by order (`commissions.shards`):

    @whole (or no mark)   once, seeing everything
    @shards               once a shard, seeing its orders only
    @rest                 once, making lines that belong to no single order: bundles and bonuses
    @shards and rest      once a shard, then once for those
"""

from functools import cache
from typing import NamedTuple

from commissions.models import Run
from core import sql
from core.periods import last_of_month

STEPS: dict[str, tuple[str, ...]] = {
    "scope": (
        *("targets/scores", "commissions/fingerprints", "commissions/in_force"),
        *("commissions/scope", "commissions/connected"),
    ),
    "match": ("sales/order_state", "commissions/facts", "commissions/match", "commissions/earn"),
    "measure": (
        *("commissions/counted", "commissions/measure", "commissions/queue", "commissions/reach"),
        *("commissions/match", "commissions/earn"),
        "commissions/measure_earlier",
    ),
    "price": ("targets/attained", "commissions/price"),
    "claw_back": ("commissions/claw_back",),
    "follow": ("commissions/bundle", "commissions/campaign", "commissions/bonus", "commissions/follow"),
    "difference": (
        "commissions/booked",
        "commissions/restate",
        "commissions/difference",
        "commissions/cause",
        "commissions/draft",
        "commissions/contradictions",
    ),
}
# Up to here the steps read what an import writes; an import waits that long, and this waits for one under way.
READS_THE_FEED = ("scope", "match", "measure", "price", "claw_back", "follow")


class Part(NamedTuple):
    """Statements of a step that run in the same place, one after the other."""

    sharded: bool
    rest: bool
    text: str


@cache
def parts(step: str) -> list[Part]:
    """The step's statements, in as few parts as their marks allow."""
    found: list[Part] = []
    for name in STEPS[step]:
        for mark, text in sql.sections(name):
            part = Part("shards" in mark, "rest" in mark, text)
            if found and found[-1][:2] == part[:2]:
                part = part._replace(text=f"{found.pop().text};\n{text}")
            found.append(part)
    return found


def parameters(run: Run, shard: int = 0, shards: int = 1) -> dict[str, object]:
    """Named parameters of all steps; the absent ones of a first run only meet `full`."""
    since = run.since
    full = run.full or since is None
    last_order = (since and since.last_order) or 0
    return {
        "run": run.pk,
        "month": run.month,
        "cutoff": last_of_month(run.month),
        "full": full,
        "since_run": since and since.pk,
        "since_import": since and since.last_import,
        "since_order": last_order,
        # Orders behind this number came after the last posted run and are most of what is read; in full all are read.
        "new_after": 0 if full else last_order,
        "since_month": since and since.month,
        "since_cutoff": since and last_of_month(since.month),
        "shard": shard,
        "shards": shards,
        "rest": shards in (1, shard),
    }
