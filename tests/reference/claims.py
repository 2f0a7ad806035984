"""What an order claims: one claim for each component of its version that pays for it, priced later.

A claim is a closing commission in the month of the activation, or a recurring one in a month that was billed (or, if it
pays a fixed amount, in a month on whose last day the order is active).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.reference.arithmetic import last_day, month_number, month_of, months_between
from tests.reference.assessment import NOTHING, Assessment, Identity, inputs_of
from tests.reference.clawback import Share, share_of
from tests.reference.eligibility import (
    ZERO_MAKING,
    certified,
    components_of,
    contract_of,
    first_of_group,
    fits,
    in_portfolio,
    in_schedule,
    withheld,
)
from tests.reference.facts import World
from tests.reference.orders import Order
from tests.reference.schedules import Component


@dataclass(frozen=True)
class Claim:
    identity: Identity
    order: Order
    component: Component
    base: Fraction
    share: Share
    hold: str = ""  # evidence_missing is not known before the price
    certified: bool = True
    active: bool | None = None  # recurring by a fixed amount: whether the order was active that month
    service: date | None = None

    @property
    def counts(self) -> bool:
        """Whether it counts in the measure of its window."""
        return self.hold not in ZERO_MAKING and self.share.taken == 0 and self.active is not False

    def size(self, measure: str) -> Fraction:
        if measure == "units":
            return self.order.quantity
        return value_of(self.component.of, self.order, self.identity.revenue_month)


def value_of(of: str | None, order: Order, revenue_month: date | None) -> Fraction:
    """EUR that a percentage is a percentage of."""
    match of:
        case "order_value":
            return order.order_value
        case "monthly_price":
            return order.monthly_price * order.quantity
        case "revenue":
            return dict(order.revenue).get(revenue_month, NOTHING)
    return NOTHING


def hold_of(world: World, order: Order, component: Component) -> tuple[str, bool]:
    """What stands in the way of a line of this component, and whether the partner was certified."""
    ok = certified(world, order.partner, component, order.signed_on)
    if not in_portfolio(world, order):
        return "not_in_portfolio", ok
    if not ok:
        return "certificate_missing", ok
    return ("withheld" if withheld(world, order.partner, order.key, component.code) else ""), ok


def unpaid(world: World, order: Order, month: date) -> dict[Identity, Assessment]:
    """The line that says why an activated order has no other: no contract, or nothing in the schedule fits."""
    if order.activated_on is None or month_of(order.activated_on) > month:
        return {}
    contract = contract_of(world, order.partner, order.signed_on)
    if contract and in_schedule(world, order, contract, components_of(world, order)):
        return {}
    hold = "not_in_schedule" if contract else "no_contract"
    identity = Identity(order.partner, "", month_of(order.activated_on), order.key)
    return {identity: Assessment("", inputs_of(world, order, hold=hold), service=order.activated_on, order=order)}


def claims_of(world: World, order: Order, month: date) -> Iterable[Claim]:
    """Every claim of the order whose month is not after `month`."""
    if order.activated_on is None or month_of(order.activated_on) > month:
        return
    contract = contract_of(world, order.partner, order.signed_on)
    if contract is None:
        return
    matching = [c for c in components_of(world, order) if fits(c.match, world, order, contract)]
    for component in first_of_group([c for c in matching if c.kind == "closing"]):
        yield claim(world, order, component, None)
    recurring = list(first_of_group([c for c in matching if c.kind == "recurring"]))
    billed = dict(order.revenue)
    for r in months_between(month_of(order.activated_on), month):
        for component in recurring:
            if component.months is not None and month_number(order.activated_on, r) > component.months:
                continue  # over; an alternative does not take its place
            if component.of == "revenue" and r not in billed:
                continue
            yield claim(world, order, component, r)


def claim(world: World, order: Order, component: Component, revenue_month: date | None) -> Claim:
    month = revenue_month or month_of(order.activated_on)
    hold, ok = hold_of(world, order, component)
    fixed = revenue_month is not None and component.of != "revenue"
    return Claim(
        identity=Identity(order.partner, component.code, month, order.key, revenue_month),
        order=order,
        component=component,
        base=order.quantity if component.by_amount else value_of(component.of, order, revenue_month),
        share=Share() if revenue_month else share_of(component, order),
        hold=hold,
        certified=ok,
        active=order.active_on(last_day(revenue_month)) if fixed else None,
        service=last_day(revenue_month) if revenue_month else order.activated_on,
    )
