"""The cents of a line, recomputed from nothing but what the line stores.

    closing 120.00, 16 of 24 months open, 120.00 booked before:
    full 1 × 120.00 = 120.00, clawed 120.00 × 16 / 24 = 80.00, entitled 40.00, amount 40.00 − 120.00 = −80.00

It shares no code with the SQL that priced the line, so agreement means something (formats, rules 6 and 8).
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from commissions.models import Basis, HoldReason, Kind
from core.money import cents, round_to

ZERO = Decimal("0.00")
# These make the entitlement zero, so they take back what was paid; the others only stop a difference (rule 6).
ZERO_MAKING = frozenset(
    {HoldReason.NO_CONTRACT, HoldReason.NOT_IN_SCHEDULE, HoldReason.NOT_IN_PORTFOLIO, HoldReason.CERTIFICATE_MISSING}
)


@dataclass(frozen=True)
class Computed:
    """What a line must say, EUR net; `exact` is base × rate before rounding."""

    exact: Decimal
    full: Decimal
    clawed: Decimal
    entitled: Decimal
    amount: Decimal
    would_be: Decimal | None  # None where the line says nothing that could be recomputed


def recompute(line: Any) -> Computed:
    """Full, clawed back, entitled and posted amount from base, rate, n, d, hold and booked of `line`.

    A line that takes back an identity that is due no more has base 0. A manual line is worth its base.
    """
    manual = line.kind == Kind.MANUAL
    exact = line.base if manual else _product(line)
    full = exact if manual else round_to(exact, line.round_to)
    clawed = cents(full * line.clawed_n / line.clawed_d)
    left = full - clawed
    entitled = ZERO if line.hold_reason in ZERO_MAKING else left
    difference = entitled - line.booked
    stopped = line.is_notice or line.hold_reason == HoldReason.WITHHELD
    return Computed(exact, full, clawed, entitled, ZERO if stopped else difference, _would_be(line, left, difference))


def takes_back(line: Any) -> bool:
    """Whether an identity was booked and no fact stands for it any more (rule 4)."""
    return line.previous_id is not None and not line.base and not line.hold_reason


def _product(line: Any) -> Decimal:
    """base × rate without rounding: numbers of 18 and 14 digits need more than Decimal's usual 28."""
    with localcontext() as context:
        context.prec = 60
        product: Decimal = line.base * line.rate
        return product if line.basis == Basis.UNITS else product.scaleb(-2)  # percent


def _would_be(line: Any, left: Decimal, difference: Decimal) -> Decimal | None:
    """What a notice must announce; nothing where no component says so, or where it depends on the missing proof."""
    if not line.is_notice or line.component_id is None or line.hold_reason == HoldReason.EVIDENCE_MISSING:
        return None
    return difference if line.hold_reason == HoldReason.WITHHELD else left
