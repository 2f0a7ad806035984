"""A real Chromium in front of a real server: what one test needs to open a page as somebody and to judge it."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from partners.models import User

GRAVE = {"serious", "critical"}
# Chromium asks for it on its own, and an answer of 404 to a page is what some tests want to see.
HARMLESS = ("favicon.ico", "Failed to load resource")


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser objected to: script errors and breaches of the content security policy. None may be left."""
    found: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(word in message.text for word in HARMLESS):
            found.append(f"{page.url}: {message.text}")

    page.on("console", hear)
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    yield found
    assert found == []


@pytest.fixture
def open_as(page: Page, live_server: LiveServer, sign_in, complaints) -> Callable[[User | None, str], Page]:
    """`open_as(cast.nora, "/statements/")`: the page in the browser of that person; None is a stranger.

    The session is made on the server: typing the password is what test_sign_in.py is for.
    """

    def open_page(user: User | None, path: str) -> Page:
        page.context.clear_cookies()
        if user:
            session = sign_in(user).cookies["sessionid"].value
            host = urlsplit(live_server.url).hostname
            page.context.add_cookies([{"name": "sessionid", "value": session, "domain": host, "path": "/"}])
        page.goto(f"{live_server.url}{path}")
        return page

    return open_page


@pytest.fixture
def grave_findings() -> Callable[[Page], list[str]]:
    """What axe finds serious or critical on the page shown, one line a finding with the first place it occurs."""

    def look(page: Page) -> list[str]:
        violations = Axe().run(page).response["violations"]
        return [
            f"{page.url}: {each['id']}: {each['help']} ({each['nodes'][0]['html'][:120]})"
            for each in violations
            if each["impact"] in GRAVE
        ]

    return look
