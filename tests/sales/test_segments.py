"""Bands of yearly spend include both bounds to the cent; what no band contains is unassigned and shown (F0-08, F0-12)."""

from decimal import Decimal

import pytest

from sales.models import SegmentBand
from sales.segments import Gap, band_of, gaps, overlapping


def band(low: str, high: str | None, route: str, pk: int) -> SegmentBand:
    return SegmentBand(pk=pk, spend_from=Decimal(low), spend_to=high and Decimal(high), route=route)


BANDS = [
    band("0.00", "999.99", "call_centre", 1),
    band("1000.00", "3000.00", "partner", 2),
    band("10000.01", None, "direct_sales", 3),
]


@pytest.mark.parametrize(
    ("spend", "route"),
    [
        ("0.00", "call_centre"),
        ("999.99", "call_centre"),
        ("1000.00", "partner"),
        ("3000.00", "partner"),
        ("3000.01", None),
        ("10000.00", None),
        ("10000.01", "direct_sales"),
        ("999999.00", "direct_sales"),
    ],
)
def test_both_bounds_belong_to_the_band(spend, route):
    found = band_of(Decimal(spend), BANDS)
    assert (found.route if found else None) == route


def test_the_unassigned_range_is_named_to_the_cent():
    assert gaps(BANDS) == [Gap(Decimal("3000.01"), Decimal("10000.00"))]
    assert str(gaps(BANDS)[0]) == "3000.01 – 10000.00"


def test_without_an_open_band_the_richest_are_unassigned():
    assert gaps(BANDS[:2]) == [Gap(Decimal("3000.01"), None)]
    assert gaps([]) == [Gap(Decimal("0.00"), None)]


@pytest.mark.parametrize(
    ("low", "high", "others"),
    [
        ("3000.01", "10000.00", []),
        ("3000.00", "3000.50", [2]),
        ("500.00", "2000.00", [1, 2]),
        ("20000.00", "30000.00", [3]),
        ("0.00", None, [1, 2, 3]),
    ],
)
def test_sharing_one_cent_is_an_overlap(low, high, others):
    assert [each.pk for each in overlapping(band(low, high, "partner", 9), BANDS)] == others


def test_a_band_does_not_overlap_itself():
    assert overlapping(BANDS[1], BANDS) == []
