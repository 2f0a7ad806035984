"""What people add to a month by hand: holds, and manual lines with their second person."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.contrib import messages
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from commissions import actions
from commissions.actions.holds import CONTROLS, HEAD_DECIDES_ABOVE
from commissions.forms import HoldForm, ManualLineForm, ReasonForm
from commissions.holding import Kept, kept_back
from commissions.models import Hold, HoldReason, Line, ManualLine
from commissions.queries import RUN_READERS
from commissions.tables import ManualLineTable
from commissions.views.office.lines import component_choices
from core.audit import history_of
from core.errors import Refused
from core.export import file_asked_for, file_response
from core.formats import day
from partners.access import OfficeList, may_enter_office, office_required
from partners.models import Role


@require_GET
@office_required(*RUN_READERS)
def holds(request: HttpRequest) -> HttpResponseBase:
    """What is withheld now, by whom and why, and how much money each hold keeps back."""
    people = ("partner", "order", "placed_by", "released_by")
    rows = list(Hold.objects.filter(released_at__isnull=True).select_related(*people).order_by("-placed_at"))
    released = Hold.objects.filter(released_at__isnull=False).select_related(*people).order_by("-released_at")[:20]
    kept = kept_back(rows)
    if kind := file_asked_for(request):
        found = _hold_rows([*rows, *released], kept)
        return file_response(kind, _hold_header(), found, name="holds", title=_("Holds"))
    context = {
        "title": _("Holds"),
        "crumbs": [(_("Runs"), reverse("commissions:runs"))],
        "holds": [(hold, kept.get(hold.pk), _lines_url(hold, kept.get(hold.pk))) for hold in rows],
        "total": sum((each.amount for each in kept.values()), Decimal(0)),
        "overlap": len(rows) > 1,
        "released": released,
        "may": may_enter_office(request, CONTROLS),
    }
    return render(request, "commissions/office/holds.html", context)


def _lines_url(hold: Hold, kept: Kept | None) -> str:
    """The lines kept back in the proposal that is in review, if there are any in it."""
    if kept is None or kept.run is None:
        return ""
    query = {"hold_reason": HoldReason.WITHHELD.value}
    if hold.partner:
        query["partner"] = hold.partner.number
    if hold.order_id:
        query["order_id"] = str(hold.order_id)
    if hold.component_code:
        query["component"] = hold.component_code
    return f"{reverse('commissions:run_lines', args=[kept.run])}?{urlencode(query)}"


def _hold_header() -> list[str]:
    return [
        _("Partner"),
        _("Name"),
        _("Order"),
        _("Component"),
        _("Component code"),
        _("Reason"),
        _("Placed"),
        _("Placed by"),
        _("Released"),
        _("Released by"),
        _("Lines kept back"),
        _("Kept back"),
    ]


def _hold_rows(found: Iterable[Hold], kept: dict[int, Kept]) -> Iterator[list[Any]]:
    """One row a hold; in force as long as nothing stands under released."""
    titles = dict(component_choices())
    for hold in found:
        partner = [hold.partner.number, hold.partner.legal_name] if hold.partner else [None, None]
        code = hold.component_code
        what = [*partner, hold.order.order_no if hold.order else None, titles.get(code, code), code]
        people = [hold.placed_at, hold.placed_by, hold.released_at, hold.released_by]
        each = kept.get(hold.pk)
        yield [*what, hold.reason, *people, each and each.lines, each and each.amount]


@office_required(*CONTROLS)
def place_hold(request: HttpRequest) -> HttpResponse:
    """`?partner=` or `?order=` fills the form in."""
    start = {name: request.GET.get(name, "") for name in ("partner", "order", "component")}
    form = HoldForm(request.POST or None, initial=start, user=request.user)
    if request.method == "POST" and form.is_valid():
        actions.place_hold(by=request.user, now=timezone.now(), **form.cleaned_data)
        messages.success(
            request, _("Withheld from the next calculation on. A month in review has to be calculated again.")
        )
        return redirect("commissions:holds")
    context = {
        "title": _("Withhold"),
        "lead": _("What would be posted stays visible as withheld, to the partner too, until somebody releases it."),
        "crumbs": [(_("Runs"), reverse("commissions:runs")), (_("Holds"), reverse("commissions:holds"))],
        "form": form,
        "submit": _("Withhold"),
        "variant": "primary",
        "cancel": reverse("commissions:holds"),
    }
    return render(request, "commissions/office/form.html", context)


@office_required(*CONTROLS)
def release_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks why, then lets the next run post what was kept back."""
    hold = get_object_or_404(Hold.objects.select_related("partner", "order"), pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.release_hold(hold, by=request.user, now=timezone.now(), reason=form.cleaned_data["reason"])
        messages.success(request, _("Released. The next run posts what was kept back."))
        return redirect("commissions:holds")
    what = hold.partner or hold.order or hold.component_code
    context = {
        "title": _("Release %(what)s?") % {"what": what},
        "lead": _("Withheld because: %(reason)s. The next run posts what was kept back.") % {"reason": hold.reason},
        "crumbs": [(_("Runs"), reverse("commissions:runs")), (_("Holds"), reverse("commissions:holds"))],
        "form": form,
        "submit": _("Release"),
        "variant": "primary",
        "cancel": reverse("commissions:holds"),
    }
    return render(request, "commissions/office/form.html", context)


class ManualLineFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(label=gettext_lazy("Status"), choices=ManualLine.Status.choices)


class ManualLines(OfficeList):
    roles = RUN_READERS
    model = ManualLine
    table_class = ManualLineTable
    filterset_class = ManualLineFilter
    template_name = "commissions/office/manual_lines.html"
    title = gettext_lazy("Manual lines")
    lead = gettext_lazy("Amounts outside the schedules. A second person decides; the next run posts them once.")
    totals = {"amount": Sum("amount")}
    empty_title = gettext_lazy("No manual lines yet")
    empty_text = gettext_lazy("Here stands what was agreed outside the schedules, such as an advertising grant.")

    def get_queryset(self) -> QuerySet[Any]:
        # No partner filter: who may open this page sees all partners' money.
        return ManualLine.objects.select_related("partner", "proposed_by", "decided_by")

    def crumbs(self) -> list[tuple[str, str]]:
        return [(_("Runs"), reverse("commissions:runs"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may": may_enter_office(self.request, CONTROLS)}


@office_required(*CONTROLS)
def propose_manual_line(request: HttpRequest) -> HttpResponse:
    """`?partner=` fills the form in, `?reverses=` with the reversal of a line."""
    key = request.GET.get("reverses", "")
    first = get_object_or_404(ManualLine.objects.select_related("partner"), pk=key) if key.isdecimal() else None
    form = ManualLineForm(request.POST or None, initial=_initial(request, first), user=request.user)
    if first is not None:
        form.lock()
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        line = actions.propose_manual_line(
            data["partner"],
            amount=data["amount"],
            reason=data["reason"],
            by=request.user,
            now=timezone.now(),
            reverses=first,
        )
        messages.success(request, _("Proposed. It waits for a second person."))
        return redirect("commissions:manual_line", line.pk)
    context = {
        "title": _("Reverse the manual line") if first else _("Propose a manual line"),
        "lead": _("The first line stays as it is; a second one takes it back.") if first else "",
        "crumbs": [(_("Manual lines"), reverse("commissions:manual_lines"))],
        "form": form,
        "submit": _("Propose"),
        "variant": "primary",
        "cancel": reverse("commissions:manual_line", args=[first.pk]) if first else reverse("commissions:manual_lines"),
    }
    return render(request, "commissions/office/form.html", context)


def _initial(request: HttpRequest, first: ManualLine | None) -> dict[str, Any]:
    if first is None:
        return {"partner": request.GET.get("partner", "")}
    text = _("Reversal of the manual line of %(day)s: %(reason)s")
    reason = text % {"day": day(first.proposed_at), "reason": first.reason}
    return {"partner": first.partner.number, "amount": -first.amount, "reason": reason[:500]}


@office_required(*RUN_READERS)
@require_GET
def manual_line(request: HttpRequest, pk: int) -> HttpResponse:
    people = ("partner", "proposed_by", "decided_by", "reverses")
    line = get_object_or_404(ManualLine.objects.select_related(*people), pk=pk)
    reversal = line.reversals.exclude(status=ManualLine.Status.DECLINED).first()
    approved = line.status == ManualLine.Status.APPROVED
    context = {
        "title": _("Manual line"),
        "crumbs": [(_("Manual lines"), reverse("commissions:manual_lines"))],
        "line": line,
        "statuses": ManualLine.Status,
        "refusal": _refusal(line, request.user),
        "open": line.status == ManualLine.Status.PROPOSED,
        "reversal": reversal,
        "posted": Line.objects.filter(manual=line).select_related("statement").first() if approved else None,
        "approved": approved,
        "may_reverse": approved and reversal is None and may_enter_office(request, CONTROLS),
        "history": history_of(line),
    }
    return render(request, "commissions/office/manual_line.html", context)


def _refusal(line: ManualLine, user: Any) -> str:
    """Why this person cannot decide, or nothing if they can."""
    if line.proposed_by_id == user.pk:
        return _("You proposed this line yourself; a second person decides.")
    if abs(line.amount) > HEAD_DECIDES_ABOVE and user.role != Role.HEAD_OF_CHANNEL:
        return _("Above 500 EUR the head of channel decides.")
    if user.role not in CONTROLS:
        return _("The commission controller or the head of channel decides.")
    return ""


@office_required(*RUN_READERS)
@require_POST
def decide_manual_line(request: HttpRequest, pk: int) -> HttpResponse:
    line = get_object_or_404(ManualLine, pk=pk)
    agreed = request.POST.get("decision") == "approve"
    reason = request.POST.get("reason", "").strip()
    if not agreed and not reason:
        raise Refused(_("Please give a reason: it is what the next person reads."))
    actions.decide_manual_line(line, approve=agreed, by=request.user, now=timezone.now(), reason=reason)
    messages.success(request, _("Approved. The next run posts it.") if agreed else _("Declined. Nothing is posted."))
    return redirect("commissions:manual_line", pk)
