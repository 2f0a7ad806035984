"""The own API tokens: make one, see it once, revoke it."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from partners.actions import create_token, revoke_token
from partners.models import User
from partners.queries import tokens_of

LONGEST = 730  # days; nobody remembers for longer what a token was for


class NewToken(forms.Form):
    days = forms.IntegerField(label=gettext_lazy("Valid for days"), min_value=1, max_value=LONGEST, initial=365)


@never_cache  # the answer to a POST holds the token itself
@login_required
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - behind login_required
    form, secret = NewToken(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        _token, secret = create_token(by=user, lifetime=timedelta(days=form.cleaned_data["days"]))
        form = NewToken()
    context = {
        "title": _("API tokens"),
        "layout": "layouts/office.html" if user.is_office else "layouts/partner.html",
        "tokens": tokens_of(user),
        "form": form if form.is_bound else NewToken(),
        "secret": secret,
    }
    return render(request, "partners/account/tokens.html", context)


@require_POST
@login_required
def revoke(request: HttpRequest, key: str) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - behind login_required
    revoke_token(get_object_or_404(tokens_of(user), token_key=key), by=user)
    messages.success(request, _("Revoked. Whoever uses this token is refused from now on."))
    return redirect("partners:tokens")
