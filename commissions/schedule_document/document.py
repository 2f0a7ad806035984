"""A commission schedule as a value: what was written, checked, with defaults filled in and lists in a fixed order.

Money is EUR net per unit, percent is a number of percent (4 = 4 %), months count from the activation.
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


class Base(StrEnum):
    """What a percentage is a percentage of; `monthly_price` is multiplied by the quantity."""

    REVENUE = "revenue"
    ORDER_VALUE = "order_value"
    MONTHLY_PRICE = "monthly_price"


class ClawbackMode(StrEnum):
    FULL = "full"
    MONTHS = "months"


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


@dataclass(frozen=True)
class Rate:
    """Either an amount for each unit, or a percentage of a base."""

    amount: Decimal | None = None
    percent: Decimal | None = None
    of: Base | None = None


@dataclass(frozen=True)
class Clawback:
    """Liability: how much goes back when the order ends earlier than `months` after its activation."""

    mode: ClawbackMode
    months: int


@dataclass(frozen=True)
class Component:
    """One price of a schedule. `code` is stable over versions: what is entitled and what is booked meet on it."""

    code: str
    kind: Kind
    rate: Rate
    title: Title = Title()
    match: Match = Match()
    group: str | None = None
    certificate: str | None = None
    round_to: Decimal = Decimal("0.01")
    months: int | None = None
    clawback: Clawback | None = None


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
    raise TypeError(f"no canonical text for {value!r}")
