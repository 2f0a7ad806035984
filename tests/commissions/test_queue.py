"""A queue for a cap keeps what it has reached: a month looks at its own orders and at those whose room changes."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.utils import DatabaseError

from commissions import actions
from commissions.models import CapUse, Line
from sales.models import Campaign, FeedImport, Order
from tests.cast import make_product
from tests.commissions.test_calculate import NOW, order, run_month

pytestmark = pytest.mark.django_db
SCHEDULE = """
schedule: standard
valid_from: 2026-01-01
components:
  - {code: isdn-closing, kind: closing, match: {families: [isdn]}, rate: {percent: 10, of: order_value}}
  - {code: by-order, kind: campaign, campaign: units, rate: {amount: 10.00}}
  - {code: by-line, kind: campaign, campaign: euro, follows: [isdn-closing], rate: {percent: 50}}
"""
MONTHS = ["2026-03", "2026-04", "2026-05", "2026-06", "2026-07"]


@pytest.fixture
def queues(cast):
    """Two campaigns with a cap: ten units, and 50.00 EUR of half of each closing commission."""
    make_product("isdn-basic", "isdn")
    actions.publish_version(actions.save_draft(SCHEDULE, by=cast.carla, now=NOW), by=cast.hanna, now=NOW)
    for code, cap in (("units", {"cap_units": 10}), ("euro", {"cap_amount": Decimal("50.00")})):
        Campaign.objects.create(
            code=code, title_de=code, title_en=code, status="approved", valid_from=date(2026, 1, 1), saved_at=NOW, **cap
        )
    return cast


def months_of_orders(cast, campaign, *, months=MONTHS):
    """Three orders a month, one unit and 100.00 EUR each, signed and activated within it."""
    for month in months:
        for day in (2, 3, 4):
            signed = f"{month}-{day:02}"
            order(
                f"{campaign} {signed}",
                cast.sued if day % 2 else cast.rival,
                signed=signed,
                activated=f"{month}-10",
                campaign=campaign,
                order_value=100,
            )
        run_month(cast, month)


def changed(number, **fields):
    again = FeedImport.objects.create(source="api", filename="y", received_at=NOW, status="done")
    Order.objects.filter(order_no=number).update(feed_import=again, **fields)


def moved(run):
    lines = Line.objects.filter(run=run, kind="campaign").order_by("order__order_no")
    return {line.order.order_no: line.amount for line in lines}


@pytest.mark.parametrize("campaign", ["units", "euro"])
def test_a_month_looks_at_its_own_orders_only_however_long_the_queue(queues, looked_at, campaign):
    months_of_orders(queues, campaign)
    assert looked_at == {month: [f"{campaign} {month}-{day:02}" for day in (2, 3, 4)] for month in MONTHS}
    paid = {line.order.order_no: line.amount for line in Line.objects.filter(kind="campaign")}
    # 10 of 15 orders at 1 unit and 10.00; 50.00 / (50 % of 10.00) = 10 of 15 orders
    assert len(paid) == 10
    assert sum(paid.values()) == (100 if campaign == "units" else 50)


def test_what_is_cancelled_moves_nobody_behind(queues, looked_at):
    months_of_orders(queues, "euro")
    changed("euro 2026-03-02", cancelled_on=date(2026, 8, 3), reason="DUPLICATE", last_event_on=date(2026, 8, 3))
    # all of the 5.00 go back, and make no room
    assert moved(run_month(queues, "2026-08")) == {"euro 2026-03-02": Decimal("-5.00")}
    assert looked_at["2026-08"] == ["euro 2026-03-02"]


def test_an_order_that_falls_out_in_front_lets_the_next_one_in(queues, looked_at):
    months_of_orders(queues, "units")
    changed("units 2026-04-03", campaign="other", last_event_on=date(2026, 8, 3))
    # the tenth is now the eleventh order, of June
    assert moved(run_month(queues, "2026-08")) == {"units 2026-04-03": -10, "units 2026-06-03": 10}
    # 5 orders in front of it and more than it may follow: nobody in front of what moved is looked at
    assert not [number for number in looked_at["2026-08"] if number < "units 2026-04-03"]


def test_whoever_stands_where_all_units_are_taken_for_sure_is_left_alone(queues, looked_at):
    months_of_orders(queues, "units")
    order(
        "units 2026-07-05", queues.sued, signed="2026-07-01", activated="2026-08-10", campaign="units", order_value=100
    )
    assert moved(run_month(queues, "2026-08")) == {}
    assert looked_at["2026-08"] == ["units 2026-07-05"]


def test_a_late_order_in_front_takes_room_from_the_last_one(queues):
    months_of_orders(queues, "euro")
    order("euro late", queues.rival, signed="2026-03-01", activated="2026-08-10", campaign="euro", order_value=60)
    # 50 % of 6.00 come first; then nine orders at 5.00, and 2.00 are left for the tenth
    assert moved(run_month(queues, "2026-08")) == {"euro late": 3, "euro 2026-06-02": -3}


def test_what_is_kept_adds_up_and_is_never_changed(queues):
    months_of_orders(queues, "euro", months=MONTHS[:2])
    changed("euro 2026-03-03", order_value=50, last_event_on=date(2026, 8, 3))
    run_month(queues, "2026-08")
    kept = CapUse.objects.filter(order__order_no="euro 2026-03-03")
    # 1 unit and 5.00, out again, then 1 unit and 2.50
    assert sorted(kept.values_list("units", "wanted")) == [(-1, -5), (1, Decimal("2.5")), (1, 5)]
    with pytest.raises(DatabaseError):
        kept.update(units=2)
