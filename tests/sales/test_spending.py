"""After a year the real spend replaces the estimate and another segment is suggested; nothing paid moves (F0-14)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.translation import override

from core.errors import Conflict, Refused
from core.periods import add_months
from portal.queue import queue_of
from sales.models import CustomerSpend, Order, Revenue, SegmentBand
from sales.spending import decide_segment, measure_spend, record_bill
from tests.cast import make_order

DUE = datetime(2026, 8, 1, 9, tzinfo=UTC)  # a year from July 2025, and a month for late bills


@pytest.fixture
def bands(db) -> None:
    for start, end, route in [("1000", "3000", "partner"), ("3000.01", "10000", "shared")]:
        SegmentBand.objects.create(spend_from=Decimal(start), spend_to=Decimal(end), route=route)


def customer(partner, number: str = "C-1", *, estimate: str = "2000", monthly: str = "283.33", last: str = "283.37"):
    """Activated on 1 July 2025 with an estimate, billed for twelve months: 11 × 283.33 + 283.37 = 3,400.00."""
    start = date(2025, 7, 1)
    order = make_order(
        partner, f"O-{number}", customer_no=number, annual_spend=Decimal(estimate), signed_on=date(2025, 6, 20),
        activated_on=start,
    )  # fmt: skip
    amounts = [Decimal(monthly)] * 11 + [Decimal(last)]
    for place, amount in enumerate(amounts):
        Revenue.objects.create(order=order, month=add_months(start, place), amount=amount, feed_import_id=1)
    return order


def test_after_twelve_months_3400_replaces_2000_and_another_segment_is_suggested(cast, bands):
    order = customer(cast.nord)
    before = Order.objects.filter(pk=order.pk).values().get()
    assert measure_spend(now=DUE) == 1
    spend = CustomerSpend.objects.get()
    assert (spend.amount, spend.source, spend.as_of) == (Decimal("3400.00"), "actual", date(2026, 7, 1))
    assert (spend.before, spend.before_source, spend.before_as_of) == (2000, "estimate", date(2025, 6, 20))
    assert spend.status == "suggested"
    # no retroactive effect: the order is what it was, and no import touched it, so no run looks at it again
    assert Order.objects.filter(pk=order.pk).values().get() == before


def test_not_before_the_year_is_over_and_billed_and_only_once(cast, bands):
    customer(cast.nord)
    assert measure_spend(now=datetime(2026, 7, 31, 9, tzinfo=UTC)) == 0
    assert measure_spend(now=DUE) == 1
    assert measure_spend(now=DUE) == 0
    assert measure_spend(now=datetime(2026, 12, 1, 9, tzinfo=UTC)) == 0


def test_a_year_that_begins_within_a_month_counts_from_the_next_one(cast, bands):
    order = customer(cast.nord)
    Order.objects.filter(pk=order.pk).update(activated_on=date(2025, 6, 15))
    Revenue.objects.create(order=order, month=date(2025, 6, 1), amount=Decimal(500), feed_import_id=1)
    assert measure_spend(now=DUE) == 1
    assert CustomerSpend.objects.get().amount == Decimal("3400.00")


def test_all_orders_of_a_customer_add_up_and_those_without_estimate_are_left_alone(cast, bands):
    customer(cast.nord)
    second = make_order(cast.rival, "O-2", customer_no="C-1", activated_on=date(2026, 1, 10))
    Revenue.objects.create(order=second, month=date(2026, 2, 1), amount=Decimal(100), feed_import_id=1)
    unknown = customer(cast.nord, "C-9")
    Order.objects.filter(pk=unknown.pk).update(annual_spend=None)
    assert measure_spend(now=DUE) == 1
    assert CustomerSpend.objects.get().amount == Decimal("3500.00")


def test_the_same_segment_needs_no_decision(cast, bands):
    customer(cast.nord, monthly="200", last="200")  # 2,400.00 a year
    measure_spend(now=DUE)
    assert CustomerSpend.objects.get().status == "same"
    assert not CustomerSpend.objects.suggested().exists()


def test_the_next_year_replaces_the_year_before(cast, bands):
    order = customer(cast.nord)
    measure_spend(now=DUE)
    for place in range(12):
        Revenue.objects.create(
            order=order, month=add_months(date(2026, 7, 1), place), amount=Decimal(100), feed_import_id=1
        )
    assert measure_spend(now=datetime(2027, 8, 2, 9, tzinfo=UTC)) == 1
    latest = CustomerSpend.objects.latest_of("C-1")
    assert (latest.amount, latest.before, latest.before_source) == (1200, 3400, "actual")


def test_a_bill_counts_before_the_year_is_over(cast, bands):
    customer(cast.nord)
    spend = record_bill("C-1", amount=Decimal(5000), as_of=date(2026, 2, 1), by=cast.carla, now=DUE)
    assert (spend.source, spend.before, spend.status) == ("bill", 2000, "suggested")
    with pytest.raises(Conflict):
        record_bill("C-1", amount=Decimal(5100), as_of=date(2026, 2, 1), by=cast.carla, now=DUE)
    with pytest.raises(Refused):
        record_bill("C-NOBODY", amount=Decimal(5000), as_of=date(2026, 2, 1), by=cast.carla, now=DUE)
    with pytest.raises(Refused):
        record_bill("C-1", amount=Decimal(5000), as_of=date(2026, 9, 1), by=cast.carla, now=DUE)
    with pytest.raises(PermissionDenied):
        record_bill("C-1", amount=Decimal(5000), as_of=date(2026, 3, 1), by=cast.petra, now=DUE)


def test_a_suggestion_is_decided_once_by_those_who_may(cast, bands):
    customer(cast.nord)
    measure_spend(now=DUE)
    spend = CustomerSpend.objects.get()
    with pytest.raises(PermissionDenied):
        decide_segment(spend, follow=True, by=cast.finn, now=DUE)
    assert decide_segment(spend, follow=True, by=cast.hanna, now=DUE).status == "followed"
    with pytest.raises(Conflict):
        decide_segment(spend, follow=False, by=cast.carla, now=DUE)


def test_the_office_sees_suggestions_with_their_source_and_decides(cast, bands, sign_in):
    customer(cast.nord)
    measure_spend(now=DUE)
    browser = sign_in(cast.carla)
    with override("en"):
        assert "1 customer in another segment" in [task.title for task in queue_of(cast.carla, DUE)]
    page = browser.get("/office/spends/?status=suggested").text
    assert "C-1" in page
    assert "estimate with the order" in page
    assert "sales partner → shared: partner allowed, direct sales informed" in page
    case = browser.get("/office/orders/O-C-1/").text
    assert "€2,000.00" in case
    assert "€3,400.00" in case
    spend = CustomerSpend.objects.get()
    assert f"/office/spends/{spend.pk}/decide/" not in sign_in(cast.finn).get("/office/spends/").text
    browser.post(f"/office/spends/{spend.pk}/decide/", {"decision": "keep"})
    assert CustomerSpend.objects.get().status == "kept"
    answer = browser.post(
        "/office/spends/bill/", {"customer_no": "C-1", "amount": "5000.00", "as_of": "2026-07-15"}, follow=True
    )
    assert "5,000.00" in answer.text
    csv = b"".join(browser.get("/office/spends/?export=csv").streaming_content).decode("utf-8-sig")
    assert csv.count("\n") == 3
