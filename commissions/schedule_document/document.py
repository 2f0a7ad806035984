"""A commission schedule as a value: what was written, checked, with defaults filled in and lists in a fixed order.

Money is EUR net per unit, percent is a number of percent (4 = 4 %), months count from the activation. A component holds
only what its kind may say; everything else is None or empty, so that a digest has nothing to see there.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    CLOSING = "closing"
    RECURRING = "recurring"
    WINDOW_BONUS = "window_bonus"
    TARGET_BONUS = "target_bonus"
    CAMPAIGN = "campaign"
    BUNDLE = "bundle"
    UPLIFT = "uplift"
    OVERRIDE = "override"
    SPLIT = "split"


class Base(StrEnum):
    """What a percentage is a percentage of; `monthly_price` is multiplied by the quantity."""

    REVENUE = "revenue"
    ORDER_VALUE = "order_value"
    MONTHLY_PRICE = "monthly_price"


class Measure(StrEnum):
    """What reaches a step: the sum of the base that `of` names, or the sum of the quantities."""

    TURNOVER = "turnover"
    UNITS = "units"


class Window(StrEnum):
    """How long a measure is summed up: calendar month, quarter, half year, year."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


class Mode(StrEnum):
    """`slab`: the reached rate for all of the window. `graduated`: each slice at its own rate."""

    SLAB = "slab"
    GRADUATED = "graduated"


class ClawbackMode(StrEnum):
    FULL = "full"
    MONTHS = "months"
    STARTED_MONTHS = "started_months"
    DAYS = "days"
    STEPS = "steps"


@dataclass(frozen=True)
class Title:
    """Name for people, by language; a language that is missing falls back to the other, both missing to the code."""

    de: str = ""
    en: str = ""

    def text(self, language: str, code: str) -> str:
        return (self.de or self.en or code) if language.startswith("de") else (self.en or self.de or code)


@dataclass(frozen=True)
class Match:
    """Which orders a component pays for. Every tuple is sorted; an empty one means any."""

    families: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    transactions: tuple[str, ...] = ()
    customer_classes: tuple[str, ...] = ()
    partner_kinds: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """From this measure on (inclusive; percent attained, NPS) one of the three: percent, EUR a unit, EUR in total.

    `amount` is EUR a unit in tiers and EUR in total in a target bonus, which says `amount_per_unit` for the other.
    """

    start: Decimal
    percent: Decimal | None = None
    amount: Decimal | None = None
    amount_per_unit: Decimal | None = None

    @property
    def rate(self) -> Decimal:
        return next(each for each in (self.percent, self.amount, self.amount_per_unit) if each is not None)


@dataclass(frozen=True)
class Tiers:
    """A rate that grows with what a partner sells in a window. Steps ascend from 0; all are percent or all amounts."""

    measure: Measure
    window: Window
    mode: Mode
    steps: tuple[Step, ...]

    @property
    def by_percent(self) -> bool:
        return self.steps[0].percent is not None


@dataclass(frozen=True)
class Rate:
    """An amount for each unit, a percentage of a base (or of the line that is followed), or tiers of either."""

    amount: Decimal | None = None
    percent: Decimal | None = None
    of: Base | None = None
    tiers: Tiers | None = None


@dataclass(frozen=True)
class ClawbackStep:
    """Up to and including this started month so much goes back."""

    until_month: int
    percent: Decimal


@dataclass(frozen=True)
class Clawback:
    """Liability: how much goes back when the order ends earlier than `months` after its activation.

    With mode `steps` the months may be left out: the last step ends the liability.
    """

    mode: ClawbackMode
    months: int | None = None
    steps: tuple[ClawbackStep, ...] = ()

    @property
    def liability(self) -> int:
        """Months from the activation within which an ending order costs anything."""
        return self.months if self.months is not None else self.steps[-1].until_month


@dataclass(frozen=True)
class Component:
    """One price of a schedule. `code` is stable over versions: what is entitled and what is booked meet on it."""

    code: str
    kind: Kind
    rate: Rate | None = None  # target bonus, uplift and split have steps or a share instead
    title: Title = Title()
    match: Match = Match()
    group: str | None = None
    certificate: str | None = None
    round_to: Decimal = Decimal("0.01")
    months: int | None = None
    clawback: Clawback | None = None
    reserve_percent: Decimal | None = None
    follows: tuple[str, ...] = ()  # codes of this document
    campaign: str | None = None
    needs: tuple[Match, ...] = ()
    within_days: int | None = None
    target: str | None = None  # code of the figure that the target is about
    mode: Mode | None = None  # of a target bonus's steps
    settle_after_days: int | None = None
    by: str | None = None  # uplift: nps
    min_answers: int | None = None
    effective_from: date | None = None
    steps: tuple[Step, ...] = ()
    keep_percent: Decimal | None = None  # what the parent keeps of a split line


@dataclass(frozen=True)
class Document:
    """One version of a schedule; it applies to orders signed on or after `valid_from`."""

    schedule: str
    valid_from: date
    components: tuple[Component, ...]
    title: Title = Title()
    freeze_days: int = 45


def component_digest(component: Component) -> str:
    """SHA-256 (hex) of everything in a component that can change an amount, so not of its title.

    A new version that repeats a component has the same digest: then the schedule is not the cause of a difference.
    What is not said leaves no trace, so a key that a later release learns changes no digest of today.
    """
    content = asdict(
        component, dict_factory=lambda pairs: {key: value for key, value in pairs if value not in (None, ())}
    )
    content.pop("title")
    text = json.dumps(content, default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def number(value: Decimal) -> str:
    """The shortest way to write a number without an exponent: 45, 3.5, 0.1."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no canonical text for {value!r}")
