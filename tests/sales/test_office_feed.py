"""The feed in the office: upload with progress, what became of each row, exceptions with the fix at hand."""

import csv
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from core.audit import history_of
from core.errors import Conflict, Refused
from sales import stating
from sales.importing import import_text
from sales.models import FeedImport, Order, Parked, Product, SegmentBand
from tests.cast import make_import, make_order, make_product

NOW = datetime(2026, 8, 5, 9, tzinfo=UTC)
HEADER = "event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no,quantity\n"
FEED = f"""{HEADER}e1,captured,2026-07-02,O-1,D-SUED,dsl-basic,C-1,1
e2,activated,2026-07-10,O-1,,,,
e3,captured,2026-07-02,O-2,D-NOBODY,dsl-basic,C-2,1
e4,activated,2026-07-10,O-9,,,,
e5,captured,31.07.2026,O-3,D-SUED,dsl-basic,C-3,1
e6,captured,2026-07-03,O-1,D-SUED,dsl-basic,C-1,1
"""


@pytest.fixture
def shop(cast):
    make_product()
    return cast


@pytest.fixture
def uploaded(shop, sign_in, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        sign_in(shop.carla).post("/office/feed/upload/", {"file": SimpleUploadedFile("july.csv", FEED.encode())})
    return FeedImport.objects.get()


def test_a_file_is_received_shows_its_progress_and_is_imported(shop, sign_in, django_capture_on_commit_callbacks):
    browser = sign_in(shop.carla)
    with django_capture_on_commit_callbacks() as waiting:
        answer = browser.post("/office/feed/upload/", {"file": SimpleUploadedFile("july.csv", FEED.encode())})
    received = FeedImport.objects.get()
    assert answer.url == f"/office/feed/{received.pk}/"
    assert f'hx-get="{answer.url}progress/"' in browser.get(answer.url).text
    part = browser.get(f"{answer.url}progress/", headers={"HX-Request": "true"})
    assert "Waiting for a free worker" in part.text
    for task in waiting:
        task()
    assert browser.get(f"{answer.url}progress/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert Order.objects.filter(order_no="O-1", status="active").exists()


def test_the_page_of_an_import_balances_and_names_what_was_rejected(uploaded, shop, sign_in):
    parts = (uploaded.accepted, uploaded.duplicate, uploaded.waiting, uploaded.exception, uploaded.rejected)
    assert uploaded.rows == sum(parts) == 6
    page = sign_in(shop.petra).get(f"/office/feed/{uploaded.pk}/").text
    assert "occurred_on is no date" in page
    assert "D-NOBODY" in page
    report = sign_in(shop.petra).get(f"/office/feed/{uploaded.pk}/report/")
    assert "31.07.2026" in b"".join(report.streaming_content).decode()


def test_a_file_that_is_no_feed_says_so_and_leaves_nothing(shop, sign_in, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = sign_in(shop.carla).post("/office/feed/upload/", {"file": SimpleUploadedFile("x.csv", b"")})
    assert "The file was not imported" in sign_in(shop.carla).get(answer.url).text
    assert not Order.objects.exists()


def test_exceptions_are_grouped_by_cause_and_value_and_waiting_ones_stand_apart(uploaded, shop, sign_in):
    browser = sign_in(shop.carla)
    page = browser.get("/office/feed/exceptions/").text
    assert "D-NOBODY" in page
    assert "O-9" not in page
    assert "O-9" in browser.get("/office/feed/exceptions/?cause=order_not_captured").text


def test_after_adding_the_dealer_code_the_retry_gives_the_order(uploaded, shop, sign_in):
    browser = sign_in(shop.carla)
    code = shop.sued.outlets.get().dealer_codes.get()
    code.pk, code.code = None, "D-NOBODY"
    code.save()
    answer = browser.post(
        "/office/feed/exceptions/retry/", {"cause": "unknown_dealer", "value": "D-NOBODY"}, follow=True
    )
    assert "1 of 1" in answer.text
    assert Order.objects.filter(order_no="O-2", partner=shop.sued).exists()


def test_a_second_capture_is_set_aside_once(uploaded, shop, sign_in):
    parked = Parked.objects.get(cause=Parked.Cause.CAPTURED_TWICE)
    browser = sign_in(shop.carla)
    assert browser.post(f"/office/feed/exceptions/{parked.pk}/dismiss/").status_code == 302
    assert browser.post(f"/office/feed/exceptions/{parked.pk}/dismiss/").status_code == 409
    assert not Parked.objects.open().filter(pk=parked.pk).exists()


def test_the_administrator_finds_the_way_to_add_what_is_missing(uploaded, shop, sign_in):
    assert "/admin/partners/dealercode/add/?code=D-NOBODY" in sign_in(shop.ada).get("/office/feed/exceptions/").text


def test_the_catalogue_shows_the_spend_nobody_is_responsible_for(shop, sign_in):
    from sales.models import SegmentBand

    SegmentBand.objects.create(spend_from=0, spend_to="2499.99", route="call_centre")
    SegmentBand.objects.create(spend_from=5000, route="direct_sales")
    page = sign_in(shop.tom).get("/office/catalogue/").text
    assert "assigned to nobody" in page


def test_the_catalogue_comes_as_a_file_with_a_row_for_each_product(shop, sign_in):
    from sales.models import Product

    browser = sign_in(shop.tom)
    assert 'href="?export=csv"' in browser.get("/office/catalogue/").text
    lines = b"".join(browser.get("/office/catalogue/?export=csv").streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + Product.objects.count()
    assert all(any(f",{each.code}," in line for line in lines) for each in Product.objects.all())


def test_the_catalogue_can_be_asked_for_any_day(shop, sign_in):
    """The second sentence of F0-02: on 3 April 2003 there was no VPN."""
    from sales.models import Product, SegmentBand

    family = Product.objects.first().family
    for code, state, start in [("isdn-2003", "released", "2003-04-03"), ("vpn-2003", "announced", None)]:
        Product.objects.create(
            code=code, title_de=code, title_en=code, family=family, state=state, portfolio_from=start
        )
    SegmentBand.objects.create(spend_from=1000, spend_to=3000, route="partner", valid_until="2004-01-01")
    SegmentBand.objects.create(spend_from=1000, spend_to=7777, route="partner", valid_from="2004-01-01")
    browser = sign_in(shop.tom)

    def shown(query: str) -> str:
        return browser.get(f"/office/catalogue/{query}").text

    assert "isdn-2003" in shown("?on=2003-04-03")
    assert "vpn-2003" not in shown("?on=2003-04-03")
    assert "isdn-2003" not in shown("?on=2003-04-02")
    assert {"isdn-2003", "vpn-2003"} <= {word for word in ("isdn-2003", "vpn-2003") if word in shown("")}
    assert "3,000.00" in shown("?on=2003-12-31")
    assert "7,777.00" in shown("?on=2004-01-01")
    assert "isdn-2003" in shown("?on=nonsense")


def test_segments_come_as_a_file_with_the_gaps_between_them(shop, segments, sign_in):
    answer = sign_in(shop.tom).get("/office/catalogue/?of=segments&export=csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert [line.split(",")[:3] for line in lines[1:]] == [
        ["0.00", "999.99", "call centre and direct marketing"],
        ["1000.00", "3000.00", "sales partner"],
        ["3000.01", "10000.00", "assigned to nobody"],
        ["10000.01", "", "direct sales"],
    ]


# ---- whose customer it is --------------------------------------------------------------------------------------
@pytest.fixture
def segments(db):
    for start, end, route in [
        ("0", "999.99", "call_centre"), ("1000", "3000", "partner"), ("10000.01", None, "direct_sales"),
    ]:  # fmt: skip
        SegmentBand.objects.create(spend_from=Decimal(start), spend_to=end and Decimal(end), route=route)


@pytest.fixture
def sold(shop, segments):
    """One order in each segment, one in the gap, one of a customer whose spend nobody knows; all of one import."""
    spends = {"O-800": "800", "O-2000": "2000", "O-6200": "6200", "O-12000": "12000", "O-UNKNOWN": None}
    delivered = make_import()
    for number, spend in spends.items():
        make_order(shop.nord, number, annual_spend=spend and Decimal(spend), feed_import_id=delivered.pk)
    return delivered


def test_a_segment_of_today_does_not_judge_orders_signed_before_it(shop, sold, sign_in):
    SegmentBand.objects.filter(route="call_centre").update(valid_from="2026-07-03")
    orders = sign_in(shop.carla).get("/office/orders/?route=closed").context_data["table"].data
    assert [order.order_no for order in orders] == ["O-12000"]  # O-800 was signed on 2 July
    found = sign_in(shop.carla).get("/office/orders/?route=unassigned").context_data["table"].data
    assert {order.order_no for order in found} == {"O-800", "O-6200"}


@pytest.mark.parametrize(
    ("route", "numbers"),
    [
        ("closed", {"O-800", "O-12000"}), ("call_centre", {"O-800"}), ("partner", {"O-2000"}),
        ("direct_sales", {"O-12000"}), ("unassigned", {"O-6200"}), ("shared", set()),
    ],
)  # fmt: skip
def test_orders_are_found_by_whose_customer_it_is(shop, sold, sign_in, route, numbers):
    page = sign_in(shop.carla).get("/office/orders/", {"route": route})
    assert {order.order_no for order in page.context_data["table"].data} == numbers


def test_the_list_of_orders_names_products_and_its_file_their_codes_too(shop, sold, sign_in):
    Product.objects.update(title_de="DSL Basis", title_en="DSL Basic")
    browser = sign_in(shop.carla)
    assert "DSL Basic" in browser.get("/office/orders/").text
    exported = b"".join(browser.get("/office/orders/?export=csv").streaming_content).decode("utf-8-sig")
    first = next(csv.DictReader(exported.splitlines(), delimiter=exported[5]))
    assert (first["Product"], first["Product code"]) == ("DSL Basic", "dsl-basic")


def test_an_order_of_another_channel_s_customer_is_marked_on_the_list_and_its_page(shop, sold, sign_in):
    browser = sign_in(shop.carla)
    assert "call centre and direct marketing" in b"".join(
        browser.get("/office/orders/?route=closed&export=csv").streaming_content
    ).decode("utf-8-sig")
    page = browser.get("/office/orders/O-800/").text
    assert "The customer spends €800.00 a year: call centre and direct marketing." in page
    assert "A customer of another channel" not in browser.get("/office/orders/O-2000/").text
    assert "assigned to nobody" in browser.get("/office/orders/O-6200/").text


def test_the_flag_lets_partners_sell_in_another_channel_s_segment(shop, sold, sign_in):
    SegmentBand.objects.filter(route="call_centre").update(partner_allowed=True)
    browser = sign_in(shop.carla)
    assert "Partners may sell in this segment" in browser.get("/office/orders/O-800/").text
    page = browser.get("/office/orders/?route=closed")
    assert [order.order_no for order in page.context_data["table"].data] == ["O-12000"]


def test_an_import_counts_the_orders_of_other_channels_customers(shop, sold, sign_in):
    page = sign_in(shop.carla).get(f"/office/feed/{sold.pk}/").text
    assert "2 orders are from customers" in page
    address = f"/office/orders/?feed_import={sold.pk}&route=closed"
    assert address.replace("&", "&amp;") in page
    assert len(sign_in(shop.carla).get(address).context_data["table"].data) == 2
    assert "are from customers" not in sign_in(shop.ada).get(f"/office/feed/{sold.pk}/").text  # opens no orders
    assert "are from customers" not in sign_in(shop.paul).get(f"/office/feed/{sold.pk}/").text  # Nord is not his


# ---- referrals -------------------------------------------------------------------------------------------------
ORDER = "event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no,annual_spend,transaction\n"


@pytest.fixture
def direct(shop, segments):
    """Orders of Nord with events behind them: one for direct sales, one for the call centre, one of Nord's own."""
    rows = [
        f"{number}-1,captured,2026-07-02,{number},D-NORD,dsl-basic,C-{number},{spend},\n"
        for number, spend in (("O-12000", "10000.01"), ("O-800", "800"), ("O-2000", "2000"), ("O-6200", "10000.00"))
    ]
    import_text(ORDER + "".join(rows), now=NOW)
    return shop


def test_a_sale_to_a_customer_of_direct_sales_becomes_a_referral(direct, sign_in):
    browser = sign_in(direct.carla)
    assert "Hand over as a referral" in browser.get("/office/orders/O-12000/").text
    browser.post("/office/orders/O-12000/refer/", {"reason": "key account"})
    assert Order.objects.get(order_no="O-12000").transaction == "referral"
    page = browser.get("/office/orders/O-12000/").text
    assert "The order was handed over" in page
    assert "Hand over as a referral" not in page
    assert history_of(Order.objects.get(order_no="O-12000")).get().reason == "key account"


def test_only_customers_of_a_closed_route_are_handed_over_once_and_with_a_reason(direct):
    def refer(number: str, reason: str = "key account", by=direct.carla):
        return stating.refer(Order.objects.get(order_no=number), by=by, reason=reason, now=NOW)

    for number in ("O-2000", "O-6200"):  # a partner's customer; 10,000.00 is assigned to nobody
        with pytest.raises(Refused):
            refer(number)
    with pytest.raises(Refused):
        refer("O-12000", reason=" ")
    with pytest.raises(PermissionDenied):
        refer("O-12000", by=direct.petra)
    refer("O-12000")
    with pytest.raises(Conflict):
        refer("O-12000")
    refer("O-800")  # routed to the call centre
    SegmentBand.objects.filter(route="call_centre").update(partner_allowed=True)


def test_a_referral_has_the_last_word_over_an_earlier_correction(direct):
    import_text(ORDER + "x1,corrected,2026-07-20,O-800,,,,,renewal\n", now=NOW)
    stating.refer(Order.objects.get(order_no="O-800"), by=direct.carla, reason="call centre", now=NOW)
    assert Order.objects.get(order_no="O-800").transaction == "referral"


def test_the_office_tells_closed_allowed_and_handed_over_apart(direct, sign_in):
    stating.refer(Order.objects.get(order_no="O-12000"), by=direct.carla, reason="key account", now=NOW)
    browser = sign_in(direct.carla)

    def numbers(route: str) -> list[str]:
        return [order.order_no for order in browser.get("/office/orders/", {"route": route}).context_data["table"].data]

    assert (numbers("closed"), numbers("allowed"), numbers("referred")) == (["O-800"], [], ["O-12000"])
    SegmentBand.objects.filter(route="call_centre").update(partner_allowed=True)
    assert (numbers("closed"), numbers("allowed")) == ([], ["O-800"])
    rows = b"".join(browser.get("/office/orders/?export=csv").streaming_content).decode("utf-8-sig")
    assert "call centre and direct marketing: partners may sell, reduced row" in rows
    assert "direct sales: handed over as a referral" in rows


def test_the_partner_is_warned_on_the_list_and_on_the_order(direct, sign_in):
    for person in (direct.nora, direct.nele):  # with money, and a seller
        browser = sign_in(person)
        assert "2 of your orders are from customers" in browser.get("/orders/").text
        found = browser.get("/orders/?route=closed").context_data["table"].data
        assert {order.order_no for order in found} == {"O-800", "O-12000"}
        page = browser.get("/orders/O-800/").text
        assert "This customer is looked after by: call centre and direct marketing" in page
        assert "A customer of another channel" not in browser.get("/orders/O-2000/").text
    stating.refer(Order.objects.get(order_no="O-12000"), by=direct.carla, reason="key account", now=NOW)
    assert "counts as a referral" in sign_in(direct.nora).get("/orders/O-12000/").text
    SegmentBand.objects.filter(route="call_centre").update(partner_allowed=True)
    assert "You may sell here as well" in sign_in(direct.nora).get("/orders/O-800/").text
    assert "of your orders" not in sign_in(direct.nora).get("/orders/").text
