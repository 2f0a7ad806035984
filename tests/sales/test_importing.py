"""Feed files become events and orders; every row is accounted for, and the sequence never matters."""

import random
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from core.models import AuditEntry
from sales.importing import import_text
from sales.models import Event, Order, Parked, Product, ProductFamily, Revenue
from sales.queries import order_states
from sales.reading import COLUMNS
from tests.sales.feed import ACTIVATED, CAPTURED, HISTORY, NOW, counts, everything, issues, row, take


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
