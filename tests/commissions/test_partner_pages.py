"""What a partner reads about its money: the right sums, everything explained, nobody else's, and a constant number of queries."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from commissions.actions import refresh_provisional
from commissions.earnings import figures_of
from commissions.models import Cause, Line, Statement
from commissions.orders import Standing, outlook, why_of, with_money
from commissions.views.partner.statement import nature, vat_note
from core.periods import add_months
from partners.models import Contract
from sales.importing import import_text
from sales.models import Order, ProductFamily
from tests.cast import make_run, make_statement, make_version
from tests.channel import LAST, NOW, Feed, run_month
from training.models import Certificate

MONEY = ["/statements/", "/statements/{number}/", "/statements/{number}/lines/", "/company/schedules/standard/"]


# ---- orders ----------------------------------------------------------------------------------------------------
def test_every_order_stands_somewhere_and_says_why(channel):
    ahead = outlook()
    orders = with_money(Order.objects.all(), channel.cast.nord, ahead.run).filter(partner=channel.cast.nord)
    found = {order.order_no: order for order in orders}
    with override("en"):
        told = {number: (order.standing, why_of(order, ahead)) for number, order in found.items()}
    assert told["O-0970"] == (Standing.HELD, "Certificate missing on the signature date")
    assert told["O-0980"] == (Standing.NOTHING_DUE, "Not in the schedule")
    assert told["O-0985"] == (Standing.NOTHING_DUE, "Rejected: not available at the address")
    assert told["O-1095"] == (Standing.NOT_YET, "Waits for its activation")
    assert told["O-1100"] == (Standing.NOT_YET, "On the statement of November 2026, by 31 Dec 2026")
    assert told["O-0400"][0] == Standing.PAID
    assert found["O-0401"].standing == Standing.PAID  # what might be taken back is still paid
    assert all(why for standing, why in told.values() if standing != Standing.PAID)


def test_a_withdrawn_order_that_was_paid_and_taken_back_is_nothing_due(channel):
    ahead = outlook()
    order = with_money(Order.objects.filter(order_no="O-0700"), channel.cast.nord, ahead.run).get()
    # 45.00 on July's statement, −45.00 on August's; what its revenue earned stays.
    closing = Line.objects.filter(order=order, component_code="isdn-closing")
    assert sum(line.amount for line in closing) == 0
    assert order.paid == sum(line.amount for line in Line.objects.filter(order=order))


# ---- pages -----------------------------------------------------------------------------------------------------
def test_a_statement_explains_a_line_and_leads_to_the_whole_story(channel, read):
    statement = channel.statement
    line = statement.lines.get(cause=Cause.CANCELLED)
    html = read(channel.cast.nora, f"/statements/{statement.number}/?open=dsl-closing.cancelled&line={line.pk}")
    assert "Why −\u2060€58.33?" in html  # 70.00 × 20 / 24 = 58.333
    assert "20 of 24 months are open" in html
    assert 'href="/orders/O-0501/"' in html
    assert "Gutschrift (self-billed invoice)" in html
    assert "DE•• •••• •••• 3000" in html
    assert "saying nothing never counts as agreeing" in html


def test_without_self_billing_the_paper_is_no_gutschrift():
    with override("en"):
        assert nature(Statement(self_billed=False)) == "Statement (no self-billed invoice)"


@pytest.mark.parametrize(("status", "note"), [("small_business", "§ 19 UStG"), ("eu", "Steuerschuldnerschaft")])
def test_where_no_vat_is_shown_the_law_s_words_stand(cast, read, status, note):
    cast.nord.vat_status = status
    make_statement(make_run(date(2026, 7, 1)), cast.nord, "2026-000001")
    assert note in read(cast.nora, "/statements/2026-000001/")


def test_the_note_stands_only_where_something_bears_no_vat(cast):
    """The status has changed: services of before bear VAT, those of now do not."""
    statement = make_statement(make_run(date(2026, 7, 1)), cast.nord, "2026-000001")
    statement.vat_status = "small_business"
    assert vat_note(statement) == ""
    statement.vat_groups.create(percent=0, net=1, brought_forward=0, vat=0, carried_forward=0)
    assert "§ 19 UStG" in vat_note(statement)


def test_the_csv_of_a_statement_holds_every_line_with_its_arithmetic(channel, sign_in):
    statement = channel.statement
    answer = sign_in(channel.cast.nils).get(f"/statements/{statement.number}/lines/?export=csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == statement.lines_count
    assert sum(Decimal(row["Amount"]) for row in rows) == statement.net
    assert {"Base", "Rate", "Full amount", "Clawed back", "Booked before"} <= rows[0].keys()
    # In the words of the page, with the codes beside them.
    earned = {row["Component code"]: row for row in rows if row["Cause"] == "earned"}
    closing, airtime = earned["isdn-closing"], earned["airtime"]
    assert (closing["Component"], airtime["Component"]) == ("Closing commission ISDN", "Revenue share of 4 %")
    assert (closing["Product"], closing["Product code"]) == ("ISDN basic", "isdn-basic")
    assert [closing[name] for name in ("Base", "Kind of base", "Rate", "Unit of the rate")] == [
        "1.00", "units", "45.00", "EUR per unit",
    ]  # fmt: skip
    assert [airtime[name] for name in ("Kind of base", "Rate", "Unit of the rate")] == ["revenue", "4.00", "percent"]


def test_lines_are_filtered_by_cause_component_product_outlet_and_hold(channel, read):
    base = f"/statements/{channel.statement.number}/lines/"
    assert "O-0501" in read(channel.cast.nora, f"{base}?cause=cancelled")
    assert "1 entry" in read(channel.cast.nora, f"{base}?cause=cancelled&component=dsl-closing&outlet=D-NORD")
    assert "Nothing matches this filter" in read(channel.cast.nora, f"{base}?held=withheld")


def test_the_case_page_tells_the_life_with_a_running_balance(channel, read):
    html = read(channel.cast.nora, "/orders/O-0300/")
    # 45.00 in March, 3.22 in each of April to July, 37.50 taken back (45.00 × 20 / 24): 20.38 then.
    assert html.index("Captured") < html.index("Activated") < html.index("−\u2060€37.50")
    assert "€20.38 so far" in html
    assert "customer moved" in html


def test_a_held_order_says_what_to_do(channel, read):
    html = read(channel.cast.nora, "/orders/O-0970/")
    assert "Why is €850.00 held?" in html
    assert "have the certificate recorded" in html


# ---- who sees what ---------------------------------------------------------------------------------------------
def test_a_seller_sees_orders_and_no_amount(channel, read):
    number = channel.statement.number
    for path in MONEY:
        read(channel.cast.nele, path.format(number=number), status=403)
    for path in ("/", "/orders/", "/orders/O-0300/", "/company/", "/search/?q=O-03"):
        assert "€" not in read(channel.cast.nele, path)


def test_among_ones_own_orders_the_own_name_is_no_column(channel, read):
    cell = 'data-label="Partner"'
    assert cell not in read(channel.cast.nele, "/orders/")
    assert cell in read(channel.cast.nora, "/orders/?of=below")


def test_the_list_of_statements_adds_up_to_what_is_paid(cast, sign_in):
    """Net and VAT alone do not where something is kept in reserve or carried over."""
    statement = make_statement(make_run(date(2026, 7, 1)), cast.nord, "2026-000001")
    later = make_run(date(2026, 8, 1))
    # 45.00 + 8.55 VAT − 20.00 reserve = 33.55
    more = {"pk": None, "number": "2026-000002", "run": later, "month": later.month, "reserve_withheld": Decimal(20)}
    for name, value in (more | {"payable": Decimal("33.55")}).items():
        setattr(statement, name, value)
    statement.save(force_insert=True)
    first, second = Statement.objects.filter(partner=cast.nord).with_other().order_by("number")
    assert (first.other, second.other) == (Decimal(0), Decimal("-20.00"))
    assert "−\u2060€20.00" in sign_in(cast.nora).get("/statements/").text
    assert "−\u2060€20.00" in sign_in(cast.finn).get("/office/statements/").text


def test_a_distributor_sees_the_orders_below_and_none_of_their_money(channel, read):
    assert "O-0950" in read(channel.cast.nora, "/orders/?of=below")
    html = read(channel.cast.nora, "/orders/O-0950/")
    assert "€" not in html
    number = channel.statements(channel.cast.sued)[-1].number
    read(channel.cast.nora, f"/statements/{number}/", status=404)


def test_nobody_sees_a_stranger_s_order_or_statement(channel, read):
    number = channel.statement.number
    for path in (f"/statements/{number}/", f"/statements/{number}/lines/", "/orders/O-0300/"):
        for person in (channel.cast.rita, channel.cast.sina):
            read(person, path, status=404)
    assert "/orders/O-0300/" not in read(channel.cast.rita, "/orders/?q=O-0300")


def test_staff_see_the_partner_s_pages_only_through_its_eyes(channel, sign_in):
    browser = sign_in(channel.cast.petra)
    assert browser.get("/statements/").status_code == 403
    browser.post(f"/office/partners/{channel.cast.sued.number}/view-as/")
    assert browser.get("/").status_code == 200
    assert browser.get(f"/statements/{channel.statement.number}/").status_code == 404  # Nord's, and she looks as Süd
    assert browser.get("/orders/O-0950/").status_code == 200


def test_one_search_finds_an_order_a_customer_and_a_statement(channel, sign_in):
    browser = sign_in(channel.cast.nora)
    assert browser.get("/search/?q=O-0300").url == "/orders/O-0300/"
    assert browser.get("/search/?q=KD-0300").url == "/orders/O-0300/"
    number = channel.statement.number
    assert browser.get(f"/search/?q={number}").url == f"/statements/{number}/"
    assert "O-0990" not in browser.get("/search/?q=O-0").text  # Rival's


def test_a_schedule_says_which_version_no_order_goes_by_any_more(cast, read):
    for start in (date(2026, 5, 1), date(2026, 5, 1), date(2026, 3, 1)):  # the last one leaves May to the second
        make_version(valid_from=start)
    page = read(cast.nora, "/company/schedules/standard/")
    assert [part.partition("</h2>")[0].count("replaced by a later version") for part in page.split("<h2>")[1:]] == [
        0,
        1,
        0,
    ]


def test_a_schedule_no_own_contract_names_is_not_there(cast, read):
    own, other = make_version(), make_version(schedule="gold")
    Contract.objects.filter(partner=cast.rival).update(schedule="gold")
    assert "45.00 per unit" in read(cast.nora, "/company/schedules/standard/")
    read(cast.nora, "/company/schedules/gold/", status=404)
    read(cast.nora, f"/company/documents/{other.pk}/", status=404)
    read(cast.rita, f"/company/documents/{own.pk}/", status=404)
    read(cast.rita, f"/company/documents/{other.pk}/")


def test_a_downloaded_schedule_says_whose_copy_it_is_and_is_still_the_document(cast, sign_in):
    version = make_version()
    first, rest = sign_in(cast.nora).get(f"/company/documents/{version.pk}/").text.split("\n", 1)
    assert first.startswith("# Confidential. Copy for P-NORD Nord Erfunden GmbH, downloaded by ")
    assert rest == version.document


def test_the_statement_names_the_operator_of_the_settings(cast, read, settings):
    settings.OPERATOR = settings.OPERATOR | {"name": "Anders Erfunden AG", "address": "Neuer Weg 2\n00000 Anderswo"}
    make_statement(make_run(date(2026, 7, 1)), cast.nord, "2026-000001")
    html = read(cast.nora, "/statements/2026-000001/")
    assert "Anders Erfunden AG" in html
    assert "Neuer Weg 2" in html


def test_the_statement_shows_the_logo_beside_the_name_once_there_is_one(cast, read, settings):
    make_statement(make_run(date(2026, 7, 1)), cast.nord, "2026-000001")
    assert 'class="logo"' not in read(cast.nora, "/statements/2026-000001/")
    settings.OPERATOR = settings.OPERATOR | {"name": "Anders Erfunden AG", "logo": "https://bilder.example/a.svg"}
    html = read(cast.nora, "/statements/2026-000001/")
    picture = '<img class="logo" src="https://bilder.example/a.svg" alt="Anders Erfunden AG">'
    assert html.count(picture) == 2  # on screen and on paper


# ---- speed -----------------------------------------------------------------------------------------------------
def test_a_statement_of_any_size_takes_the_same_number_of_queries(cast, sign_in):
    small = make_statement(make_run(date(2026, 7, 1)), cast.nord, "2026-000001", lines=3)
    large = make_statement(make_run(date(2026, 8, 1)), cast.nord, "2026-000002", lines=3000)
    browser = sign_in(cast.nora)
    for path in ("/statements/{}/", "/statements/{}/?open=closing.earned", "/statements/{}/lines/"):
        counts = []
        for statement in (small, large):
            browser.get(path.format(statement.number))
            with CaptureQueriesContext(connection) as asked:
                browser.get(path.format(statement.number))
            counts.append(len(asked))
        assert counts[0] == counts[1], path
        assert counts[1] <= 15


def test_home_takes_the_same_number_of_queries_whatever_was_sold(channel, sign_in):
    browser = sign_in(channel.cast.nora)

    def queries() -> int:
        browser.get("/")
        with CaptureQueriesContext(connection) as asked:
            browser.get("/")
        return len(asked)

    few, feed = queries(), Feed()
    sold, held = (
        Order.objects.visible_to(channel.cast.nora).count(),
        figures_of(channel.cast.nord, Statement.objects.all()).held_total,
    )
    for number in range(60):
        product = ("isdn-basic", "dsl-50", "vpn-flat")[number % 3]  # the last waits for a certificate
        feed.sale(f"M-{number:04}", date(2026, 11, 2 + number % 10), product, order_value="100.00")
    for number in range(0, 60, 9):
        feed.add("cancelled", date(2026, 11, 20), f"M-{number:04}", reason="CUSTOMER_MOVED")
    import_text(feed.text(), now=NOW)
    refresh_provisional(now=NOW)
    assert Order.objects.visible_to(channel.cast.nora).count() == sold + 60
    assert figures_of(channel.cast.nord, Statement.objects.all()).held_total > held
    assert queries() == few <= 20


def test_a_notice_disappears_from_the_case_once_the_certificate_is_there(channel, read):
    assert "Why is €850.00 held?" in read(channel.cast.nora, "/orders/O-0970/")
    vpn = ProductFamily.objects.get(code="vpn")
    Certificate.objects.create(
        holder=channel.cast.nora, family=vpn, valid_from=date(2026, 8, 1), status="valid", recorded_at=NOW,
        recorded_by=channel.cast.tom, approved_by=channel.cast.petra,
    )  # fmt: skip
    refresh_provisional(now=NOW)
    html = read(channel.cast.nora, "/orders/O-0970/")
    assert html.count("Why is €850.00 held?") == 1  # in its life, as what September said; not as a notice above
    assert "+\u2060€850.00" in html
    assert figures_of(channel.cast.nord, Statement.objects.all()).held_total == 0


def test_a_posted_month_is_not_coming_as_well_until_the_figures_of_the_night_are_made_anew(channel, read):
    assert "Coming, net, November 2026" in read(channel.cast.nora, "/")
    run_month(channel.cast, add_months(LAST, 1))
    html = read(channel.cast.nora, "/")
    assert "Earned, net, November 2026" in html
    assert "Coming, net, November 2026" not in html
    assert "so far" not in html
    office = read(channel.cast.hanna, "/office/")
    assert "November 2026, posted" in office
    assert "so far" not in office.lower()
    assert "so far" not in read(channel.cast.hanna, "/office/runs/")
