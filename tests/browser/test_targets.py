"""A year with a suspended half, hand by hand: the head of channel proposes, finance approves, the partner confirms and
sees the new gauge, and the December run pays the bonus."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from commissions import actions as engine
from commissions.models import Line, Run
from targets.actions import record_agreement
from targets.actions.attainment import take_snapshots
from tests.browser.conftest import grave
from tests.browser.test_month import press
from tests.cast import make_import, make_order, make_product

pytestmark = pytest.mark.django_db(transaction=True)

SCHEDULE = """
schedule: standard
valid_from: 2025-01-01
components:
  - {code: closing, kind: closing, match: {families: [mobile]}, rate: {amount: 1.00}}
  - code: bonus
    kind: target_bonus
    target: mobile-units
    mode: slab
    settle_after_days: 0
    steps: [{from: 80, amount_per_unit: 4.00}, {from: 90, amount_per_unit: 7.00}, {from: 100, amount_per_unit: 10.00},
            {from: 110, amount_per_unit: 12.00}]
"""


@pytest.fixture
def channel(cast) -> SimpleNamespace:
    """Nord agreed on 1,000 mobile contracts for 2025, sold 310 in the first half and 432 in the second; Süd as much."""
    moment = datetime(2025, 1, 2, 8, tzinfo=UTC)
    make_import()
    make_product("mobile-flat", "mobile", portfolio_from=date(2020, 1, 1))
    draft = engine.save_draft(SCHEDULE, by=cast.carla, now=moment)
    engine.publish_version(draft, by=cast.hanna, now=moment)
    for partner in (cast.nord, cast.sued):
        partner.contracts.update(valid_from=date(2025, 1, 1))
        record_agreement(partner, kpi="mobile-units", year=2025, annual=Decimal(1000), families=["mobile"], now=moment)
        for half, day, units in (("1", date(2025, 3, 1), 310), ("2", date(2025, 9, 1), 432)):
            make_order(
                partner, f"{partner.number}-{half}", product="mobile-flat", quantity=units,
                signed_on=day, activated_on=day, last_event_on=day,
            )  # fmt: skip
    take_snapshots(now=datetime(2025, 12, 31, 20, tzinfo=UTC))
    return cast


def propose(page: Page) -> None:
    """The form: first its effect, then the proposal. Süd stays as it is."""
    for name, value in {
        "year": "2025", "title": "Half the year", "suspend_from": "2025-01", "suspend_until": "2025-06", "scale": "50",
        "reason": "Closed shops", "effective_on": "2025-01-01", "exceptions": "P-SUED was open all the time",
    }.items():  # fmt: skip
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=reason_code]").select_option("force_majeure")
    page.get_by_role("button", name="Look at the effect").click()
    effect = page.locator("table", has_text="Effect per partner")
    # First half: 310 of 500 is 62 %, no bonus, then suspended. Second: 432 of 500 before and after. 500 × 50 % would be 250.
    expect(effect.locator("tbody tr")).to_have_count(1)
    expect(effect).to_contain_text("suspended")
    expect(effect).not_to_contain_text("250")
    page.get_by_role("button", name="Propose").click()


def test_half_a_year_is_suspended_and_the_december_run_pays_what_is_left(channel, open_as) -> None:
    page = open_as(channel.hanna, "/office/targets/adjustments/new/")
    propose(page)
    expect(page.locator("h1")).to_contain_text("Half the year")
    assert page.locator("button[value=approve]:enabled").count() == 0, "nobody approves the own proposal"
    asked = page.url.split("/office/", 1)[1]

    page = open_as(channel.finn, f"/office/{asked}")
    expect(page.locator("main")).to_contain_text("was open all the time")
    page.locator("button[value=approve]").click()
    expect(page.locator("body")).to_contain_text("1 agreement changed")

    page = open_as(channel.nora, "/targets/?year=2025")
    expect(page.locator("main")).to_contain_text("Half the year: please confirm")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".gauge-head")).to_contain_text("432 pieces · 86.4%")
    expect(page.locator(".gauge-head")).to_contain_text("of 500 pieces")
    for wrong in ("74.2", "148.4", "250 pieces"):  # 742 of 1,000; 742 of 500; the half taken twice
        expect(page.locator("main")).not_to_contain_text(wrong)
    assert grave(page) == []
    page.get_by_role("link", name="details").first.click()
    page.get_by_role("link", name="First half 2025").click()
    expect(page.locator("main")).to_contain_text("This period has no target")  # which is not 0 %
    expect(page.locator("main")).not_to_contain_text("0.0%")

    pay_december(channel, open_as)
    lines = Line.objects.filter(component_code="bonus").values_list("partner__number", "amount")
    # 432 / 500 = 86.4 % reaches 80 %: 432 × 4.00. Süd, left as it was: H1 310 / 500 = 62 % nothing, H2 as Nord.
    assert sorted(lines) == [("P-NORD", Decimal("1728.00")), ("P-SUED", Decimal("1728.00"))]
    page = open_as(channel.nora, "/statements/")
    expect(page.locator("main")).to_contain_text("2,470.00")  # 310 + 432 closings at 1.00, and the bonus

    channel.nora.language = "de"
    channel.nora.save()
    page = open_as(channel.nora, "/targets/?year=2025")
    expect(page.locator(".gauge-head")).to_contain_text("86,4\u00a0%")


def pay_december(channel, open_as) -> None:
    """Carla calculates, Finn approves and posts."""
    run = engine.create_run(month=date(2025, 12, 1), by=channel.carla, now=datetime(2026, 1, 2, 8, tzinfo=UTC))
    address = f"/office/runs/{run.pk}/"
    press(open_as(channel.carla, address), "/calculate/")
    press(open_as(channel.finn, address), "/approve/")
    press(open_as(channel.finn, address), "/post/")
    run.refresh_from_db()
    assert run.status == Run.Status.POSTED
