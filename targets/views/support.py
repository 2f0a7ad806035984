"""The support plan: what the operator does for its partners, half-year by half-year."""

from datetime import timedelta
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.periods import add_months
from partners.access import office_required, partner_required
from partners.acting import PartnerRequest
from targets import actions
from targets.actions.support import ANNOUNCES
from targets.forms import SupportForm
from targets.models import SupportMeasure
from targets.support import half_year, plan
from targets.views.office import tabs


@require_GET
@partner_required()
def support(request: HttpRequest) -> HttpResponse:
    """What the operator promised this partner, whoever of its people looks."""
    partner = cast(Any, cast(PartnerRequest, request).partner)
    mine = SupportMeasure.objects.visible_to(request.user).for_partner(partner)
    return render(
        request,
        "targets/support.html",
        {"layout": "layouts/partner.html", "title": _("Support"), "plan": plan(mine), "today": timezone.localdate()},
    )


@require_http_methods(["GET", "POST"])
@office_required()
def office_support(request: HttpRequest) -> HttpResponse:
    """All measures; the head of channel announces further ones."""
    by = cast(Any, request.user)
    may_write = by.role in ANNOUNCES
    if request.method == "POST" and not may_write:
        raise PermissionDenied
    span = half_year(timezone.localdate())
    first = {"starts_on": span.start, "last_day": add_months(span.start, 6) - timedelta(days=1)}
    form = SupportForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        actions.announce_measure(
            title_de=data["title_de"],
            title_en=data["title_en"],
            note=data["note"],
            partner_kinds=data["kinds"],
            starts_on=data["starts_on"],
            until=data["last_day"] + timedelta(days=1),
            by=by,
        )
        messages.success(request, _("Announced: the partners read it from now on."))
        return redirect("targets:office_support")
    context = {
        "layout": "layouts/office.html",
        "title": _("Targets"),
        "tabs": tabs("office_support"),
        "plan": plan(SupportMeasure.objects.visible_to(by)),
        "today": timezone.localdate(),
        "form": form if may_write else None,
        "may_write": may_write,
        "office": True,
    }
    return render(request, "targets/support.html", context)


@require_POST
@office_required()
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    this = get_object_or_404(SupportMeasure.objects.visible_to(request.user), pk=pk)
    actions.withdraw_measure(this, reason=request.POST.get("reason", ""), by=cast(Any, request.user))
    messages.success(request, _("Withdrawn."))
    return redirect("targets:office_support")
