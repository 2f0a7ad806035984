"""Nightly counts: from nothing, and then only what changed, always to the same result as the slow reference."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sales.models import Order, Product
from targets.actions import record_agreement
from targets.actions.attainment import take_snapshots
from targets.models import Agreement, AgreementItem, Kpi, Settlement, Snapshot
from tests.cast import make_import, make_order, make_product
from tests.targets import reference


@pytest.fixture
def mobile(db):
    make_import()
    return make_product("mobile-flat", "mobile")


def evening(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 20, tzinfo=UTC)


def agreed(partner, **fields):
    entry = {"kpi": "mobile-units", "year": 2026, "annual": Decimal(1000), "families": ["mobile"]}
    return record_agreement(partner, **{**entry, **fields})


def sell(partner, number, units, day, **fields):
    return make_order(partner, number, product="mobile-flat", quantity=units, activated_on=day, **fields)


def snapshot(item, day):
    return Snapshot.objects.filter(item=item, day=day).order_by("-period_from").first()


def test_only_what_changed_is_counted_again(cast, mobile) -> None:
    item = agreed(cast.nord)
    first = sell(cast.nord, "a", 10, date(2026, 7, 5), feed_import_id=1)
    sell(cast.nord, "b", 5, date(2026, 8, 5), feed_import_id=1)
    assert take_snapshots(now=evening(date(2026, 9, 1))).full
    assert snapshot(item, date(2026, 9, 1)).actual == 15
    feed = make_import()
    Order.objects.filter(pk=first.pk).update(
        cancelled_on=date(2026, 9, 2), reason="CUSTOMER_MOVED", feed_import_id=feed.pk
    )
    sell(cast.nord, "c", 2, date(2026, 9, 2), feed_import_id=feed.pk)
    assert not take_snapshots(now=evening(date(2026, 9, 2))).full
    assert snapshot(item, date(2026, 9, 2)).actual == 7  # 15 − 10 + 2
    assert snapshot(item, date(2026, 9, 1)).actual == 15  # what was drawn stays drawn


def test_an_order_that_moves_to_another_partner_takes_its_units_along(cast, mobile) -> None:
    nord, sued = agreed(cast.nord), agreed(cast.sued)
    order = sell(cast.nord, "a", 10, date(2026, 7, 5), feed_import_id=1)
    take_snapshots(now=evening(date(2026, 9, 1)))
    Order.objects.filter(pk=order.pk).update(partner=cast.sued, feed_import_id=make_import().pk)
    take_snapshots(now=evening(date(2026, 9, 2)))
    assert [snapshot(item, date(2026, 9, 2)).actual for item in (nord, sued)] == [0, 10]


def test_a_cancellation_that_lies_ahead_counts_on_its_day_without_a_further_feed(cast, mobile) -> None:
    item = agreed(cast.nord)
    sell(cast.nord, "a", 10, date(2026, 7, 5), cancelled_on=date(2026, 9, 3), reason="PORT_OUT", feed_import_id=1)
    take_snapshots(now=evening(date(2026, 9, 2)))
    take_snapshots(now=evening(date(2026, 9, 3)))
    assert [snapshot(item, date(2026, 9, day)).actual for day in (2, 3)] == [10, 0]


def test_a_suspended_half_has_a_snapshot_without_target(cast, mobile) -> None:
    item = agreed(cast.nord, adjustments=[{"kind": "suspend", "from": "2026-01-01", "until": "2026-07-01"}])
    sell(cast.nord, "a", 10, date(2026, 3, 5))
    take_snapshots(now=evening(date(2026, 4, 1)))
    found = snapshot(item, date(2026, 4, 1))
    assert (found.target, found.actual, found.linear, found.seasonal) == (None, 0, None, None)


def test_forecasts_follow_days_and_seasons(cast, mobile) -> None:
    weights = [Decimal(1)] * 6 + [Decimal(w) for w in (14, 14, 15, 16, 20, 21)]
    item = agreed(cast.nord, weights=weights)
    sell(cast.nord, "a", 190, date(2026, 7, 5))
    take_snapshots(now=evening(date(2026, 9, 30)))
    found = snapshot(item, date(2026, 9, 30))
    assert (found.linear, found.seasonal) == (380, Decimal("441.8605"))


def test_forty_five_days_after_its_end_a_period_is_frozen(cast, mobile) -> None:
    item = agreed(cast.nord)
    order = sell(cast.nord, "a", 10, date(2026, 3, 5), feed_import_id=1)
    assert take_snapshots(now=evening(date(2026, 8, 13))).settled == 0
    assert take_snapshots(now=evening(date(2026, 8, 14))).settled == 1  # 30 June + 45 days
    feed = make_import()
    Order.objects.filter(pk=order.pk).update(cancelled_on=date(2026, 8, 20), reason="PORT_OUT", feed_import_id=feed.pk)
    take_snapshots(now=evening(date(2026, 8, 20)))
    assert [(s.settled_on, s.target, s.actual) for s in Settlement.objects.filter(item=item)] == [
        (date(2026, 8, 14), 500, 10)
    ]
    assert Agreement.objects.get().status == "in_force"
    take_snapshots(now=evening(date(2027, 2, 14)))  # 31 December + 45 days
    assert Agreement.objects.get().status == "settled"


def test_every_way_of_counting_is_kept_up_by_adding_what_changed(cast, mobile) -> None:
    make_product("dsl-basic", "dsl")
    ways = {
        "value": {"measure": "turnover", "families": [], "annual": Decimal(9000)},
        "units": {"families": ["mobile"]},
    }
    items = [agreed(cast.nord, kpi=kpi, period="year", **way) for kpi, way in ways.items()]
    points = Kpi.objects.create(
        code="points",
        title_de="Punkte",
        title_en="Points",
        unit="points",
        points={"mobile-flat": "1.5", "dsl-basic": "0.25"},
    )
    weights = [Decimal(1)] * 12
    items.append(
        AgreementItem.objects.create(
            agreement=items[0].agreement, kpi=points, annual=100, period="year", weights=weights, unit="points",
            points=points.points,
        )
    )  # fmt: skip
    price = Kpi.objects.create(code="price", title_de="P", title_en="P", unit="EUR", measure="turnover")
    items.append(
        AgreementItem.objects.create(
            agreement=items[0].agreement, kpi=price, annual=100, period="year", weights=weights, unit="EUR",
            measure="turnover", turnover_of="monthly_price", transactions=["new"],
        )
    )  # fmt: skip
    first = sell(
        cast.nord, "a", Decimal("2.5"), date(2026, 3, 5), order_value=Decimal("100.1234"),
        monthly_price=Decimal("9.9999"), feed_import_id=1,
    )  # fmt: skip
    make_order(cast.nord, "b", product="dsl-basic", quantity=4, activated_on=date(2026, 4, 1), feed_import_id=1)
    take_snapshots(now=evening(date(2026, 9, 1)))
    found = [snapshot(item, date(2026, 9, 1)).actual for item in items]
    # 2.5 × 1.5 + 4 × 0.25 = 4.75 points; 9.9999 × 2.5 = 24.99975, kept to four digits.
    assert found == [Decimal("100.1234"), Decimal("2.5"), Decimal("4.75"), Decimal("24.9998")]
    feed = make_import()
    Order.objects.filter(pk=first.pk).update(quantity=1, order_value=Decimal("0.0001"), feed_import_id=feed.pk)
    make_order(
        cast.nord, "c", product="dsl-basic", quantity=2, transaction="renewal", monthly_price=7, order_value=5,
        activated_on=date(2026, 9, 1), feed_import_id=feed.pk,
    )  # fmt: skip
    assert not take_snapshots(now=evening(date(2026, 9, 2))).full
    found = [snapshot(item, date(2026, 9, 2)).actual for item in items]
    assert found == [Decimal("5.0001"), Decimal(1), Decimal("3.0"), Decimal("9.9999")]  # 1 × 1.5 + 6 × 0.25
    take_snapshots(now=evening(date(2026, 9, 2)), full=True)
    assert [snapshot(item, date(2026, 9, 2)).actual for item in items] == found


def test_a_product_that_changes_its_family_changes_what_a_target_counts(cast, mobile) -> None:
    item = agreed(cast.nord, period="year")
    make_product("dsl-basic", "dsl")
    make_order(cast.nord, "b", product="dsl-basic", quantity=4, activated_on=date(2026, 4, 1), feed_import_id=1)
    take_snapshots(now=evening(date(2026, 9, 1)))
    Product.objects.filter(code="dsl-basic").update(family=mobile.family)
    take_snapshots(now=evening(date(2026, 9, 2)))
    assert [snapshot(item, date(2026, 9, day)).actual for day in (1, 2)] == [0, 4]


day = st.dates(date(2026, 1, 1), date(2026, 12, 31))
orders = st.lists(
    st.tuples(day, st.integers(1, 9), st.none() | day, st.sampled_from(["PORT_OUT", "PROVIDER_FAULT", "OTHER"])),
    max_size=8,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=orders,
    then=orders,
    days=st.lists(day, min_size=2, max_size=3).map(sorted),
    gone=st.sets(st.integers(1, 12), max_size=3),
)
def test_counting_step_by_step_gives_what_the_slow_reference_gives(cast, mobile, first, then, days, gone) -> None:
    Order.objects.all().delete()
    Agreement.objects.update(status="withdrawn")
    Snapshot.objects.all().delete()
    windows = [
        {"kind": "suspend", "from": reference.first(2026, month), "until": reference.first(2026, month + 1)}
        for month in sorted(gone)
    ]
    item = agreed(cast.nord, kpi=f"k-{Agreement.objects.count()}", adjustments=windows, period="year")
    known = []
    for evening_no, today in enumerate(days):
        feed = make_import()
        for number, each in enumerate(first if evening_no == 0 else then if evening_no == 1 else []):
            activated, quantity, cancelled, reason = each
            ended = {"cancelled_on": cancelled, "reason": reason} if cancelled else {}
            sell(cast.nord, f"{evening_no}-{number}", quantity, activated, feed_import_id=feed.pk, **ended)
            known.append(each)
        take_snapshots(now=evening(today), full=evening_no == 0)
        assert snapshot(item, today).actual == reference.actual(known, 2026, range(1, 13), gone, today)
