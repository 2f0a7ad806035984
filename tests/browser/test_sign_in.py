"""Signing in as a person does: typing, in German, at a desk and on a telephone."""

import pytest

from tests.browser.conftest import grave
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_partner_signs_in_with_e_mail_and_password(cast, open_as) -> None:
    page = open_as(None, "/accounts/login/")
    page.get_by_label("E-Mail").fill(cast.nora.email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main button[type=submit], main form button").first.click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
    assert page.context.cookies()


def test_a_wrong_password_says_so_and_signs_nobody_in(cast, open_as) -> None:
    page = open_as(None, "/accounts/login/")
    page.get_by_label("E-Mail").fill(cast.nora.email)
    page.locator("input[type=password]").fill("falsch")
    page.locator("main button[type=submit], main form button").first.click()
    page.wait_for_load_state()
    assert "/accounts/login/" in page.url
    assert page.locator("[role=alert], .errorlist, .errors").count() >= 1


@pytest.mark.parametrize("width", [1440, 390])
def test_the_sign_in_page_is_open_to_everybody(open_as, page, width) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_as(None, "/accounts/login/")
    assert grave(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
