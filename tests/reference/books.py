"""What was posted, by identity."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.reference.assessment import Identity, Inputs


@dataclass(frozen=True)
class Line:
    run: date
    identity: Identity
    amount: Fraction
    cause: str
    inputs: Inputs | None
    service_date: date
    hold: str = ""
    notice: bool = False
    would_be: Fraction = Fraction(0)
    kind: str = ""
    order: str = ""  # that it came from: of a bundle, the order that completed it


class Books:
    def __init__(self, lines: Iterable[Line]) -> None:
        self.lines: dict[Identity, list[Line]] = {}
        for line in lines:
            self.lines.setdefault(line.identity, []).append(line)

    def of(self, identity: Identity) -> list[Line]:
        return self.lines.get(identity, [])

    def booked(self, identity: Identity) -> Fraction:
        return sum((line.amount for line in self.of(identity)), Fraction(0))

    def last(self, identity: Identity) -> Line | None:
        return self.of(identity)[-1] if self.of(identity) else None

    def ever_paid(self, identity: Identity) -> bool:
        """A notice that something is held is no posting of money."""
        return any(not line.notice for line in self.of(identity))

    def left(self, identity: Identity) -> bool:
        """Whether there is anything to take back, or a notice that may no longer be true."""
        return self.booked(identity) != 0 or self.of(identity)[-1].hold != ""
