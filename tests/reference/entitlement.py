"""What every identity is worth, from the facts alone; what was posted before matters only where it was settled.

First what orders claim, then what depends on several orders, then what follows lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from tests.reference.arithmetic import MONTHS, Window, window_of
from tests.reference.assessment import Assessment, Identity
from tests.reference.bonuses import Final, counting_months, target_bonuses, window_bonuses
from tests.reference.books import Line
from tests.reference.bundles import bundles
from tests.reference.campaigns import campaign_lines
from tests.reference.claims import claims_of, unpaid
from tests.reference.facts import World
from tests.reference.following import followers
from tests.reference.orders import Order
from tests.reference.settling import Frozen, Settled, measured_over, settles
from tests.reference.tiers import Measures, priced


@dataclass(frozen=True)
class Settlements:
    """What runs have made final: windows, and the actuals of target periods."""

    windows: dict[tuple[str, Window], Settled]
    actuals: dict[Identity, Final]
    stood: dict[tuple[str, Window], Settled] = field(default_factory=dict)  # all windows when the last run was posted
    posted: date | None = None  # month of the last posted run

    def frozen(self, world: World) -> Frozen:
        return Frozen(world, self.windows, self.stood, self.posted)


@dataclass(frozen=True)
class Entitlement:
    lines: dict[Identity, Assessment]  # followers after what they follow
    measures: Measures
    counting: frozenset[tuple[str, str, date]]  # partner, component and month of what counts for a window bonus


def assess(
    world: World, orders: list[Order], month: date, settled: Settlements, bonuses: Mapping[Identity, Sequence[Line]]
) -> Entitlement:
    """Every identity whose month is not after `month`. `bonuses`: the lines of window bonuses posted before."""
    frozen = settled.frozen(world)
    measures = Measures((c for order in orders for c in claims_of(world, order, month)), frozen)
    lines = {i: a for order in orders for i, a in unpaid(world, order, month).items()}
    paid = {c.identity: priced(world, c, measures) for claims in measures.of.values() for c in claims}
    paid |= bundles(world, orders, month)
    paid |= campaign_lines(world, orders, paid, month)
    lines |= paid
    lines |= window_bonuses(world, orders, month, frozen, bonuses)
    lines |= target_bonuses(world, orders, month, settled.actuals)
    lines |= followers(world, paid, month)
    return Entitlement(lines, measures, frozenset(counting_months(world, orders, month)))


def made_final(
    world: World, found: Entitlement, month: date, settled: Settlements, bonuses: Mapping[Identity, Sequence[Line]]
) -> Settlements:
    """What the posted run of `month` adds to it."""
    windows, stands = dict(settled.windows), {}
    known = {(key, code) for key, stood in settled.stood.items() for code, _ in stood.measures}
    known |= {((p, window_of(m, length)), code) for p, code, m in months_of(found, bonuses) for length in MONTHS}
    for key, component in known:
        now = kept_of(found, key[0], component, key[1])
        stands[key] = stands.get(key, Settled()) | now
        if not (settles(world, *key, month) and measured_over(world, component, key[1])):
            continue
        if key in windows and windows[key].knows(component):
            continue
        if settled.posted and settles(world, *key, settled.posted):  # a version or contract of now says so
            now = replace(settled.stood.get(key, Settled()).of(component), bonuses=now.bonuses)
        windows[key] = windows.get(key, Settled()) | now
    actuals = dict(settled.actuals)
    for identity, line in found.lines.items():
        if line.kind == "target_bonus" and identity not in actuals:
            actuals[identity] = Final(line.inputs.base, line.inputs)
    return Settlements(windows, actuals, stands, month)


def months_of(found: Entitlement, bonuses: Mapping[Identity, Sequence[Line]]) -> set[tuple[str, str, date]]:
    """Partner, component and month of everything that is measured, or counts for a bonus, or did when one was posted."""
    claimed = {(*key, c.identity.month) for key, claims in found.measures.of.items() for c in claims}
    lines = found.lines.items()
    return (
        claimed
        | found.counting
        | {(*i[:3],) for i, a in lines if a.kind == "window_bonus" and (any(a.inputs.reached) or i in bonuses)}
    )


def kept_of(found: Entitlement, partner: str, component: str, window: Window) -> Settled:
    """Its measure and places, and what its bonuses are worth now, which is what they stay worth."""
    bonuses = {
        i: a
        for i, a in found.lines.items()
        if a.kind == "window_bonus" and i[:2] == (partner, component)
        if window_of(i.month, a.inputs.component.tiers.window) == window
    }
    return found.measures.kept(partner, component, window) | Settled(bonuses=bonuses)
