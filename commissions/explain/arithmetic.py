"""The cents of a line, recomputed from nothing but what the line and its immutable component store.

    closing 120.00, 16 of 24 months open, 120.00 booked before:
    full 1 × 120.00 = 120.00, clawed 120.00 × 16 / 24 = 80.00, entitled 40.00, amount 40.00 − 120.00 = −80.00

    graduated, the order lies between 8,000 and 17,000; from 0: 3 %, from 10,000: 4 %
    full 2,000 × 3 % + 7,000 × 4 % = 340.00

It shares no code with the SQL that priced the line, so agreement means something (formats, rules 6 and 8 to 18).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from commissions.explain import steps
from commissions.models import HoldReason, Kind, Mode
from core.money import cents, round_to

ZERO = Decimal("0.00")
# These make the entitlement zero, so they take back what was paid; the others only stop a difference (rule 6).
ZERO_MAKING = frozenset(
    {
        HoldReason.NO_CONTRACT,
        HoldReason.NOT_IN_SCHEDULE,
        HoldReason.NOT_IN_PORTFOLIO,
        HoldReason.CERTIFICATE_MISSING,
        HoldReason.CAMPAIGN_NOT_REGISTERED,
    }
)


@dataclass(frozen=True)
class Computed:
    """What a line must say, EUR net; `exact` is base × rate before rounding, `uncapped` after it."""

    exact: Decimal
    full: Decimal
    clawed: Decimal
    entitled: Decimal
    amount: Decimal
    would_be: Decimal | None  # None where the line says nothing that could be recomputed
    rate: Decimal | None  # None where no step of the component sets it
    uncapped: Decimal

    @property
    def capped(self) -> bool:
        return self.full != self.uncapped


def recompute(line: Any, component: Any = None) -> Computed:
    """Full, clawed back, entitled and posted amount from the inputs, the hold and the books of `line`.

    `component` is needed where steps decide: the line stores what was reached, the component what that pays. A line
    that takes back an identity that is due no more has base 0. A manual line is worth its base.
    """
    manual = line.kind == Kind.MANUAL
    rate = steps.chosen_rate(line, component) if line.base and not manual else None
    exact = line.base if manual else _exact(line, component, line.rate if rate is None else rate)
    uncapped = exact if manual else round_to(exact, line.round_to)
    full = min(uncapped, line.measure) if line.kind == Kind.CAMPAIGN and line.measure is not None else uncapped
    clawed = cents(full * line.clawed_n / line.clawed_d)
    left = full - clawed
    entitled = ZERO if line.hold_reason in ZERO_MAKING else left
    difference = entitled - line.booked
    stopped = line.is_notice or line.hold_reason == HoldReason.WITHHELD
    amount = ZERO if stopped else difference
    return Computed(exact, full, clawed, entitled, amount, _would_be(line, left, difference), rate, uncapped)


def takes_back(line: Any) -> bool:
    """Whether an identity was booked and no fact stands for it any more (rule 4)."""
    return line.previous_id is not None and not line.base and line.measure is None and not line.hold_reason


def graduated(line: Any, component: Any) -> bool:
    """Whether each slice of the order has a rate of its own."""
    return _priced_by_place(line, component) and line.kind != Kind.WINDOW_BONUS and component.mode == Mode.GRADUATED


def _priced_by_place(line: Any, component: Any) -> bool:
    tiered = component is not None and bool(component.steps_from) and bool(component.window)
    return tiered and line.measure is not None and bool(line.base)


def _exact(line: Any, component: Any, rate: Decimal) -> Decimal:
    """Before rounding: base × rate, what the slices come to, or what a volume bonus gained in its month."""
    if line.kind == Kind.WINDOW_BONUS and component is not None and line.measure is not None:
        before = line.measured_of or Decimal(0)
        return steps.worth(component, line.measure) - steps.worth(component, before)
    if graduated(line, component):
        return steps.stretch(component, line.measure, line.measure + line.base)
    return steps.price(line.base, rate, line.basis)


def _would_be(line: Any, left: Decimal, difference: Decimal) -> Decimal | None:
    """What a notice must announce; nothing where no component says so, or where it depends on the missing proof."""
    if not line.is_notice or line.component_id is None or line.hold_reason == HoldReason.EVIDENCE_MISSING:
        return None
    return difference if line.hold_reason == HoldReason.WITHHELD else left
