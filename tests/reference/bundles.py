"""Bundles: what a customer has to have from one partner, all at once, for one amount.

needs isdn and dsl, within 30 days; isdn activated 1 March, dsl 20 March: complete on 20 March, 19 days apart
The order that completes it says month, version and from when liability runs.
"""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from tests.reference.arithmetic import half_up, month_of
from tests.reference.assessment import NOTHING, Assessment, Identity, Inputs, clawed_back, inputs_of, terms_of
from tests.reference.claims import hold_of
from tests.reference.clawback import Share, share_of
from tests.reference.eligibility import components_of, contract_of, fits, in_portfolio
from tests.reference.facts import World
from tests.reference.orders import Order
from tests.reference.schedules import Component


def rank(order: Order) -> tuple[date, bytes]:
    return order.activated_on, order.key.encode()


def bundles(world: World, orders: Iterable[Order], month: date) -> dict[Identity, Assessment]:
    """At most one for each partner, customer and component code."""
    found: dict[Identity, Assessment] = {}
    customers: dict[tuple[str, str], list[Order]] = {}
    for order in orders:
        if order.activated_on is None or month_of(order.activated_on) > month or not in_portfolio(world, order):
            continue
        if contract_of(world, order.partner, order.signed_on):
            customers.setdefault((order.partner, order.customer), []).append(order)
    for (partner, customer), own in customers.items():
        own.sort(key=rank)
        complete = set()
        for order in own:
            for component in components_of(world, order):
                if component.kind != "bundle" or component.code in complete:
                    continue
                parts = parts_of(world, component, order, own)
                if parts:
                    complete.add(component.code)
                    identity = Identity(partner, component.code, month_of(order.activated_on), customer=customer)
                    found[identity] = priced(world, component, order, parts)
    return found


def need_of(world: World, component: Component, order: Order) -> int | None:
    """The first need in the document that the order matches; it serves no other."""
    contract = contract_of(world, order.partner, order.signed_on)
    fitting = [i for i, match in enumerate(component.needs) if fits(match, world, order, contract)]
    return fitting[0] if fitting else None


def parts_of(world: World, component: Component, last: Order, orders: list[Order]) -> list[Order]:
    """The earliest order for each need on the day the last one was activated, that one for its own; [] if one lacks."""
    served = {i: last for i in [need_of(world, component, last)] if i is not None and _there(last, last, component)}
    if not served:
        return []
    for order in orders:
        if _there(order, last, component):
            served.setdefault(need_of(world, component, order), order)
    served.pop(None, None)
    return [served[i] for i in sorted(served)] if len(served) == len(component.needs) else []


def _there(order: Order, last: Order, component: Component) -> bool:
    """Activated within the days before the last part, and not ended by then."""
    apart = (last.activated_on - order.activated_on).days
    in_time = apart >= 0 and (component.within_days is None or apart <= component.within_days)
    return in_time and not (order.cancellation and order.cancellation.day <= last.activated_on)


def priced(world: World, component: Component, last: Order, parts: list[Order]) -> Assessment:
    """The largest share that any of the parts takes back."""
    shares = [share_of(component, part, last.activated_on) for part in parts]
    taken = max(s.taken for s in shares)
    share = Share(taken, NOTHING if taken else max(s.unproven for s in shares))
    full = half_up(Fraction(component.amount), Fraction(component.round_to))
    clawed, would_claw = clawed_back(full, share)
    hold, ok = hold_of(world, last, component)
    inputs = inputs_of(
        world,
        last,
        parts=tuple(part.key for part in parts),
        cancellation=tuple((part.cancellation, bool(part.cancellation and part.evidence)) for part in parts),
        share=share.taken,
        component=component,
        base=Fraction(1),
        certified=ok,
        hold=hold or ("evidence_missing" if would_claw else ""),
    )
    given = {"service": last.activated_on, "order": last, "siblings": components_of(world, last)}
    return Assessment("bundle", inputs, full, clawed, would_claw, **given)


def gone(world: World, partner: str, key: str, last: Inputs, orders: dict[str, Order]) -> Assessment:
    """What is left of a bundle that is not complete any more: nothing, because of its parts or of the schedule.

    `partner`: whom it was promised; `key`: the order that completed it, whose version granted it.
    """
    order = orders[key]
    lost = [orders[part] for part in last.parts if orders[part].partner != partner]
    # What was gone already, and only waited for its hold, is gone whatever the schedule says now.
    promised = [last.component] if "incomplete" in last.terms else components_of(world, order)
    component = next((c for c in promised if c == last.component), None)
    inputs = inputs_of(
        world,
        lost[0] if lost else order,
        terms=(*terms_of(order), "incomplete") if component else terms_of(order),
        parts=last.parts,
        component=component,
        base=last.base,
        share=last.share,
    )
    return Assessment("bundle", inputs, idle=True, order=order)
