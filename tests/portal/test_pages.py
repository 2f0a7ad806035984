"""Pages of the shell: sign-in, errors, style guide."""

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils.translation import override

from partners.models import User

PAGES_BEFORE_SIGN_IN = ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"]


@pytest.mark.parametrize("path", PAGES_BEFORE_SIGN_IN)
def test_the_door_names_its_language_and_its_landmark(client: Client, db, path):
    for language in ("de", "en"):
        html = client.get(path, headers={"accept-language": language}).text
        assert f'<html lang="{language}"' in html
        assert html.count("<main") == 1
        assert html.count("<h1") == 1


@pytest.mark.parametrize("path", PAGES_BEFORE_SIGN_IN)
def test_no_page_carries_inline_style_or_script(client: Client, db, path):
    html = client.get(path).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


def test_nobody_signs_up_without_invitation(client: Client, db):
    assert "invitation" in client.get("/accounts/signup/", headers={"accept-language": "en"}).text


def test_the_error_page_needs_neither_request_nor_database():
    with override("en"):
        html = render_to_string("500.html")
    assert "either it is done completely or not at all" in html


def test_an_unknown_address_says_that_nothing_was_lost(client: Client, db):
    answer = client.get("/nowhere/", headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert "Nothing was lost." in answer.text


@pytest.mark.parametrize(("role", "status"), [("partner", 403), ("trainer", 200)])
def test_the_style_guide_is_for_staff(client: Client, db, settings, role, status):
    settings.MFA_REQUIRED_FOR_OFFICE = False
    client.force_login(User.objects.create_user(f"{role}@x.example", "x", name="X", role=role))
    assert client.get("/style-guide/").status_code == status


def test_the_style_guide_speaks_both_languages(client: Client, db, settings):
    settings.MFA_REQUIRED_FOR_OFFICE = False
    client.force_login(User.objects.create_user("t@x.example", "x", name="T", role="trainer"))
    assert "1.234,56\u00a0€" in client.get("/style-guide/?lang=de").text
    assert "€1,234.56" in client.get("/style-guide/?lang=en&shell=office").text
