"""Series of numbers without gaps and doubles.

    with series("statement 2026") as counter:
        first, counter.last = counter.last + 1, counter.last + 40   # 40 numbers taken

The row stays locked until the surrounding transaction ends, so a rollback gives the numbers back and nobody can have
taken later ones meanwhile. That is the price of "no gaps": takers of one series wait for each other.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from core.models import Counter


@contextmanager
def series(name: str) -> Iterator[Counter]:
    """The locked counter of a series, saved on leaving. Needs a transaction."""
    Counter.objects.bulk_create([Counter(series=name)], ignore_conflicts=True)
    counter = Counter.objects.select_for_update().get(series=name)
    yield counter
    counter.save(update_fields=["last"])
