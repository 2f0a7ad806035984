"""Customer segments: which band a yearly spend falls into, and where the bands contradict or leave something out.

Both bounds belong to a band, to the cent, so 1,000.00 to 3,000.00 is followed by 3,000.01. Between two bands that do
not touch lies a gap: its customers are unassigned, which is shown and never guessed.

    route_of(Decimal("3000.01"), bands)   # None: unassigned
    gaps(bands)                           # [Gap(Decimal("3000.01"), Decimal("10000.00"))]
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.money import CENT
from sales.models import SegmentBand


@dataclass(frozen=True)
class Gap:
    """An unassigned range of yearly spend in EUR, both bounds included; `spend_to` None = without end."""

    spend_from: Decimal
    spend_to: Decimal | None

    def __str__(self) -> str:
        return f"{self.spend_from} – {'∞' if self.spend_to is None else self.spend_to}"


def band_of(spend: Decimal, bands: Iterable[SegmentBand]) -> SegmentBand | None:
    """The band that contains a yearly spend (EUR net), or None if it is unassigned."""
    return next((band for band in bands if _reaches(band, spend) and band.spend_from <= spend), None)


def overlapping(band: SegmentBand, others: Iterable[SegmentBand]) -> list[SegmentBand]:
    """Other bands that share at least one cent with `band`."""
    return [
        other
        for other in others
        if other.pk != band.pk and _reaches(other, band.spend_from) and _reaches(band, other.spend_from)
    ]


def gaps(bands: Iterable[SegmentBand]) -> list[Gap]:
    """What from 0.00 upwards belongs to no band. Bands must not overlap."""
    found, start = [], Decimal("0.00")
    for band in sorted(bands, key=lambda band: band.spend_from):
        if band.spend_from > start:
            found.append(Gap(start, band.spend_from - CENT))
        if band.spend_to is None:
            return found
        start = band.spend_to + CENT
    return [*found, Gap(start, None)]


def _reaches(band: SegmentBand, spend: Decimal) -> bool:
    return band.spend_to is None or spend <= band.spend_to
