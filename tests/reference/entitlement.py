"""What every identity is worth, from the facts alone; what was posted before does not matter here.

120.00 closing, liability 24 months, activated 10 March, cancelled 20 November
full 120.00, share 16/24 (8 full months are over), clawed back 80.00, entitled 40.00
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from tests.reference.arithmetic import (
    CENT,
    full_months,
    half_up,
    last_day,
    month_number,
    month_of,
    months_between,
    plus_months,
    within,
)
from tests.reference.facts import Component, Contract, Hold, Product, World
from tests.reference.orders import Order

WHOLE = {"WITHDRAWAL", "FRAUD_PARTNER", "FRAUD_CUSTOMER", "DUPLICATE"}
NEVER = {"NO_AVAILABILITY", "PROVIDER_FAULT", "PROVIDER_TERMINATION", "PRICE_INCREASE"}
ZERO_MAKING = ("no_contract", "not_in_schedule", "not_in_portfolio", "certificate_missing")


class Identity(NamedTuple):
    """Where entitled and booked meet. The schedule and its version are not part of it."""

    partner: str
    component: str  # "" where no component applies
    month: date | None  # of activation or of revenue; None for manual lines
    order: str
    revenue_month: date | None = None


@dataclass(frozen=True)
class Inputs:
    """What a line was computed from; the cause of the next line is the first of these that differs."""

    partner: str  # to whom the order is attributed
    contract: tuple[str, str, str | None] | None  # schedule, level, parent
    terms: tuple[object, ...]  # product, transaction, customer class, quantity, signed, activated
    cancellation: tuple[object, ...]
    share: Fraction = Fraction(0)  # n/d that is clawed back
    component: Component | None = None  # None: nothing applies (any more)
    base: Fraction | None = None
    certified: bool = True
    hold: str = ""


@dataclass(frozen=True)
class Assessment:
    inputs: Inputs
    full: Fraction = Fraction(0)
    n: int = 0
    d: int = 1
    clawed: Fraction = Fraction(0)
    would_claw: Fraction = Fraction(0)  # what evidence_missing keeps from being clawed back
    idle: bool = False  # a fixed month in which the order is not active: no fact, but no other identity either

    @property
    def left(self) -> Fraction:
        return self.full - self.clawed

    @property
    def entitled(self) -> Fraction:
        return Fraction(0) if self.inputs.hold in ZERO_MAKING else self.left


def contract_of(world: World, partner: str, day: date) -> Contract | None:
    fitting = [c for c in world.contracts if c.partner == partner and within(day, c.valid_from, c.valid_until)]
    return fitting[0] if fitting else None


def components_on(world: World, schedule: str, day: date) -> tuple[Component, ...]:
    """Of the version with the latest valid_from by that day; among equal ones the latest published."""
    begun = [v for v in world.versions if v.schedule == schedule and v.valid_from <= day]
    in_force = max(enumerate(begun), key=lambda v: (v[1].valid_from, v[0]), default=(0, None))[1]
    return in_force.components if in_force else ()


def product_of(world: World, order: Order) -> Product:
    return next(p for p in world.products if p.code == order.product)


def fits(component: Component, world: World, order: Order, contract: Contract) -> bool:
    kind = next(p.kind for p in world.partners if p.number == order.partner)
    match = component.match
    return all(
        allowed is None or value in allowed
        for allowed, value in (
            (match.families, product_of(world, order).family),
            (match.products, order.product),
            (match.transactions, order.transaction),
            (match.customer_classes, order.customer_class),
            (match.partner_kinds, kind),
            (match.levels, contract.level),
        )
    )


def first_of_group(components: list[Component]) -> Iterator[Component]:
    """Components that share a group are alternatives: the first in document order."""
    taken = set()
    for component in components:
        if component.group is None or component.group not in taken:
            yield component
        taken.add(component.group)


def certified(world: World, partner: str, family: str, day: date) -> bool:
    people = {m.person for m in world.memberships if m.partner == partner and within(day, m.valid_from, m.valid_until)}
    return any(
        c.person in people and c.family == family and not c.revoked and within(day, c.valid_from, c.valid_until)
        for c in world.certificates
    )


def clawback(component: Component, order: Order) -> tuple[int, int]:
    """n/d of the full amount that the cancellation takes back, were the evidence there."""
    end = order.cancellation
    if component.kind != "closing" or end is None or end.reason in NEVER:
        return 0, 1
    if end.reason in WHOLE:
        return 1, 1
    if component.clawback is None:
        return 0, 1
    mode, months = component.clawback
    if end.day >= plus_months(order.activated_on, months):
        return 0, 1
    if mode == "full":
        return 1, 1
    return months - full_months(order.activated_on, end.day), months


def price(component: Component, base: Fraction) -> Fraction:
    rate = Fraction(component.amount) if component.amount is not None else Fraction(component.percent) / 100
    return half_up(base * rate, Fraction(component.round_to))


def base_of(component: Component, order: Order, revenue: Fraction | None) -> Fraction:
    if component.amount is not None:
        return Fraction(order.quantity)
    if component.of == "order_value":
        return order.order_value
    if component.of == "monthly_price":
        return order.monthly_price * order.quantity
    return revenue or Fraction(0)


def assess(world: World, order: Order, month: date) -> dict[Identity, Assessment]:
    """Every identity of the order whose month is not after `month`."""
    if order.activated_on is None or month_of(order.activated_on) > month:
        return {}
    start = month_of(order.activated_on)
    contract = contract_of(world, order.partner, order.signed_on)
    plain = plain_inputs(world, order)
    nothing = Identity(order.partner, "", start, order.key)
    if contract is None:
        return {nothing: Assessment(replace(plain, hold="no_contract"))}
    matching = [c for c in components_on(world, contract.schedule, order.signed_on) if fits(c, world, order, contract)]
    if not matching:
        return {nothing: Assessment(replace(plain, hold="not_in_schedule"))}

    found = {}
    for component in first_of_group([c for c in matching if c.kind == "closing"]):
        found[Identity(order.partner, component.code, start, order.key)] = assess_one(world, order, component, None)
    revenue = dict(order.revenue)
    recurring = list(first_of_group([c for c in matching if c.kind == "recurring"]))
    for r in months_between(start, month):
        number = month_number(order.activated_on, r)
        for component in recurring:
            if component.months is not None and number > component.months:
                continue  # over; an alternative does not take its place
            if component.of == "revenue" and r not in revenue:
                continue
            found[Identity(order.partner, component.code, r, order.key, r)] = assess_one(world, order, component, r)
    return found


def plain_inputs(world: World, order: Order) -> Inputs:
    """The inputs that every line of the order shares, whatever component it comes from."""
    contract = contract_of(world, order.partner, order.signed_on)
    return Inputs(
        partner=order.partner,
        contract=contract and (contract.schedule, contract.level, contract.parent),
        terms=(
            order.product,
            order.transaction,
            order.customer_class,
            order.quantity,
            order.signed_on,
            order.activated_on,
        ),
        cancellation=(order.cancellation, bool(order.cancellation and order.evidence)),
    )


def assess_one(world: World, order: Order, component: Component, revenue_month: date | None) -> Assessment:
    base = base_of(component, order, dict(order.revenue).get(revenue_month))
    full = price(component, base)
    inputs = replace(plain_inputs(world, order), component=component, base=base)
    if revenue_month and component.of != "revenue":
        active = order.active_on(last_day(revenue_month))
        inputs = replace(inputs, cancellation=(*inputs.cancellation, active))
        if not active:
            return Assessment(replace(inputs, share=Fraction(1)), full, 1, 1, full, idle=True)

    ok = component.certificate is None or certified(world, order.partner, component.certificate, order.signed_on)
    product = product_of(world, order)
    hold = ""
    if product.portfolio_from is None or not within(order.signed_on, product.portfolio_from, product.portfolio_until):
        hold = "not_in_portfolio"
    elif not ok:
        hold = "certificate_missing"
    elif any(held(h, order.partner, order.key, component.code) for h in world.holds):
        hold = "withheld"

    n, d = clawback(component, order)
    would_claw = Fraction(0)
    if n and order.cancellation.reason == "NON_PAYMENT" and not order.evidence:
        would_claw = half_up(full * n / d, CENT)
        n, d = 0, 1
        if would_claw:
            hold = hold or "evidence_missing"
    inputs = replace(inputs, share=Fraction(n, d), certified=ok, hold=hold)
    return Assessment(inputs, full, n, d, half_up(full * n / d, CENT), would_claw)


def held(hold: Hold, partner: str, order: str, component: str) -> bool:
    return (
        (hold.partner is None or hold.partner == partner)
        and (hold.order is None or hold.order == order)
        and (hold.component is None or hold.component == component)
    )
