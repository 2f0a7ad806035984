"""Schedules in the office: a draft with all its problems at once, published by a second person."""

from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from commissions.actions import publish_version, save_draft
from commissions.models import ScheduleExample, ScheduleVersion
from commissions.time_line import time_line
from commissions.views.office.documents import side_by_side
from core.errors import FourEyes
from tests.cast import make_product, make_version

NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)

GOOD = """schedule: systempartner
valid_from: 2026-01-01
components:
  - {code: dsl-closing, kind: closing, match: {families: [dsl]}, rate: {amount: 45.00}}
"""
BAD = """schedule: systempartner
valid_from: 2026-01-01
components:
  - {code: dsl-closing, kind: closing, match: {families: [dsl]}, rate: {amount: forty}}
  - {code: later, kind: target_bonus}
  - {code: other, kind: closing, match: {families: [nothing]}, rate: {amount: 5.00}}
"""


@pytest.fixture
def shop(cast):
    make_product()
    return cast


def test_a_wrong_document_is_refused_with_every_problem_and_its_line(shop, sign_in):
    answer = sign_in(shop.carla).post("/office/schedules/new/", {"document": BAD})
    assert answer.status_code == 422
    for line in (4, 5, 6):  # the amount, the kind, the family
        assert f'href="#line-{line}"' in answer.text
    assert "target_bonus" in answer.text
    assert not ScheduleVersion.objects.exists()


def test_a_draft_is_uploaded_and_published_by_somebody_else(shop, sign_in):
    carla = sign_in(shop.carla)
    carla.post("/office/schedules/new/", {"file": SimpleUploadedFile("sp.yaml", GOOD.encode())})
    draft = ScheduleVersion.objects.get()
    own = carla.get(f"/office/schedules/{draft.pk}/").text
    assert "a second person has to publish it" in own
    carla.post(f"/office/schedules/{draft.pk}/publish/", headers={"Referer": "http://testserver/office/"})
    draft.refresh_from_db()
    assert draft.status == ScheduleVersion.Status.DRAFT
    sign_in(shop.hanna).post(f"/office/schedules/{draft.pk}/publish/", {"reason": "agreed"})
    draft.refresh_from_db()
    assert (draft.status, draft.sequence, draft.published_by) == ("published", 1, shop.hanna)


def test_whoever_ever_saved_a_draft_does_not_publish_it(shop):
    draft = save_draft(GOOD, by=shop.carla, now=NOW)
    save_draft(GOOD.replace("45.00", "45.01"), by=shop.hanna, now=NOW, version=draft)
    for author in (shop.carla, shop.hanna):
        with pytest.raises(FourEyes):
            publish_version(draft, by=author, now=NOW)


def test_a_second_publication_is_a_conflict(shop, sign_in):
    sign_in(shop.carla).post("/office/schedules/new/", {"document": GOOD})
    draft = ScheduleVersion.objects.get()
    assert sign_in(shop.hanna).post(f"/office/schedules/{draft.pk}/publish/").status_code == 302
    assert sign_in(shop.hanna).post(f"/office/schedules/{draft.pk}/publish/").status_code == 409


def test_a_published_version_is_downloaded_as_it_counts(shop, sign_in):
    version = make_version()
    answer = sign_in(shop.petra).get(f"/office/schedules/{version.pk}/download/")
    assert answer["Content-Disposition"] == 'attachment; filename="standard-v1.yaml"'
    assert answer.text == version.document


def test_examples_are_attached_only_if_they_can_be_read_and_may_be_removed(shop, sign_in):
    sign_in(shop.carla).post("/office/schedules/new/", {"document": GOOD})
    pk = ScheduleVersion.objects.get().pk
    browser = sign_in(shop.carla)
    assert (
        browser.post(f"/office/schedules/{pk}/examples/new/", {"document": "title: 1\nnonsense: 2"}).status_code == 422
    )
    example = """title: One DSL order pays 45.00
partners:
  - {number: P-1, kind: system_partner, schedule: systempartner, dealer_code: D-1, contract_from: 2026-01-01}
steps:
  - feed: |
      event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no,quantity
      e1,captured,2026-07-02,O-1,D-1,dsl-basic,C-1,1
      e2,activated,2026-07-10,O-1,,,,
  - run: 2026-07
expect:
  - {run: 2026-07, partner: P-1, component: dsl-closing, amount: 45.00}
"""
    answer = browser.post(f"/office/schedules/{pk}/examples/new/", {"document": example})
    assert answer.status_code == 302, answer.text
    attached = ScheduleExample.objects.get()
    assert attached.title == "One DSL order pays 45.00"
    browser.post(f"/office/schedules/examples/{attached.pk}/remove/", {"version": pk})
    assert not ScheduleExample.objects.exists()


def test_the_time_line_shows_which_version_decides_on_which_day(cast):
    first = make_version()
    second = make_version(valid_from=date(2026, 5, 1))
    third = make_version(valid_from=date(2026, 5, 1))
    stops = time_line([first, second, third], date(2026, 8, 1))
    assert [(stop.version, stop.now, stop.replaced, stop.until) for stop in stops] == [
        (third, True, False, None),
        (second, False, True, None),
        (first, False, False, date(2026, 4, 30)),
    ]


def test_two_documents_stand_side_by_side_without_what_is_far_from_a_change():
    before = "\n".join(f"line {n}" for n in range(40))
    pairs = side_by_side(before, before.replace("line 20", "changed"))
    assert [pair.left_out for pair in pairs if pair.left_out] == [14, 13]
    (changed,) = [pair for pair in pairs if pair.changed]
    assert (changed.left, changed.right) == ((21, "line 20"), (21, "changed"))


def test_the_schedules_come_as_a_file_with_a_row_for_each_version(shop, sign_in):
    version = make_version()
    browser = sign_in(shop.carla)
    assert 'href="?export=csv"' in browser.get("/office/schedules/").text
    lines = b"".join(browser.get("/office/schedules/?export=csv").streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(f"{version.schedule.code},")
    assert f",in force today,{version.valid_from}," in lines[1]
