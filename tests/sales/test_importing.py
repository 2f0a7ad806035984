"""Feed files become events and orders; every row is accounted for, and the sequence never matters."""

import random
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from core.models import AuditEntry
from sales.importing import import_text
from sales.models import Event, FeedImport, FeedIssue, Order, Parked, Product, ProductFamily, Revenue
from sales.queries import order_states
from sales.reading import COLUMNS

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HEADER = (
    "event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no,quantity,revenue_month,revenue,"
    "reason,signed_on,annual_spend,order_value,transaction,customer_name"
)
CAPTURED = "e1,captured,2026-03-05,O-1,D-A,isdn,C-1"
ACTIVATED = "e2,activated,2026-03-10,O-1"


def csv(*rows: str, header: str = HEADER) -> str:
    width = header.count(",")
    return "\n".join([header, *(row + "," * (width - row.count(",")) for row in rows)]) + "\n"


def take(*rows: str, **options) -> FeedImport:
    return import_text(csv(*rows), now=NOW, **options)


def counts(done: FeedImport) -> dict[str, int]:
    """The counts that are not zero, after making sure that they balance."""
    assert done.status == "done", done.error
    names = ("accepted", "duplicate", "waiting", "exception", "rejected")
    assert done.rows == sum(getattr(done, name) for name in names)
    return {name: value for name in names if (value := getattr(done, name))}


def issues(done: FeedImport) -> list[tuple[int, str, str]]:
    return list(done.issues.order_by("line", "field").values_list("line", "field", "code"))


def row(**values: object) -> str:
    """A correct capture with some values replaced, as a row below HEADER."""
    fields = {
        "event_id": "x", "event_type": "captured", "occurred_on": "2026-03-05", "order_id": "O-9", "dealer_code": "D-A",
        "product": "isdn", "customer_no": "C-9",
    }  # fmt: skip
    fields |= values
    return ",".join(str(fields.get(name, "")) for name in HEADER.split(","))


def everything() -> dict[str, list[tuple]]:
    """Orders, revenues and parked events as they stand, without the keys the database gave them."""
    orders = Order.objects.order_by("order_no")
    fields = [f.attname for f in Order._meta.fields if f.name not in ("id", "feed_import")]
    return {
        "orders": list(orders.values_list(*fields)),
        "revenues": list(Revenue.objects.order_by("order__order_no", "month").values_list("order__order_no", "month", "amount")),
        "parked": list(Parked.objects.order_by("event__event_id").values_list("event__event_id", "cause", "value")),
    }  # fmt: skip


# ---- what a good file gives ----------------------------------------------------------------------------------------
def test_a_file_becomes_an_order(channel):
    done = take(CAPTURED, ACTIVATED)
    assert counts(done) == {"accepted": 2}
    order = Order.objects.get()
    assert (order.status, order.activated_on, order.partner) == ("active", date(2026, 3, 10), channel["A"])
    assert (order.feed_import, done.last_event) == (done, Event.objects.latest("id").pk)
    assert AuditEntry.objects.get().verb == "import_feed"


def test_every_column_arrives(channel):
    header = ",".join(COLUMNS)
    text = (
        f"{header}\n"
        "e1,captured,2026-03-05,O-1,D-A,isdn,renewal,C-1,Müller,smb,1500.50,2.5,8000.00,39.95,24,smart,,,,,,A-1\n"
        "e2,revenue,2026-04-30,O-1,,,,,,,,,,,,,2026-04,-12.3456,,,,\n"
        "e3,corrected,2026-05-02,O-1,,,,,,,,,,,,,,,2026-03-04,2026-03-09,,\n"
        "e4,cancelled,2026-06-01,O-1,,,,,,,,,,,,,,,,,PORT_OUT,M-1\n"
    )
    assert counts(import_text(text, now=NOW)) == {"accepted": 4}
    order = Order.objects.get()
    assert (order.transaction, order.customer_name, order.customer_class) == ("renewal", "Müller", "smb")
    assert (order.annual_spend, order.quantity, order.order_value) == (Decimal("1500.50"), Decimal("2.5"), 8000)
    assert (order.monthly_price, order.term_months, order.campaign) == (Decimal("39.95"), 24, "smart")
    assert (order.signed_on, order.activated_on) == (date(2026, 3, 4), date(2026, 3, 9))
    assert (order.cancelled_on, order.reason, order.evidence) == (date(2026, 6, 1), "PORT_OUT", "M-1")
    assert Revenue.objects.get().amount == Decimal("-12.3456")


@pytest.mark.parametrize(
    "text",
    [
        "event_id;event_type;occurred_on;order_id;dealer_code;product;customer_no\r\ne1;captured;2026-03-05;O-1;D-A;isdn;C-1\r\n",
        "\ufeffevent_id,event_type,occurred_on,order_id,dealer_code,product,customer_no\ne1,captured,2026-03-05,O-1,D-A,isdn,C-1",
        "order_id,product, customer_no ,dealer_code,event_id,event_type,occurred_on\nO-1,isdn,C-1,D-A,e1,captured,2026-03-05\n\n",
        'event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no\n"e1",captured, 2026-03-05 ,"O-1","D-A",isdn,"C-1"\n,,,,,,\n',
        '{"event_id": "e1", "event_type": "captured", "occurred_on": "2026-03-05", "order_id": "O-1", "dealer_code": "D-A", "product": "isdn", "customer_no": "C-1", "quantity": 1, "order_value": null}\n\n',
    ],
    ids=["semicolons and CRLF", "mark of Excel, no last newline", "other sequence, blank line", "quotes and spaces", "NDJSON"],
)  # fmt: skip
def test_all_spellings_of_a_feed_are_understood(channel, text):
    assert counts(import_text(text, now=NOW)) == {"accepted": 1}
    order = Order.objects.get()
    assert (order.order_no, order.dealer_code, order.product, order.customer_no, order.signed_on) == (
        "O-1", "D-A", "isdn", "C-1", date(2026, 3, 5),
    )  # fmt: skip


def test_a_quoted_value_may_hold_delimiters_and_quotes(channel):
    assert counts(take(row(customer_name='"Müller, ""Söhne"" & Co"'))) == {"accepted": 1}
    assert Order.objects.get().customer_name == 'Müller, "Söhne" & Co'


def test_json_numbers_never_pass_through_float(channel):
    event = (
        '{"event_id": "e1", "event_type": "captured", "occurred_on": "2026-03-05", "order_id": "O-1", "dealer_code": '
        '"D-A", "product": "isdn", "customer_no": "C-1", "order_value": 9007199254.9931, "quantity": 2e1}'
    )
    assert counts(import_text(event, now=NOW)) == {"accepted": 1}
    assert (Order.objects.get().order_value, Order.objects.get().quantity) == (Decimal("9007199254.9931"), 20)


def test_revenue_rows_of_a_month_add_up(channel):
    take(CAPTURED, "r1,revenue,2026-04-30,O-1,,,,,2026-04,10.00", "r2,revenue,2026-04-30,O-1,,,,,2026-04,5.50")
    take("r3,revenue,2026-05-31,O-1,,,,,2026-04,-2.25")
    assert Revenue.objects.get().amount == Decimal("13.25")  # 10.00 + 5.50 - 2.25


# ---- duplicates ----------------------------------------------------------------------------------------------------
def test_the_same_file_again_changes_nothing(channel):
    rows = (CAPTURED, ACTIVATED, "r1,revenue,2026-04-30,O-1,,,,,2026-04,10.00", "w1,activated,2026-03-09,O-2")
    take(*rows)
    before = everything()
    assert counts(take(*rows)) == {"duplicate": 4}
    assert everything() == before
    assert Event.objects.count() == 4


def test_equal_values_in_another_spelling_are_a_duplicate(channel):
    take(row(event_id="e1", order_value="45.00", quantity="2"))
    again = "order_value,event_id,quantity,event_type,occurred_on,order_id,dealer_code,product,customer_no\n"
    again += "45.0,e1,2.000,captured,2026-03-05,O-9,D-A,isdn,C-9\n"
    assert counts(import_text(again, now=NOW)) == {"duplicate": 1}


def test_a_known_id_with_other_content_is_rejected_naming_the_fields(channel):
    take(CAPTURED)
    done = take("e1,captured,2026-03-06,O-1,D-A,vpn,C-1")
    assert counts(done) == {"rejected": 1}
    assert issues(done) == [(2, "occurred_on", "reused"), (2, "product", "reused")]
    assert Order.objects.get().product == "isdn"


def test_within_one_file_the_first_row_of_an_id_counts(channel):
    done = take(CAPTURED, CAPTURED, ACTIVATED, "e1,captured,2026-03-05,O-1,D-B,isdn,C-1")
    assert counts(done) == {"accepted": 2, "duplicate": 1, "rejected": 1}
    assert issues(done) == [(5, "dealer_code", "reused")]


def test_a_large_file_is_written_without_asking_and_once_more_if_an_id_is_known(channel, monkeypatch):
    monkeypatch.setattr("sales.importing.MANY", 2)
    assert counts(take(CAPTURED, ACTIVATED)) == {"accepted": 2}
    done = take(row(event_id="x1"), row(event_id="x2", order_id="O-10"), row(event_id="x2", quantity="7"), ACTIVATED)
    assert counts(done) == {"accepted": 2, "duplicate": 1, "rejected": 1}
    assert issues(done) == [(4, "order_id", "reused"), (4, "quantity", "reused")]
    assert list(Event.objects.order_by("line", "id").values_list("event_id", flat=True)) == ["e1", "x1", "e2", "x2"]
    assert sorted(Order.objects.values_list("order_no", flat=True)) == ["O-1", "O-10", "O-9"]


def test_an_id_whose_first_row_was_wrong_is_still_free(channel):
    assert counts(take("e1,captured,2026-03-xx,O-1,D-A,isdn,C-1", CAPTURED)) == {"accepted": 1, "rejected": 1}


# ---- waiting and exceptions ----------------------------------------------------------------------------------------
def test_an_event_before_its_capture_waits_and_then_counts(channel):
    first = take(ACTIVATED, "e3,revenue,2026-04-30,O-1,,,,,2026-04,12.50")
    assert counts(first) == {"waiting": 2}
    assert not Order.objects.exists()
    assert counts(take(CAPTURED)) == {"accepted": 1}
    assert Order.objects.get().status == "active"
    assert Revenue.objects.get().amount == Decimal("12.5")
    assert not Parked.objects.exists()


def test_unknown_codes_are_exceptions_and_hold_nothing_else_up(channel):
    done = take(
        CAPTURED, "a,captured,2026-03-05,O-2,D-X,isdn,C-2", "b,captured,2026-03-05,O-3,D-A,fax,C-3",
        "c,activated,2026-03-09,O-2", "d,corrected,2026-03-09,O-1,,fax", "e,reattributed,2026-03-09,O-1,D-Y",
        "f,captured,2019-12-31,O-4,D-A,isdn,C-4",
    )  # fmt: skip
    assert counts(done) == {"accepted": 1, "waiting": 1, "exception": 5}
    parked = Parked.objects.order_by("event__event_id").values_list("event__event_id", "cause", "value")
    assert list(parked) == [
        ("a", "unknown_dealer", "D-X"), ("b", "unknown_product", "fax"), ("c", "order_not_captured", ""),
        ("d", "unknown_product", "fax"), ("e", "unknown_dealer", "D-Y"), ("f", "unknown_dealer", "D-A"),
    ]  # fmt: skip
    assert (Order.objects.get().product, Order.objects.get().partner) == ("isdn", channel["A"])


def test_a_dealer_code_is_judged_on_the_day_of_its_event(channel):
    done = take(
        row(event_id="a", dealer_code="D-MOVE"),
        row(event_id="b", order_id="O-8", dealer_code="D-MOVE", occurred_on="2026-07-01"),
    )
    assert counts(done) == {"accepted": 2}
    assert [o.partner for o in Order.objects.order_by("-order_no")] == [channel["A"], channel["B"]]


def test_a_second_capture_is_an_exception_and_the_earlier_one_counts(channel):
    take("late,captured,2026-03-09,O-1,D-A,isdn,C-1")
    done = take("early,captured,2026-03-01,O-1,D-B,vpn,C-1")
    assert counts(done) == {"accepted": 1}  # the one delivered before steps back
    assert Parked.objects.get().event.event_id == "late"
    assert (Order.objects.get().product, Order.objects.get().partner) == ("vpn", channel["B"])
    assert counts(take("later,captured,2026-03-20,O-1,D-B,vpn,C-1")) == {"exception": 1}
    assert counts(take("x,captured,2026-03-20,O-2,D-B,vpn,C-1", "y,captured,2026-03-19,O-2,D-B,vpn,C-1")) == {
        "accepted": 1, "exception": 1,
    }  # fmt: skip
    assert set(Parked.objects.values_list("event__event_id", flat=True)) == {"late", "later", "x"}


# ---- any sequence --------------------------------------------------------------------------------------------------
HISTORY = [
    "a1,captured,2026-03-05,O-1,D-MOVE,isdn,C-1,2", "a2,activated,2026-03-10,O-1", "a3,corrected,2026-03-20,O-1,,vpn",
    "a4,cancelled,2026-07-01,O-1,,,,,,,PORT_OUT", "a5,cancellation_revoked,2026-07-02,O-1",
    "a6,revenue,2026-04-30,O-1,,,,,2026-04,10.00", "a7,revenue,2026-05-31,O-1,,,,,2026-04,-1.00",
    "b1,captured,2026-06-05,O-2,D-MOVE,isdn,C-2", "b2,captured,2026-06-04,O-2,D-A,vpn,C-2",
    "b3,reattributed,2026-06-20,O-2,D-C", "b4,activated,2026-06-09,O-2", "b5,withdrawn,2026-06-12,O-2",
    "c1,activated,2026-06-12,O-3", "c2,revenue,2026-06-30,O-3,,,,,2026-06,7.00",
    "d1,captured,2026-06-12,O-4,D-X,isdn,C-4", "d2,activated,2026-06-13,O-4",
    "e1,captured,2026-06-12,O-5,D-A,isdn,C-5", "e2,rejected,2026-06-13,O-5,,,,,,,NO_AVAILABILITY",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_the_same_events_in_any_sequence_and_any_files_give_the_same(channel, seed):
    with transaction.atomic():
        take(*HISTORY)
        expected = everything()
        transaction.set_rollback(True)
    dice = random.Random(seed)
    rows = dice.sample(HISTORY, len(HISTORY))
    cuts = sorted(dice.sample(range(len(rows)), 4))
    parts = [rows[start:end] for start, end in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    imports = [take(*part, *dice.sample(rows[:1], k=dice.randint(0, 1))) for part in parts if part]
    assert everything() == expected
    assert sum(done.rows - done.duplicate for done in imports) == len(HISTORY)
    assert len(expected["orders"]) == 3


def test_orders_derived_at_once_are_what_the_fold_says(channel):
    take(*HISTORY, row(event_id="p1", order_id="P-1", transaction="renewal", quantity="3", order_value="7.5"), "p2,activated,2026-03-20,P-1",
         "p3,activated,2026-03-19,P-1", row(event_id="q1", order_id="P-2", customer_name="Q"))  # fmt: skip
    orders = Order.objects.order_by("order_no")
    states = order_states([order.order_no for order in orders])
    assert len(states) == 5
    for order, state in zip(orders, states, strict=True):
        derived = dict(state._asdict().items())
        assert derived == {name: getattr(order, name) for name in derived}


# ---- rejected rows -------------------------------------------------------------------------------------------------
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


def test_events_cannot_be_changed_afterwards(channel):
    take(CAPTURED)
    for statement in ("UPDATE sales_event SET line = 9", "DELETE FROM sales_event", "TRUNCATE sales_event"):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_an_import_asks_the_same_number_of_questions_whatever_its_size(channel, django_assert_num_queries):
    def questions(*rows: str) -> int:
        with connection.execute_wrapper(counter := _Counter()):
            take(*rows)
        return counter.count

    few = questions(*HISTORY)
    many = [row(event_id=f"m{n}", order_id=f"M-{n}") for n in range(500)] + [row(event_id="m500", dealer_code="?")]
    assert questions(*many) <= few


class _Counter:
    count = 0

    def __call__(self, execute, *args):
        self.count += 1
        return execute(*args)


def test_a_family_made_later_changes_nothing_until_somebody_retries(channel):
    take(row(event_id="n", product="fax"))
    family = ProductFamily.objects.create(code="fax", title_de="Fax", title_en="Fax")
    Product.objects.create(code="fax", family=family, title_de="Fax", title_en="Fax")
    assert not Order.objects.exists()
