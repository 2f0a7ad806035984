"""A real Chromium in front of a real server: what one test needs to open a page as somebody and to judge it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright
from pytest_django.live_server_helper import LiveServer

from partners.models import User
from tests.browser.world import world  # noqa: F401
from tests.cast import make_cast
from tests.channel import Channel, make_channel

GRAVE = {"serious", "critical"}
# Chromium asks for it on its own, and an answer of 404 to a page is what some tests want to see.
HARMLESS = ("favicon.ico", "Failed to load resource")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Playwright runs its event loop in this thread; Django would refuse the database beside it.

    Before any fixture: whichever of database and browser happens to be set up first, the other must not be refused.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


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


def grave(page: Page, **options: Any) -> list[str]:
    """What axe finds serious or critical on the page shown, one line a finding with the first place it occurs.

    Only what is wrong is looked up: the list of all that is right takes as long again. And no sheet of styles is fetched
    a second time, which our CSP refuses.
    """
    options = {"preload": False, "resultTypes": ["violations"], **options}
    violations = Axe().run(page, options=options).response["violations"]
    return [
        f"{page.url}: {each['id']}: {each['help']} ({each['nodes'][0]['html'][:120]})"
        for each in violations
        if each["impact"] in GRAVE
    ]


@pytest.fixture(scope="session", autouse=True)
def no_connection_left(playwright: Playwright, django_db_blocker) -> Iterator[None]:
    """While Playwright's loop runs, Django keeps this thread's connection in another place than afterwards.

    Whoever drops the database at the end would not find it and fail over an open session.
    """
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@dataclass
class House:
    """A server with the small channel of tests/channel.py behind it."""

    url: str
    channel: Channel

    def person(self, name: str) -> User:
        return User.objects.get(pk=self.channel.cast.people[name].pk)

    def let_in(self, context: BrowserContext, name: str) -> None:
        """The browser is signed in as that person of the cast."""
        client = Client()
        client.force_login(self.person(name))
        host = urlsplit(self.url).hostname
        value = client.cookies["sessionid"].value
        context.clear_cookies()
        context.add_cookies([{"name": "sessionid", "value": value, "domain": host, "path": "/"}])


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker) -> Iterator[House]:
    """One for all tests of a module, since a channel takes seconds to build; emptied afterwards.

    A module that uses it reads only, or is alone in what it changes. Its tests carry no `django_db` mark: the
    database is theirs for the whole module.
    """
    with django_db_blocker.unblock(), _test_database():
        server = LiveServer("localhost")
        channel = make_channel(make_cast())
        yield House(server.url, channel)
        server.stop()
        with connection.cursor() as cursor:  # of the server's threads; the database could not be dropped otherwise
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        call_command("flush", interactive=False, verbosity=0)


@contextmanager
def _test_database() -> Iterator[None]:
    """pytest-django makes none if no test of the session asks for one in its own way."""
    name = connection.settings_dict["NAME"]
    if name.startswith("test_"):
        yield
        return
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    yield
    connection.creation.destroy_test_db(name, verbosity=0)


@pytest.fixture
def visit(page: Page, house: House, complaints) -> Callable[[str, str], Page]:
    """`visit("nora", "/orders/")`: the page as that person of the cast sees it."""

    def open_page(name: str, path: str) -> Page:
        house.let_in(page.context, name)
        page.goto(f"{house.url}{path}")
        return page

    return open_page
