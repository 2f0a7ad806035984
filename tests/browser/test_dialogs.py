"""What opens over a page, with the keyboard alone: where one is, how one gets out, and where one is then."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import grave

PHONE = {"width": 390, "height": 844}


def open_by_key(page: Page, opener: str) -> None:
    page.locator(opener).focus()
    page.keyboard.press("Enter")


def test_a_dialog_begins_at_its_title_holds_the_focus_and_gives_it_back(visit) -> None:
    page = visit("carla", "/style-guide/")
    dialog = page.locator("#sample-dialog")
    for way_out in ("Escape", "close"):
        open_by_key(page, "[data-dialog=sample-dialog]")
        expect(dialog).to_be_visible()
        expect(page.get_by_role("heading", name="Approve October 2026?")).to_be_focused()
        assert grave(page) == []
        for _stop in range(4):
            page.keyboard.press("Tab")
            assert page.evaluate(
                "!document.activeElement.closest('main') || !!document.activeElement.closest('dialog')"
            )
        if way_out == "Escape":
            page.keyboard.press("Escape")
        else:
            dialog.get_by_role("button", name="Close").press("Enter")
        expect(dialog).to_be_hidden()
        expect(page.locator("[data-dialog=sample-dialog]")).to_be_focused()


def test_a_dialog_that_asks_for_something_begins_at_the_field(visit) -> None:
    page = visit("carla", "/style-guide/")
    page.evaluate(
        "document.querySelector('#sample-dialog form:last-of-type').prepend(document.createElement('textarea'))"
    )
    open_by_key(page, "[data-dialog=sample-dialog]")
    expect(page.locator("#sample-dialog textarea")).to_be_focused()


def test_the_navigation_of_a_phone_opens_is_walked_through_and_closes(visit) -> None:
    page = visit("nora", "/")
    page.set_viewport_size(PHONE)
    open_by_key(page, ".menu-button")
    expect(page.locator("#nav")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('#nav')")
    page.keyboard.press("Escape")
    expect(page.locator("#nav")).to_be_hidden()
    expect(page.locator(".menu-button")).to_be_focused()


@pytest.mark.parametrize("way_out", ["Escape", "Tab"])
def test_the_account_menu_closes_and_never_lies_over_the_focus(visit, way_out: str) -> None:
    page = visit("nora", "/")
    menu, summary = page.locator("details.menu"), page.locator("details.menu summary")
    open_by_key(page, "details.menu summary")
    expect(menu).to_have_attribute("open", "")
    if way_out == "Escape":
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        expect(summary).to_be_focused()
    else:
        menu.locator("button").last.focus()
        page.keyboard.press("Tab")
    expect(menu).not_to_have_attribute("open", "")
