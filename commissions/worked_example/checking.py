"""One example from text to result: read, played in a scratch database, compared.

with workshop() as shop:
    result = check(text, shop)
result.agrees, result.differences
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from commissions.schedule_document import DocumentError, Problem

from .compare import Difference, differences
from .play import Stopped, play
from .reading import parse_example
from .scratch import Workshop


@dataclass
class Result:
    """How an example ended. It agrees if nothing stands in `problems`, `stopped` and `differences`."""

    title: str = ""
    problems: list[Problem] = field(default_factory=list)  # the file itself was refused
    stopped: str = ""  # a step could not be taken
    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # rows the feed did not take; they may be the point of the example
    seconds: float = 0.0

    @property
    def agrees(self) -> bool:
        return not (self.problems or self.stopped or self.differences)


def check(text: str | bytes, shop: Workshop) -> Result:
    """Runs one example in a scratch database of its own."""
    started = time.monotonic()
    result = Result()
    try:
        example = parse_example(text)
        result.title = example.title
        with shop.database():
            result.notes = play(example)
            result.differences = differences(example)
    except DocumentError as refused:
        result.problems = refused.problems
    except Stopped as stopped:
        result.stopped = str(stopped)
    result.seconds = time.monotonic() - started
    return result
