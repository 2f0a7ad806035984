"""What is known when a run starts: master data, schedules, events, holds and manual lines.

Everything is immutable; a later state of the world is `dataclasses.replace` of an earlier one. Tuples whose sequence
matters say so. `valid_until` and `portfolio_until` are exclusive, None is open. EUR and percent are `Decimal`.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Product:
    code: str
    family: str
    portfolio_from: date | None = date(2000, 1, 1)
    portfolio_until: date | None = None


@dataclass(frozen=True)
class Partner:
    number: str
    kind: str = "system_partner"
    vat: str = "regular"


@dataclass(frozen=True)
class DealerCode:
    code: str
    partner: str
    valid_from: date = date(2000, 1, 1)
    valid_until: date | None = None


@dataclass(frozen=True)
class Contract:
    partner: str
    schedule: str
    valid_from: date = date(2000, 1, 1)
    valid_until: date | None = None
    level: str = ""
    parent: str | None = None


@dataclass(frozen=True)
class Membership:
    person: str
    partner: str
    valid_from: date = date(2000, 1, 1)
    valid_until: date | None = None


@dataclass(frozen=True)
class Certificate:
    """A recorded and, where needed, approved certificate; a revoked one never counted."""

    key: str
    person: str
    family: str
    valid_from: date
    valid_until: date | None = None
    revoked: bool = False


@dataclass(frozen=True)
class Match:
    """Conditions on an order; None is any."""

    families: tuple[str, ...] | None = None
    products: tuple[str, ...] | None = None
    transactions: tuple[str, ...] | None = None
    customer_classes: tuple[str, ...] | None = None
    partner_kinds: tuple[str, ...] | None = None
    levels: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Component:
    code: str
    kind: str  # closing | recurring
    match: Match = Match()
    amount: Decimal | None = None  # EUR per unit, or
    percent: Decimal | None = None  # percent of
    of: str | None = None  # revenue | order_value | monthly_price
    months: int | None = None  # recurring: the last month that pays
    group: str | None = None
    certificate: str | None = None  # product family
    round_to: Decimal = Decimal("0.01")
    clawback: tuple[str, int] | None = None  # (full | months, months of liability)


@dataclass(frozen=True)
class Version:
    schedule: str
    valid_from: date
    components: tuple[Component, ...]  # in document order


@dataclass(frozen=True)
class Event:
    event_id: str
    event_type: str
    occurred_on: date
    order: str
    dealer_code: str | None = None
    product: str | None = None
    transaction: str | None = None
    customer_class: str | None = None
    quantity: Decimal | None = None
    order_value: Decimal | None = None
    monthly_price: Decimal | None = None
    revenue_month: date | None = None
    revenue: Decimal | None = None
    signed_on: date | None = None
    activated_on: date | None = None
    reason: str | None = None
    evidence: str | None = None


@dataclass(frozen=True)
class Hold:
    """A controller's hold; a line is withheld if it fits every key that is given."""

    key: str
    partner: str | None = None
    order: str | None = None
    component: str | None = None


@dataclass(frozen=True)
class Manual:
    key: str
    partner: str
    amount: Decimal


@dataclass(frozen=True)
class World:
    partners: tuple[Partner, ...] = ()
    dealer_codes: tuple[DealerCode, ...] = ()
    contracts: tuple[Contract, ...] = ()
    memberships: tuple[Membership, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    products: tuple[Product, ...] = ()
    versions: tuple[Version, ...] = ()  # in the sequence of publishing
    events: frozenset[Event] = field(default_factory=frozenset)
    holds: tuple[Hold, ...] = ()  # those not released
    manuals: tuple[Manual, ...] = ()  # all there ever were
