"""What a target is worth: the bands of the partner's schedule, applied as the engine does (slab).

Schedules belong to a room above this one, so that room provides the bands (`provide`, called when it is ready).
Worked example, H2 target 500, bands 80/4.00, 90/7.00, 100/10.00, 110/12.00 EUR a unit:

    bonus(bands, Decimal(432), Decimal(500))        # 1,728.00  (86.4 %: 432 × 4.00)
    next_step(bands, Decimal(432), Decimal(500))    # 18 more units, + 1,422.00  (450 × 7.00 − 1,728.00)
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from core.money import cents
from targets.arithmetic import percent


@dataclass(frozen=True)
class Band:
    """From so many percent on, `amount` EUR net: for each unit of the whole period, or `in_total`."""

    from_percent: Decimal
    amount: Decimal
    in_total: bool = False


@dataclass(frozen=True)
class Step:
    """The next band: how much more brings it, and what it then adds in EUR net."""

    band: Band
    more: Decimal
    gain: Decimal


Bands = Mapping[tuple[int, str], Sequence[Band]]
Source = Callable[[Collection[int], Collection[str], date], Bands]
_source: list[Source] = []


def provide(source: Source) -> None:
    """`source(partner ids, KPI codes, day)` gives the bands in force on `day` by partner and KPI."""
    _source[:] = [source]


def bands_of(partners: Collection[int], kpis: Collection[str], day: date) -> Bands:
    """For many partners at once; empty while nobody provides any."""
    return _source[0](partners, kpis, day) if _source and partners and kpis else {}


def reached(bands: Sequence[Band], actual: Decimal | Fraction, target: Decimal | Fraction | None) -> Band | None:
    """The highest band reached, compared unrounded; bounds belong to the band above them."""
    exact = percent(actual, target)
    if exact is None:
        return None
    return max((band for band in bands if exact >= Fraction(band.from_percent)), key=_from, default=None)


def bonus(bands: Sequence[Band], actual: Decimal | Fraction, target: Decimal | Fraction | None) -> Decimal:
    """EUR net of a whole period that ends like this."""
    band = reached(bands, actual, target)
    if band is None:
        return Decimal("0.00")
    exact = Fraction(band.amount) * (1 if band.in_total else Fraction(actual))
    return cents(Decimal(exact.numerator) / Decimal(exact.denominator))


def next_step(bands: Sequence[Band], actual: Decimal, target: Decimal | Fraction | None) -> Step | None:
    """None on the highest band and without a target. `more` is rounded up to whole units."""
    now = percent(actual, target)
    if now is None or target is None:
        return None
    band = min((band for band in bands if Fraction(band.from_percent) > now), key=_from, default=None)
    if band is None:
        return None
    needed = Fraction(target) * Fraction(band.from_percent) / 100 - Fraction(actual)
    more = Decimal(math.ceil(needed))
    return Step(band, more, bonus(bands, actual + more, target) - bonus(bands, actual, target))


def _from(band: Band) -> Decimal:
    return band.from_percent
