"""Small pages of the shell itself: brand colour, language, errors."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from partners.models import User
from portal.brand import brand
from portal.middleware import keep_language


@require_GET
@cache_control(public=True, max_age=3600)
def brand_css(request: HttpRequest) -> HttpResponse:
    """A file of its own: the strict CSP forbids style in the page, and browsers keep it."""
    return HttpResponse(brand(settings.OPERATOR["brand_color"]).css(), content_type="text/css")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the choice in the profile of who is signed in, and in a cookie for the sign-in page."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        keep_language(response, language, secure=request.is_secure())
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=language)  # a taste, not master data: no audit row
        translation.activate(language)
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, and by design also what a user may not see: a refusal would tell that it exists."""
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)
