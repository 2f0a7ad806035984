"""A worked example as a value: the world it sets up, the steps it takes, the amounts it expects.

Money is EUR, a month is its first day, "until" is exclusive. Everything an example may leave out has its default here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from commissions.schedule_document import Document


@dataclass(frozen=True)
class Product:
    code: str
    family: str
    one_off: bool = False


@dataclass(frozen=True)
class Segment:
    """Customers by yearly spend, EUR net, both bounds included, whoever signs when; `spend_to` None is without end."""

    spend_from: Decimal
    route: str
    spend_to: Decimal | None = None
    partner_allowed: bool = False


@dataclass(frozen=True)
class Contract:
    """As part of a partner, or as a step; a step that leaves something out keeps what the contract before it says."""

    partner: str
    valid_from: date
    valid_until: date | None = None
    schedule: str | None = None
    level: str | None = None
    parent: str | None = None
    vat: str | None = None  # VAT status of services from `valid_from` on


@dataclass(frozen=True)
class Partner:
    number: str
    kind: str = "system_partner"
    level: str = ""
    parent: str | None = None
    dealer_code: str | None = None
    vat: str = "regular"
    contract: Contract | None = None


@dataclass(frozen=True)
class Certificate:
    """`person` None: a new member of the partner. `revoked`: the certificate recorded before for these keys is revoked."""

    partner: str
    family: str
    valid_from: date
    valid_until: date | None = None
    person: str | None = None
    revoked: bool = False


@dataclass(frozen=True)
class Adjustment:
    """A change of a target: kind set (`value`), scale (`factor`), suspend or exclude_plan (from a month until another)."""

    kind: str
    valid_from: date | None = None
    valid_until: date | None = None
    factor: Decimal | None = None
    value: Decimal | None = None

    def said(self) -> dict[str, Any]:
        """By the words of the format, as the room of targets reads them."""
        words = {"from": self.valid_from, "until": self.valid_until, "factor": self.factor, "value": self.value}
        return {"kind": self.kind, **{key: str(value) for key, value in words.items() if value is not None}}


@dataclass(frozen=True)
class Target:
    """Agreed and accepted. As a step: what it leaves out stays as it was said for partner, figure and year."""

    partner: str
    kpi: str
    year: int
    annual: Decimal | None = None
    families: tuple[str, ...] | None = None
    measure: str | None = None
    period: str | None = None
    weights: tuple[Decimal, ...] | None = None
    adjustments: tuple[Adjustment, ...] = ()


@dataclass(frozen=True)
class Survey:
    """A partner's counted answers of a quarter, named by its first day. A later one replaces an earlier one."""

    partner: str
    quarter: date
    promoters: int
    passives: int
    detractors: int


@dataclass(frozen=True)
class Campaign:
    """Approved. `exclude`: codes or numbers by "products", "families", "partners"."""

    code: str
    valid_from: date
    valid_until: date | None = None
    registration: str = "none"
    cap_units: Decimal | None = None
    cap_amount: Decimal | None = None
    exclude: tuple[tuple[str, tuple[str, ...]], ...] = ()
    stackable: bool = True


@dataclass(frozen=True)
class Registration:
    """The partner takes part for orders signed from that day on; without one from the campaign's start."""

    partner: str
    campaign: str
    valid_from: date | None = None


@dataclass(frozen=True)
class Hold:
    """Of a partner, an order, a component, or of what all given ones name together."""

    partner: str | None = None
    order: str | None = None
    component: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Release(Hold):
    pass


@dataclass(frozen=True)
class Manual:
    partner: str
    amount: Decimal
    reason: str = ""


@dataclass(frozen=True)
class Feed:
    text: str


@dataclass(frozen=True)
class Run:
    month: date


Step = (
    Feed
    | Run
    | Document
    | Certificate
    | Contract
    | Target
    | Survey
    | Campaign
    | Segment
    | Registration
    | Hold
    | Release
    | Manual
)


@dataclass(frozen=True)
class StatementSums:
    """What a statement is compared by; None: not compared."""

    net: Decimal | None = None
    brought_forward: Decimal | None = None
    vat: Decimal | None = None
    gross: Decimal | None = None
    reserve_withheld: Decimal | None = None
    reserve_released: Decimal | None = None
    reserve_drawn: Decimal | None = None
    carried_forward: Decimal | None = None
    payable: Decimal | None = None

    def given(self) -> dict[str, Decimal]:
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name)) is not None}


@dataclass(frozen=True)
class Expectation:
    """The sum of the lines that run posts and that match all given keys, or sums of the partner's statement."""

    run: date
    line: int  # where it stands in the file
    partner: str | None = None
    order: str | None = None
    component: str | None = None
    cause: str | None = None
    held: str | None = None
    amount: Decimal | None = None
    statement: StatementSums | None = None

    def __str__(self) -> str:
        keys = ("partner", "order", "component", "cause", "held")
        given = [f"{key} {value}" for key in keys if (value := getattr(self, key)) is not None]
        return ", ".join([f"run {self.run:%Y-%m}", *given])


@dataclass(frozen=True)
class AttainmentExpectation:
    """How far a target is after all steps, by what is dated up to that day. `percent` is cut after one decimal."""

    attainment: str
    partner: str
    as_of: date
    line: int
    target: Decimal | None = None
    actual: Decimal | None = None
    percent: Decimal | None = None

    def __str__(self) -> str:
        return f"attainment {self.attainment}, partner {self.partner}, as of {self.as_of}"

    def given(self) -> dict[str, Decimal]:
        keys = ("target", "actual", "percent")
        return {key: value for key in keys if (value := getattr(self, key)) is not None}


@dataclass(frozen=True)
class Example:
    title: str
    products: tuple[Product, ...]
    schedules: tuple[Document, ...]
    partners: tuple[Partner, ...]
    certificates: tuple[Certificate, ...]
    targets: tuple[Target, ...]
    surveys: tuple[Survey, ...]
    campaigns: tuple[Campaign, ...]
    segments: tuple[Segment, ...]
    steps: tuple[Step, ...]
    expect: tuple[Expectation | AttainmentExpectation, ...]

    def steps_of(self, kind: type[Any]) -> list[Any]:
        return [step for step in self.steps if isinstance(step, kind)]
