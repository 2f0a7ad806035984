"""One door: e-mail and password, throttled, and for staff a second factor."""

import re
from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt, encrypt
from cryptography.fernet import InvalidToken
from django.apps import apps

from core.models import AuditEntry
from partners.models import User
from tests.cast import PASSWORD

LOGIN, SETUP = "/accounts/login/", "/accounts/2fa/totp/activate/"


def enter(client, user: User, password: str = PASSWORD):
    return client.post(LOGIN, {"login": user.email, "password": password})


def code_now(secret: str = "JBSWY3DPEHPK3PXP") -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_a_partners_person_enters_with_address_and_password(cast, client):
    assert enter(client, cast.nora).status_code == 302
    assert is_signed_in(client)
    entry = AuditEntry.objects.get(verb="sign_in")
    assert (entry.actor, entry.object_id) == (cast.nora, str(cast.nora.pk))


def test_the_address_counts_in_any_case(cast, client):
    client.post(LOGIN, {"login": "NORA@Nord.Example", "password": PASSWORD})
    assert is_signed_in(client)


def test_staff_need_the_six_digits_too(cast, client):
    answer = enter(client, cast.carla)
    assert answer.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_signed_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not is_signed_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code_now()})
    assert is_signed_in(client)


def test_staff_without_a_second_factor_reach_only_its_setup_and_the_exit(cast, sign_in):
    Authenticator.objects.filter(user=cast.ada).delete()
    browser = sign_in(cast.ada)
    for address in ("/admin/", "/admin/partners/partner/", "/accounts/2fa/", "/accounts/password/change/"):
        answer = browser.get(address)
        assert (answer.status_code, answer.headers.get("Location")) == (302, SETUP), address
    assert browser.get("/api/v1/orders/").status_code in {403, 404}
    assert browser.post("/switch-partner/").headers["Location"] == SETUP
    assert browser.get(SETUP).headers.get("Location", "").startswith("/accounts/reauthenticate/")
    assert browser.get("/accounts/reauthenticate/").status_code == 200
    assert browser.post("/accounts/logout/").status_code == 302
    assert not is_signed_in(browser)


def test_setting_it_up_opens_the_house(cast, client):
    Authenticator.objects.filter(user=cast.ada).delete()
    enter(client, cast.ada)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get(SETUP).context["form"].secret
    client.post(SETUP, {"code": code_now(secret)})
    assert Authenticator.objects.filter(user=cast.ada, type="totp").exists()
    assert client.get("/admin/").status_code == 200


def test_staff_cannot_switch_it_off(cast, client):
    enter(client, cast.finn)
    client.post("/accounts/2fa/authenticate/", {"code": code_now()})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/2fa/reauthenticate/", {"code": code_now()})
    client.post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=cast.finn).exists()


def test_a_demo_may_excuse_invented_staff_and_nobody_else(cast, sign_in, settings):
    settings.MFA_REQUIRED_FOR_OFFICE = False
    Authenticator.objects.all().delete()
    assert sign_in(cast.ada).get("/admin/").status_code == 200
    User.objects.filter(pk=cast.ada.pk).update(email="ada@echt.de")
    assert sign_in(cast.ada).get("/admin/").headers["Location"] == SETUP


def test_partners_are_offered_a_second_factor_and_may_do_without(cast, sign_in):
    assert sign_in(cast.nora).get("/accounts/2fa/").status_code == 200


def test_the_sixth_guess_within_five_minutes_is_refused_even_if_right(cast, client):
    for guess in range(5):
        enter(client, cast.nora, f"wrong {guess}")
    enter(client, cast.nora)
    assert not is_signed_in(client)
    other = type(client)()
    enter(other, cast.sina)  # another account from the same place is not locked
    assert is_signed_in(other)


def test_a_person_who_left_the_house_does_not_enter(cast, client):
    User.objects.filter(pk=cast.nora.pk).update(is_active=False)
    enter(client, cast.nora)
    assert not is_signed_in(client)


def test_nobody_signs_up_and_nobody_changes_the_address(cast, client, sign_in):
    client.post("/accounts/signup/", {"email": "neu@neu.example", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.filter(email="neu@neu.example").exists()
    assert sign_in(cast.nora).get("/accounts/email/").status_code == 404


def test_an_invited_person_sets_the_password_by_mail(cast, client, mailoutbox):
    User.objects.create_user("neu@nord.example", name="Neu Hier")
    client.post("/accounts/password/reset/", {"email": "neu@nord.example"})
    (mail,) = mailoutbox
    assert mail.to == ["neu@nord.example"]
    assert "/accounts/password/reset/key/" in mail.body


@pytest.mark.parametrize("who", ["nora", "nele", "rita"])
def test_partner_people_do_not_enter_the_administration(cast, sign_in, client, who):
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith(LOGIN)
    assert sign_in(getattr(cast, who)).get("/admin/", follow=True).status_code == 403


# ---- secrets at rest -----------------------------------------------------------------------------------------------
def test_neither_secret_nor_seed_of_a_second_factor_can_be_read_in_the_database(cast, client):
    Authenticator.objects.filter(user=cast.ada).delete()
    enter(client, cast.ada)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get(SETUP).context["form"].secret
    client.post(SETUP, {"code": code_now(secret)})
    app = Authenticator.objects.get(user=cast.ada, type="totp")
    assert secret not in str(app.data)
    assert decrypt(app.data["secret"]) == secret
    codes = Authenticator.objects.get(user=cast.ada, type="recovery_codes")
    assert codes.data["seed"] != decrypt(codes.data["seed"])
    assert len(codes.wrap().generate_codes()) == 10


def test_a_new_key_is_put_in_front_and_the_old_one_still_opens(settings):
    settings.SECOND_FACTOR_KEYS = ["old"]
    closed = encrypt("JBSWY3DPEHPK3PXP")
    settings.SECOND_FACTOR_KEYS = ["new", "old"]
    assert decrypt(closed) == "JBSWY3DPEHPK3PXP"
    settings.SECOND_FACTOR_KEYS = ["new"]
    with pytest.raises(InvalidToken):
        decrypt(closed)


def test_secrets_stored_before_are_encrypted_once_and_can_be_opened_again(db, cast):
    step = import_module("partners.migrations.0004_encrypt_second_factors")
    Authenticator.objects.filter(user=cast.ada).update(data={"secret": "JBSWY3DPEHPK3PXP"})

    def stored() -> str:
        return Authenticator.objects.get(user=cast.ada).data["secret"]

    step.close(apps, None)
    closed = stored()
    assert decrypt(closed) == "JBSWY3DPEHPK3PXP"
    step.close(apps, None)
    assert stored() == closed
    step.reopen(apps, None)
    assert stored() == "JBSWY3DPEHPK3PXP"


def test_german_says_sie_on_the_pages_and_in_the_mails_of_the_package_too(cast, client, mailoutbox):
    german = {"HTTP_ACCEPT_LANGUAGE": "de"}
    said = client.get("/accounts/password/reset/", **german).text
    said += client.post("/accounts/password/reset/", {"email": cast.nora.email}, follow=True, **german).text
    said += mailoutbox[0].body
    assert "Ihnen" in said
    assert not re.search(r"\b([Dd]u|[Dd]ir|[Dd]eine?)\b", said)
