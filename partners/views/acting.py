"""Changing whose data the partner pages show. All by POST: a link must not open somebody's books."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from partners import acting
from partners.access import office_required
from partners.models import Partner


@require_POST
@office_required()
def view_as(request: HttpRequest, number: str) -> HttpResponse:
    """Staff see what the partner sees, until they stop."""
    partner = get_object_or_404(Partner.objects.visible_to(request.user), number=number)
    acting.start(request, partner)
    return HttpResponseRedirect("/")


@require_POST
@office_required()
def stop_viewing_as(request: HttpRequest) -> HttpResponse:
    acting.stop(request)
    return HttpResponseRedirect("/office/")


@require_POST
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    """A person of several partners turns to another of them."""
    partner = get_object_or_404(Partner.objects.own(request.user), number=request.POST.get("partner", ""))
    acting.switch(request, partner)
    return HttpResponseRedirect("/")
