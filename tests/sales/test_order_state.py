"""An order is a function of the set of its events: what it says, and that the sequence of arrival never matters."""

from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from sales.models import Event, FeedImport, Parked
from sales.queries import order_states
from tests.reference import facts
from tests.reference.orders import fold
from tests.sales.conftest import MOVED, make_channel


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


class Feed:
    """Records events straight into the table, without the import's checks."""

    def __init__(self) -> None:
        self.file = FeedImport.objects.create(
            source="upload", filename="test.csv", received_at="2026-12-01T00:00:00+00:00"
        )

    def record(self, event_type: str, on: date, order: str = "O-1", **values: object) -> Event:
        event_id = str(values.pop("event_id", f"e{Event.objects.count() + 1}"))
        if event_type == "captured":
            values = {"dealer_code": "D-A", "product": "isdn", "customer_no": "C-1", **values}
        return Event.objects.create(
            event_id=event_id,
            event_type=event_type,
            occurred_on=on,
            order_no=order,
            line=1,
            feed_import=self.file,
            **values,
        )


@pytest.fixture
def feed(channel) -> Feed:
    return Feed()


def state(cutoff: date | None = None):
    (only,) = order_states(["O-1"], cutoff)
    return only


def test_a_captured_order_takes_the_defaults(feed, channel):
    feed.record("captured", day("03-05"))
    order = state()
    assert (order.status, order.signed_on, order.activated_on) == ("captured", day("03-05"), None)
    assert (order.transaction, order.customer_class, order.quantity) == ("new", "consumer", 1)
    assert (order.partner_id, order.last_event_on) == (channel["A"].pk, day("03-05"))


def test_the_first_activation_counts(feed):
    feed.record("captured", day("03-05"))
    feed.record("activated", day("03-12"))
    feed.record("activated", day("03-10"))
    assert (state().status, state().activated_on, state().last_event_on) == ("active", day("03-10"), day("03-12"))


def test_without_a_capture_there_is_no_order(feed):
    feed.record("activated", day("03-10"))
    assert order_states(["O-1"]) == []


def test_a_capture_after_the_cut_off_is_not_there_yet(feed):
    feed.record("captured", day("03-05"))
    feed.record("activated", day("03-01"))
    assert order_states(["O-1"], day("03-04")) == []
    assert state(day("03-05")).activated_on == day("03-01")


def test_a_correction_replaces_what_it_names_even_when_dated_before_the_capture(feed):
    feed.record("captured", day("03-05"), quantity=2, order_value=Decimal(100))
    feed.record("corrected", day("03-01"), quantity=3)
    feed.record("corrected", day("03-20"), product="vpn", signed_on=day("03-04"), activated_on=day("03-11"))
    feed.record("activated", day("03-10"))
    order = state()
    assert (order.quantity, order.product, order.order_value) == (3, "vpn", 100)
    assert (order.signed_on, order.activated_on) == (day("03-04"), day("03-11"))
    assert (state(day("03-15")).product, state(day("03-15")).activated_on) == ("isdn", day("03-10"))


def test_the_smallest_of_two_captures_is_the_base(feed):
    feed.record("captured", day("03-06"), product="vpn", campaign="late")
    feed.record("captured", day("03-05"), product="isdn")
    assert (state().product, state().signed_on, state().campaign) == ("isdn", day("03-05"), None)


def test_a_re_attribution_moves_the_order(feed, channel):
    feed.record("captured", day("03-05"))
    feed.record("reattributed", day("07-01"), dealer_code="D-C")
    assert (state().partner_id, state().dealer_code) == (channel["C"].pk, "D-C")
    assert state(day("06-30")).partner_id == channel["A"].pk


def test_a_dealer_code_means_whoever_had_it_on_the_day_of_its_own_event(feed, channel):
    feed.record("captured", MOVED - timedelta(days=1), dealer_code="D-MOVE")
    feed.record("captured", MOVED, order="O-2", dealer_code="D-MOVE")
    feed.record("activated", MOVED + timedelta(days=9))
    assert [o.partner_id for o in order_states(["O-1", "O-2"])] == [channel["A"].pk, channel["B"].pk]


@pytest.mark.parametrize(
    ("events", "status", "cancelled_on", "reason"),
    [
        ([("rejected", "03-06", "NO_AVAILABILITY")], "rejected", None, "NO_AVAILABILITY"),
        ([("activated", "03-10", None)], "active", None, None),
        ([("activated", "03-10", None), ("suspended", "04-01", None)], "suspended", None, None),
        ([("activated", "03-10", None), ("suspended", "04-01", None), ("resumed", "05-01", None)], "active", None, None),
        ([("cancelled", "05-01", "CUSTOMER_MOVED")], "cancelled", "05-01", "CUSTOMER_MOVED"),
        ([("withdrawn", "03-15", None)], "withdrawn", "03-15", "WITHDRAWAL"),
        ([("cancelled", "05-01", "OTHER"), ("corrected", "06-01", "PRICE_INCREASE")], "cancelled", "05-01", "PRICE_INCREASE"),
        ([("corrected", "04-01", "OTHER"), ("cancelled", "05-01", "PORT_OUT")], "cancelled", "05-01", "PORT_OUT"),
        ([("activated", "03-10", None), ("cancelled", "05-01", "OTHER"), ("cancellation_revoked", "05-01", None)], "active", None, None),
        ([("cancelled", "05-01", "OTHER"), ("cancellation_revoked", "05-02", None), ("cancelled", "06-01", "PORT_OUT")], "cancelled", "06-01", "PORT_OUT"),
    ],
)  # fmt: skip
def test_the_last_ending_decides(feed, events, status, cancelled_on, reason):
    feed.record("captured", day("03-05"))
    for event_type, on, why in events:
        feed.record(event_type, day(on), reason=why)
    order = state()
    assert (order.status, order.reason) == (status, reason)
    assert order.cancelled_on == (day(cancelled_on) if cancelled_on else None)


def test_evidence_may_come_with_any_event_also_with_revenue(feed):
    feed.record("captured", day("03-05"))
    feed.record("revenue", day("04-30"), revenue_month=day("04-01"), revenue=10)
    assert (state().evidence, state().last_event_on) == (None, day("03-05"))
    feed.record("revenue", day("05-31"), revenue_month=day("05-01"), revenue=10, evidence="M-77")
    assert (state().evidence, state().last_event_on) == ("M-77", day("05-31"))


def test_an_event_with_an_unknown_code_is_not_applied_at_all(feed):
    feed.record("captured", day("03-05"))
    event = feed.record("corrected", day("03-06"), product="fax", quantity=9)
    Parked.objects.create(event=event, feed_import=feed.file, cause="unknown_product", value="fax")
    assert (state().product, state().quantity, state().last_event_on) == ("isdn", 1, day("03-05"))


# ---- any history, in any sequence --------------------------------------------------------------------------------
DAYS = st.integers(0, 200).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
CODES = st.sampled_from(["D-A", "D-B", "D-C", "D-MOVE"])
MAYBE = {
    "transaction": st.sampled_from(["new", "renewal"]),
    "customer_class": st.sampled_from(["soho", "smb"]),
    "quantity": st.integers(1, 5).map(Decimal),
    "order_value": st.integers(0, 500).map(Decimal),
    "monthly_price": st.integers(0, 50).map(Decimal),
    "evidence": st.sampled_from(["M-1", "M-2"]),
}
TYPES = st.sampled_from(
    ["captured", "rejected", "corrected", "reattributed", "activated", "suspended", "resumed", "cancelled", "withdrawn",
     "cancellation_revoked", "revenue"]
)  # fmt: skip


@st.composite
def events(draw, number: int) -> dict[str, object]:
    kind = "captured" if number == 0 else draw(TYPES)
    said: dict[str, object] = {
        "event_type": kind,
        "occurred_on": draw(DAYS),
        "event_id": f"{draw(st.text('abÄz', max_size=2))}{number}",
    }
    said["evidence"] = draw(st.none() | MAYBE["evidence"])
    if kind in ("captured", "corrected"):
        said |= {name: draw(st.none() | values) for name, values in MAYBE.items()}
    if kind == "captured":
        said |= {"dealer_code": draw(CODES), "product": draw(st.sampled_from(["isdn", "vpn"]))}
    if kind == "corrected":
        said |= {"dealer_code": draw(st.none() | CODES), "product": draw(st.none() | st.sampled_from(["isdn", "vpn"]))}
        said |= {"signed_on": draw(st.none() | DAYS), "activated_on": draw(st.none() | DAYS)}
    if kind == "reattributed":
        said["dealer_code"] = draw(CODES)
    if kind == "cancelled":
        said["reason"] = draw(st.sampled_from(["OTHER", "PORT_OUT"]))
    if kind == "revenue":
        said |= {"revenue_month": date(2026, 3, 1), "revenue": Decimal(7)}
    return said


@st.composite
def histories(draw) -> list[dict[str, object]]:
    return draw(st.permutations([draw(events(number)) for number in range(draw(st.integers(1, 9)))]))


CODE_TABLE = [
    *(facts.DealerCode(f"D-{letter}", letter) for letter in "ABC"),
    facts.DealerCode("D-MOVE", "A", valid_until=MOVED),
    facts.DealerCode("D-MOVE", "B", valid_from=MOVED),
]


class AnyHistory(TestCase):
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(histories(), DAYS)
    def test_agrees_with_the_slow_fold(self, history, cutoff):
        partners = make_channel()
        feed = Feed()
        for said in history:
            feed.record(
                said["event_type"],
                said["occurred_on"],
                **{k: v for k, v in said.items() if k not in ("event_type", "occurred_on")},
            )
        known = {field.name for field in fields(facts.Event)}
        expected = fold(
            [facts.Event(order="O-1", **{k: v for k, v in s.items() if k in known}) for s in history],
            CODE_TABLE,
            cutoff,
        )
        found = order_states(["O-1"], cutoff)
        if expected is None:
            assert found == []
            return
        (order,) = found
        assert {
            name: getattr(order, name)
            for name in ("product", "transaction", "customer_class", "quantity", "signed_on", "activated_on")
        } == {
            name: getattr(expected, name)
            for name in ("product", "transaction", "customer_class", "quantity", "signed_on", "activated_on")
        }
        assert order.partner_id == partners[expected.partner].pk
        assert (order.order_value or 0, order.monthly_price or 0) == (expected.order_value, expected.monthly_price)
        assert (order.evidence or "") == expected.evidence
        ending = expected.cancellation
        assert (order.cancelled_on, order.reason) == ((ending.day, ending.reason) if ending else (None, None))
        assert order.last_event_on == max(
            s["occurred_on"]
            for s in history
            if s["occurred_on"] <= cutoff and (s["event_type"] != "revenue" or s["evidence"])
        )
