"""The result of a simulation in a real browser: from the totals down to the order, in both widths."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from commissions.models import Simulation
from tests.browser.conftest import grave
from tests.commissions.test_simulation import draft, shop, simulation  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
PICTURES = os.environ.get("PICTURES", "")


def look(page: Page, name: str) -> None:
    """Nothing sideways on a phone; with PICTURES=folder a picture of both widths."""
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_who_wins_and_who_loses_is_followed_down_to_the_order(shop, simulation, open_as):  # noqa: F811
    page = open_as(shop.finn, f"/office/schedules/simulations/{simulation.pk}/")
    expect(page.get_by_text("never posted")).to_be_visible()
    assert grave(page) == []
    look(page, "result")
    page.get_by_role("link", name="P-SUED Süd Erdacht KG").click()
    expect(page.locator("tbody tr")).to_have_count(2)  # 2 × −5.00
    look(page, "result-orders")
    page.goto(page.url.split("orders/")[0] + "partners/?way=more")
    expect(page.locator("tbody")).to_contain_text("Rival Ausgedacht AG")
    expect(page.locator("tbody")).not_to_contain_text("Süd Erdacht")
    look(page, "result-partners")
    page.get_by_role("link", name="+\u2060€10.00").click()
    expect(page.locator("tbody tr")).to_have_count(2)  # −5.00 and +15.00
    page.get_by_role("link", name="O-3").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Lines")


def test_examples_that_take_longer_appear_by_themselves(shop, simulation, open_as):  # noqa: F811
    Simulation.objects.update(examples=None)
    page = open_as(shop.finn, f"/office/schedules/simulations/{simulation.pk}/")
    expect(page.get_by_text("They are being run")).to_be_visible()
    Simulation.objects.update(examples={"count": 2, "agree": True, "told": ""})
    expect(page.locator("#examples")).to_contain_text("All 2 attached examples agree with this version.")
    assert page.locator("#examples").get_attribute("hx-get") is None
