"""What a partner sees of its targets, and the answers it gives."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from commissions.models import Component
from core.management.commands.translations import read_catalogue
from targets.actions import approve_adjustment, offer_agreement, propose_adjustment, propose_agreement, record_agreement
from targets.actions.agreements import Goal
from targets.models import Agreement, Confirmation, Kpi
from targets.queries import attainment
from tests.cast import make_order, make_product, make_version

BANDS = [(80, "4"), (90, "7"), (100, "10"), (110, "12")]


@pytest.fixture
def year() -> int:
    return timezone.localdate().year


@pytest.fixture
def bonus(cast):
    """4h: bands of a target bonus on mobile units, EUR a unit."""
    version = make_version(cast.carla)
    closing = version.components.get()
    closing.pk, closing.code, closing.kind, closing.position = None, "bonus", "target_bonus", 2
    closing.target, closing.rate = "mobile-units", Decimal(0)
    closing.steps_from = [Decimal(bound) for bound, _rate in BANDS]
    closing.steps_rate = [Decimal(rate) for _bound, rate in BANDS]
    closing.save()
    return Component.objects.get(code="bonus")


def agreed(partner, year, **fields):
    make_product("mobile-flat", "mobile")
    entry = {"kpi": "mobile-units", "year": year, "annual": Decimal(1000), "families": ["mobile"], "period": "year"}
    return record_agreement(partner, **{**entry, **fields})


def test_the_page_says_how_far_and_what_the_next_step_brings(cast, sign_in, year, bonus) -> None:
    item = agreed(cast.nord, year, annual=Decimal(500))
    make_order(cast.nord, "a", product="mobile-flat", quantity=432, activated_on=date(year, 1, 2))
    page = sign_in(cast.nora).get(reverse("targets:targets")).content.decode()
    assert "432 pieces" in page
    assert "86.4%" in page
    assert "18 pieces more to the next step: +\u2060€1,422.00" in page  # 450 × 7.00 − 432 × 4.00
    one = sign_in(cast.nora).get(reverse("targets:target", args=[item.pk]), {"units": "450"})
    assert "€3,150.00" in one.content.decode()  # what if: 450 × 7.00


def test_years_without_an_agreement_have_their_tab_between_the_others(cast, sign_in, year) -> None:
    agreed(cast.nord, year)
    agreed(cast.nord, year - 3, kpi="old-units")
    page = sign_in(cast.nora).get(reverse("targets:targets"), {"year": year - 2})
    assert [each["label"] for each in page.context["tabs"]] == [str(year - n) for n in range(4)]
    assert [each["label"] for each in page.context["tabs"] if each["current"]] == [str(year - 2)]
    assert f"No targets agreed for {year - 2}" in page.text
    assert f"No targets agreed for {year}" not in sign_in(cast.nora).get(reverse("targets:targets")).text


def test_a_suspended_period_says_suspended_instead_of_zero(cast, sign_in, year, bonus) -> None:
    whole = {"kind": "suspend", "from": date(year, 1, 1), "until": date(year + 1, 1, 1)}
    item = agreed(cast.nord, year, adjustments=[whole])
    for address in (reverse("targets:targets"), reverse("targets:target", args=[item.pk])):
        page = sign_in(cast.nora).get(address).content.decode()
        assert "suspended" in page.lower()
        assert "0.0%" not in page


def test_the_periods_before_are_named_with_what_they_reached_or_that_they_were_suspended(cast, sign_in) -> None:
    """The year is over, so its last half stands above and the first is named below it."""
    half = {"kind": "suspend", "from": date(2024, 1, 1), "until": date(2024, 7, 1)}
    agreed(cast.nord, 2024, period="half_year", adjustments=[half])
    other = {"kpi": "other", "families": [], "period": "half_year", "annual": Decimal(100)}
    record_agreement(cast.nord, year=2024, **other)
    day = date(2024, 2, 2)
    make_order(cast.nord, "a", product="mobile-flat", quantity=45, signed_on=day, activated_on=day, last_event_on=day)
    page = " ".join(sign_in(cast.nora).get(reverse("targets:targets"), {"year": 2024}).content.decode().split())
    before = page.split('<ul class="earlier">')[1:]
    assert "suspended" in before[0].split("</ul>")[0]
    assert "First half 2024" in before[1]
    assert "90.0%" in before[1].split("</ul>")[0]  # 45 of 50


def test_an_offer_is_read_and_accepted_with_who_when_and_what(cast, sign_in, year) -> None:
    kpi = Kpi.objects.create(code="mobile-units", title_de="Mobil", title_en="Mobile", families=["mobile"])
    offer = propose_agreement(cast.nord, year=year, goals=[Goal(kpi, Decimal(1000))], by=cast.petra)
    browser = sign_in(cast.nora)
    assert browser.get(reverse("targets:agreement", args=[offer.pk])).status_code == 404  # not offered yet
    offer_agreement(offer, by=cast.hanna)
    page = browser.get(reverse("targets:agreement", args=[offer.pk])).content.decode()
    assert "1,000 pieces" in page
    browser.post(reverse("targets:respond", args=[offer.pk]), {"decision": "accept"})
    offer.refresh_from_db()
    assert (offer.status, offer.accepted_by) == (Agreement.Status.IN_FORCE, cast.nora)
    assert "1,000 pieces" in offer.document
    again = browser.post(reverse("targets:respond", args=[offer.pk]), {"decision": "accept"})
    assert again.status_code == 409


def test_a_seller_neither_reads_nor_accepts(cast, sign_in, year) -> None:
    assert sign_in(cast.nele).get(reverse("targets:targets")).status_code == 403


def test_until_the_partner_confirms_the_version_before_counts(cast, sign_in, year) -> None:
    item = agreed(cast.nord, year)
    today = timezone.localdate()
    change = propose_adjustment(
        [item.agreement], year=year, title="Half the year", steps=[{"kind": "scale", "factor": "0.5"}],
        reason_code="force_majeure", reason="closed", effective_on=date(year, 1, 1), by=cast.hanna,
    )  # fmt: skip
    approve_adjustment(change, by=cast.finn)
    assert attainment(cast.nord, "mobile-units", today).target == 1000
    browser = sign_in(cast.nora)
    page = browser.get(reverse("targets:targets")).content.decode()
    assert "please confirm" in page
    assert "50%" in page
    assert "Half the year" in browser.get("/").content.decode()
    browser.post(reverse("targets:confirm", args=[item.agreement_id, change.pk]))
    assert attainment(cast.nord, "mobile-units", today).target == 500
    said = Confirmation.objects.get()
    assert said.by == cast.nora
    assert "closed" in said.document
    assert "please confirm" not in browser.get(reverse("targets:targets")).content.decode()


def test_versions_can_be_read_as_of_any_day(cast, sign_in, year) -> None:
    item = agreed(cast.nord, year)
    agreed(cast.nord, year, adjustments=[{"kind": "scale", "factor": "0.5"}])
    page = sign_in(cast.nora).get(reverse("targets:target", args=[item.pk]), {"as_of": f"{year - 1}-06-01"})
    assert "83.33 pieces" in page.content.decode()  # 1,000 / 12, before anything was changed
    page = sign_in(cast.nora).get(reverse("targets:target", args=[item.pk]), {"as_of": str(timezone.localdate())})
    assert "41.67 pieces" in page.content.decode()
    assert "Version 2" in page.content.decode()


def test_a_suspended_half_has_a_german_word_of_its_own() -> None:
    # The catalogue itself: whether it is compiled is not this test's business. An order is "ruhend", a target is not.
    message = read_catalogue().get("suspended", context="target")
    assert message
    assert message.string == "ausgesetzt"
