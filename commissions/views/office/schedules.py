"""Schedules: their versions on a time line, the document of each, drafts with all problems at once, publishing."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from commissions import actions, schedule_document
from commissions.actions.runs import CALCULATES
from commissions.actions.schedules import DRAFTS, PUBLISHES, wrote
from commissions.models import Run, Schedule, ScheduleExample, ScheduleVersion
from commissions.queries import SCHEDULE_READERS, catalogue
from commissions.schedule_document import DocumentError, Problem
from commissions.time_line import Stop, time_line
from commissions.wording import component_rows
from core.export import file_asked_for, file_response
from core.periods import add_months, berlin_date
from partners.access import may_enter_office, office_required

Status = ScheduleVersion.Status
MAX_FILE = 500_000  # bytes; the reader refuses longer documents too
TEMPLATE = """schedule: new-schedule
title: {de: "Neuer Tarif", en: "New schedule"}
valid_from: %s
components:
  - code: first-closing
    kind: closing
    match: {families: []}
    rate: {amount: 0.00}
"""


class DocumentForm(forms.Form):
    """A schedule document, typed or as a file; a file wins, since somebody has just chosen it."""

    document = forms.CharField(
        label=gettext_lazy("Document (YAML or JSON)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 28, "class": "code", "spellcheck": "false"}),
    )
    file = forms.FileField(label=gettext_lazy("or a file"), required=False)

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file and (file.size or 0) > MAX_FILE:
            raise forms.ValidationError(_("A schedule document is at most 500 kB long."))
        return file

    def text(self) -> str | bytes:
        file = self.cleaned_data.get("file")
        return file.read() if file else self.cleaned_data["document"]


@require_GET
@office_required(*SCHEDULE_READERS)
def schedules(request: HttpRequest) -> HttpResponseBase:
    today = berlin_date(timezone.now())
    by_schedule: dict[int, list[ScheduleVersion]] = {}
    for version in ScheduleVersion.objects.visible_to(request.user).select_related("published_by", "created_by"):
        by_schedule.setdefault(version.schedule_id, []).append(version)
    rows = [
        (schedule, time_line(by_schedule.get(schedule.pk, []), today)) for schedule in Schedule.objects.order_by("code")
    ]
    if kind := file_asked_for(request):
        return file_response(kind, _schedule_header(), _schedule_rows(rows), name="schedules", title=_("Schedules"))
    context = {
        "title": _("Schedules"),
        "rows": rows,
        "statuses": Status,
        "may_draft": may_enter_office(request, DRAFTS),
    }
    return render(request, "commissions/office/schedules.html", context)


def _schedule_header() -> list[str]:
    return [
        _("Schedule"),
        _("Title"),
        _("Version"),
        _("Status"),
        _("Valid from"),
        _("Valid until"),
        _("Published"),
        _("Published by"),
        _("Reason"),
    ]


def _schedule_rows(rows: Iterable[tuple[Schedule, list[Stop]]]) -> Iterator[list[Any]]:
    """One row a version in the order of the page; `until` is the last day, empty while no other version follows."""
    for schedule, stops in rows:
        for stop in stops:
            this = stop.version
            state = this.get_status_display()
            if stop.replaced:
                state = _("replaced by a later version")
            elif stop.now:
                state = _("in force today")
            published = (this.published_at, this.published_by)
            yield [
                schedule.code,
                schedule.title,
                this.sequence,
                state,
                this.valid_from,
                stop.until,
                *published,
                this.reason,
            ]


@require_GET
@office_required(*SCHEDULE_READERS)
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: as a table and as text, beside the one before it, and what publishing it takes."""
    this = _found(request, pk)
    return render(request, "commissions/office/version.html", _version_context(request, this))


def _found(request: HttpRequest, pk: int) -> ScheduleVersion:
    seen = ScheduleVersion.objects.visible_to(request.user)
    return get_object_or_404(seen.select_related("schedule", "created_by", "published_by"), pk=pk)


def _version_context(request: HttpRequest, this: ScheduleVersion) -> dict[str, Any]:
    user: Any = request.user
    problems, document = _read(this.document)
    return {
        "title": str(this),
        "crumbs": [(_("Schedules"), reverse("commissions:schedules"))],
        "version": this,
        "statuses": Status,
        "draft": this.status == Status.DRAFT,
        "problems": problems,
        "warnings": [str(each) for each in schedule_document.warnings(document, catalogue())] if document else [],
        "components": component_rows(document) if document else [],
        "lines": [(no, line, False) for no, line in enumerate(this.document.splitlines(), start=1)],
        "others": ScheduleVersion.objects.visible_to(user).filter(schedule=this.schedule).exclude(pk=this.pk).exists(),
        "simulations": this.simulations.visible_to(user).exclude(after__status=Run.Status.DISCARDED)[:12],
        "may_simulate": user.role in CALCULATES,
        "past": _past(this),
        "run_statuses": Run.Status,
        "examples": this.schedule.examples.order_by("pk"),
        "may_draft": user.role in DRAFTS,
        "may_publish": user.role in PUBLISHES,
        "refusal": _refusal(this, user, problems),
    }


def _past(this: ScheduleVersion) -> date | None:
    """The last posted month, if this draft reaches into days that are settled already."""
    last = Run.objects.posted().order_by("-month").first()
    reaches = last is not None and this.status == Status.DRAFT and this.valid_from < add_months(last.month, 1)
    return last.month if last and reaches else None


def _read(text: str) -> tuple[list[Problem], schedule_document.Document | None]:
    try:
        return [], schedule_document.parse(text, catalogue())
    except DocumentError as refused:
        return refused.problems, None


def _refusal(this: ScheduleVersion, user: Any, problems: list[Problem]) -> str:
    """Why this person cannot publish it now, or nothing if they can."""
    if user.role not in PUBLISHES:
        return _("The head of channel or the commission controller publishes.")
    if wrote(this, user):
        return _("You wrote this draft yourself; a second person has to publish it.")
    if problems:
        return _("The document has problems.")
    return ""


@office_required(*DRAFTS)
def draft(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Writes a draft: a new one (`?from=` starts with another version's text), or further on an existing one."""
    this = _found(request, pk) if pk else None
    form = DocumentForm(request.POST or None, request.FILES or None, initial={"document": _start(request, this)})
    problems: list[Problem] = []
    text = form.initial["document"]
    if request.method == "POST" and form.is_valid():
        entered = form.text()
        try:
            saved = actions.save_draft(entered, by=request.user, now=timezone.now(), version=this)
        except DocumentError as refused:
            problems = refused.problems
            text = entered if isinstance(entered, str) else entered.decode("utf-8", "replace")
            form = DocumentForm(initial={"document": text})
        else:
            messages.success(request, _("Saved as a draft. A second person publishes it."))
            return redirect("commissions:version", saved.pk)
    marked = {problem.line for problem in problems if problem.line}
    context = {
        "title": _("Draft of %(schedule)s") % {"schedule": this.schedule} if this else _("New draft"),
        "crumbs": [(_("Schedules"), reverse("commissions:schedules"))],
        "form": form,
        "problems": problems,
        "submit": _("Check and save"),
        "lines": [(no, line, no in marked) for no, line in enumerate(text.splitlines(), start=1)] if problems else [],
        "cancel": reverse("commissions:version", args=[this.pk]) if this else reverse("commissions:schedules"),
    }
    return render(request, "commissions/office/draft.html", context, status=422 if problems else 200)


def _start(request: HttpRequest, this: ScheduleVersion | None) -> str:
    if this:
        return this.document
    source = request.GET.get("from", "")
    if source.isdecimal():
        return _found(request, int(source)).document
    return TEMPLATE % berlin_date(timezone.now()).replace(day=1)


@office_required(*SCHEDULE_READERS)
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Runs the attached examples, then publishes; refusals come back to the page in words."""
    this = _found(request, pk)
    try:
        actions.publish_version(this, by=request.user, now=timezone.now(), reason=request.POST.get("reason", ""))
    except DocumentError:
        messages.error(request, _("The document has problems."))
    else:
        messages.success(
            request, _("Published as version %(n)s. The next run posts what it changes.") % {"n": this.sequence}
        )
    return redirect("commissions:version", pk)


@require_GET
@office_required(*SCHEDULE_READERS)
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The canonical document as a file."""
    this = _found(request, pk)
    name = f"{this.schedule.code}-{f'v{this.sequence}' if this.sequence else 'draft'}.yaml"
    response = HttpResponse(this.document, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class ExampleForm(forms.Form):
    document = forms.CharField(
        label=gettext_lazy("Worked example (YAML)"),
        widget=forms.Textarea(attrs={"rows": 20, "class": "code", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Leave out products and schedules: the catalogue and all versions of this schedule are put in their place."
        ),
    )


@office_required(*DRAFTS)
def add_example(request: HttpRequest, pk: int) -> HttpResponse:
    """Attaches a worked example to the schedule of this version."""
    this = _found(request, pk)
    form = ExampleForm(request.POST or None)
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_example(this.schedule, text=form.cleaned_data["document"], by=request.user, now=timezone.now())
        except DocumentError as refused:
            problems = refused.problems
        else:
            messages.success(request, _("Attached. Publishing a version runs it first."))
            return redirect("commissions:version", pk)
    context = {
        "title": _("Attach a worked example"),
        "crumbs": [
            (_("Schedules"), reverse("commissions:schedules")),
            (str(this), reverse("commissions:version", args=[pk])),
        ],
        "form": form,
        "problems": problems,
        "cancel": reverse("commissions:version", args=[pk]),
        "submit": _("Attach"),
    }
    return render(request, "commissions/office/draft.html", context, status=422 if problems else 200)


@office_required(*DRAFTS)
@require_POST
def remove_example(request: HttpRequest, pk: int) -> HttpResponse:
    example = get_object_or_404(ScheduleExample.objects.select_related("schedule"), pk=pk)
    back = request.POST.get("version", "")
    actions.remove_example(example, by=request.user, now=timezone.now())
    messages.success(request, _("Removed."))
    return redirect("commissions:version", int(back)) if back.isdecimal() else redirect("commissions:schedules")
