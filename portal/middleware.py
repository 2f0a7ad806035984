"""Two habits of every page: it speaks the reader's language, and it refuses in words."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from core.errors import Conflict, Refused

GetResponse = Callable[[HttpRequest], HttpResponse]


def keep_language(response: HttpResponse, language: str, *, secure: bool) -> None:
    """For pages before the sign-in, which know no profile."""
    name = settings.LANGUAGE_COOKIE_NAME
    response.set_cookie(name, language, max_age=365 * 24 * 3600, samesite="Lax", secure=secure)


class ProfileLanguage:
    """The language of the profile wins over browser and cookie once somebody is signed in.

    This device keeps it: the next sign-in page speaks it too, whatever the browser is set to.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and user.language in dict(settings.LANGUAGES):
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        response = self.get_response(request)
        known = settings.LANGUAGE_COOKIE_NAME in request.COOKIES or settings.LANGUAGE_COOKIE_NAME in response.cookies
        page = response.get("Content-Type", "").startswith("text/html")  # a shared cache may keep anything else
        if page and not known and user.is_authenticated and user.language in dict(settings.LANGUAGES):
            keep_language(response, user.language, secure=request.is_secure())
        return response


class Refusals:
    """Turns `core.errors` raised by any action into an answer: 409 page for a conflict, else back with a message.

    The API has its own handler; requests below /api/ never reach this with a `Refused`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        back = _page_before(request)
        if isinstance(exception, Conflict) or not back:
            return render(request, "409.html", {"reason": str(exception), "back": back or "/"}, status=409)
        messages.error(request, str(exception))
        return HttpResponseRedirect(back)


def _page_before(request: HttpRequest) -> str:
    """Where the form stood, if that was one of our pages."""
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, request.is_secure())
    return referer if ours and referer else ""
