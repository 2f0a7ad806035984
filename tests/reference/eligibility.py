"""Which contract, version and component apply to an order, and what stands in the way."""

from collections.abc import Iterator
from datetime import date

from tests.reference.arithmetic import within
from tests.reference.facts import Campaign, Contract, Hold, Product, World
from tests.reference.orders import Order
from tests.reference.schedules import Component, Match, Version

ZERO_MAKING = (
    "no_contract",
    "not_in_schedule",
    "not_in_portfolio",
    "certificate_missing",
    "campaign_not_registered",
)


def contract_of(world: World, partner: str, day: date) -> Contract | None:
    fitting = [c for c in world.contracts if c.partner == partner and within(day, c.valid_from, c.valid_until)]
    return fitting[0] if fitting else None


def version_on(world: World, schedule: str, day: date) -> Version | None:
    """The version with the latest valid_from by that day; among equal ones the latest published."""
    begun = [v for v in world.versions if v.schedule == schedule and v.valid_from <= day]
    return max(enumerate(begun), key=lambda v: (v[1].valid_from, v[0]), default=(0, None))[1]


def components_on(world: World, schedule: str, day: date) -> tuple[Component, ...]:
    in_force = version_on(world, schedule, day)
    return in_force.components if in_force else ()


def components_of(world: World, order: Order) -> tuple[Component, ...]:
    """Of the schedule that the order's partner had on the signature date."""
    contract = contract_of(world, order.partner, order.signed_on)
    return components_on(world, contract.schedule, order.signed_on) if contract else ()


def product_of(world: World, order: Order) -> Product:
    return next(p for p in world.products if p.code == order.product)


def in_portfolio(world: World, order: Order) -> bool:
    product = product_of(world, order)
    return product.portfolio_from is not None and within(
        order.signed_on, product.portfolio_from, product.portfolio_until
    )


def route_of(world: World, order: Order) -> str:
    """Who serves the customer; "" if nobody knows, "closed" for a sale where partners may not sell."""
    spend = order.annual_spend
    for each in world.segments if spend is not None else ():
        there = each.spend_from <= spend and (each.spend_to is None or spend <= each.spend_to)
        if there and within(order.signed_on, each.valid_from, each.valid_until):
            of_others = each.route in ("call_centre", "direct_sales")
            shut = of_others and not each.partner_allowed and order.transaction != "referral"
            return "closed" if shut else each.route
    return ""


def fits(match: Match, world: World, order: Order, contract: Contract) -> bool:
    route = route_of(world, order)
    if route == "closed":
        return False
    kind = next(p.kind for p in world.partners if p.number == order.partner)
    return all(
        allowed is None or value in allowed
        for allowed, value in (
            (match.families, product_of(world, order).family),
            (match.products, order.product),
            (match.transactions, order.transaction),
            (match.customer_classes, order.customer_class),
            (match.partner_kinds, kind),
            (match.levels, contract.level),
            (match.routes, route),
        )
    )


def in_schedule(world: World, order: Order, contract: Contract, components: tuple[Component, ...]) -> bool:
    """Whether any component pays for the order itself or counts it; bundles and followers pay for more or less than that."""
    return any(
        (c.kind in ("closing", "recurring", "window_bonus") or takes_part(world, order, c))
        and not c.follows
        and fits(c.match, world, order, contract)
        for c in components
    )


def takes_part(world: World, order: Order, component: Component) -> Campaign | None:
    """The campaign of the component, if the order names it, was signed within its days and is not left out."""
    campaign = next((c for c in world.campaigns if c.code == component.campaign), None)
    product = product_of(world, order)
    of_order = {("product", product.code), ("family", product.family), ("partner", order.partner)}
    if campaign is None or campaign.code not in order.campaigns or campaign.excluded & of_order:
        return None
    return campaign if within(order.signed_on, campaign.valid_from, campaign.valid_until) else None


def first_of_group(components: list[Component]) -> Iterator[Component]:
    """Components that share a group are alternatives: the first in document order."""
    taken = set()
    for component in components:
        if component.group is None or component.group not in taken:
            yield component
        taken.add(component.group)


def certified(world: World, partner: str, component: Component, day: date) -> bool:
    """Whether somebody who sells for the partner held what the component asks for; it may ask for nothing."""
    if component.certificate is None:
        return True
    people = {m.person for m in world.memberships if m.partner == partner and within(day, m.valid_from, m.valid_until)}
    return any(
        c.person in people
        and c.family == component.certificate
        and not c.revoked
        and within(day, c.valid_from, c.valid_until)
        for c in world.certificates
    )


def withheld(world: World, partner: str, order: str, component: str) -> bool:
    """A controller's hold that fits in every key it gives; lines without an order are never held by one."""
    return any(_fits(hold, partner, order, component) for hold in world.holds)


def _fits(hold: Hold, partner: str, order: str, component: str) -> bool:
    return (
        (hold.partner is None or hold.partner == partner)
        and (hold.order is None or hold.order == order)
        and (hold.component is None or hold.component == component)
    )
