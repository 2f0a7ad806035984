"""Takes the pictures of README.md and docs/screens.md again, from the demo channel that `make run` has started.

    .venv/bin/python docs/screenshots/take.py [address]     # http://127.0.0.1:8000 unless told otherwise

Needs a Chromium, as the browser tests do. Every picture is English, at a desk, in the light colours.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Playwright runs its event loop in this thread; Django would refuse the database beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

import django

from core import embedded

embedded.lease()
django.setup()

from playwright.sync_api import Browser, Page, sync_playwright

from commissions.models import Cause, Kind, Line, Run, ScheduleVersion, Statement
from portal.demo.people import PASSWORD, STAFF_DOMAIN

CONTROLLER, PARTNER = f"carla@{STAFF_DOMAIN}", "chef@partner-1001.example"
# What was taken back or priced again tells more than what was earned.
TOLD = [*((kind, Cause.EARNED) for kind in Kind), (Kind.CLOSING, Cause.CANCELLED), (Kind.CLOSING, Cause.RE_RATED)]


def signed_in(browser: Browser, address: str, email: str) -> Page:
    page = browser.new_page(base_url=address, viewport={"width": 1440, "height": 1000})
    page.goto("/accounts/login/")
    page.locator("input[type=email]").fill(email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.locator("details.user > summary").click()
    page.get_by_role("button", name="English").click()
    return page


def take(page: Page, name: str, path: str = "", part: str = "") -> None:
    """What is seen first of a page, or one part of it."""
    if path:
        page.goto(path)
    (page.locator(part).first if part else page).screenshot(path=HERE / f"{name}.png")


def statement(page: Page) -> None:
    """The partner's latest, with a component open and a line explained."""
    latest = Statement.objects.filter(partner__memberships__user__email=PARTNER).latest("month")
    page.goto(f"/statements/{latest.number}/")
    page.get_by_role("link", name="ISDN share of revenue").first.click()
    page.locator("a[id^='l-']").first.click()
    page.locator("#why h3").get_by_text("€").wait_for()
    page.evaluate("scrollTo(0, 0)")
    take(page, "statement")


def simulation(page: Page, draft: ScheduleVersion) -> None:
    page.goto(f"/office/schedules/{draft.pk}/simulate/")
    page.locator("main form button[type=submit]").last.click()
    page.get_by_text("Would get more").first.wait_for(timeout=120_000)
    take(page, "simulation")


def explained() -> Iterator[tuple[str, Line]]:
    """The name of a picture and the dearest line of its kind, of the latest month that has one."""
    for kind, cause in TOLD:
        lines = Line.objects.filter(kind=kind, cause=cause).exclude(amount=0)
        line = lines.order_by("-run__month", "-full" if cause == Cause.EARNED else "amount", "pk").first()
        if line:
            yield "-".join(["why", kind, *([] if cause == Cause.EARNED else [cause])]), line


def main(address: str) -> None:
    run = Run.objects.posted().latest("month")
    draft = ScheduleVersion.objects.filter(status=ScheduleVersion.Status.DRAFT).latest("valid_from")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"))
        statement(signed_in(browser, address, PARTNER))
        page = signed_in(browser, address, CONTROLLER)
        take(page, "run", f"/office/runs/{run.pk}/")
        take(page, "editor", f"/office/schedules/{draft.pk}/form/")
        take(page, "comparison", f"/office/schedules/{draft.pk}/compare/")
        simulation(page, draft)
        for name, line in explained():
            take(page, name, f"/office/lines/{line.pk}/", ".why")


if __name__ == "__main__":
    main(*sys.argv[1:] or ["http://127.0.0.1:8000"])
