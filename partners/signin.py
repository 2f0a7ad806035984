"""Signing in: by invitation only, throttled, and for staff with a second factor.

Staff move other people's money, so a password alone never gets them further than setting up the second factor and
signing out. Partners are offered it. `MFA_REQUIRED_FOR_OFFICE=0` excuses invented staff only, those whose address ends
in `.example` (a domain nobody can own, RFC 2606): a demo is easy to enter, and a real account is never left unguarded.

Secrets of second factors lie encrypted in the database (Fernet: AES-128-CBC with HMAC), so a stolen dump alone signs
nobody in. The first of `SECOND_FACTOR_KEYS` encrypts, all of them decrypt: a new key is put in front of the old one.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from core.audit import record
from partners.models import User

INVENTED = ".example"
# What staff without a second factor reach: setting it up, confirming the password for that, leaving.
BEFORE_SECOND_FACTOR = {
    "mfa_activate_totp",
    "mfa_view_recovery_codes",
    "account_reauthenticate",
    "account_logout",
    "health",
    "portal:brand",
    "portal:set_language",
}


def needs_second_factor(user: User) -> bool:
    """Whether this person may do nothing without one."""
    excused = not settings.MFA_REQUIRED_FOR_OFFICE and user.email.endswith(INVENTED)
    return user.is_office and not excused


def has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


class SecondFactor:
    """Middleware: staff without a second factor are led to setting one up, whatever they asked for.

    Asked at every request (one indexed query): whose app was removed by an administrator is stopped at once. Tokens
    are not asked, since only a session that passed here can make one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        user, match = request.user, request.resolver_match
        if not isinstance(user, User) or not needs_second_factor(user):
            return None
        if (match and match.view_name in BEFORE_SECOND_FACTOR) or has_second_factor(user):
            return None
        if request.path.startswith("/api/"):
            error = {"code": "second_factor_required", "detail": _("Set up a second factor first."), "attr": None}
            return JsonResponse({"type": "client_error", "errors": [error]}, status=403)
        messages.info(request, _("Your role needs a second factor. Please set it up now; it takes a minute."))
        return HttpResponseRedirect(reverse("mfa_activate_totp"))


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: people are invited, and their rights follow from the invitation."""
        return False

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        record(by=user, verb="sign_in", obj=user)
        return response


def _box() -> MultiFernet:
    """Any text serves as a key: it is hashed to the length that Fernet wants, so it should be long and random."""
    keys = [urlsafe_b64encode(sha256(key.encode()).digest()) for key in settings.SECOND_FACTOR_KEYS]
    return MultiFernet([Fernet(key) for key in keys])


class SecondFactorAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        """What is stored of an app's secret and of the seed of recovery codes."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """InvalidToken if no key fits: signing in then fails loudly, since an empty secret would be guessable."""
        return _box().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Staff cannot switch it off; an administrator removes a lost one, and the next sign-in sets up a new one."""
        return not needs_second_factor(authenticator.user)
