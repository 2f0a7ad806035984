"""Amounts in EUR: exact decimals, rounded commercially and only once.

cents(Decimal("2.675"))            # 2.68, where float arithmetic gives 2.67
round_to(Decimal("12.34"), DIME)   # 12.30
"""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
DIME = Decimal("0.10")
EURO = Decimal("1.00")


def cents(amount: Decimal) -> Decimal:
    """EUR rounded half away from zero to 0.01: 0.125 -> 0.13, -0.125 -> -0.13 (convention CV2)."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def round_to(amount: Decimal, step: Decimal) -> Decimal:
    """EUR rounded half away from zero to a multiple of `step` (0.01, 0.10 or 1.00), written with cents."""
    return cents((amount / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step)
