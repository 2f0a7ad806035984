"""My day, the box that finds everything, the trail, one partner whole."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.translation import override

from commissions import actions
from commissions.models import Run
from core import audit
from portal.queue import queue_of
from portal.search import search
from sales.actions import save_campaign
from tests.cast import make_import, make_order, make_product, make_version
from training.actions import record_certificate

NOW = datetime(2026, 8, 27, 9, tzinfo=UTC)


def calculated(cast, month):
    """The month's run as Carla had it calculated."""
    run = actions.create_run(month=month, by=cast.carla, now=NOW)
    actions.request_calculation(run, by=cast.carla, now=NOW)
    actions.calculate_run(run, now=NOW)
    return run


@pytest.fixture
def july(cast):
    """July is calculated by Carla and in review; June is posted with a statement for Süd."""
    make_product()
    make_version()
    days = {"signed_on": date(2026, 6, 2), "activated_on": date(2026, 6, 10), "last_event_on": date(2026, 6, 10)}
    make_order(cast.sued, "O-JUNE", **days)
    june = calculated(cast, date(2026, 6, 1))
    actions.approve_run(june, by=cast.finn, now=NOW)
    actions.post_run(june, by=cast.finn, now=NOW)
    make_order(cast.sued, "O-1", feed_import=make_import())
    run = calculated(cast, date(2026, 7, 1))
    assert run.status == Run.Status.IN_REVIEW
    return run


def titles(user, now=NOW):
    with override("en"):  # whatever language the request before left behind
        return [task.title for task in queue_of(user, now)]


def test_an_approval_waits_for_finance_and_not_for_whoever_had_it_calculated(cast, july):
    assert "Approve July 2026" in titles(cast.finn)
    assert "Approve July 2026" in titles(cast.hanna)
    assert "Approve July 2026" not in titles(cast.carla)


def test_four_days_before_the_statutory_date_the_month_is_not_yet_an_alarm_and_then_it_is(cast, july):
    # statements for July are due on 31 August (§ 87c HGB)
    (task,) = [task for task in queue_of(cast.finn, NOW) if task.due]
    assert (task.due, task.urgent) == (date(2026, 8, 31), False)
    (task,) = [task for task in queue_of(cast.finn, datetime(2026, 8, 28, 9, tzinfo=UTC)) if task.due]
    assert task.urgent


def test_a_month_nobody_calculated_waits_for_the_controller(cast):
    make_order(cast.sued, "O-1")
    assert titles(cast.carla) == ["Calculate July 2026"]
    assert titles(cast.finn) == []


def test_a_large_manual_line_waits_for_the_head_only(cast):
    actions.propose_manual_line(cast.sued, amount=Decimal(501), reason="fair", by=cast.carla, now=NOW)
    assert titles(cast.hanna) == ["Manual line for P-SUED Süd Erdacht KG"]
    assert titles(cast.carla) == []


def test_a_campaign_waits_for_who_did_not_write_it(cast):
    save_campaign(
        code="smart", title_de="Clever", title_en="Smart", valid_from=date(2026, 9, 1), by=cast.carla, now=NOW
    )
    assert titles(cast.hanna) == ["Campaign Smart"]
    assert titles(cast.carla) == titles(cast.finn) == []


def test_a_backdated_certificate_waits_for_a_second_person(cast):
    family = make_product().family
    record_certificate(cast.selma, family, valid_from=date(2026, 1, 1), by=cast.tom, reason="exam", now=NOW)
    assert titles(cast.carla) == ["1 certificate to decide on"]
    assert titles(cast.tom) == []


def test_my_day_shows_a_manager_his_partners_and_no_others(cast, july, sign_in):
    page = sign_in(cast.petra).get("/office/").text
    assert "P-SUED" in page
    assert "P-RIVAL" not in page


def test_my_day_asks_a_constant_number_of_queries(cast, july, sign_in, django_assert_max_num_queries):
    browser = sign_in(cast.hanna)
    browser.get("/office/")
    with django_assert_max_num_queries(27):
        browser.get("/office/")


def test_search_finds_only_what_the_person_may_see(cast, july):
    assert [order.order_no for order in search("O-1", cast.petra).orders] == ["O-1"]
    assert search("O-1", cast.paul).count == 0
    assert [found.number for found in search("000001", cast.finn).statements] == ["2026-000001"]
    assert search("000001", cast.tom).statements == []
    assert [partner.number for partner in search("Süderende", cast.tom).partners] == ["P-SUED"]
    assert [person.name for person in search("sina@", cast.ada).people] == ["Sina"]
    assert search("sina@", cast.rita).people == []


def test_a_partner_page_shows_money_only_to_those_who_see_money(cast, july, sign_in):
    assert "2026-000001" in sign_in(cast.petra).get("/office/partners/P-SUED/").text
    for blind in (cast.tom, cast.ada):
        page = sign_in(blind).get("/office/partners/P-SUED/")
        assert "D-SUED" in page.text
        assert "2026-000001" not in page.text
    assert sign_in(cast.paul).get("/office/partners/P-SUED/").status_code == 404


def test_a_partner_page_says_what_is_held_and_why(cast, sign_in):
    make_product()
    make_version()
    cast.sued.contracts.update(status="draft")
    make_order(cast.sued, "O-1")
    run = calculated(cast, date(2026, 7, 1))
    actions.approve_run(run, by=cast.finn, now=NOW)
    actions.post_run(run, by=cast.finn, now=NOW)
    assert "no contract on the signature date" in sign_in(cast.petra).get("/office/partners/P-SUED/").text


def test_the_time_line_names_changed_fields_and_never_an_iban(cast, sign_in):
    cast.sued.iban = "DE89370400440532013000"
    cast.sued.save()
    page = sign_in(cast.hanna).get("/office/partners/P-SUED/").text
    assert "IBAN" in page
    assert "DE89370400440532013000" not in page


def test_the_trail_is_found_by_object_and_person(cast, sign_in):
    audit.record(by=cast.carla, verb="place_hold", obj=cast.sued, reason="papers", now=NOW)
    audit.record(by=cast.finn, verb="approve_run", obj=cast.rival, now=NOW)
    browser = sign_in(cast.aud)
    assert "papers" in browser.get("/office/audit/?q=P-SUED").text
    assert "papers" not in browser.get(f"/office/audit/?actor={cast.finn.pk}").text
    assert browser.get("/office/audit/?kind=partners.partner&export=csv").streaming


def test_every_recorded_verb_is_said_in_words():
    from pathlib import Path
    from re import findall

    from portal.wording import VERBS

    found = set()
    for room in ("partners", "sales", "training", "targets", "commissions"):
        for path in Path(room).rglob("*.py"):
            if "migrations" not in path.parts:
                found |= set(findall(r'verb="([a-z_]+)"', path.read_text()))
    assert found - set(VERBS) == set()
