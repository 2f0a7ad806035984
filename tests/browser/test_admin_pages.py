"""The administration in the browser: list, object and form of every model can be read by everybody.

Django draws these pages; what it leaves without a name is named in core/admin.py, templates/admin and admin.js.
"""

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from playwright.sync_api import Page, expect

from partners.actions import propose_bank_account
from sales.models import CampaignRegistration, SegmentBand
from targets.actions import announce_measure
from targets.models import AgreementItem, Settlement
from tests.browser.conftest import House, grave

# Choices with search are built and named by scripts, which may be after the page has loaded.
BUILT = """() => [...document.querySelectorAll("select.admin-autocomplete:not([name*=__prefix__])")].every(
    (select) => select.nextElementSibling?.querySelector("[aria-labelledby*=' ']"))"""
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture(scope="module")
def complete(house: House, world: SimpleNamespace) -> None:
    """A row of every model, also of those that no other page shows."""
    cast, now, day = world.cast, house.channel.provisional.snapshot_at, date(2026, 3, 1)
    nightly = CrontabSchedule.objects.create(hour="2")
    IntervalSchedule.objects.create(every=5, period="minutes")
    PeriodicTask.objects.create(name="nightly", task="x", crontab=nightly)
    SegmentBand.objects.create(spend_from=0, route="partner", partner_allowed=True)
    announce_measure(
        title_de="Umbau", title_en="Rebuild", starts_on=day, until=date(2026, 4, 1), by=cast.hanna, now=now
    )
    iban = "DE89370400440532013000"
    propose_bank_account(cast.sued, iban=iban, account_holder="Süd", by=cast.finn, reason="letter", now=now)
    CampaignRegistration.objects.create(
        campaign=world.campaign, partner=cast.sued, registered_on=day, registered_at=now, registered_by=cast.sina
    )
    item = AgreementItem.objects.first()
    Settlement.objects.create(item=item, period_from=day, period_until=date(2026, 7, 1), settled_on=day, actual=1)


def addresses(model: type[Model], reader: Any) -> Iterator[str]:
    page, asked = f"admin:{model._meta.app_label}_{model._meta.model_name}", SimpleNamespace(user=reader)
    options: Any = admin.site._registry[model]
    yield reverse(f"{page}_changelist")
    yield reverse(f"{page}_change", args=[options.get_queryset(asked).earliest("pk").pk])
    if options.has_add_permission(asked):
        yield reverse(f"{page}_add")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_the_pages_of_a_model_are_read_by_everybody(model, house: House, complete, page: Page, complaints) -> None:
    # The administrator may write, which makes the fuller page; money is shown to others only.
    name = "ada" if "administrator" in admin.site._registry[model].readers else "aud"
    house.let_in(page.context, name)
    found = []
    for path in addresses(model, house.person(name)):
        answer = page.goto(house.url + path)
        assert answer
        assert answer.status == 200, path
        page.wait_for_function(BUILT)
        found += grave(page)
    assert found == []


def test_first_page_and_history_are_read_by_everybody(house: House, complete, page: Page, complaints) -> None:
    house.let_in(page.context, "ada")
    found = []
    history = reverse("admin:partners_partner_history", args=[house.channel.cast.sued.pk])
    for path in (reverse("admin:index"), reverse("admin:app_list", args=["partners"]), history):
        page.goto(house.url + path)
        found += grave(page)
    assert found == []


def test_a_choice_with_search_is_called_by_its_label(house: House, complete, page: Page, complaints) -> None:
    """Chosen or not, among the fields or in a new row below."""
    house.let_in(page.context, "ada")
    page.goto(house.url + reverse("admin:partners_partner_change", args=[house.channel.cast.sued.pk]))
    expect(page.get_by_role("combobox", name="Partner manager: × Petra Probe")).to_be_visible()
    page.locator("#memberships-group .add-row a").click()
    expect(page.get_by_role("combobox", name="Person", exact=True)).to_be_visible()
