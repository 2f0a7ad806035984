"""When a window is settled, and what is kept of it from then on.

quarter to 30 September, freeze_days 45: the first posted run whose month ends on or after 14 November still re-rates
with all it knows (that of November) and then keeps what was reached and where each order lies.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from tests.reference.arithmetic import MONTHS, Window, last_day, plus_months, window_of
from tests.reference.assessment import Assessment, Identity
from tests.reference.eligibility import contract_of, version_on
from tests.reference.facts import World

FREEZE_DAYS = 45


@dataclass(frozen=True)
class Settled:
    """A partner's window that no longer moves."""

    measures: dict[tuple[str, str], Fraction] = field(default_factory=dict)  # (component, units | turnover)
    places: dict[tuple, Fraction] = field(default_factory=dict)  # (component, order, revenue month, measure)
    bonuses: dict[Identity, Assessment] = field(default_factory=dict)  # what the window bonus was worth


def freeze_days(world: World, partner: str, day: date) -> int:
    """Of the version in force on the window's last day, of the contract then or else the latest begun before it."""
    contract = contract_of(world, partner, day)
    if contract is None:
        begun = [c for c in world.contracts if c.partner == partner and c.valid_from <= day]
        contract = max(begun, key=lambda c: c.valid_from, default=None)
    version = version_on(world, contract.schedule, day) if contract else None
    return version.freeze_days if version else FREEZE_DAYS


def settles(world: World, partner: str, window: Window, month: date) -> bool:
    """Whether the run of `month` is late enough to settle the window."""
    return last_day(month) >= window.last + timedelta(freeze_days(world, partner, window.last))


def windows_between(first: date, last: date) -> Iterator[Window]:
    """Every window that lies wholly within these days, the first of them beginning with the year."""
    for length, months in MONTHS.items():
        window = window_of(date(first.year, 1, 1), length)
        while window.last <= last:
            yield window
            window = window_of(plus_months(window.first, months), length)
