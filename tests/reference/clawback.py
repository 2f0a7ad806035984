"""The share n/d of an amount that a cancellation takes back.

activated 10 March 2026, cancelled 20 November 2026, liability 24 months
months: 8 full months, 16/24    started_months: the ninth has begun, 15/24    days: 476/731    full: 1/1
"""

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from tests.reference.arithmetic import full_months, plus_months, started_months
from tests.reference.orders import Order
from tests.reference.schedules import Clawback, Component

WHOLE = {"WITHDRAWAL", "FRAUD_PARTNER", "FRAUD_CUSTOMER", "DUPLICATE"}
NEVER = {"NO_AVAILABILITY", "PROVIDER_FAULT", "PROVIDER_TERMINATION", "PRICE_INCREASE"}
NOTHING = Fraction(0)


class Share(NamedTuple):
    """What is taken back, and what would be if the proof of a non-payment were there."""

    taken: Fraction = NOTHING
    unproven: Fraction = NOTHING


def share_of(component: Component, order: Order, activated_on: date | None = None) -> Share:
    """`activated_on`: the day from which liability runs, if it is not the order's own."""
    end = order.cancellation
    if end is None or end.reason in NEVER:
        return Share()
    if end.reason in WHOLE:
        return Share(Fraction(1))
    share = by_key(component, activated_on or order.activated_on, end.day)
    if end.reason == "NON_PAYMENT" and not order.evidence:
        return Share(unproven=share)
    return Share(share)


def by_key(component: Component, start: date, end: date) -> Fraction:
    """What the component's own clawback takes back if the contract that began on `start` ends on `end`."""
    if component.clawback is None:
        return NOTHING
    key = Clawback(*component.clawback)
    liable_until = plus_months(start, key.months) if key.months is not None else date.max
    if end >= liable_until:
        return NOTHING
    match key.mode:
        case "full":
            return Fraction(1)
        case "months":
            return Fraction(key.months - full_months(start, end), key.months)
        case "started_months":
            return Fraction(key.months - started_months(start, end), key.months)
        case "days":
            return Fraction((liable_until - max(start, end)).days, (liable_until - start).days)
        case "steps":
            started = started_months(start, end)
            return next((Fraction(p) / 100 for until, p in key.steps if until >= started), NOTHING)
    raise ValueError(key.mode)
