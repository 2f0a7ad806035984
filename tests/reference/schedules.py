"""What a schedule promises: versions of components, as the public format says them.

EUR and percent are `Decimal`. `Step(start, rate)`: from `start` on (inclusive) the rate is `rate`; ascending.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple


def _ordered(said: object, name: str, codes: tuple[str, ...] | None) -> None:
    """In which sequence codes are listed says nothing, so it is no change of the schedule either."""
    object.__setattr__(said, name, codes and tuple(sorted(codes)))


@dataclass(frozen=True)
class Match:
    """Conditions on an order; None is any."""

    families: tuple[str, ...] | None = None
    products: tuple[str, ...] | None = None
    transactions: tuple[str, ...] | None = None
    customer_classes: tuple[str, ...] | None = None
    partner_kinds: tuple[str, ...] | None = None
    levels: tuple[str, ...] | None = None
    routes: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        for name, codes in vars(self).items():
            _ordered(self, name, codes)


class Step(NamedTuple):
    start: Decimal
    rate: Decimal


class Tiers(NamedTuple):
    measure: str  # turnover | units
    window: str  # month | quarter | half_year | year
    mode: str  # slab | graduated
    by: str  # percent | amount: what the rates of the steps are
    steps: tuple[Step, ...]


class Clawback(NamedTuple):
    mode: str  # full | months | started_months | days | steps
    months: int | None = None  # of liability, from the activation
    steps: tuple[tuple[int, Decimal], ...] = ()  # (until month, percent)


@dataclass(frozen=True)
class Component:
    code: str
    kind: str
    match: Match = Match()
    amount: Decimal | None = None  # EUR per unit, or
    percent: Decimal | None = None  # percent of
    of: str | None = None  # revenue | order_value | monthly_price
    tiers: Tiers | None = None  # in place of amount and percent
    months: int | None = None  # recurring: the last month that pays
    group: str | None = None
    certificate: str | None = None  # product family
    round_to: Decimal = Decimal("0.01")
    clawback: tuple | None = None  # the fields of a Clawback
    reserve_percent: Decimal | None = None
    follows: tuple[str, ...] = ()  # campaign, uplift, override, split
    campaign: str | None = None
    needs: tuple[Match, ...] = ()  # bundle
    within_days: int | None = None
    target: str | None = None  # target_bonus: code of the KPI
    settle_after_days: int = 45
    steps: tuple[Step, ...] = ()  # target_bonus: from percent attained; uplift: from NPS, percent
    in_total: bool = False  # target_bonus: a step's amount is the whole bonus, not a unit's
    min_answers: int = 30
    effective_from: date | None = None
    keep_percent: Decimal | None = None  # split

    def __post_init__(self) -> None:
        _ordered(self, "follows", self.follows)

    @property
    def by_amount(self) -> bool:
        return self.tiers.by == "amount" if self.tiers else self.amount is not None


@dataclass(frozen=True)
class Version:
    schedule: str
    valid_from: date
    components: tuple[Component, ...]  # in document order
    freeze_days: int = 45
