"""Random master data: contracts, certificates, products, campaigns, targets, survey results."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from tests.drawing.dice import KPI, LONG_AGO, PRODUCTS, chance, day_in, pick
from tests.reference.facts import (
    Adjustment,
    Campaign,
    Certificate,
    Contract,
    Product,
    Registration,
    Survey,
    Target,
)


def draw_contracts(dice: Random, partner: str, distributors: bool = False) -> tuple[Contract, ...]:
    home = "S1" if partner != "P2" else pick(dice, "S1", "S2")
    parent = pick(dice, None, None, "P3", *["P3"] * (4 if distributors else 0)) if partner != "P3" else None
    whole = Contract(partner, home, LONG_AGO, None, pick(dice, "", "gold", "silver"), parent)
    turn = day_in(dice, date(2020, 9, 10), date(2020, 12, 31))
    shape = pick(dice, *["whole"] * 12, "gap", "over", "other", "level", "late", "none", "parent")
    return {
        "whole": (whole,),
        "gap": (replace(whole, valid_until=turn), replace(whole, valid_from=turn + timedelta(20))),
        "over": (replace(whole, valid_until=turn),),
        "other": (replace(whole, valid_until=turn), replace(whole, valid_from=turn, schedule="S2")),
        "level": (replace(whole, valid_until=turn), replace(whole, valid_from=turn, level="gold")),
        "parent": (replace(whole, valid_until=turn), replace(whole, valid_from=turn, parent=None if parent else "P3"))
        if partner != "P3"
        else (whole,),
        "late": (replace(whole, valid_from=turn),),
        "none": (),
    }[shape]


def draw_certificate(dice: Random, key: str) -> Certificate:
    start = pick(dice, *[date(2020, 6, 1)] * 4, day_in(dice, date(2020, 8, 1), date(2020, 12, 31)))
    until = pick(dice, *[None] * 5, start + timedelta(60), start + timedelta(365))
    return Certificate(key, pick(dice, *["anna"] * 6, "ben"), pick(dice, "voice", "data"), start, until)


def draw_certificates(dice: Random) -> list[Certificate]:
    """Most of the time Anna may sell what P1 sells."""
    summer = [Certificate(f"z{i}", "anna", family, date(2020, 6, 1)) for i, family in enumerate(("voice", "data"))]
    return [*summer, draw_certificate(dice, "z2")]


def draw_product(dice: Random, code: str) -> Product:
    window = pick(dice, *["open"] * 12, "from", "until", "announced")
    turn = day_in(dice, date(2020, 9, 10), date(2020, 12, 31))
    start, until = {
        "open": (LONG_AGO, None),
        "from": (turn, None),
        "until": (LONG_AGO, turn),
        "announced": (None, None),
    }[window]
    return Product(code, PRODUCTS[code], start, until)


def draw_campaign(dice: Random, code: str) -> Campaign:
    """Only what is paid by the order can run out of money in the middle of one."""
    start = pick(dice, date(2020, 8, 1), date(2020, 8, 1), day_in(dice, date(2020, 9, 1), date(2020, 11, 1)))
    until = pick(dice, None, None, day_in(dice, date(2020, 11, 2), date(2021, 1, 10)))
    left_out = pick(dice, *[()] * 4, (("product", "isdn"),), (("family", "extra"),), (("partner", "P2"),))
    units = pick(dice, None, None, Decimal(1), Decimal(3), Decimal("4.5"))
    amount = pick(dice, None, None, Decimal(20), Decimal("45.50")) if code == "extra" else None
    registration = chance(dice, 40)
    return Campaign(code, start, until, registration, units, amount, frozenset(left_out), chance(dice, 60))


def draw_capped(dice: Random, code: str) -> Campaign:
    """Open to everybody, and most of the time full before everybody was served."""
    # Of a line with both, what is left in EUR moves with the line, so no cause would be the line's own.
    both = (code == "extra", True)
    units, amount = pick(dice, (True, False), (False, True), (False, True), both)
    cap_units = pick(dice, Decimal(2), Decimal(3), Decimal("4.5"), Decimal(6)) if units else None
    amounts = ("20", "45.50", "80", "110") if code == "extra" else ("4", "9.50", "20")
    cap_amount = Decimal(pick(dice, *amounts)) if amount else None
    return Campaign(
        code, date(2020, 8, 1), None, chance(dice, 10), cap_units, cap_amount, frozenset(), chance(dice, 40)
    )


def draw_registration(dice: Random, code: str) -> Registration:
    return Registration(code, pick(dice, "P1", "P1", "P2"), day_in(dice, date(2020, 8, 20), date(2020, 12, 20)))


def draw_target(dice: Random, partner: str, sure: bool = False) -> Target:
    """`sure`: everything of the year in which the orders lie counts."""
    measure = pick(dice, "units", "units", "turnover")
    year = 2020 if sure else pick(dice, 2020, 2020, 2021)
    annual = pick(dice, 2, 3, 5, 8) * (300 if measure == "turnover" else 1)
    weights = pick(dice, None, [1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4])
    return Target(
        partner,
        KPI,
        year,
        Decimal(annual),
        None if sure else pick(dice, None, ("voice",), ("voice", "data")),
        None if sure else pick(dice, None, None, ("new",)),
        measure,
        pick(dice, "half_year", "half_year", "quarter", "year"),
        tuple(map(Decimal, weights)) if weights else (Decimal(1),) * 12,
        (draw_adjustment(dice, year),) if chance(dice, 30) else (),
    )


def draw_adjustment(dice: Random, year: int) -> Adjustment:
    month = pick(dice, 1, 7, 9, 10, 11)
    kind = pick(dice, "set", "set", "suspend", "scale", "scale", "exclude_plan")
    if kind == "set":
        return Adjustment(kind, Decimal(pick(dice, 1, 3, 20, 600)))
    if kind == "scale":
        return Adjustment(kind, pick(dice, Decimal("0.5"), Decimal("0.25"), Decimal("1.5")))
    until = pick(dice, date(year + 1, 1, 1), date(year, month + 1, 1))
    return Adjustment(kind, None, date(year, month, 1), until)


def draw_survey(dice: Random, quarter: date | None = None) -> Survey:
    quarter = quarter or pick(dice, date(2020, 7, 1), date(2020, 10, 1), date(2021, 1, 1))
    counts = pick(dice, (31, 11, 6), (31, 11, 6), (20, 6, 4), (12, 4, 2), (20, 10, 11), (5, 5, 30))
    return Survey(pick(dice, "P1", "P1", "P2"), quarter, *counts)
