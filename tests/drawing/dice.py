"""Chances: what is rare in life is common here, and days on which something turns are likelier than those between."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

LONG_AGO = date(2020, 1, 1)
PRODUCTS = {"isdn": "voice", "volt": "voice", "dsl": "data", "vpn": "data", "care": "extra"}
FAMILIES = ("voice", "data", "extra")
PARTNERS = ("P1", "P2", "P3")  # P3 is a distributor
CAMPAIGNS = ("smart", "extra")
KPI = "kpi"
SPENDS = ("250", "800", "999.99", "1000", "2500", "5000", "7000", "12000", "12000")  # EUR a year

# Days on which months, quarters, VAT rates, contracts and versions turn.
EDGES = [
    date(2020, 9, 30),
    date(2020, 10, 1),
    date(2020, 11, 30),
    date(2020, 12, 1),
    date(2020, 12, 31),
    date(2021, 1, 1),
]


def day_in(dice: Random, first: date, last: date) -> date:
    edges = [d for d in EDGES if first <= d <= last]
    return dice.choice(edges) if edges and chance(dice, 40) else first + timedelta(dice.randint(0, (last - first).days))


def money(dice: Random, low: int, high: int) -> Decimal:
    return Decimal(dice.randint(low * 100, high * 100)) / 100


def price(dice: Random) -> Decimal:
    """A month's, net of VAT, so not always whole cents."""
    return money(dice, 0, 60) if chance(dice, 70) else Decimal(dice.randint(0, 600000)) / 10000


def chance(dice: Random, percent: int) -> bool:
    return dice.randrange(100) < percent


def pick(dice: Random, *values: Any) -> Any:
    return dice.choice(values)


def some(dice: Random, values: list[Any], most: int) -> list[Any]:
    """One to `most` of them, in their sequence."""
    chosen = dice.sample(values, k=min(len(values), dice.randint(1, most)))
    return [v for v in values if v in chosen]
