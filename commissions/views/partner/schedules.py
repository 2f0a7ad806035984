"""The published wordings of a schedule the partner's contracts name: what is paid, to read and to keep (§ 85 HGB)."""

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from commissions.models import ScheduleVersion
from commissions.schedule_document import parse
from commissions.time_line import time_line
from commissions.wording import component_rows
from core.formats import day
from core.periods import berlin_date
from partners.access import MONEY_MEMBERS, partner_required
from partners.acting import PartnerRequest


def _versions(request: HttpRequest):  # type: ignore[no-untyped-def]
    """Published versions of schedules that contracts of the partner shown name."""
    partner = cast(PartnerRequest, request).partner
    codes = partner.contracts.filter(status="in_force").values_list("schedule", flat=True) if partner else []
    return ScheduleVersion.objects.visible_to(request.user).published().filter(schedule__code__in=list(codes))


@require_GET
@partner_required(*MONEY_MEMBERS)
def schedule_document(request: HttpRequest, code: str) -> HttpResponse:
    """All published versions, the latest first; earlier ones stay, since older orders are paid by them."""
    versions = list(_versions(request).filter(schedule__code=code).select_related("schedule"))
    if not versions:
        raise Http404
    return render(
        request,
        "commissions/partner/schedule.html",
        {
            "title": versions[0].schedule.title,
            "crumbs": [(_("Company"), reverse("partners:company"))],
            "versions": [
                (stop, component_rows(parse(stop.version.document)))
                for stop in time_line(versions, berlin_date(timezone.now()))
            ],
        },
    )


def _marked(request: HttpRequest) -> str:
    """A comment on top that says whose copy this is: schedules are confidential between partners."""
    shown: Any = request
    words = {"partner": shown.partner, "person": shown.user, "date": day(berlin_date(timezone.now()))}
    mark = _("Confidential. Copy for %(partner)s, downloaded by %(person)s on %(date)s.") % words
    return f"# {' '.join(mark.split())}\n"  # one line: a line break in a name must not become part of the document


@require_GET
@partner_required(*MONEY_MEMBERS)
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The canonical document of one version, the text that counts, below a line that says whose copy it is."""
    version = get_object_or_404(_versions(request).select_related("schedule"), pk=pk)
    response = HttpResponse(_marked(request) + version.document, content_type="application/yaml; charset=utf-8")
    name = f"{version.schedule.code}-v{version.sequence}.yaml"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
