"""Campaigns: which orders take part, how much room is left for each, and what they pay.

cap 50 units, 48 taken, an order of 4 units: 2 fit, so half of what it would get
20 % on a line of which 40.00 are left after clawing back: 8.00
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from tests.reference.arithmetic import half_up, month_of, within
from tests.reference.assessment import NOTHING, Assessment, Identity, Inputs, clawed_back, inputs_of, terms_of
from tests.reference.claims import hold_of
from tests.reference.clawback import Share, share_of
from tests.reference.eligibility import (
    ZERO_MAKING,
    components_of,
    contract_of,
    first_of_group,
    fits,
    takes_part,
)
from tests.reference.facts import Campaign, World
from tests.reference.following import follow
from tests.reference.orders import Order
from tests.reference.schedules import Component

Lines = Mapping[Identity, Assessment]


@dataclass(frozen=True)
class Candidate:
    """A line that a campaign would pay if there were room for everybody."""

    identity: Identity
    order: Order
    component: Component
    exact: Fraction  # EUR before clawing back, unrounded
    hold: str
    certified: bool
    line: Identity | None = None  # the line it follows

    @property
    def gets(self) -> bool:
        return self.hold not in ZERO_MAKING

    def full(self, units: Fraction = Fraction(1)) -> Fraction:
        """EUR if this share of the units fits."""
        return half_up(self.exact * units, Fraction(self.component.round_to))


def registered(world: World, order: Order, campaign: Campaign) -> bool:
    mine = [r for r in world.registrations if (r.campaign, r.partner) == (campaign.code, order.partner)]
    return not campaign.registration or any(within(order.signed_on, r.since, r.until) for r in mine)


def hold_for(world: World, order: Order, component: Component, campaign: Campaign) -> tuple[str, bool]:
    hold, ok = hold_of(world, order, component)
    if hold not in ZERO_MAKING and not registered(world, order, campaign):
        hold = "campaign_not_registered"
    return hold, ok


def candidates_of(world: World, order: Order, lines: Lines, month: date) -> Iterable[Candidate]:
    contract = contract_of(world, order.partner, order.signed_on)
    if order.activated_on is None or month_of(order.activated_on) > month or contract is None:
        return
    own = [c for c in components_of(world, order) if c.kind == "campaign" and takes_part(world, order, c)]
    for component in first_of_group([c for c in own if fits(c.match, world, order, contract)]):
        hold, ok = hold_for(world, order, component, takes_part(world, order, component))
        if not component.follows:
            identity = Identity(order.partner, component.code, month_of(order.activated_on), order.key)
            yield Candidate(identity, order, component, Fraction(component.amount) * order.quantity, hold, ok)
            continue
        for followed, line in lines.items():
            if not (line.order and line.order.key == order.key and followed.component in component.follows):
                continue
            if line.followable:
                identity = follow(followed, followed.partner, component.code, followed.month)
                exact = line.full * Fraction(component.percent) / 100
                yield Candidate(identity, order, component, exact, hold, ok, followed)


# ---- who gets how much ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Room:
    """What is left under the caps for one order: a share of its units, and EUR before clawing back (None: enough)."""

    units: Fraction = Fraction(1)
    amount: Fraction | None = None


def rooms(world: World, candidates: list[Candidate]) -> dict[tuple[str, str], Room]:
    """For each campaign and order that gets it. First come by signature, over all partners; ending frees nothing."""
    totals: dict[tuple[str, str], Fraction] = {}
    orders: dict[str, Order] = {}
    for c in candidates:
        if c.gets:
            key = c.component.campaign, c.order.key
            totals[key] = totals.get(key, NOTHING) + c.full()
            orders[c.order.key] = c.order
    chosen = {(code, order) for code, order in totals if code in best_of(world, order, totals)}
    found = {}
    for campaign in world.campaigns:
        units = Fraction(campaign.cap_units) if campaign.cap_units is not None else None
        amount = Fraction(campaign.cap_amount) if campaign.cap_amount is not None else None
        entering = [orders[order] for code, order in chosen if code == campaign.code]
        for order in sorted(entering, key=lambda o: (o.signed_on, o.key.encode())):
            share, room = Fraction(1), None
            if units is not None and order.quantity > 0:
                fitting = min(order.quantity, units)
                share, units = fitting / order.quantity, units - fitting
            if amount is not None:
                mine = [c for c in candidates if (c.component.campaign, c.order.key) == (campaign.code, order.key)]
                total = sum((c.full(share) for c in mine if c.gets), NOTHING)
                room = amount if total > amount else None
                amount -= min(amount, total)
            found[campaign.code, order.key] = Room(share, room)
    return found


def best_of(world: World, order: str, totals: Mapping[tuple[str, str], Fraction]) -> list[str]:
    """All campaigns of the order if they may be added up, else the highest (of equal ones the first code)."""
    codes = sorted(code for code, key in totals if key == order)
    if len(codes) < 2 or all(c.stackable for c in world.campaigns if c.code in codes):
        return codes
    return [min(codes, key=lambda code: (-totals[code, order], code))]


# ---- lines -------------------------------------------------------------------------------------------------------
def campaign_lines(world: World, orders: Iterable[Order], lines: Lines, month: date) -> dict[Identity, Assessment]:
    candidates = [c for order in orders for c in candidates_of(world, order, lines, month)]
    room = rooms(world, candidates)
    left = {key: r.amount for key, r in room.items()}
    found: dict[Identity, Assessment] = {}
    for c in sorted(candidates, key=lambda c: place_within_order(world, c)):
        key = c.component.campaign, c.order.key
        here = room.get(key, Room() if not c.gets else Room(NOTHING))
        assessment = (of_line if c.line else of_order)(world, c, here, left.get(key), lines)
        if left.get(key) is not None and c.gets:
            left[key] -= min(left[key], c.full(here.units))
        assert c.identity not in found, f"two lines would be one: {c.identity}"
        found[c.identity] = assessment
    return found


def place_within_order(world: World, c: Candidate) -> tuple:
    """In the document's sequence; of one component by what it follows, of that by the month billed."""
    at = components_of(world, c.order).index(c.component)
    return at, c.identity.followed, c.identity.revenue_month or date.min


def of_order(world: World, c: Candidate, room: Room, amount: Fraction | None, lines: Lines) -> Assessment:
    full = capped(c.full(room.units), amount)
    share = share_of(c.component, c.order)
    clawed, would_claw = clawed_back(full, share)
    hold = c.hold or ("evidence_missing" if would_claw else "")
    inputs = own_inputs(world, c, room, amount, hold, share)
    given = {"service": c.order.activated_on, "order": c.order, "siblings": components_of(world, c.order)}
    return Assessment("campaign", inputs, full, clawed, would_claw, **given)


def of_line(world: World, c: Candidate, room: Room, amount: Fraction | None, lines: Lines) -> Assessment:
    line = lines[c.line]
    exact = line.entitled * Fraction(c.component.percent) / 100 * room.units
    full = capped(half_up(exact, Fraction(c.component.round_to)), amount)
    held = "withheld" if line.inputs.hold == "withheld" else ""  # what is withheld of a line is of what follows it
    inputs = own_inputs(world, c, room, amount, c.hold or held, Share())
    given = {"service": line.service, "order": c.order, "siblings": line.siblings, "follows": c.line}
    return Assessment("campaign", inputs, full, **given)


def capped(full: Fraction, room: Fraction | None) -> Fraction:
    return full if room is None else min(full, room)


def own_inputs(world: World, c: Candidate, room: Room, amount: Fraction | None, hold: str, share: Share) -> Inputs:
    inputs = inputs_of(world, c.order, terms=(*terms_of(c.order), True))
    base = c.order.quantity if c.line is None else None
    given = {"component": c.component, "base": base, "certified": c.certified, "hold": hold}
    # Where all of the line fits, nothing of the room stands on it, whatever is left of it for the order's other lines.
    limit = amount if amount is not None and amount < c.full(room.units) else None
    return replace(inputs, share=share.taken, reached=(room.units, limit), **given)


def withdrawn(world: World, order: Order, last: Inputs) -> Inputs:
    """What is left of a line of a campaign in which the order takes no part any more, perhaps no longer naming it.

    Whether it does was asked when the line went; what is still withheld of it is not asked again.
    """
    named = last.component.campaign in order.campaigns if last.component else last.terms[-1]
    return inputs_of(world, order, terms=(*terms_of(order), named))
