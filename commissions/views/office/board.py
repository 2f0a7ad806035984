"""The month board: where each month stands, and the buttons that move it on.

Every button is a POST that calls one action; long work is enqueued and shows its progress on the run's page.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from commissions import actions, tasks
from commissions.actions.runs import APPROVES, CALCULATES
from commissions.forms import ReasonForm
from commissions.models import Run
from commissions.months import Month, months
from commissions.queries import RUN_READERS
from core.errors import Refused
from core.export import file_asked_for, file_response
from core.formats import month as written
from core.periods import parse_month
from partners.access import office_required

Status = Run.Status

# By the steps of the pipeline, and what comes before and after them.
STEP_LABELS = {
    "": gettext_lazy("Waiting for a free worker"),
    "scope": gettext_lazy("Finding what changed since the last posted month"),
    "match": gettext_lazy("Finding the components that apply"),
    "measure": gettext_lazy("Adding up what tiers and targets go by"),
    "price": gettext_lazy("Working out the amounts"),
    "claw_back": gettext_lazy("Taking cancellations into account"),
    "follow": gettext_lazy("Working out bonuses and what follows other lines"),
    "difference": gettext_lazy("Comparing with what is booked"),
    "control": gettext_lazy("Checking the result against itself"),
    "firewall": gettext_lazy("Looking for what stands out"),
}


@office_required(*RUN_READERS)
@require_GET
def board(request: HttpRequest) -> HttpResponseBase:
    now = timezone.now()
    found = months(request.user, now)
    if kind := file_asked_for(request):
        return file_response(kind, _board_header(), _board_rows(found), name="runs", title=_("Runs"))
    context = {
        "title": _("Runs"),
        "months": found,
        "statuses": Status,
        "provisional": Run.objects.visible_to(request.user).provisional().first(),
        "discarded": Run.objects.visible_to(request.user).filter(kind=Run.Kind.MONTHLY, status=Status.DISCARDED)[:12],
        "may": may(request.user),
    }
    return render(request, "commissions/office/runs.html", context)


def _board_header() -> list[str]:
    return [
        _("Month"),
        _("Status"),
        _("Calculated"),
        _("Calculated by"),
        _("Approved"),
        _("Approved by"),
        _("Posted"),
        _("Posted by"),
        _("Deadline"),
        _("Lines"),
        _("Net"),
    ]


def _board_rows(found: Iterable[Month]) -> Iterator[list[Any]]:
    """One row a month, as on the board: no deadline once it is posted, no amount before it was calculated."""
    for row in found:
        deadline = None if row.closed else row.deadline
        run = row.run
        if run is None:
            state = _("not calculated yet") if row.over else _("still open")
            yield [f"{row.month:%Y-%m}", state, *[None] * 6, deadline, None, None]
            continue
        people = (run.calculated_at, run.calculated_by, run.approved_at, run.approved_by, run.posted_at, run.posted_by)
        net = run.net if run.calculated_at else None
        yield [f"{row.month:%Y-%m}", run.get_status_display(), *people, deadline, run.lines, net]


def may(user: Any) -> dict[str, bool]:
    """Which buttons a page shows; the action itself asks again."""
    return {"calculate": user.role in CALCULATES, "approve": user.role in APPROVES}


@office_required(*RUN_READERS)
@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Creates the month's run and has it calculated."""
    try:
        month = parse_month(request.POST.get("month", ""))
    except ValueError as error:
        raise Refused(str(error)) from error
    now = timezone.now()
    run = actions.create_run(month=month, by=request.user, now=now, full="full" in request.POST)
    return _calculate(request, run, now)


@office_required(*RUN_READERS)
@require_POST
def calculate(request: HttpRequest, pk: int) -> HttpResponse:
    return _calculate(request, _run(request, pk), timezone.now())


def _calculate(request: HttpRequest, run: Run, now: datetime) -> HttpResponse:
    actions.request_calculation(run, by=request.user, now=now)
    tasks.calculate_run.delay_on_commit(run.pk)  # type: ignore[attr-defined]
    return redirect("commissions:run", run.pk)


@office_required(*RUN_READERS)
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    actions.approve_run(run, by=request.user, now=timezone.now(), reason=request.POST.get("reason", ""))
    messages.success(request, _("%(month)s is approved. It can be posted now.") % {"month": written(run.month)})
    return redirect("commissions:run", run.pk)


@office_required(*RUN_READERS)
@require_POST
def post(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    actions.request_posting(run, by=request.user, now=timezone.now())
    tasks.post_run.delay_on_commit(run.pk)  # type: ignore[attr-defined]
    return redirect("commissions:run", run.pk)


@office_required(*RUN_READERS)
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the reason, then throws the proposal away."""
    run = _run(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.discard_run(run, by=request.user, now=timezone.now(), reason=form.cleaned_data["reason"])
        messages.success(request, _("The proposal is discarded. Nothing had been posted."))
        return redirect("commissions:runs")
    context = {
        "title": _("Discard the proposal for %(month)s?") % {"month": written(run.month)},
        "lead": _("Nothing was posted, so nothing is lost: the month can be calculated again at any time."),
        "crumbs": [
            (_("Runs"), reverse("commissions:runs")),
            (written(run.month), reverse("commissions:run", args=[pk])),
        ],
        "form": form,
        "submit": _("Discard"),
        "variant": "danger",
        "cancel": reverse("commissions:run", args=[pk]),
    }
    return render(request, "commissions/office/form.html", context)


@office_required(*RUN_READERS)
@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress component alone, asked every two seconds; when the work is over the whole page is loaded anew."""
    run = _run(request, pk)
    if not is_working(run):
        if not getattr(request, "htmx", False):
            return HttpResponseRedirect(reverse("commissions:run", args=[pk]))
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "commissions/office/run_progress.html", {"run": run, "step": step_label(run)})


def is_working(run: Run) -> bool:
    posting = run.status == Status.APPROVED and run.posted_by_id is not None
    return run.status == Status.CALCULATING or posting


def step_label(run: Run) -> str:
    """What the worker does right now, in a word people know."""
    if run.status == Status.APPROVED:
        return _("Lines and statements are being posted")
    return str(STEP_LABELS.get(run.step, run.step))


def _run(request: HttpRequest, pk: int) -> Run:
    return get_object_or_404(Run.objects.visible_to(request.user), pk=pk)


def explain_approval(run: Run, user: Any) -> str:
    """Why this person cannot approve, or nothing if they can."""
    if run.status != Status.IN_REVIEW or user.role not in APPROVES:
        return _("Finance or the head of channel approves.")
    if user.pk in (run.calculated_by_id, run.created_by_id):
        return _("You had this month calculated yourself; a second person has to approve it.")
    if run.findings.in_the_way().exists():
        return _("A finding holds this month up until somebody has looked into it and waived it.")
    return ""
