"""Why a line is what it is, proposed or posted, beside what is stored of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from commissions.explain import explain
from commissions.models import Cause, DraftLine, Line, Run
from commissions.queries import RUN_READERS, contexts
from core.formats import day, percent
from core.formats import month as written
from partners.access import MONEY_OFFICE, office_required


@require_GET
@office_required(*RUN_READERS)
def draft_line(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Why a proposed line is what it is."""
    run = get_object_or_404(Run.objects.visible_to(request.user), pk=pk)
    found = get_object_or_404(DraftLine.objects.select_related("partner"), run=run, pk=line)
    above = [
        (_("Runs"), reverse("commissions:runs")),
        (written(run.month), reverse("commissions:run", args=[pk])),
        (_("Lines"), reverse("commissions:run_lines", args=[pk])),
    ]
    return _why(request, found, above)


@require_GET
@office_required(*MONEY_OFFICE)
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """Why a posted line is what it is."""
    lines = Line.objects.visible_to(request.user).select_related("partner", "statement")
    found = get_object_or_404(lines, pk=pk)
    statement = found.statement
    above = [
        (_("Statements"), reverse("commissions:office_statements")),
        (statement.number, reverse("commissions:office_statement", args=[statement.number])),
    ]
    return _why(request, found, above)


def _why(request: HttpRequest, line: Any, crumbs: list[tuple[str, str]]) -> HttpResponse:
    context = contexts([line])[line.pk]
    explanation = explain(line, context)
    inputs = [
        (_("Partner"), str(line.partner)),
        (_("Order"), context.order_no),
        (_("Customer"), context.customer_no),
        (_("Product"), context.product or line.product),
        (_("Component"), context.component or line.component_code),
        (_("Month"), written(line.month)),
        (_("Signed"), day(line.signed_on)),
        (_("Activated"), day(line.activated_on)),
        (_("Cancelled"), day(line.cancelled_on)),
        (_("Dealer code"), line.dealer_code),
        (_("Level"), capfirst(line.level)),
        (_("VAT"), percent(line.vat_percent) if line.vat_percent else ""),
    ]
    about = context.component or (line.get_kind_display() if line.kind else context.product or line.product)
    return render(
        request,
        "commissions/office/line.html",
        {
            "title": f"{capfirst(about)}, {written(line.month)}",
            "crumbs": crumbs,
            "line": line,
            "why": explanation,
            "inputs": [(label, value) for label, value in inputs if value],
            "causes": Cause,
            "order_no": context.order_no,
        },
    )
