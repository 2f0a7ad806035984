"""Footfall of all outlets a member of staff looks after, and of each."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.periods import berlin_date
from partners.access import may_enter_office, office_required
from partners.models import Outlet
from targets.actions.deliveries import COUNTS_VISITS
from targets.models.footfall import Footfall
from targets.views.footfall import all_visits, board

# Outlets the field of choice lists; further ones are reached from the page of their partner.
CHOICES = 500


@require_GET
@office_required()
def footfall(request: HttpRequest) -> HttpResponse:
    """All outlets together, or `?outlet=7`; `?partner=P-1001` narrows to one partner."""
    visits = all_visits().visible_to(request.user)
    outlets = Outlet.objects.visible_to(request.user).filter(footfall__isnull=False).distinct()
    if number := request.GET.get("partner", ""):
        outlets, visits = outlets.filter(partner__number=number), visits.filter(outlet__partner__number=number)
    named = outlets.select_related("partner").order_by("partner__number", "name", "pk")[:CHOICES]
    may_send = may_enter_office(request, COUNTS_VISITS)
    context = {
        "title": _("Footfall"),
        "outlets": named,
        "show_partner": True,
        "latest": visits.select_related("outlet").order_by("-recorded_at", "-starts_on")[:10],
        "spans": Footfall.Span,
        "layout": "layouts/office.html",
        "upload_url": reverse("targets:upload") + "?kind=footfall" if may_send else "",
    }
    return render(
        request, "targets/footfall.html", context | board(request, visits, outlets, berlin_date(timezone.now()))
    )
