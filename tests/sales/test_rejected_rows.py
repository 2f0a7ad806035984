"""A wrong row is named with its line, field and cause, and never stops the good ones; an unusual one is taken."""

from datetime import UTC, datetime

import pytest

from sales.importing import import_text
from sales.models import FeedIssue, Order
from tests.sales.feed import CAPTURED, HEADER, NOW, counts, csv, issues, row, take


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        (row(event_id=""), "event_id", "required"),
        (row(occurred_on=""), "occurred_on", "required"),
        (row(event_type=""), "event_type", "required"),
        (row(order_id=""), "order_id", "required"),
        (row(dealer_code=""), "dealer_code", "required"),
        (row(product=""), "product", "required"),
        (row(customer_no=""), "customer_no", "required"),
        (row(event_type="reattributed", dealer_code=""), "dealer_code", "required"),
        (row(event_type="revenue", revenue="1"), "revenue_month", "required"),
        (row(event_type="revenue", revenue_month="2026-03"), "revenue", "required"),
        (row(event_type="cancelled"), "reason", "required"),
        (row(event_type="rejected"), "reason", "required"),
        (row(event_type="Captured"), "event_type", "event_type"),
        (row(reason="BORED"), "reason", "reason"),
        (row(transaction="newish"), "transaction", "transaction"),
        (row(occurred_on="05.03.2026"), "occurred_on", "date"),
        (row(occurred_on="2026-02-29"), "occurred_on", "date"),
        (row(occurred_on="2026-3-5"), "occurred_on", "date"),
        (row(occurred_on="today"), "occurred_on", "date"),
        (row(occurred_on="2026-11-03"), "occurred_on", "future"),
        (row(event_type="activated", occurred_on="2026-11-03"), "occurred_on", "future"),
        (row(signed_on="2026-13-01"), "signed_on", "date"),
        (row(revenue_month="2026-13"), "revenue_month", "month"),
        (row(revenue_month="2026-03-01"), "revenue_month", "month"),
        (row(revenue_month="03/2026"), "revenue_month", "month"),
        (row(order_value="1.234,50".replace(",", "")), "order_value", None),
        (row(order_value='"1234,50"'), "order_value", "number"),
        (row(order_value="1e3"), "order_value", "number"),
        (row(order_value="NaN"), "order_value", "number"),
        (row(order_value="12 EUR"), "order_value", "number"),
        (row(order_value="1.00001"), "order_value", "decimals_4"),
        (row(order_value="12345678901.00"), "order_value", "too_large"),
        (row(order_value="-1"), "order_value", "negative"),
        (row(annual_spend="1.005"), "annual_spend", "decimals_2"),
        (row(quantity="0"), "quantity", "positive"),
        (row(quantity="-1"), "quantity", "positive"),
        (row(quantity="1.0001"), "quantity", "decimals_3"),
        (row(event_id="e" * 81), "event_id", "too_long"),
        (row(customer_name="ü" * 201), "customer_name", "too_long"),
        (row(customer_name="=HYPERLINK(A1)"), "customer_name", "formula"),
        (row(customer_no="+49301234"), "customer_no", "formula"),
        (row(order_id="@SUM(A1)"), "order_id", "formula"),
        (row() + ",one,more", "", "columns"),
        ("x,captured", "", "columns"),
        (row(customer_name='"never closed'), "", "quote"),
        (row(customer_name='"closed" then more'), "", "quote"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named_and_never_stops_the_good_ones(channel, wrong, field, code):
    text = f"{HEADER}\n{wrong}\n" + csv(CAPTURED).partition("\n")[2]
    done = import_text(text, now=NOW)
    if code is None:
        assert counts(done) == {"accepted": 2}
        return
    assert counts(done) == {"accepted": 1, "rejected": 1}
    assert issues(done) == [(2, field, code)]
    assert Order.objects.get().order_no == "O-1"


@pytest.mark.parametrize(
    "fine",
    [
        row(order_value="1234.5000000"), row(order_value="0"), row(order_value="-0.00"), row(quantity="0.5"),
        row(customer_name="ü" * 200), row(customer_name="'t Hooft"), row(customer_name="(ohne Namen)"),
        row(occurred_on="2026-11-02"), row(occurred_on="2028-02-29", event_type="corrected"),
        row(occurred_on="2027-01-01", event_type="suspended"), row(transaction="addon"), row(revenue_month="1999-12"),
        row(event_type="revenue", revenue_month="2026-03", revenue="-12.50"),
        row(event_type="cancelled", occurred_on="2027-01-01", reason="OTHER"),
    ],
)  # fmt: skip
def test_unusual_rows_that_are_right_are_taken(channel, fine):
    assert counts(take(fine)) in ({"accepted": 1}, {"waiting": 1})


def test_a_row_with_several_faults_lists_them_and_counts_once(channel):
    done = take(row(occurred_on="x", quantity="y", product=""))
    assert counts(done) == {"rejected": 1}
    assert issues(done) == [(2, "occurred_on", "date"), (2, "product", "required"), (2, "quantity", "number")]
    assert FeedIssue.objects.get(field="quantity").value == "y"


def test_line_numbers_are_those_of_the_file(channel):
    text = f"{HEADER}\n\n" + csv(CAPTURED).partition("\n")[2] + "\n\r\n" + row(quantity="0") + "\n"
    assert issues(import_text(text, now=NOW)) == [(6, "quantity", "positive")]


def test_the_future_is_allowed_where_examples_need_it(channel):
    assert counts(take(row(occurred_on="2031-01-01"), allow_future=True)) == {"accepted": 1}


def test_today_is_the_day_in_berlin(channel):
    late = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)  # 3 November, half past midnight, in Berlin
    assert counts(import_text(csv(row(occurred_on="2026-11-03")), now=late)) == {"accepted": 1}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{broken", "json"), ('{"event_id": "x", "surprise": 1}', "unknown_column"), ('["a"]', "json"),
        ('{"event_id": ["x"]}', "json"), ('{"event_id": true}', "json"), ("[" * 5000, "json"),
        ('{"event_id": "a\\nb"}', "line_break"), ('{"event_id": "a\\u0000b"}', "line_break"),
    ],
)  # fmt: skip
def test_a_wrong_json_line_is_a_rejected_row(channel, line, code):
    good = '{"event_id": "e1", "event_type": "activated", "occurred_on": "2026-03-05", "order_id": "O-1"}'
    done = import_text(f"{good}\n{line}\n", now=NOW)
    assert counts(done) == {"waiting": 1, "rejected": 1}
    assert issues(done) == [(2, "", code)]
