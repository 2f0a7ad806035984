"""Two schedule documents beside each other.

side_by_side(before.document, text)      what differs, with the lines around it
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT = 6  # equal lines shown around a change; a component has about as many


@dataclass(frozen=True)
class Pair:
    """A line of both documents beside each other; None where one has no counterpart. Or so many equal ones left out."""

    left: tuple[int, str] | None
    right: tuple[int, str] | None
    changed: bool
    left_out: int = 0


def side_by_side(before: str, after: str) -> list[Pair]:
    """What differs between two documents with the lines around it, equal ones on one height."""
    a, b = before.splitlines(), after.splitlines()
    pairs = []
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        for offset in range(max(a2 - a1, b2 - b1)):
            left = (a1 + offset + 1, a[a1 + offset]) if a1 + offset < a2 else None
            right = (b1 + offset + 1, b[b1 + offset]) if b1 + offset < b2 else None
            pairs.append(Pair(left, right, tag != "equal"))
    return list(_around_changes(pairs))


def _around_changes(pairs: list[Pair]) -> Iterator[Pair]:
    """Leaves out what is equal and far from any change."""
    changed = [index for index, pair in enumerate(pairs) if pair.changed]
    near = {index + offset for index in changed for offset in range(-CONTEXT, CONTEXT + 1)}
    left_out = 0
    for index, pair in enumerate(pairs):
        if index not in near:
            left_out += 1
            continue
        if left_out:
            yield Pair(None, None, False, left_out)
            left_out = 0
        yield pair
    if left_out:
        yield Pair(None, None, False, left_out)
