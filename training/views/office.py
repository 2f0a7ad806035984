"""Certificates in the office: who holds which, and the two decisions that need a second person."""

from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from core.audit import history_of
from core.periods import berlin_date
from partners.access import OfficeList, office_required
from partners.models import Partner, User
from sales.models import ProductFamily
from training import actions
from training.models import Certificate
from training.tables import CertificateTable

Status = Certificate.Status
# Proposed, or valid and to be revoked: what a second person works off.
STATES = [
    ("waiting", gettext_lazy("waits for a second person")),
    *(pair for pair in Certificate.Standing.choices if pair[0] != "proposed"),
]


class CertificateFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Person or company"), method="by_text")
    family = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Product family"), queryset=ProductFamily.objects.all()
    )
    status = django_filters.ChoiceFilter(label=gettext_lazy("Status"), choices=STATES, method="by_status")

    def by_text(self, rows: Any, _name: str, value: str) -> Any:
        people = Q(memberships__partner__in=Partner.objects.search(value)) | Q(name__icontains=value)
        return rows.filter(holder__in=User.objects.filter(people).values("pk"))

    def by_status(self, rows: Any, _name: str, value: str) -> Any:
        over = Q(status=Status.VALID, valid_until__lte=berlin_date(timezone.now()))
        match value:
            case "waiting":
                return rows.waiting()
            case Certificate.Standing.EXPIRED:
                return rows.filter(over)
        return rows.filter(status=value).exclude(over)


class Certificates(OfficeList):
    model = Certificate
    table_class = CertificateTable
    filterset_class = CertificateFilter
    title = gettext_lazy("Certificates")
    lead = gettext_lazy("Who may sell what. One that begins in the past, and every revocation, needs a second person.")
    export_name = "certificates"
    empty_title = gettext_lazy("No certificates yet")
    empty_text = gettext_lazy("Trainers record them in the administration.")

    def get_queryset(self) -> QuerySet[Any]:
        return (
            super()
            .get_queryset()
            .select_related("holder", "family", "recorded_by")
            .prefetch_related("holder__memberships__partner")
        )


@require_GET
@office_required()
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    people = ("holder", "family", "recorded_by", "approved_by", "revocation_proposed_by", "revoked_by")
    this = get_object_or_404(Certificate.objects.visible_to(request.user).select_related(*people), pk=pk)
    disputed = this.status == Status.VALID and this.revocation_proposed_by_id is not None
    context = {
        "title": str(this),
        "crumbs": [(_("Certificates"), reverse("training:certificates"))],
        "certificate": this,
        "standings": Certificate.Standing,
        "standing": this.standing_on(berlin_date(timezone.now())),
        "open": this.status == Status.PROPOSED or disputed,
        "disputed": disputed,
        "refusal": _refusal(this, request.user, disputed=disputed),
        "history": history_of(this),
    }
    return render(request, "training/office/certificate.html", context)


def _refusal(this: Certificate, user: Any, *, disputed: bool) -> str:
    """Why this person cannot decide, or nothing if they can."""
    if user.role not in actions.APPROVES:
        return _("The commission controller or the head of channel decides.")
    if user.pk == (this.revocation_proposed_by_id if disputed else this.recorded_by_id):
        return _("You asked for this yourself; a second person decides.")
    return ""


@require_POST
@office_required()
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Agrees to what was asked, or declines it with a reason."""
    this = get_object_or_404(Certificate.objects.visible_to(request.user), pk=pk)
    agreed = request.POST.get("decision") == "approve"
    reason = request.POST.get("reason", "")
    by: Any = request.user
    now = timezone.now()
    if this.status == Status.PROPOSED:
        if agreed:
            actions.approve_certificate(this, by=by, now=now)
        else:
            actions.decline_certificate(this, by=by, reason=reason, now=now)
    elif agreed:
        actions.approve_revocation(this, by=by, now=now)
    else:
        actions.decline_revocation(this, by=by, reason=reason, now=now)
    messages.success(request, _("Decided. The next run takes it into account."))
    return redirect("training:certificate", pk)
