"""The month in the office: calculate, review, approve by a second person, post; holds, manual lines, lines and why."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from commissions import actions
from commissions.models import DraftLine, Hold, Line, ManualLine, Run, Statement
from commissions.pipeline import STEPS
from commissions.review import Notable, Review, Sum, review_of
from commissions.views.office import board
from tests.cast import make_order, make_partner, make_product, make_run, make_statement, make_version

NOW = datetime(2026, 8, 5, 9, tzinfo=UTC)
JULY = date(2026, 7, 1)


@pytest.fixture
def shop(cast):
    make_product()
    make_version()
    make_order(cast.sued, "O-1")
    make_order(cast.rival, "O-2", quantity=2)
    return cast


@pytest.fixture
def in_review(shop):
    run = actions.create_run(month=JULY, by=shop.carla, now=NOW)
    actions.request_calculation(run, by=shop.carla, now=NOW)
    actions.calculate_run(run, now=NOW)
    return run


def test_a_month_goes_from_calculation_to_statements_through_two_people(
    shop, sign_in, django_capture_on_commit_callbacks
):
    carla, finn = sign_in(shop.carla), sign_in(shop.finn)
    with django_capture_on_commit_callbacks(execute=True):
        answer = carla.post("/office/runs/create/", {"month": "2026-07"})
    run = Run.objects.get()
    assert answer.url == f"/office/runs/{run.pk}/"
    page = carla.get(answer.url).text
    assert "135.00" in page  # 45.00 + 2 × 45.00
    assert "Finance or the head of channel approves." in page
    assert carla.post(f"{answer.url}approve/").status_code == 403
    assert finn.post(f"{answer.url}approve/").status_code == 302
    with django_capture_on_commit_callbacks(execute=True):
        finn.post(f"{answer.url}post/")
    run.refresh_from_db()
    assert (run.status, Statement.objects.count()) == (Run.Status.POSTED, 2)
    assert "Finn Fiktiv" in finn.get(answer.url).text


def test_the_page_of_a_calculating_run_asks_for_its_progress_until_it_is_over(shop, sign_in):
    run = actions.create_run(month=JULY, by=shop.carla, now=NOW)
    actions.request_calculation(run, by=shop.carla, now=NOW)  # claimed, and no worker yet
    browser = sign_in(shop.carla)
    assert f'hx-get="/office/runs/{run.pk}/progress/"' in browser.get(f"/office/runs/{run.pk}/").text
    part = browser.get(f"/office/runs/{run.pk}/progress/", headers={"HX-Request": "true"})
    assert "Waiting for a free worker" in part.text
    assert "<html" not in part.text
    actions.calculate_run(run, now=NOW)
    over = browser.get(f"/office/runs/{run.pk}/progress/", headers={"HX-Request": "true"})
    assert over["HX-Refresh"] == "true"


def test_every_step_of_a_calculation_has_a_name_for_people():
    assert set(board.STEP_LABELS) == {"", *STEPS, "control", "firewall"}


def test_approving_a_second_time_is_a_conflict(in_review, shop, sign_in):
    assert sign_in(shop.finn).post(f"/office/runs/{in_review.pk}/approve/").status_code == 302
    assert sign_in(shop.hanna).post(f"/office/runs/{in_review.pk}/approve/").status_code == 409


def test_a_month_is_discarded_with_a_reason_only(in_review, shop, sign_in):
    browser = sign_in(shop.carla)
    assert browser.post(f"/office/runs/{in_review.pk}/discard/", {"reason": ""}).status_code == 200
    browser.post(f"/office/runs/{in_review.pk}/discard/", {"reason": "wrong feed"})
    in_review.refresh_from_db()
    assert in_review.status == Run.Status.DISCARDED


def test_a_run_overtaken_by_another_posting_says_that_it_must_be_calculated_again(in_review, shop, sign_in):
    actions.approve_run(in_review, by=shop.finn, now=NOW)
    make_run(date(2026, 6, 1))
    page = sign_in(shop.finn).get(f"/office/runs/{in_review.pk}/").text
    assert "Has to be calculated again" in page
    assert f"/office/runs/{in_review.pk}/post/" not in page


def test_the_board_offers_months_after_the_last_posted_one(in_review, shop, sign_in):
    page = sign_in(shop.carla).get("/office/runs/").text
    assert "July 2026" in page
    assert "June 2026" not in page


def test_review_compares_with_the_mean_of_the_last_three_posted_months(shop):
    for month, orders in ((4, 1), (5, 2), (6, 3)):
        run = make_run(date(2026, month, 1), net=Decimal(45 * orders))
        make_statement(run, shop.sued, f"2026-{month:06}", lines=orders)
    run = actions.create_run(month=JULY, by=shop.carla, now=NOW, full=True)
    actions.request_calculation(run, by=shop.carla, now=NOW)
    actions.calculate_run(run, now=NOW)
    review = review_of(run)
    assert review.mean == Decimal("90.00")  # (45 + 90 + 135) / 3
    assert review.net == run.net
    assert sum(each.amount for each in review.components) == review.net
    by_number = {each.number: each for each in review.partners}
    assert by_number["P-SUED"].before == Decimal("135.00")
    assert by_number["P-SUED"].mean == Decimal("90.00")


def test_what_review_calls_corrections_are_the_rows_of_its_causes():
    """Whichever month they are about: a cancellation in the month of the sale corrects what was posted as well."""
    amounts = (("earned", 9, "90.00"), ("cancelled", 2, "-20.00"), ("late_event", 1, "10.00"), ("manual", 1, "5.00"))
    causes = [Sum(cause, lines, Decimal(amount), 0, Decimal(0)) for cause, lines, amount in amounts]
    found = Review(causes, components=[], holds=[], partners=[], last_month=None)
    assert (found.corrected, found.corrected_lines) == (Decimal("-10.00"), 3)  # 10.00 − 20.00


def test_review_names_partners_that_stand_out(in_review, shop):
    make_partner("P-QUIET", "Stille Erdichtet GmbH")
    actions.request_calculation(in_review, by=shop.carla, now=NOW)
    actions.calculate_run(in_review, now=NOW)
    review = review_of(in_review)
    assert "P-QUIET" in [each.number for each in review.notable(Notable.WITHOUT)]
    assert [each.number for each in review.biggest(1)] == ["P-RIVAL"]  # 90.00 against 45.00


def test_review_asks_as_many_queries_for_many_partners_as_for_few(
    in_review, shop, sign_in, django_assert_max_num_queries, django_assert_num_queries
):
    browser = sign_in(shop.finn)
    browser.get(f"/office/runs/{in_review.pk}/")
    with django_assert_max_num_queries(14) as asked:
        browser.get(f"/office/runs/{in_review.pk}/")
    few = len(asked)
    for number in range(12):
        make_order(make_partner(f"P-{number}", f"Partner {number}"), f"O-X{number}")
    actions.request_calculation(in_review, by=shop.carla, now=NOW)
    actions.calculate_run(in_review, now=NOW)
    browser.get(f"/office/runs/{in_review.pk}/")
    with django_assert_num_queries(few):
        browser.get(f"/office/runs/{in_review.pk}/")


def test_lines_of_a_run_are_filtered_exported_and_explained(in_review, shop, sign_in):
    browser = sign_in(shop.aud)
    page = browser.get(f"/office/runs/{in_review.pk}/lines/?partner=P-SUED").text
    assert "O-1" in page
    assert "O-2" not in page
    csv = b"".join(browser.get(f"/office/runs/{in_review.pk}/lines/?export=csv").streaming_content).decode("utf-8-sig")
    # 2 pieces × 45.00 EUR, nothing clawed back, nothing booked before
    arithmetic = "2.00,units,45.00,EUR per unit,90.00,0.00,0.00"
    rival = f"P-RIVAL,Rival Ausgedacht AG,O-2,Closing commission,closing,2026-07,earned,,{arithmetic},,90.00"
    assert rival in csv.splitlines()
    line = DraftLine.objects.get(run=in_review, order__order_no="O-2")
    why = browser.get(f"/office/runs/{in_review.pk}/lines/{line.pk}/").text
    assert "Why €90.00?" in why


def test_lines_of_a_run_begin_with_the_largest_amounts_and_what_is_held_with_what_it_would_be(in_review, shop, sign_in):
    first = DraftLine.objects.filter(run=in_review).first()
    assert first
    fields = {field.attname: getattr(first, field.attname) for field in DraftLine._meta.fields}
    for n, (amount, would_be) in enumerate([("-80.00", None), (0, None), (0, "12.00"), (0, "200.00"), (0, "-5.00")], 1):
        notice = {"is_notice": amount == 0, "hold_reason": "withheld" if amount == 0 else ""}
        # In steps of 256, so that they belong to the same shard's table.
        result = {"id": first.pk + 256 * (1000 + n), "amount": Decimal(amount), "would_be": would_be}
        DraftLine.objects.create(**fields | result | notice)

    def shown(query: str) -> list[tuple[Decimal, Decimal | None]]:
        page = sign_in(shop.finn).get(f"/office/runs/{in_review.pk}/lines/{query}")
        return [(row.record.amount, row.record.would_be) for row in page.context["table"].rows]

    held = [(Decimal(0), Decimal(would_be)) for would_be in ("200.00", "12.00", "-5.00")] + [(Decimal(0), None)]
    assert shown("") == [(Decimal("90.00"), None), (Decimal("45.00"), None), *held, (Decimal("-80.00"), None)]
    assert shown("?sort=amount")[:2] == [(Decimal("-80.00"), None), (Decimal(0), Decimal("-5.00"))]
    assert shown("?hold_reason=any") == held


def test_a_posted_line_leads_to_why_and_to_the_life_of_its_order(in_review, shop, sign_in):
    actions.approve_run(in_review, by=shop.finn, now=NOW)
    actions.post_run(in_review, by=shop.finn, now=NOW)
    browser = sign_in(shop.petra)
    line = Line.objects.get(order__order_no="O-1")
    assert "Why €45.00?" in browser.get(f"/office/lines/{line.pk}/").text
    assert "€45.00" in browser.get("/office/orders/O-1/").text
    assert browser.get("/office/orders/O-2/").status_code == 404  # Rival is not Petra's
    assert browser.get(f"/office/statements/{line.statement.number}/").status_code == 200


def test_a_controller_withholds_a_partner_and_releases_it(shop, sign_in):
    browser = sign_in(shop.carla)
    wrong = browser.post("/office/runs/holds/new/", {"partner": "P-NOBODY", "reason": "x"})
    assert "There is no such partner." in wrong.text
    browser.post("/office/runs/holds/new/", {"partner": "P-SUED", "reason": "papers are missing"})
    hold = Hold.objects.get()
    assert hold.partner == shop.sued
    assert "papers are missing" in browser.get("/office/runs/holds/").text
    browser.post(f"/office/runs/holds/{hold.pk}/release/", {"reason": "papers came"})
    hold.refresh_from_db()
    assert hold.released_by == shop.carla


def test_a_manual_line_needs_a_second_person(shop, sign_in):
    browser = sign_in(shop.carla)
    form = {"partner": "P-SUED", "amount": "250.00", "reason": "trade fair"}
    browser.post("/office/runs/manual/new/", form)
    line = ManualLine.objects.get()
    page = browser.get(f"/office/runs/manual/{line.pk}/").text
    assert "You proposed this line yourself" in page
    assert "decide/" not in page  # no form where it could only be refused
    assert "decide/" not in sign_in(shop.aud).get(f"/office/runs/manual/{line.pk}/").text
    assert "decide/" in sign_in(shop.hanna).get(f"/office/runs/manual/{line.pk}/").text
    decide = f"/office/runs/manual/{line.pk}/decide/"
    refused = browser.post(
        decide, {"decision": "approve"}, headers={"Referer": "http://testserver/office/runs/manual/"}
    )
    line.refresh_from_db()
    assert (refused.status_code, line.status) == (302, ManualLine.Status.PROPOSED)
    sign_in(shop.hanna).post(decide, {"decision": "approve"})
    line.refresh_from_db()
    assert line.status == ManualLine.Status.APPROVED


# ---- files -----------------------------------------------------------------------------------------------------
def lines_of(browser, path):
    return b"".join(browser.get(f"{path}?export=csv").streaming_content).decode("utf-8-sig").splitlines()


def test_the_board_comes_as_a_file_with_its_amounts(in_review, shop, sign_in):
    browser = sign_in(shop.finn)
    assert 'href="?export=csv"' in browser.get("/office/runs/").text
    july = next(line for line in lines_of(browser, "/office/runs/") if line.startswith("2026-07,"))
    assert ",in review," in july
    assert july.endswith(",135.00")  # 45.00 + 2 × 45.00


def test_holds_come_as_a_file_whose_reasons_are_no_formulas(shop, sign_in):
    browser = sign_in(shop.carla)
    browser.post("/office/runs/holds/new/", {"partner": "P-SUED", "reason": "=1+1"})
    assert 'href="?export=csv"' in browser.get("/office/runs/holds/").text
    header, hold = lines_of(browser, "/office/runs/holds/")
    assert header.startswith("Partner,Name,Order,")
    assert hold.startswith("P-SUED,")
    assert ",'=1+1," in hold


def test_manual_lines_come_as_a_file(shop, sign_in):
    browser = sign_in(shop.carla)
    browser.post("/office/runs/manual/new/", {"partner": "P-SUED", "amount": "12.50", "reason": "grant"})
    assert "export=csv" in browser.get("/office/runs/manual/").text
    assert any("12.50" in line and "grant" in line for line in lines_of(browser, "/office/runs/manual/"))
