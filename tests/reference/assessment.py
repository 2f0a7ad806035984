"""The words of the calculation: what a line is about, what went into it, what it is worth.

120.00 closing, liability 24 months, activated 10 March, cancelled 20 November
full 120.00, share 16/24 (8 full months are over), clawed back 80.00, entitled 40.00
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from tests.reference.arithmetic import CENT, half_up
from tests.reference.clawback import Share
from tests.reference.eligibility import ZERO_MAKING, contract_of
from tests.reference.facts import World
from tests.reference.orders import Order
from tests.reference.schedules import Component

NOTHING = Fraction(0)


class Identity(NamedTuple):
    """Where entitled and booked meet. The schedule and its version are not part of it."""

    partner: str
    component: str  # "" where no component applies
    month: date | None  # None for manual lines
    order: str = ""  # "" for bonuses and bundles
    revenue_month: date | None = None
    followed: str = ""  # code of the component whose line this one follows
    followed_partner: str = ""
    customer: str = ""  # of a bundle


@dataclass(frozen=True)
class Inputs:
    """What a line was computed from; the cause of the next line is the first of these that differs."""

    partner: str  # to whom the order is attributed
    contract: tuple[str, str, str | None] | None  # schedule, level, parent
    terms: tuple[object, ...] = ()  # product, transaction, customer class, spend, quantity, signed, activated, …
    cancellation: tuple[object, ...] = ()
    share: Fraction = NOTHING  # n/d that is clawed back
    component: Component | None = None  # None: nothing applies (any more)
    base: Fraction | None = None
    certified: bool = True
    hold: str = ""
    target: Fraction | None = None
    survey: tuple[int, int, int] | None = None
    parts: tuple[str, ...] = ()  # of a bundle: its orders, which are no input themselves
    reached: object = None  # rate or place in a window, measure of a bonus, room under a campaign's cap


@dataclass(frozen=True)
class Assessment:
    kind: str
    inputs: Inputs
    full: Fraction = NOTHING
    clawed: Fraction = NOTHING
    would_claw: Fraction = NOTHING  # what evidence_missing keeps from being clawed back
    idle: bool = False  # no fact (any more), but no other identity either
    service: date | None = None  # the day whose VAT rate counts
    order: Order | None = None
    siblings: tuple[Component, ...] = ()  # the version it comes from: what may follow the line stands there
    follows: Identity | None = None

    @property
    def left(self) -> Fraction:
        return self.full - self.clawed

    @property
    def entitled(self) -> Fraction:
        return NOTHING if self.inputs.hold in ZERO_MAKING else self.left

    @property
    def followable(self) -> bool:
        """Nothing follows a held line, nor a month in which the order was not active."""
        return not self.idle and self.inputs.hold not in ZERO_MAKING


def clawed_back(full: Fraction, share: Share) -> tuple[Fraction, Fraction]:
    """EUR taken back, and what else would be if the proof were there."""
    taken = half_up(full * share.taken, CENT)
    return taken, half_up(full * share.unproven, CENT) - taken if share.unproven > share.taken else NOTHING


def inputs_of(world: World, order: Order, **own: object) -> Inputs:
    """The inputs that every line of the order shares, and those of the line."""
    contract = contract_of(world, order.partner, order.signed_on)
    given = {
        "partner": order.partner,
        "contract": contract and (contract.schedule, contract.level, contract.parent),
        "terms": terms_of(order),
        "cancellation": (order.cancellation, bool(order.cancellation and order.evidence)),
    }
    return Inputs(**{**given, **own})


def terms_of(order: Order) -> tuple[object, ...]:
    return (
        order.product,
        order.transaction,
        order.customer_class,
        order.annual_spend,
        order.quantity,
        order.signed_on,
        order.activated_on,
    )
