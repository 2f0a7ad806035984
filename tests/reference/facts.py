"""What is known when a run starts: master data, schedules, events, campaigns, targets, surveys, holds, manual lines.

Everything is immutable; a later state of the world is `dataclasses.replace` of an earlier one. Tuples whose sequence
matters say so. `valid_until` and `portfolio_until` are exclusive, None is open. EUR and percent are `Decimal`.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from tests.reference.schedules import Version


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
    former_vat: tuple[tuple[str, date], ...] = ()  # status and the first day on which it counted no more, in sequence

    def vat_on(self, day: date) -> str:
        return next((was for was, until in self.former_vat if day < until), self.vat)

    def taxed(self, vat: str, since: date) -> "Partner":
        """The same partner with another status for services from `since` on, which is not before the last change."""
        again = vat == self.vat or any(until == since for _, until in self.former_vat)
        return replace(self, vat=vat, former_vat=self.former_vat if again else (*self.former_vat, (self.vat, since)))


@dataclass(frozen=True)
class Taxation:
    """For services from `since` on the partner's VAT status is `vat`."""

    partner: str
    vat: str
    since: date


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
class Event:
    event_id: str
    event_type: str
    occurred_on: date
    order: str
    dealer_code: str | None = None
    product: str | None = None
    transaction: str | None = None
    customer_no: str | None = None
    customer_class: str | None = None
    annual_spend: Decimal | None = None
    campaign: str | None = None  # codes, separated by blanks
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
class Segment:
    """Customers by yearly spend, both bounds included, and who serves them; partners may sell there or not.

    It counts for orders signed on the days it is valid.
    """

    route: str  # call_centre | partner | shared | direct_sales
    spend_from: Decimal
    spend_to: Decimal | None = None
    partner_allowed: bool = False
    valid_from: date = date(2000, 1, 1)
    valid_until: date | None = None


@dataclass(frozen=True)
class Campaign:
    """Terms of a campaign; what it pays stands in schedules. `excluded`: products, families or partner numbers."""

    code: str
    valid_from: date
    valid_until: date | None = None
    registration: bool = False  # whether the partner has to be registered on the signature date
    cap_units: Decimal | None = None
    cap_amount: Decimal | None = None
    excluded: frozenset[tuple[str, str]] = frozenset()  # ("product" | "family" | "partner", code)
    stackable: bool = True


@dataclass(frozen=True)
class Registration:
    campaign: str
    partner: str
    since: date
    until: date | None = None  # withdrawn for what is signed from this day on


@dataclass(frozen=True)
class Adjustment:
    kind: str  # set | suspend | scale | exclude_plan
    value: Decimal | None = None  # set: the new annual target; scale: the factor
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Target:
    """What was agreed with a partner for a year; the latest of partner, KPI and year counts."""

    partner: str
    kpi: str
    year: int
    annual: Decimal
    families: tuple[str, ...] | None = None
    transactions: tuple[str, ...] | None = None
    measure: str = "units"  # units | turnover
    period: str = "half_year"  # year | half_year | quarter
    weights: tuple[Decimal, ...] = (Decimal(1),) * 12
    adjustments: tuple[Adjustment, ...] = ()


@dataclass(frozen=True)
class Survey:
    """Answers of a quarter; the latest of partner and quarter counts."""

    partner: str
    quarter: date  # its first day
    promoters: int
    passives: int
    detractors: int


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
    campaigns: tuple[Campaign, ...] = ()
    registrations: tuple[Registration, ...] = ()
    targets: tuple[Target, ...] = ()  # in the sequence of recording
    surveys: tuple[Survey, ...] = ()  # in the sequence of recording
    segments: tuple[Segment, ...] = ()
