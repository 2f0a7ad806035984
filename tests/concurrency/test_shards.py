"""A run split over workers: the same lines as one that is not, also with a helper that is killed."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from commissions.models import DraftLine, Shard
from tests.drawing import EVERYTHING, histories
from tests.histories import CALENDAR, History
from tests.replay import Replay, found_rows

pytestmark = pytest.mark.django_db(transaction=True)


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
