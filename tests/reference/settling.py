"""When a window is settled, and what is kept of it from then on.

quarter to 30 September, freeze_days 45: the first posted run whose month ends on or after 14 November still re-rates
with all it knows (that of November) and then keeps what was reached and where each order lies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from tests.reference.arithmetic import Window, last_day, window_of
from tests.reference.assessment import NOTHING, Assessment, Identity
from tests.reference.eligibility import contract_of, version_on
from tests.reference.facts import World

FREEZE_DAYS = 45


@dataclass(frozen=True)
class Settled:
    """A partner's window that no longer moves."""

    measures: dict[tuple[str, str], Fraction] = field(default_factory=dict)  # (component, units | turnover)
    places: dict[tuple, Fraction] = field(default_factory=dict)  # (component, order, revenue month, measure)
    bonuses: dict[Identity, Assessment] = field(default_factory=dict)  # what the window bonus was worth

    def __or__(self, other: "Settled") -> "Settled":
        return Settled(self.measures | other.measures, self.places | other.places, self.bonuses | other.bonuses)

    def of(self, component: str) -> "Settled":
        """What is known of one component, perhaps that it measured nothing; without its bonuses."""
        measures = {(component, m): self.measures.get((component, m), NOTHING) for m in ("units", "turnover")}
        return Settled(measures, {key: place for key, place in self.places.items() if key[0] == component})

    def knows(self, component: str) -> bool:
        return any(code == component for code, _ in self.measures) or any(
            i.component == component for i in self.bonuses
        )


Windows = Mapping[tuple[str, Window], Settled]


@dataclass(frozen=True)
class Frozen:
    """Which windows no longer move, to the run after the one of `posted`.

    Of a window that nothing was stored of, the version known now says whether it was settled: then as it stood when the
    last run was posted.
    """

    world: World
    windows: Windows
    stood: Windows
    posted: date | None

    def stored(self, partner: str, component: str, window: Window) -> Settled | None:
        kept = self.windows.get((partner, window))
        return kept if kept and kept.knows(component) else None

    def find(self, partner: str, component: str, window: Window) -> Settled | None:
        if kept := self.stored(partner, component, window):
            return kept
        if not self.posted or not measured_over(self.world, component, window):
            return None
        if settles(self.world, partner, window, self.posted):
            return self.stood.get((partner, window), Settled())
        return None


def freeze_days(world: World, partner: str, day: date) -> int:
    """Of the version in force on the window's last day, of the contract then or else the latest begun before it."""
    contract = contract_of(world, partner, day)
    if contract is None:
        begun = [c for c in world.contracts if c.partner == partner and c.valid_from <= day]
        contract = max(begun, key=lambda c: c.valid_from, default=None)
    version = version_on(world, contract.schedule, day) if contract else None
    return version.freeze_days if version else FREEZE_DAYS


def measured_over(world: World, component: str, window: Window) -> bool:
    """By a version in force some day, a bonus by any there was: what nothing was measured over is not settled by the days
    of another window."""
    in_force = {(v.schedule, v.valid_from): v for v in world.versions}
    return any(
        c.code == component and c.tiers and window_of(window.first, c.tiers.window) == window
        for v in world.versions
        for c in v.components
        if c.kind == "window_bonus" or in_force[v.schedule, v.valid_from] is v
    )


def settles(world: World, partner: str, window: Window, month: date) -> bool:
    """Whether the run of `month` is late enough to settle the window."""
    return last_day(month) >= window.last + timedelta(freeze_days(world, partner, window.last))
