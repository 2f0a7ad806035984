"""The month as the office closes it: Carla calculates, Finn approves and posts, and the partner can read it."""

from datetime import date

from playwright.sync_api import Page, expect

from commissions import actions
from commissions.models import Run, Statement
from tests.browser.conftest import House
from tests.channel import NOW


def test_one_person_calculates_a_second_approves_and_posts(house: House, page: Page, complaints) -> None:
    cast = house.channel.cast
    run = actions.create_run(month=date(2026, 11, 1), by=cast.carla, now=NOW)
    house.let_in(page.context, "carla")
    page.goto(f"{house.url}/office/runs/{run.pk}/")
    press(page, "/calculate/")
    page.goto(f"{house.url}/office/runs/{run.pk}/")
    expect(page.locator("main")).to_contain_text("in review")
    assert page.locator("form[action$='/approve/'] button:enabled").count() == 0, "nobody approves the own proposal"

    house.let_in(page.context, "finn")
    page.goto(f"{house.url}/office/runs/{run.pk}/")
    press(page, "/approve/")
    page.goto(f"{house.url}/office/runs/{run.pk}/")
    press(page, "/post/")
    run.refresh_from_db()
    assert run.status == Run.Status.POSTED

    statement = Statement.objects.get(run=run, partner=cast.nord)
    house.let_in(page.context, "nora")
    page.goto(f"{house.url}/statements/")
    expect(page.locator("main")).to_contain_text(statement.number)


def press(page: Page, action: str) -> None:
    """The button of a form, in a dialog or on the page."""
    form = page.locator(f"form[action$='{action}']").first
    dialog = page.locator(f"dialog:has(form[action$='{action}'])")
    if dialog.count():
        page.locator(f"[data-dialog='{dialog.first.get_attribute('id')}']").first.click()
    form.locator("button[type=submit], button:not([type])").last.click()
    page.wait_for_load_state()
