"""A draft built and changed in the form: every step is checked by the document's own reader and saved as a draft."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.utils import translation

from commissions import actions
from commissions.comparison import compare
from commissions.models import Run, ScheduleVersion
from commissions.schedule_document import parse
from targets.models import Kpi
from tests.cast import make_product

GOOD = """schedule: systempartner
valid_from: 2026-01-01
components:
  - {code: dsl-closing, kind: closing, match: {families: [dsl]}, rate: {amount: 45.00}, certificate: dsl}
  - {code: dsl-airtime, kind: recurring, match: {families: [dsl]}, rate: {percent: 4, of: revenue}, months: 24}
  - {code: plus, kind: override, follows: [dsl-closing], rate: {percent: 5}}
"""


@pytest.fixture
def shop(cast):
    make_product()
    return cast


@pytest.fixture
def carla(shop, sign_in) -> Client:
    return sign_in(shop.carla)


@pytest.fixture
def draft(carla) -> ScheduleVersion:
    carla.post("/office/schedules/new/", {"document": GOOD})
    return ScheduleVersion.objects.get()


def component(draft: ScheduleVersion, code: str):
    draft.refresh_from_db()
    return next(each for each in parse(draft.document).components if each.code == code)


def seen(client: Client, address: str) -> str:
    page = client.get(address).text
    return page.split('name="seen" value="')[1].split('"')[0]


def codes(draft: ScheduleVersion) -> list[str]:
    draft.refresh_from_db()
    return [each.code for each in parse(draft.document).components]


def closing(**fields: object) -> dict[str, object]:
    return {"code": "voip-closing", "choose_rate": "amount", "rate-amount": "30.00", **fields}


def test_a_component_is_added_in_the_form_and_stands_in_the_document(carla, draft):
    address = f"/office/schedules/{draft.pk}/form/add/closing/"
    entered = closing(
        **{"seen": seen(carla, address), "title-en": "VoIP closing", "match-families": ["dsl"]},
        **{"match-transactions": ["new"], "clawback-mode": "months", "clawback-months": "24", "reserve_percent": "10"},
    )
    assert carla.post(address, entered).status_code == 302
    added = component(draft, "voip-closing")
    assert (str(added.rate.amount), added.match.transactions, added.clawback.months) == ("30.00", ("new",), 24)
    assert codes(draft) == ["dsl-closing", "dsl-airtime", "plus", "voip-closing"]


def test_tiers_are_rows_and_empty_rows_are_none(carla, draft):
    address = f"/office/schedules/{draft.pk}/form/add/closing/"
    rows = {"rate-tiers-steps-TOTAL_FORMS": "4", "rate-tiers-steps-INITIAL_FORMS": "0"}
    rows |= {"rate-tiers-steps-0-from": "0", "rate-tiers-steps-0-value": "3"}
    rows |= {"rate-tiers-steps-3-from": "10,000", "rate-tiers-steps-3-value": "4.5"}
    tiers = {"rate-of": "order_value", "rate-tiers-measure": "turnover", "rate-tiers-window": "quarter"}
    entered = closing(choose_rate="tiers", choose_unit="percent", seen=seen(carla, address), **tiers, **rows)
    refused = carla.post(address, entered)
    assert refused.status_code == 422  # slab or graduated must be said
    assert '<div class="found" id="found-rate-tiers-mode"><ul class="errorlist"' in refused.text
    assert carla.post(address, entered | {"rate-tiers-mode": "slab"}).status_code == 302
    steps = component(draft, "voip-closing").rate.tiers.steps
    assert [(int(step.start), str(step.percent)) for step in steps] == [(0, "3"), (10000, "4.5")]


def test_a_german_reader_writes_numbers_with_a_comma(carla, shop, draft):
    shop.carla.language = "de"
    shop.carla.save()
    address = f"/office/schedules/{draft.pk}/form/component/dsl-closing/"
    assert 'value="45,00"' in carla.get(address).text
    entered = closing(**{"code": "dsl-closing", "rate-amount": "1.045,50", "seen": seen(carla, address)})
    assert carla.post(address, entered).status_code == 302
    assert str(component(draft, "dsl-closing").rate.amount) == "1045.50"


def test_while_somebody_types_the_problems_come_beside_the_fields_and_nothing_is_saved(carla, draft):
    address = f"/office/schedules/{draft.pk}/form/component/dsl-airtime/"
    entered = {"check": "1", "code": "dsl-airtime", "choose_rate": "percent", "rate-percent": "many", "months": "0"}
    answer = carla.post(address, entered).text
    for field, message in {"rate-percent": "Is not a number", "months": "Is out of range", "rate-of": ""}.items():
        slot = answer.split(f'id="found-{field}" hx-swap-oob="true">')[1].split("</div>")[0]
        assert message in slot
    assert "<html" not in answer
    assert component(draft, "dsl-airtime").months == 24


def test_what_is_entered_is_said_in_words_at_once(carla, draft):
    address = f"/office/schedules/{draft.pk}/form/add/closing/"
    answer = carla.post(address, closing(check="1", **{"match-families": ["dsl"], "match-transactions": ["new"]})).text
    assert "Closing commission: €30.00 per unit; dsl · new contract." in answer


def test_more_rows_are_there_without_any_script(carla, draft):
    address = f"/office/schedules/{draft.pk}/form/add/closing/"
    page = carla.get(address).text
    assert page.count('name="rate-tiers-steps-') > 4
    rows = {"rate-tiers-steps-TOTAL_FORMS": "2", "rate-tiers-steps-INITIAL_FORMS": "0", "rate-tiers-steps-0-from": "0"}
    more = carla.post(address, closing(more="1", **rows))
    assert (more.status_code, 'name="rate-tiers-steps-4-from"' in more.text) == (200, True)
    assert "errorlist" not in more.text


def test_components_are_moved_copied_and_removed(carla, draft):
    def arrange(code: str, verb: str):
        return carla.post(f"/office/schedules/{draft.pk}/form/component/{code}/arrange/", {"do": verb}, follow=True)

    arrange("dsl-airtime", "up")
    assert codes(draft) == ["dsl-airtime", "dsl-closing", "plus"]
    arrange("dsl-airtime", "copy")
    assert codes(draft) == ["dsl-airtime", "dsl-airtime-2", "dsl-closing", "plus"]
    arrange("dsl-airtime-2", "remove")
    refused = arrange("dsl-closing", "remove")  # something follows it
    assert "names no component of this document" in refused.text
    assert codes(draft) == ["dsl-airtime", "dsl-closing", "plus"]


def test_of_two_people_at_one_draft_the_second_is_told(carla, shop, sign_in, draft):
    address = f"/office/schedules/{draft.pk}/form/component/dsl-closing/"
    early = seen(carla, address)
    hanna = sign_in(shop.hanna)
    first = closing(**{"code": "dsl-closing", "rate-amount": "50.00", "seen": seen(hanna, address)})
    assert hanna.post(address, first).status_code == 302
    assert carla.post(address, closing(code="dsl-closing", seen=early)).status_code == 409
    assert str(component(draft, "dsl-closing").rate.amount) == "50.00"


def test_a_new_schedule_begins_with_its_header_and_first_component(carla):
    address = "/office/schedules/new/closing/"
    entered = closing(**{"header-schedule": "agency", "header-valid_from": "2026-04-01", "header-title-en": "Agency"})
    refused = carla.post(address, entered | {"header-schedule": "no blanks please"})
    assert (refused.status_code, "Is not a code" in refused.text) == (422, True)
    assert carla.post(address, entered).status_code == 302
    document = parse(ScheduleVersion.objects.get().document)
    assert (document.schedule, document.components[0].code) == ("agency", "voip-closing")


def test_the_header_is_changed_beside_the_components(carla, draft):
    address = f"/office/schedules/{draft.pk}/form/"
    header = {"header-valid_from": "2026-07-01", "header-freeze_days": "30", "header-title-de": "Neu"}
    header["seen"] = seen(carla, address)
    assert carla.post(address, header | {"header-valid_from": "soon"}).status_code == 422
    assert carla.post(address, header).status_code == 302
    draft.refresh_from_db()
    document = parse(draft.document)
    assert (str(document.valid_from), document.freeze_days, document.title.de) == ("2026-07-01", 30, "Neu")


def test_a_published_version_is_continued_as_a_new_draft(carla, shop, sign_in, draft):
    assert sign_in(shop.hanna).post(f"/office/schedules/{draft.pk}/publish/").status_code == 302
    assert carla.get(f"/office/schedules/{draft.pk}/form/").status_code == 404
    carla.post(f"/office/schedules/{draft.pk}/copy/")
    copy = ScheduleVersion.objects.get(status="draft")
    assert copy.document == draft.document


BEFORE = parse(GOOD)


def test_two_versions_differ_field_by_field(db):
    after = GOOD.replace("amount: 45.00", "amount: 40.00").replace("- {code: plus", "- {code: more")
    translation.activate("en")
    found = compare(BEFORE, parse(after))
    assert [(each.code, each.state, each.less) for each in found.different] == [
        ("dsl-closing", "changed", True),
        ("more", "added", False),
        ("plus", "removed", True),
    ]
    (amount,) = found.different[0].changed
    assert (amount.label, amount.before, amount.after, amount.less) == ("Amount per unit", "€45.00", "€40.00", True)
    assert [each.code for each in found.equal] == ["dsl-airtime"]


def test_the_comparison_is_a_page_for_whoever_reads_schedules(carla, shop, sign_in, draft):
    carla.post("/office/schedules/new/", {"document": GOOD.replace("percent: 4", "percent: 5")})
    later = ScheduleVersion.objects.latest("pk")
    page = sign_in(shop.petra).get(f"/office/schedules/{later.pk}/compare/?with={draft.pk}").text
    assert "<del>4%</del>" in page.replace("\u00a0", "")
    assert "<ins>5%</ins>" in page.replace("\u00a0", "")


def test_of_versions_in_force_the_comparison_tells_what_their_publication_did(shop, sign_in):
    """Nobody publishes them any more, so nothing is said about what that would need."""
    first, less = (
        actions.save_draft(text, by=shop.carla, now=datetime(2026, 3, 1, 9, tzinfo=UTC))
        for text in (GOOD, GOOD.replace("amount: 45.00", "amount: 40.00"))
    )
    actions.publish_version(first, by=shop.hanna, now=datetime(2026, 3, 1, 10, tzinfo=UTC))
    settled = Run.objects.create(month=date(2026, 7, 1), status="posted", created_at=datetime(2026, 8, 1, tzinfo=UTC))
    Run.objects.filter(pk=settled.pk).update(posted_at=datetime(2026, 8, 4, tzinfo=UTC))
    browser, address = sign_in(shop.petra), f"/office/schedules/{less.pk}/compare/?with={first.pk}"
    assert "Publishing it needs a reason" in browser.get(address).text
    actions.publish_version(less, by=shop.hanna, now=datetime(2026, 8, 20, 9, tzinfo=UTC), reason="a slip")
    page = browser.get(address).text
    assert "Publishing it needs a reason" not in page
    assert "everything up to July 2026 was posted by then" in page
    assert "The next run posts the differences." in page
    later = Run.objects.create(month=date(2026, 8, 1), status="posted", created_at=datetime(2026, 9, 1, tzinfo=UTC))
    Run.objects.filter(pk=later.pk).update(posted_at=datetime(2026, 9, 4, tzinfo=UTC))
    assert (
        f'The differences were posted with <a href="/office/runs/{later.pk}/">August 2026</a>.'
        in browser.get(address).text
    )


def test_the_comparison_calls_everything_by_its_name(cast):
    translation.activate("en")
    Kpi.objects.create(code="mobile", title_de="Verträge", title_en="Contracts", unit="pieces", measure="units")
    target = """
  - code: reach
    title: {de: Ziel, en: Target}
    kind: target_bonus
    target: mobile
    mode: slab
    steps: [{from: 80, amount_per_unit: 4.00}]
"""
    found = compare(parse(GOOD), parse(GOOD + target.lstrip("\n")))
    fields = {field.label: field.after for field in found.different[0].fields}
    assert (fields["Target"], fields["From 80%"]) == ("Contracts", "€4.00 per unit")
