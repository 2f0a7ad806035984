"""A partner at a desk, on a telephone, with the keyboard alone and without script."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import House
from tests.cast import PASSWORD


class Hand:
    """Counts the clicks of somebody who looks for something."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, role: str, name: str | re.Pattern[str], **how: object) -> None:
        self.clicks += 1
        self.page.get_by_role(role, name=name, **how).first.click()


@pytest.fixture
def without_script(browser: Browser, house: House) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    yield context.new_page()
    context.close()


def test_home_says_what_was_earned_what_comes_what_is_held_and_what_to_do(visit) -> None:
    page = visit("nora", "/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("November has brought")
    facts = page.locator(".facts")
    for word in ("Earned, net, October 2026", "Coming, net, November 2026", "Held", "Needs you", "€1,270.00"):
        expect(facts).to_contain_text(word)
    expect(page.locator("#todo")).to_contain_text("Certificate VPN")


def test_from_the_statement_to_why_in_three_clicks(visit, house: House) -> None:
    page = visit("nora", "/")
    hand = Hand(page)
    hand.click("link", re.compile("^€391.89"))
    hand.click("link", "Revenue share of 4 %")
    hand.click("link", re.compile("^€10.22"))
    assert hand.clicks <= 3
    panel = page.locator("#why")
    expect(panel).to_contain_text("Why €10.22?")
    expect(panel).to_contain_text("€10.2220")  # 255.55 × 4 % before rounding
    expect(panel).to_contain_text("Whole story of the order")
    assert "line=" in page.url  # what is seen has an address


@pytest.mark.parametrize(
    ("tab", "order", "reason"),
    [
        ("Held", "O-0970", "Why is €850.00 held?"),
        ("Not yet", "O-1095", "Waits for its activation"),
        ("Nothing due", "O-0985", "Rejected: not available at the address"),
        ("Paid", "O-1003", "Why €75.00?"),
    ],
)
def test_why_an_order_is_not_paid_takes_at_most_three_clicks(visit, tab, order, reason) -> None:
    page = visit("nora", "/")
    hand = Hand(page)
    hand.click("link", "Orders", exact=True)
    hand.click("link", re.compile(f"^{tab}"))
    hand.click("link", order)
    assert hand.clicks <= 3
    expect(page.locator("main")).to_contain_text(reason)


def test_a_filter_narrows_the_list_and_stays_in_the_address(visit) -> None:
    page = visit("nora", "/orders/")
    page.get_by_label("Held because").select_option("certificate_missing")
    expect(page.get_by_role("status").first).to_contain_text("2 entries")
    assert "reason=certificate_missing" in page.url


def test_the_language_can_be_switched_and_is_kept(visit) -> None:
    page = visit("nils", "/")
    page.locator("details.user > summary").click()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator(".facts")).to_contain_text("1.270,00\u00a0€")
    page.locator("details.user > summary").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


# ---- keyboard --------------------------------------------------------------------------------------------------
def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Presses Tab until the element that fits has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached with {most} tabs")


def test_the_keyboard_reaches_content_search_and_why(visit, house: House) -> None:
    page = visit("nora", f"/statements/{house.channel.statement.number}/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    tab_to(page, ".opener")
    page.keyboard.press("Enter")
    expect(page.locator(".opener[aria-expanded=true]")).to_have_count(1)
    tab_to(page, "a[id^='l-']")
    page.keyboard.press("Enter")
    expect(page.locator("#why h3")).to_contain_text("€45.00?")
    assert page.evaluate("document.activeElement.id").startswith("l-"), "the focus is lost after the panel changed"
    expect(page.locator("#told")).to_contain_text("€45.00?")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("O-0300")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/O-0300/")


def test_a_link_just_arrived_changes_the_part_and_not_the_page(visit, house: House) -> None:
    """Whoever is quick must not get the whole page, and lose his place, because the link is not made ready yet."""
    page = visit("nora", f"/statements/{house.channel.statement.number}/")
    page.evaluate("""() => {
        window.samePage = true;
        document.addEventListener("htmx:afterSwap", () => queueMicrotask(() => document.querySelector("a[id^='l-']").click()), { once: true });
        document.querySelector(".opener").click();
    }""")
    expect(page.locator("#why h3")).to_contain_text("€45.00?")
    assert page.evaluate("window.samePage"), "the page was loaded anew"


def test_the_keyboard_stays_where_it_was_when_a_list_changes_and_the_change_is_said(visit) -> None:
    page = visit("nora", "/orders/")
    tab_to(page, "#sort-signed_on")
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_contain_text("entries")
    expect(page.locator("th[aria-sort] #sort-signed_on")).to_be_focused()
    page.get_by_label("Order or customer").fill("O-03")
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_contain_text("3 entries")
    page.get_by_role("link", name="Reset").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#list")).to_be_focused()  # the link is gone with the filter; the top of the page is far away


# ---- without script ---------------------------------------------------------------------------------------------
def test_without_script_one_signs_in_reads_and_understands(without_script: Page, house: House) -> None:
    page = without_script
    page.goto(f"{house.url}/statements/")
    page.locator("input[name=login]").fill(house.person("rolf").email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.get_by_role("link", name="October 2026").first.click()
    page.get_by_role("link", name="Closing commission ISDN").first.click()
    page.locator("a[id^='l-']").first.click()
    expect(page.locator("#why")).to_contain_text("Why €45.00?")
    page.get_by_role("link", name="Whole story of the order").click()
    expect(page.locator("h1")).to_contain_text("Order O-")


def test_without_script_a_list_is_filtered_and_turned(without_script: Page, house: House) -> None:
    page = without_script
    house.let_in(page.context, "nora")
    page.goto(f"{house.url}/orders/")
    page.get_by_label("Order or customer").fill("O-03")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".count-line")).to_contain_text("3 entries")
    page.get_by_role("link", name="Signed").click()
    assert "sort=" in page.url
    assert "q=O-03" in page.url


def test_paper_shows_the_document_and_no_controls(visit, house: House) -> None:
    page = visit("nora", f"/statements/{house.channel.statement.number}/")
    page.emulate_media(media="print")
    expect(page.locator(".paper").first).to_be_visible()
    expect(page.get_by_text(re.compile("^Gutschrift 2026-"))).to_be_visible()
    expect(page.locator("nav.nav")).to_be_hidden()
    expect(page.locator("#why-panel")).to_be_hidden()
