"""Targets the slow way: a dictionary of months, changed step by step. Shares no code with the product.

Numbers are fractions; a month that is suspended is missing.
"""

from datetime import date
from fractions import Fraction


def month_plan(year, annual, weights, steps):
    """{month number: target}. `steps` are tuples: ("set", value), ("scale", factor), ("suspend" | "exclude", months)."""
    value, factor, suspended, excluded = Fraction(annual), None, set(), set()
    for name, what in steps:
        if name == "set":
            value = Fraction(what)
        elif name == "scale":
            factor = Fraction(what)
        elif name == "suspend":
            suspended |= set(what)
        else:
            excluded |= set(what)
    everything = sum(Fraction(w) for w in weights)
    plan = {month: value * Fraction(weights[month - 1]) / everything for month in range(1, 13)}
    for month in suspended:
        del plan[month]
    if factor is not None:
        rest = sum(Fraction(weights[month - 1]) for month in plan)
        plan = {m: factor * Fraction(annual) * Fraction(weights[m - 1]) / rest if rest else Fraction(0) for m in plan}
    return {month: Fraction(0) if month in excluded else target for month, target in plan.items()}


def period(plan, months):
    """Target of a period, None if nothing of it is left."""
    known = [plan[month] for month in months if month in plan]
    return sum(known, Fraction(0)) if known else None


def actual(orders, year, months, suspended, as_of):
    """Units of (activated_on, quantity, cancelled_on, reason) that count on a day."""
    faults = ("NO_AVAILABILITY", "PROVIDER_FAULT", "PROVIDER_TERMINATION", "PRICE_INCREASE")
    total = 0
    for activated_on, quantity, cancelled_on, reason in orders:
        if activated_on is None or activated_on > as_of or activated_on.year != year:
            continue
        if activated_on.month not in months or activated_on.month in suspended:
            continue
        if cancelled_on is not None and cancelled_on <= as_of and reason not in faults:
            continue
        total += quantity
    return total


def first(year, month):
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
