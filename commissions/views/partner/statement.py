"""One statement with its drill-down.

Every state of the page has an address (`?open=component.cause&line=17`), so that it reads without script; with it, htmx
swaps the positions and the panel only.
"""

from typing import Any

from django.conf import settings
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from commissions.explain import explain
from commissions.models import Cause, Line, Statement
from commissions.queries import contexts
from commissions.statement import State, Summary, state_of, summary_of
from commissions.views.partner.statements import own_statements
from core import formats
from partners.access import MONEY_MEMBERS, partner_required
from partners.models import Partner

SHOWN_LINES = 12  # of an opened position; the rest is a click away, on the list of lines


@require_GET
@partner_required(*MONEY_MEMBERS)
def statement(request: HttpRequest, number: str) -> HttpResponse:
    """One statement: what is paid, how it came about, every line a click away."""
    this = get_object_or_404(own_statements(request).select_related("previous", "partner"), number=number)
    summary = summary_of(this)
    opened = request.GET.get("open", "")
    lines = _opened_lines(this, opened, summary)
    chosen = _chosen_line(request, this)
    return render(
        request,
        "commissions/partner/statement.html",
        {
            "title": _("Statement %(month)s") % {"month": formats.month(this.month)},
            "crumbs": [(_("Statements"), reverse("commissions:statements"))],
            "statement": this,
            "states": State,
            "state": state_of(this, timezone.localdate()),
            "causes": Cause,
            "summary": summary,
            "vat_groups": list(this.vat_groups.all()),
            "opened": opened,
            "lines": lines,
            "shown_lines": SHOWN_LINES,
            "chosen": chosen,
            "payee": this.payee,
            "masked_iban": masked(this.payee.get("iban", "")),
            "operator": settings.OPERATOR,
            "nature": nature(this),
            "vat_note": vat_note(this),
        },
    )


def _opened_lines(this: Statement, opened: str, summary: Summary) -> list[Line]:
    """The largest lines of the position named in the address; none if it names none of this statement."""
    position = next((each for each in summary.positions if each.key == opened), None)
    if position is None:
        return []
    lines = this.lines.filter(component_code=position.code, cause=position.cause, is_notice=False)
    return list(lines.order_by("-amount", "pk").select_related("order")[:SHOWN_LINES])


def _chosen_line(request: HttpRequest, this: Statement) -> dict[str, Any] | None:
    """Why the line named in the address is what it is, and what its order was paid in all."""
    wanted = request.GET.get("line", "")
    if not wanted.isdecimal():
        return None
    line = this.lines.filter(pk=wanted).first()
    if line is None:
        raise Http404
    context = contexts([line])[line.pk]
    sums = (
        Line.objects.visible_to(request.user)
        .filter(order=line.order_id, partner=this.partner_id, is_notice=False)
        .aggregate(total=Sum("amount"), payments=Count("pk"))
        if line.order_id
        else {}
    )
    return {"line": line, "why": explain(line, context), "order_no": context.order_no, **sums}


def masked(iban: str) -> str:
    """Country and last four digits of the account that stood in the master data on the day of issue."""
    return f"{iban[:2]}•• •••• •••• {iban[-4:]}" if iban else ""


def nature(this: Statement) -> str:
    """What the paper is for the tax office (§ 14 (2) sentence 5 UStG): a Gutschrift only where that was agreed."""
    if this.self_billed:
        return _("Gutschrift (self-billed invoice)")
    return _("Statement (no self-billed invoice)")


def vat_note(this: Statement) -> str:
    """Why no VAT is shown, or not for all of it, in the words the law asks for; empty where VAT is shown."""
    taxed = [bool(group.percent) for group in this.vat_groups.all()]
    if taxed and all(taxed):
        return ""
    match this.vat_status:
        case Partner.Vat.SMALL_BUSINESS:
            return "Steuerbefreiung für Kleinunternehmer (§ 19 UStG)"
        case Partner.Vat.EU:
            return "Steuerschuldnerschaft des Leistungsempfängers"
    return ""
