"""Prices of claims: flat, or by what the partner reached with the component in a calendar window.

from 0: 3 %, from 10,000: 4 %; July 8,000, August 9,000
slab       the window reached 17,000: 4 % for both, 320.00 and 360.00 (July gets 80.00 more)
graduated  July lies at 0 to 8,000: 240.00; August at 8,000 to 17,000: 2,000 x 3 % + 7,000 x 4 % = 340.00
"""

from collections.abc import Iterable
from fractions import Fraction

from tests.reference.arithmetic import Window, half_up, window_of
from tests.reference.assessment import NOTHING, Assessment, clawed_back, inputs_of
from tests.reference.claims import Claim
from tests.reference.eligibility import ZERO_MAKING, components_of
from tests.reference.facts import World
from tests.reference.schedules import Step, Tiers
from tests.reference.settling import Frozen, Settled


def rate_at(steps: Iterable[Step], reached: Fraction) -> Fraction:
    """The rate of the last step begun; below the first one its rate."""
    steps = list(steps)
    begun = [s for s in steps if s.start <= reached]
    return Fraction((begun or steps[:1])[-1].rate)


def graduated(steps: tuple[Step, ...], x: Fraction) -> Fraction:
    """F(x): each slice at its own rate; F(x) = x x first rate below zero."""
    if x < 0:
        return x * Fraction(steps[0].rate)
    bounds = [Fraction(s.start) for s in steps[1:]]
    total, low = NOTHING, NOTHING
    for step, high in zip(steps, [*bounds, None], strict=True):
        top = x if high is None else min(x, high)
        if top > low:
            total += (top - low) * Fraction(step.rate)
            low = top
    return total


def rank(claim: Claim) -> tuple:
    """What is paid month by month is measured month by month, whenever its order was activated."""
    return claim.identity.month, claim.order.activated_on, claim.order.key.encode()


def key(claim: Claim) -> tuple:
    """Of a place: it stays even if the activation moves within the window."""
    return claim.component.code, claim.order.key, claim.identity.revenue_month


class Measures:
    """What every partner reached, from all claims there are, or as settled."""

    def __init__(self, claims: Iterable[Claim], frozen: Frozen) -> None:
        self.frozen = frozen
        self.of: dict[tuple[str, str], list[Claim]] = {}
        for claim in sorted(claims, key=rank):
            self.of.setdefault(claim.identity[:2], []).append(claim)

    def counting(self, partner: str, component: str, window: Window) -> list[Claim]:
        """Whatever version they are priced by, ranked."""
        claims = self.of.get((partner, component), [])
        return [c for c in claims if c.counts and window.first <= c.identity.month <= window.last]

    def total(self, partner: str, component: str, window: Window, measure: str) -> Fraction:
        frozen = self.frozen.find(partner, component, window)
        if frozen:
            return frozen.measures.get((component, measure), NOTHING)
        return sum((c.size(measure) for c in self.counting(partner, component, window)), NOTHING)

    def place(self, claim: Claim, window: Window, measure: str) -> Fraction:
        """Where the claim begins. Once settled, whoever has no place begins at the end, each by itself."""
        partner, component = claim.identity[:2]
        frozen = self.frozen.find(partner, component, window)
        if frozen:
            end = self.total(partner, component, window, measure)
            return frozen.places.get((*key(claim), measure), end)
        before = [c for c in self.counting(partner, component, window) if rank(c) < rank(claim)]
        return sum((c.size(measure) for c in before), NOTHING)

    def kept(self, partner: str, component: str, window: Window) -> Settled:
        """What is stored when the window is settled: what was reached in it, and the place of all that is priced."""
        measures, places = {}, {}
        within = [c for c in self.of.get((partner, component), []) if window.first <= c.identity.month <= window.last]
        for measure in ("units", "turnover"):
            measures[component, measure] = self.total(partner, component, window, measure)
            for c in within:
                if c.hold not in ZERO_MAKING and c.active is not False:
                    places[*key(c), measure] = self.place(c, window, measure)
        return Settled(measures, places)

    def price(self, claim: Claim) -> tuple[Fraction, object]:
        """The unrounded amount, and the rate or place that decided it."""
        component, tiers = claim.component, claim.component.tiers
        if tiers is None:
            rate = Fraction(component.amount) if component.by_amount else Fraction(component.percent) / 100
            return claim.base * rate, None
        window = window_of(claim.identity.month, tiers.window)
        if tiers.mode == "slab":
            reached = rate_at(tiers.steps, self.total(*claim.identity[:2], window, tiers.measure))
            return claim.base * reached / hundred(tiers), reached
        assert (tiers.measure == "units") == (tiers.by == "amount"), "what is sliced must be what is paid"
        place = self.place(claim, window, tiers.measure)
        after = place + claim.size(tiers.measure)
        return (graduated(tiers.steps, after) - graduated(tiers.steps, place)) / hundred(tiers), place


def hundred(tiers: Tiers) -> int:
    return 100 if tiers.by == "percent" else 1


def priced(world: World, claim: Claim, measures: Measures) -> Assessment:
    exact, reached = measures.price(claim)
    full = half_up(exact, Fraction(claim.component.round_to))
    clawed, would_claw = clawed_back(full, claim.share)
    hold = claim.hold or ("evidence_missing" if would_claw else "")
    own = {"component": claim.component, "base": claim.base, "certified": claim.certified, "reached": reached}
    inputs = inputs_of(world, claim.order, share=claim.share.taken, hold=hold, **own)
    given = {"service": claim.service, "order": claim.order, "siblings": components_of(world, claim.order)}
    if claim.active is not None:
        inputs = inputs_of(
            world,
            claim.order,
            cancellation=(*inputs.cancellation, claim.active),
            share=Fraction(0 if claim.active else 1),
            hold=hold if claim.active else "",
            **own,
        )
    if claim.active is False:
        return Assessment(claim.component.kind, inputs, full, full, idle=True, **given)
    return Assessment(claim.component.kind, inputs, full, clawed, would_claw, **given)
