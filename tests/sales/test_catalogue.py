"""What can be sold when, to whom, and through which channel."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from sales.models import Order, Product, ProductFamily, SegmentBand
from sales.queries import segment_gaps
from tests.cast import make_order

TODAY = date(2026, 11, 22)


def band(start: str, end: str | None, route: str = "partner") -> SegmentBand:
    return SegmentBand(spend_from=Decimal(start), spend_to=Decimal(end) if end else None, route=route)


@pytest.fixture
def bands(db) -> None:
    """The article's segments: 3,000.01 to 10,000.00 is decided by nobody."""
    for each in (
        band("0.00", "999.99", "call_centre"),
        band("1000.00", "3000.00"),
        band("10000.01", None, "direct_sales"),
    ):
        each.full_clean()
        each.save()


@pytest.mark.parametrize(
    ("spend", "route"),
    [
        ("0.00", "call_centre"), ("999.99", "call_centre"), ("1000.00", "partner"), ("3000.00", "partner"),
        ("3000.01", None), ("10000.00", None), ("10000.01", "direct_sales"), ("2000000.00", "direct_sales"),
    ],
)  # fmt: skip
def test_the_yearly_spend_decides_the_route_bounds_included(bands, spend, route):
    found = SegmentBand.objects.route_for(Decimal(spend), TODAY)
    assert (found.route if found else None) == route


def test_an_unknown_spend_has_no_route(bands):
    assert SegmentBand.objects.route_for(None, TODAY) is None


def test_the_gap_is_listed(bands):
    assert [str(gap) for gap in SegmentBand.objects.gaps(TODAY)] == ["3,000.01-10,000.00"]


@pytest.mark.parametrize(
    ("bands", "gaps"),
    [
        ([], ["0.00-"]),
        ([band("0", None)], []),
        ([band("0", "10")], ["10.01-"]),
        ([band("5", None)], ["0.00-4.99"]),
        ([band("10.01", None), band("0", "10")], []),
        ([band("0", "10"), band("20", "30")], ["10.01-19.99", "30.01-"]),
    ],
)
def test_gaps_lie_below_between_and_above(bands, gaps):
    assert [str(gap) for gap in segment_gaps(bands)] == gaps


@pytest.mark.parametrize(
    ("start", "end"), [("999.99", "1500"), ("3000", "4000"), ("500", None), ("10000.00", "10000.01")]
)
def test_a_segment_that_overlaps_is_refused(bands, start, end):
    with pytest.raises(ValidationError) as refusal:
        band(start, end).full_clean()
    assert [error.code for error in refusal.value.error_dict["__all__"]] == ["overlap"]


def test_a_segment_may_be_saved_again_and_may_fill_the_gap(bands):
    SegmentBand.objects.get(spend_from=1000).full_clean()
    filling = band("3000.01", "10000.00", "shared")
    filling.full_clean()
    filling.save()
    assert SegmentBand.objects.gaps(TODAY) == []


def test_a_segment_that_ended_makes_room_for_another_and_still_counts_for_its_days(bands):
    translation.activate("en")
    partners = SegmentBand.objects.get(spend_from=1000)
    partners.valid_until = date(2026, 7, 1)
    partners.full_clean()
    partners.save()
    wider = band("1000.00", "5000.00")
    wider.valid_from = date(2026, 6, 30)
    with pytest.raises(ValidationError, match="overlaps"):
        wider.full_clean()
    wider.valid_from = date(2026, 7, 1)
    wider.full_clean()
    wider.save()
    of = SegmentBand.objects.route_for
    assert of(Decimal(4000), date(2026, 6, 30)) is None
    assert of(Decimal(4000), date(2026, 7, 1)) == wider
    assert of(Decimal(2000), date(2026, 6, 30)) == partners
    assert [str(gap) for gap in SegmentBand.objects.gaps(date(2026, 7, 1))] == ["5,000.01-10,000.00"]


@pytest.fixture
def portfolio(db) -> None:
    """April 2003: ISDN, DSL and internet access; service numbers from July; VPN announced without a day."""
    launch, second_half = date(2003, 4, 3), date(2003, 7, 1)
    for code, state, start in [
        ("isdn", "released", launch), ("dsl", "released", launch), ("internet", "released", launch),
        ("service-number", "released", second_half), ("vpn", "announced", None),
    ]:  # fmt: skip
        family = ProductFamily.objects.create(code=code, title_de=code, title_en=code)
        Product.objects.create(
            code=code, title_de=code, title_en=code, family=family, state=state, portfolio_from=start
        )


def orderable(day: date) -> set[str]:
    return set(Product.objects.orderable_on(day).values_list("code", flat=True))


def test_the_portfolio_grows_by_its_dates(portfolio):
    start = {"isdn", "dsl", "internet"}
    assert orderable(date(2003, 4, 2)) == set()
    assert orderable(date(2003, 4, 3)) == start
    assert orderable(date(2003, 6, 30)) == start
    assert orderable(date(2003, 7, 1)) == start | {"service-number"}


def test_an_announced_product_is_visible_and_orderable_from_the_day_it_gets(portfolio):
    vpn = Product.objects.get(code="vpn")
    assert vpn.get_state_display()
    vpn.state, vpn.portfolio_from = "released", date(2003, 9, 1)
    vpn.full_clean()
    vpn.save()
    assert "vpn" not in orderable(date(2003, 8, 31))
    assert "vpn" in orderable(date(2003, 9, 1))


def test_a_released_product_needs_its_day(portfolio):
    vpn = Product.objects.get(code="vpn")
    vpn.state = "released"
    with pytest.raises(ValidationError):
        vpn.full_clean()


def test_a_withdrawn_product_is_orderable_until_its_last_day(portfolio):
    Product.objects.filter(code="dsl").update(state="withdrawn", portfolio_until=date(2003, 10, 1))
    assert "dsl" in orderable(date(2003, 9, 30))
    assert "dsl" not in orderable(date(2003, 10, 1))


def test_every_order_has_exactly_one_channel(cast):
    cast.rival.kind = "own_branch"
    cast.rival.save()
    make_order(cast.nord, "O-1")
    make_order(cast.rival, "O-2")
    assert [order.channel for order in Order.objects.order_by("order_no")] == ["indirect", "own_store"]
    by_channel = [
        list(Order.objects.in_channel(c).values_list("order_no", flat=True)) for c in ("indirect", "own_store")
    ]
    assert by_channel == [["O-1"], ["O-2"]]
