"""The review of one run: what it comes to, what stands out, who it moves, and what stands between it and the payout."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from commissions import review
from commissions.models import Cause, HoldReason, Run, Simulation
from commissions.months import Month
from commissions.queries import RUN_READERS
from commissions.review import Notable, Review, Sum, corrections_of, review_of
from commissions.tables import RunPartnerTable
from commissions.views.office import board
from commissions.views.office.findings import Shown, Weight, component_title, shown_findings
from core.export import file_asked_for, table_response
from core.formats import month as written
from core.formats import number, percent
from core.periods import berlin_date
from partners.access import office_required

Status = Run.Status
BIGGEST = 12
# A correction is named below its partner if it makes up at least this share of the partner's change.
WORTH_NAMING = Decimal("0.2")
CALCULATED = [Status.IN_REVIEW, Status.PARKED, Status.APPROVED, Status.POSTED]


@dataclass(frozen=True)
class Part:
    """A row of "by cause" or "by component": its name in the reader's language, its sums, where its lines are."""

    label: str
    sums: Sum
    url: str
    tone: str = ""


@require_GET
@office_required(*RUN_READERS)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    this = _found(request, pk)
    if this.kind == Run.Kind.SIMULATION:
        side = Simulation.objects.filter(before=this) | Simulation.objects.filter(after=this)
        return redirect("commissions:simulation", side.get().pk)
    now = timezone.now()
    row = Month(this.month, this, berlin_date(now))
    stale = this.status == Status.APPROVED and this.since_id != _last_posted_pk()
    working = board.is_working(this) and not stale
    context: dict[str, Any] = {
        "title": written(this.month),
        "crumbs": [(_("Runs"), reverse("commissions:runs"))],
        "run": this,
        "statuses": Status,
        "row": row,
        "stale": stale,
        "working": working,
        "step": board.step_label(this),
        "may": board.may(request.user),
        "provisional": this.kind == Run.Kind.PROVISIONAL,
        "no_approval": board.explain_approval(this, request.user),
        "can": _possible(this, row, stale=stale),
        "findings": shown_findings(this),
        "weights": Weight,
    }
    if this.status in CALCULATED:
        context |= _reviewed(this, review_of(this))
    context["steps"] = _steps(this, context)
    return render(request, "commissions/office/run.html", context)


def _found(request: HttpRequest, pk: int) -> Run:
    people = ("created_by", "calculated_by", "approved_by", "posted_by", "since")
    return get_object_or_404(Run.objects.visible_to(request.user).select_related(*people), pk=pk)


def _last_posted_pk() -> int | None:
    last = Run.objects.posted().order_by("-month").first()
    return last.pk if last else None


def _possible(run: Run, row: Month, *, stale: bool) -> dict[str, bool]:
    """Steps that make sense now, whoever asks. Provisional figures are nobody's to approve."""
    if run.kind == Run.Kind.PROVISIONAL:
        return {}
    return {
        "calculate": run.status in (Status.DRAFT, Status.IN_REVIEW, Status.PARKED) or stale,
        "approve": run.status == Status.IN_REVIEW,
        "post": run.status == Status.APPROVED and not run.posted_by_id and not stale,
        "discard": run.status in (Status.DRAFT, Status.IN_REVIEW, Status.PARKED, Status.APPROVED),
    }


def _reviewed(run: Run, sums: Review) -> dict[str, Any]:
    lines = reverse("commissions:run_lines", args=[run.pk])
    movers = sums.biggest(BIGGEST)
    corrections = corrections_of(run, movers)
    largest = max((abs(each.change) for each in movers), default=Decimal(1))
    named = [
        (each, found if (found := corrections.get(each.pk)) and _explains(found.amount, each.change) else None)
        for each in movers
    ]
    return {
        "review": sums,
        "change": percent(sums.change_percent, places=1, signed=True),
        "causes": [
            Part(_label(Cause, each.key), each, f"{lines}?cause={each.key}", _tone(each)) for each in sums.causes
        ],
        "components": [
            Part(
                component_title(each.key, sums.titles),
                each,
                f"{lines}?{f'component={each.key}' if each.key else 'hold_reason=any'}",
            )
            for each in sorted(sums.components, key=lambda each: -each.amount)
        ],
        "component_max": max((abs(each.amount) for each in sums.components), default=Decimal(1)),
        "holds": [
            Part(_label(HoldReason, each.key), each, f"{lines}?hold_reason={each.key}")
            for each in sums.holds
            if each.key and each.held_lines
        ],
        "movers": [(each, part and (_label(Cause, part.cause), part)) for each, part in named],
        "largest": largest,
        "lines_url": lines,
        "partners_url": reverse("commissions:run_partners", args=[run.pk]),
        "kinds": Notable,
    }


def _explains(part: Decimal, change: Decimal) -> bool:
    return part * change > 0 and abs(part) >= abs(change) * WORTH_NAMING


def _label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else value


def _tone(each: Sum) -> str:
    """Money taken or given back is coloured; first postings are plain."""
    if each.key in (Cause.EARNED, Cause.MANUAL) or not each.amount:
        return ""
    return "taken" if each.amount < 0 else "earned"


def _steps(run: Run, context: dict[str, Any]) -> list[dict[str, str]]:
    """The five steps on top of the page; which one is current follows from the state alone."""
    if run.kind == Run.Kind.PROVISIONAL:
        return []
    places: dict[str, int] = {
        Status.DRAFT: 1,
        Status.CALCULATING: 1,
        Status.PARKED: 2,
        Status.IN_REVIEW: 2,
        Status.APPROVED: 4,
        Status.POSTED: 5,
    }
    place = places.get(run.status, 0)
    lines = ngettext("%(shown)s line", "%(shown)s lines", run.lines) % {"shown": number(run.lines)}
    approved = run.approved_by.name if run.approved_by else ""
    labels = [
        (_("Feed"), _("up to no. %(number)s") % {"number": run.last_import} if run.last_import else ""),
        (_("Calculated"), lines if place > 1 else ""),
        (_("Review"), _review_note(context)),
        (_("Approval by a second person"), approved),
        (_("Posted and published"), ""),
    ]
    failed = run.status == Status.PARKED
    states = ["done" if i < place else "current" if i == place else "" for i in range(len(labels))]
    if failed:
        states[2] = "failed"
    return [{"label": label, "note": note, "state": state} for (label, note), state in zip(labels, states, strict=True)]


def _review_note(context: dict[str, Any]) -> str:
    found: list[Shown] = context["findings"]
    if count := sum(each.in_the_way for each in found):
        return ngettext("%(n)s finding holds it up", "%(n)s findings hold it up", count) % {"n": count}
    count = sum(not each.finding.waived_at for each in found)
    if found and (not count or context["row"].closed):
        return _("looked through")
    return ngettext("%(n)s thing to look at", "%(n)s things to look at", count) % {"n": count} if count else ""


@require_GET
@office_required(*RUN_READERS)
def partners(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All partners of a run with net, month before and change; `?show=` narrows to what stands out."""
    this = _found(request, pk)
    sums = review_of(this)
    show = request.GET.get("show", "")
    query = request.GET.get("q", "").strip().lower()
    rows = [each for each in sums.notable(show) if each.lines or each.before or show]
    if query:
        rows = [each for each in rows if query in each.number.lower() or query in each.name.lower()]
    table = RunPartnerTable(rows, request=request, run=this)
    table.order_by = request.GET.get("sort", "")
    if kind := file_asked_for(request):
        return table_response(table, name=f"run-{this.month:%Y-%m}-partners", title=_("Partners"), kind=kind)
    table.paginate(page=_page(request), per_page=100)
    table.totals = {
        name: sum((getattr(each, name) for each in rows), Decimal(0)) for name in ("before", "net", "change")
    }
    context = {
        "title": _("Partners of the run"),
        "crumbs": [
            (_("Runs"), reverse("commissions:runs")),
            (written(this.month), reverse("commissions:run", args=[pk])),
        ],
        "table": table,
        "tabs": _tabs(request, sums, show),
        "query": query,
        "show": show,
        "run": this,
    }
    return render(request, "commissions/office/run_partners.html", context)


def _page(request: HttpRequest) -> int:
    page = request.GET.get("page", "1")
    return int(page) if page.isdecimal() else 1


def _tabs(request: HttpRequest, sums: Review, show: str) -> list[dict[str, Any]]:
    entries = [("", _("All"), len([each for each in sums.partners if each.lines or each.before]))]
    entries += [(kind.value, str(kind.label), len(sums.notable(kind))) for kind in review.Notable]
    return [
        {"label": label, "url": f"?show={key}" if key else "?", "count": count, "current": key == show}
        for key, label, count in entries
    ]
