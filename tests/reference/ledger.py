"""A run: entitled minus booked, line by line, with its cause; then the statements.

booked 70.00, price corrected backwards to 75.00: entitled 75.00 -> one line of 5.00, schedule_changed
certificate revoked after 850.00: entitled 0.00 -> one line of -850.00, certificate,
and one notice of 0.00 that says certificate_missing and what it would be
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tests.reference.arithmetic import last_day
from tests.reference.assessment import Identity
from tests.reference.books import Books, Line
from tests.reference.differences import Differences
from tests.reference.entitlement import Settlements, assess, made_final
from tests.reference.facts import World
from tests.reference.orders import Order, fold
from tests.reference.reserve import Cohort
from tests.reference.statements import Statement, settle


@dataclass(frozen=True)
class Ledger:
    """What was posted, in sequence. `run` gives the next one; nothing here ever changes."""

    lines: tuple[Line, ...] = ()
    statements: tuple[Statement, ...] = ()
    posted: date | None = None  # month of the last posted run
    settled: Settlements = field(default_factory=lambda: Settlements({}, {}))
    cohorts: tuple[Cohort, ...] = ()  # reserves not released or drawn yet, oldest first

    def of_run(self, month: date) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.run == month)


def run(world: World, ledger: Ledger, month: date) -> Ledger:
    """Post everything that is due by the end of `month`."""
    if ledger.posted is not None and month <= ledger.posted:
        raise ValueError(f"{month:%Y-%m} is not after the last posted run")
    books = Books(ledger.lines)
    orders = folded(world, last_day(month))
    bonuses = {i: lines for i, lines in books.lines.items() if lines[-1].kind == "window_bonus"}
    found = assess(world, orders, month, ledger.settled, bonuses)
    lines = list(_manual_lines(world, books, month))
    lines += Differences(world, books, orders, found.lines, month, ledger.posted, ledger.settled).lines()
    statements, cohorts = settle(world, lines, books, found.lines, ledger.statements, ledger.cohorts, month)
    return Ledger(
        ledger.lines + tuple(lines),
        ledger.statements + statements,
        month,
        made_final(world, found, month, ledger.settled, bonuses),
        cohorts,
    )


def folded(world: World, day: date) -> list[Order]:
    """Every order captured by the day, as it stands then."""
    by_order: dict[str, list] = {}
    for event in world.events:
        by_order.setdefault(event.order, []).append(event)
    states = (fold(by_order[key], world.dealer_codes, day) for key in sorted(by_order))
    return [order for order in states if order is not None]


def _manual_lines(world: World, books: Books, month: date) -> Iterable[Line]:
    for manual in world.manuals:
        identity = Identity(manual.partner, "", None, f"manual {manual.key}")
        if identity not in books.lines:
            yield Line(month, identity, Fraction(manual.amount), "manual", None, last_day(month), kind="manual")
