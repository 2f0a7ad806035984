"""Messages about targets, for partners and staff, and where each person wants to get them."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from targets.actions import alerts as telling
from targets.models import Alert, AlertChoice
from targets.models.alerts import AlertKind

SHOWN = 100


@require_http_methods(["GET", "POST"])
@login_required
def alerts(request: HttpRequest) -> HttpResponse:
    user = cast(Any, request.user)
    if request.method == "POST":
        if request.POST.get("step") == "read":
            telling.read_alerts(user)
        else:
            for kind in AlertKind.values:
                telling.choose(
                    user, kind, portal=f"{kind}-portal" in request.POST, email=f"{kind}-email" in request.POST
                )
            messages.success(request, _("Saved."))
        return redirect("targets:alerts")
    rows = Alert.objects.visible_to(user).filter(in_portal=True).select_related("agreement__partner", "partner")[:SHOWN]
    chosen = {row.kind: row for row in AlertChoice.objects.filter(user=user)}
    context = {
        "title": _("Messages about targets"),
        "layout": "layouts/office.html" if user.is_office else "layouts/partner.html",
        "alerts": [(row, telling.words(row), AlertKind(row.kind).label) for row in rows],
        "choices": [
            (kind, label, kind not in chosen or chosen[kind].portal, kind not in chosen or chosen[kind].email)
            for kind, label in AlertKind.choices
        ],
    }
    return render(request, "targets/alerts.html", context)
