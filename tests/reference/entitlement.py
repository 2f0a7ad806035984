"""What every identity is worth, from the facts alone; what was posted before matters only where it was settled.

First what orders claim, then what depends on several orders, then what follows lines.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tests.reference.arithmetic import Window, last_day, window_of
from tests.reference.assessment import Assessment, Identity
from tests.reference.bonuses import Frozen, target_bonuses, window_bonuses
from tests.reference.bundles import bundles
from tests.reference.campaigns import campaign_lines
from tests.reference.claims import claims_of, unpaid
from tests.reference.facts import World
from tests.reference.following import followers
from tests.reference.orders import Order
from tests.reference.settling import Settled, settles, windows_between
from tests.reference.tiers import Measures, priced


@dataclass(frozen=True)
class Settlements:
    """What runs have made final: windows, and the actuals of target periods."""

    windows: dict[tuple[str, Window], Settled]
    actuals: dict[Identity, Frozen]


@dataclass(frozen=True)
class Entitlement:
    lines: dict[Identity, Assessment]  # followers after what they follow
    measures: Measures


def assess(
    world: World, orders: list[Order], month: date, settled: Settlements, bonuses: Mapping[Identity, str]
) -> Entitlement:
    """Every identity whose month is not after `month`. `bonuses`: window bonuses posted before, and what holds them."""
    measures = Measures((c for order in orders for c in claims_of(world, order, month)), settled.windows)
    lines = {i: a for order in orders for i, a in unpaid(world, order, month).items()}
    paid = {c.identity: priced(world, c, measures) for claims in measures.of.values() for c in claims}
    paid |= bundles(world, orders, month)
    paid |= campaign_lines(world, orders, paid, month)
    lines |= paid
    lines |= window_bonuses(world, orders, month, settled.windows, bonuses)
    lines |= target_bonuses(world, orders, month, settled.actuals)
    lines |= followers(world, paid, month)
    return Entitlement(lines, measures)


def made_final(world: World, found: Entitlement, month: date, settled: Settlements) -> Settlements:
    """What the posted run of `month` adds to it."""
    windows = dict(settled.windows)
    for partner in world.partners:
        for window in windows_between(date(month.year - 2, 1, 1), last_day(month)):
            if (partner.number, window) not in windows and settles(world, partner.number, window, month):
                windows[partner.number, window] = kept_of(found, partner.number, window)
    actuals = dict(settled.actuals)
    for identity, line in found.lines.items():
        if line.kind == "target_bonus" and identity not in actuals:
            actuals[identity] = Frozen(line.inputs.base, line.inputs)
    return Settlements(windows, actuals)


def kept_of(found: Entitlement, partner: str, window: Window) -> Settled:
    """Its measures and places, and what its bonuses are worth now, which is what they stay worth."""
    kept = found.measures.kept(partner, window)
    bonuses = {
        i: a
        for i, a in found.lines.items()
        if a.kind == "window_bonus" and i.partner == partner
        if window_of(i.month, a.inputs.component.tiers.window) == window
    }
    return Settled(kept.measures, kept.places, bonuses)
