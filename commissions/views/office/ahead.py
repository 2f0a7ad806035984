"""The statements a run would make if it were posted now: what its approval pays out."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from commissions.models import Run
from commissions.queries import RUN_READERS
from commissions.statement import proposed_statements
from commissions.tables import ProposedStatementTable
from core.export import file_asked_for, table_response
from core.formats import month as written
from partners.access import office_required

CAN_BE_SEEN = (Run.Status.IN_REVIEW, Run.Status.PARKED, Run.Status.APPROVED)
SUMS = ("net", "brought_forward", "vat", "withheld", "released", "drawn", "carried_forward", "payable")


@require_GET
@office_required(*RUN_READERS)
def statements(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A posted run has real ones, which are shown instead; one without figures has none to show."""
    this = get_object_or_404(Run.objects.visible_to(request.user), pk=pk)
    if this.status not in CAN_BE_SEEN or this.kind == Run.Kind.SIMULATION:
        posted = this.status == Run.Status.POSTED
        url = reverse("commissions:office_statements") if posted else reverse("commissions:run", args=[pk])
        return redirect(f"{url}?month={pk}" if posted else url)
    query = request.GET.get("q", "").strip().lower()
    rows = [each for each in proposed_statements(this) if query in each.number.lower() or query in each.name.lower()]
    table = ProposedStatementTable(rows, request=request)
    table.order_by = request.GET.get("sort", "")
    if kind := file_asked_for(request):
        return table_response(table, name=f"run-{this.month:%Y-%m}-statements", title=_("Statements"), kind=kind)
    page = request.GET.get("page", "1")
    table.paginate(page=int(page) if page.isdecimal() else 1, per_page=100)
    table.totals = {name: sum((getattr(each, name) for each in rows), Decimal(0)) for name in SUMS}
    crumbs = [
        (_("Runs"), reverse("commissions:runs")),
        (written(this.month), reverse("commissions:run", args=[pk])),
    ]
    return render(
        request,
        "commissions/office/run_partners.html",
        {"title": _("Statements if posted now"), "crumbs": crumbs, "table": table, "query": query, "run": this},
    )
