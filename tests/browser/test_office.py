"""The office in a real browser: every page readable for everybody, and the month moved on by buttons."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from commissions import actions
from commissions.models import Run, ScheduleVersion
from sales.models import SegmentBand
from tests.browser.conftest import grave
from tests.cast import make_import, make_order, make_product, make_version

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 8, 5, 9, tzinfo=UTC)
PAGES = [
    "/office/",
    "/office/partners/",
    "/office/partners/load/",
    "/office/partners/P-SUED/",
    "/office/feed/",
    "/office/feed/upload/",
    "/office/feed/exceptions/",
    "/office/feed/{feed}/",
    "/office/orders/",
    "/office/orders/O-1/",
    "/office/catalogue/",
    "/office/schedules/",
    "/office/schedules/{draft}/",
    "/office/schedules/{draft}/edit/",
    "/office/runs/",
    "/office/runs/{run}/",
    "/office/runs/{run}/partners/",
    "/office/runs/{run}/lines/",
    "/office/runs/holds/",
    "/office/runs/holds/new/",
    "/office/runs/manual/",
    "/office/runs/manual/{manual}/",
    "/office/statements/",
    "/office/certificates/",
    "/office/audit/",
    "/search/?q=O-1",
]


@pytest.fixture
def world(cast):
    """A month in review, a draft, a manual line, and whatever else the pages show."""
    make_product()
    version = make_version(cast.carla)
    feed = make_import(rows=3, accepted=2, rejected=1)
    feed.issues.create(line=3, field="occurred_on", value="31.07.2026", code="date")
    make_order(cast.sued, "O-1", feed_import=feed)
    make_order(cast.rival, "O-2", feed_import=feed, quantity=2)
    SegmentBand.objects.create(spend_from=100, spend_to=200, route="partner")
    document = version.document.replace("2026-01-01", "2027-01-01").replace("45.00", "48.00")
    run = actions.create_run(month=date(2026, 7, 1), by=cast.carla, now=NOW)
    actions.request_calculation(run, by=cast.carla, now=NOW)
    actions.calculate_run(run, now=NOW)
    return {
        "feed": feed.pk,
        "draft": actions.save_draft(document, by=cast.carla, now=NOW).pk,
        "run": run.pk,
        "manual": actions.propose_manual_line(cast.sued, amount=Decimal(50), reason="fair", by=cast.carla, now=NOW).pk,
    }


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_every_office_page_is_readable_for_everybody(cast, world, open_as, page, width, scheme) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    found = []
    for address in PAGES:
        open_as(cast.hanna, address.format(**world))
        found += grave(page)
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append(f"{page.url} scrolls sideways")
    assert found == []


def test_a_second_person_approves_and_posts_by_two_buttons(cast, world, open_as) -> None:
    page = open_as(cast.hanna, f"/office/runs/{world['run']}/")
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("button", name="Post and publish").click()
    page.get_by_text("Posted and published").wait_for()
    page.wait_for_load_state()
    assert Run.objects.posted().count() == 1


def test_a_draft_is_published_without_script(cast, world, browser, live_server, sign_in) -> None:
    context = browser.new_context(java_script_enabled=False)
    session = sign_in(cast.hanna).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/office/schedules/{world['draft']}/")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_load_state()
    context.close()
    assert ScheduleVersion.objects.get(pk=world["draft"]).status == ScheduleVersion.Status.PUBLISHED


@pytest.mark.parametrize("width", [1440, 1280])
def test_a_partner_with_its_outlets_fits_the_screen_in_the_administration(cast, open_as, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    open_as(cast.ada, reverse("admin:partners_partner_change", args=[cast.nord.pk]))
    tables = page.locator(".inline-group .tabular .module, .inline-group table")
    beyond = (
        "es => es.map(e => e.scrollWidth - e.clientWidth + Math.max(0, e.getBoundingClientRect().right - innerWidth))"
    )
    assert tables.count()
    assert max(tables.evaluate_all(beyond)) <= 0
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
