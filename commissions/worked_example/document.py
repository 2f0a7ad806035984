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
class Contract:
    """As part of a partner, or as a step; a step that leaves something out keeps what the contract before it says."""

    partner: str
    valid_from: date
    valid_until: date | None = None
    schedule: str | None = None
    level: str | None = None
    parent: str | None = None


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


Step = Feed | Run | Document | Certificate | Contract | Hold | Release | Manual


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
class Example:
    title: str
    products: tuple[Product, ...]
    schedules: tuple[Document, ...]
    partners: tuple[Partner, ...]
    certificates: tuple[Certificate, ...]
    steps: tuple[Step, ...]
    expect: tuple[Expectation, ...]

    def steps_of(self, kind: type[Any]) -> list[Any]:
        return [step for step in self.steps if isinstance(step, kind)]
