"""A controller builds a schedule of several kinds in the form, with a mouse and without a line of YAML."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from commissions.models import ScheduleVersion
from commissions.schedule_document import Kind, parse
from tests.browser.conftest import grave
from tests.cast import make_product

pytestmark = pytest.mark.django_db(transaction=True)
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture
def shop(cast):
    for code, family in [("isdn-basic", "isdn"), ("isdn-plus", "isdn"), ("vpn-flat", "data"), ("mobile-m", "mobile")]:
        make_product(code, family)
    return cast


def picture(page: Page, name: str) -> None:
    """For looking at; with PICTURES=folder."""
    if not PICTURES:
        return
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def sideways(page: Page) -> bool:
    page.set_viewport_size({"width": 390, "height": 844})
    found = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    return bool(found)


def settled(page: Page) -> None:
    """What was typed has been judged: a page left while it asks complains about the answer it no longer gets."""
    page.wait_for_timeout(500)
    expect(page.locator("form.editor.htmx-request")).to_have_count(0)


def save(page: Page) -> None:
    settled(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/form/")


def test_a_schedule_of_several_kinds_is_built_in_the_form(shop, open_as):
    page = open_as(shop.carla, "/office/schedules/new/closing/")
    page.get_by_label("Code of the schedule").fill("systempartner")
    page.get_by_label("Title in English").first.fill("System partner")
    page.get_by_label("Title in English").last.fill("ISDN closing")
    page.get_by_label("Code", exact=True).fill("isdn-closing")
    page.get_by_label("isdn", exact=True).first.check()
    page.get_by_label("new contract").check()
    page.get_by_label("Amount in EUR").fill("forty-five")
    expect(page.locator("#found-rate-amount")).to_contain_text("Is not a number")
    picture(page, "new-schedule-problem")
    page.get_by_label("Amount in EUR").fill("45.00")
    expect(page.locator("#found-rate-amount")).to_be_empty()
    expect(page.locator("#said")).to_contain_text("€45.00 per unit; isdn · new contract")
    page.get_by_label("Take back").select_option("months")
    page.get_by_label("Liability in months").fill("24")
    page.get_by_label("Reserve in percent").fill("10")
    expect(page.locator("#said")).to_contain_text("liability 24 months")
    picture(page, "new-schedule")
    assert grave(page) == []
    assert not sideways(page)
    save(page)

    page.get_by_role("link", name="Closing commission").click()
    page.get_by_label("Code", exact=True).fill("data-turnover")
    page.get_by_label("data", exact=True).check()
    page.get_by_label("steps by what was sold").check()
    expect(page.get_by_label("Amount in EUR")).to_be_hidden()
    page.get_by_label("Of what").select_option("order_value")
    page.get_by_label("What is added up").select_option("turnover")
    page.get_by_label("Over").select_option("quarter")
    page.get_by_label("How the steps count").select_option("slab")
    for row, (start, rate) in enumerate([("0", "3"), ("10000", "4")]):
        page.locator(f"[name=rate-tiers-steps-{row}-from]").fill(start)
        page.locator(f"[name=rate-tiers-steps-{row}-value]").fill(rate)
    settled(page)
    page.get_by_role("button", name="More rows").first.click()
    page.locator("[name=rate-tiers-steps-2-from]").fill("25000")
    page.locator("[name=rate-tiers-steps-2-value]").fill("5")
    expect(page.locator("#said")).to_contain_text("from €25,000: 5")
    picture(page, "tiers")
    save(page)

    page.get_by_role("link", name="Bundle bonus").click()
    page.get_by_label("Code", exact=True).fill("isdn-and-mobile")
    page.locator("[name=needs-0-families][value=isdn]").check()
    page.locator("[name=needs-1-families][value=mobile]").check()
    page.get_by_label("Amount in EUR").fill("30.00")
    page.get_by_label("All parts within days").fill("90")
    expect(page.locator("#said")).to_contain_text("all parts within 90 days", ignore_case=True)
    picture(page, "bundle")
    save(page)

    page.get_by_role("link", name="Campaign bonus").click()
    page.get_by_label("Code", exact=True).fill("autumn")
    page.get_by_label("Campaign", exact=True).fill("smart")
    page.get_by_label("a percentage on top").check()
    expect(page.get_by_text("For which orders")).to_be_hidden()
    page.get_by_label("ISDN closing").check()
    page.get_by_label("Percent", exact=True).fill("10")
    save(page)

    page.get_by_role("link", name="Quality uplift").click()
    page.get_by_label("Code", exact=True).fill("happy")
    page.get_by_label("ISDN closing").check()
    page.locator("[name=steps-0-from]").fill("30")
    page.locator("[name=steps-0-value]").fill("2")
    save(page)

    page.get_by_role("link", name="Split with the distributor").click()
    page.get_by_label("Code", exact=True).fill("share")
    page.get_by_label("ISDN closing").check()
    page.get_by_label("The distributor keeps percent").fill("12.5")
    picture(page, "split")
    save(page)

    page.get_by_role("button", name="share further up").click()
    picture(page, "editor")
    assert grave(page) == []
    assert not sideways(page)
    document = parse(ScheduleVersion.objects.get().document)
    assert [(each.code, each.kind) for each in document.components] == [
        ("isdn-closing", Kind.CLOSING),
        ("data-turnover", Kind.CLOSING),
        ("isdn-and-mobile", Kind.BUNDLE),
        ("autumn", Kind.CAMPAIGN),
        ("share", Kind.SPLIT),
        ("happy", Kind.UPLIFT),
    ]
    assert [int(step.start) for step in document.components[1].rate.tiers.steps] == [0, 10000, 25000]


def test_two_versions_stand_side_by_side(shop, open_as):
    text = """schedule: sp
valid_from: 2026-01-01
components:
  - {code: isdn, kind: closing, match: {families: [isdn]}, rate: {amount: %s}, clawback: {mode: months, months: 24}}
  - {code: data, kind: closing, match: {families: [data]}, rate: {of: order_value, tiers: {measure: turnover,
     window: quarter, mode: slab, steps: [{from: 0, percent: 3}, {from: 10000, percent: %s}]}}}
  - {code: %s, kind: recurring, match: {families: [isdn]}, rate: {percent: 4, of: revenue}, months: 24}
  - {code: same, kind: closing, match: {families: [mobile]}, rate: {amount: 5.00}}
"""
    page = open_as(shop.carla, "/office/schedules/new/")
    for values in [("45.00", "4", "airtime"), ("40.00", "5", "airtime-2")]:
        page.goto(page.url.split("/office")[0] + "/office/schedules/new/")
        page.locator("textarea").fill(text % values)
        page.get_by_role("button", name="Check and save").click()
    page.get_by_role("link", name="Compare").click()
    expect(page.locator("table.versions")).to_contain_text("€40.00")
    picture(page, "compare")
    assert grave(page) == []
    assert not sideways(page)
