"""A draft tried on past months: start it, watch it, read what it would have changed."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from commissions import actions, simulated, tasks
from commissions.actions.runs import CALCULATES
from commissions.models import Run, ScheduleVersion, Simulation
from commissions.queries import RUN_READERS
from commissions.schedule_document import DocumentError
from commissions.views.office.board import step_label
from core.export import file_asked_for, file_response
from core.formats import day
from core.formats import month as written
from core.periods import add_months, berlin_date, first_of_month, parse_month
from partners.access import may_enter_office, office_required

Status = Run.Status
SHOWN = 8  # winners and losers on the first page


class MonthField(forms.CharField):
    """A month as the browser's own field sends it, as its first day."""

    widget = forms.DateInput(attrs={"type": "month"})

    def clean(self, value: Any) -> date:
        try:
            return parse_month(super().clean(value))
        except ValueError as error:
            raise forms.ValidationError(_("Please write a month like 2026-07.")) from error


class StartForm(forms.Form):
    first = MonthField(label=gettext_lazy("From month"))
    last = MonthField(label=gettext_lazy("To month"))
    start = forms.DateField(
        label=gettext_lazy("As if it applied to orders signed from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Orders signed earlier are paid by the version they had. Its own start is not changed."),
    )


@office_required(*CALCULATES)
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the months; a draft that starts later is tried from the first of them on."""
    seen = ScheduleVersion.objects.visible_to(request.user).select_related("schedule")
    source = get_object_or_404(seen, pk=pk)
    settled = Run.objects.posted().order_by("-month").first()
    last = settled.month if settled else add_months(first_of_month(berlin_date(timezone.now())), -1)
    first = add_months(last, -2)
    initial = {
        "first": f"{first:%Y-%m}",
        "last": f"{last:%Y-%m}",
        "start": min(source.valid_from, first) if source.valid_from > last else source.valid_from,
    }
    form = StartForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            begun = actions.start_simulation(source, by=request.user, now=timezone.now(), **form.cleaned_data)
        except DocumentError:
            form.add_error(None, _("The document has problems."))
        else:
            tasks.simulate.delay_on_commit(begun.pk)  # type: ignore[attr-defined]
            return redirect("commissions:simulation", begun.pk)
    context = {
        "title": _("Simulate"),
        "lead": _(
            "Calculates the months twice, without and with this version, from all that is known today. "
            "Nothing of it can be posted."
        ),
        "crumbs": [
            (_("Schedules"), reverse("commissions:schedules")),
            (str(source), reverse("commissions:version", args=[pk])),
        ],
        "form": form,
        "submit": _("Simulate"),
        "variant": "primary",
        "cancel": reverse("commissions:version", args=[pk]),
    }
    return render(request, "commissions/office/form.html", context)


@require_GET
@office_required(*RUN_READERS)
def simulation(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What would have been: total, per component, months, winners and losers, and what the examples say."""
    this = found(request, pk)
    done = this.status in (Status.IN_REVIEW, Status.PARKED)
    result = simulated.result_of(this) if done else None
    if result and (kind := file_asked_for(request)):
        header = [_("Code"), _("Component"), _("Without"), _("With"), _("Difference")]
        rows = ([each.key, each.label, each.before, each.after, each.change] for each in result.components)
        return file_response(kind, header, rows, name="simulation-components", title=_("By component"))
    context = {
        **frame(this),
        "simulation": this,
        "lead": _lead(this),
        "statuses": Status,
        "status": this.status,
        "working": this.status == Status.CALCULATING,
        "progress": _progress(this),
        "result": result,
        "winners": result.winners[:SHOWN] if result else [],
        "losers": result.losers[:SHOWN] if result else [],
        "error": this.before.error or this.after.error,
        "parked": this.status == Status.PARKED,
        "may": may_enter_office(request, CALCULATES),
        "over": this.status in (Status.IN_REVIEW, Status.PARKED, Status.DRAFT),
        "changed_since": _changed_since(this),
    }
    return render(request, "commissions/office/simulation.html", context)


def _lead(this: Simulation) -> str:
    said = _("%(version)s, as if it applied to orders signed from %(start)s, beside the published versions alone.")
    both = _("Both from all that is known today, without held amounts.")
    return f"{said} {both}" % {"version": this.source, "start": day(this.version.valid_from)}


def _changed_since(this: Simulation) -> bool:
    """Whether the draft says something else by now, its start aside."""

    def without_start(text: str) -> list[str]:
        return [line for line in text.splitlines() if not line.startswith("valid_from:")]

    return without_start(this.source.document) != without_start(this.version.document)


def _progress(this: Simulation) -> dict[str, Any]:
    first = this.before.status == Status.CALCULATING
    step = step_label(this.before if first else this.after)
    side = _("Without the version") if first else _("With the version")
    return {
        "done": this.before.steps_done + this.after.steps_done,
        "total": this.before.steps_total + this.after.steps_total,
        "text": f"{side}: {step}",
    }


def found(request: HttpRequest, pk: int) -> Simulation:
    parts = ("source__schedule", "version", "before", "after", "created_by")
    return get_object_or_404(Simulation.objects.visible_to(request.user).select_related(*parts), pk=pk)


def frame(this: Simulation) -> dict[str, Any]:
    """Title and crumbs, for its lists too."""
    if this.first_month == this.last_month:
        months = written(this.first_month)
    else:
        months = f"{written(this.first_month)} – {written(this.last_month)}"
    return {
        "title": _("Simulation %(months)s") % {"months": months},
        "crumbs": [
            (_("Schedules"), reverse("commissions:schedules")),
            (str(this.source), reverse("commissions:version", args=[this.source_id])),
        ],
    }


@require_GET
@office_required(*RUN_READERS)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress component alone; when the work is over the whole page is loaded anew."""
    this = found(request, pk)
    if this.status != Status.CALCULATING:
        if not getattr(request, "htmx", False):
            return redirect("commissions:simulation", pk)
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {"simulation": this, "progress": _progress(this)}
    return render(request, "commissions/office/simulation_progress.html", context)


@require_GET
@office_required(*RUN_READERS)
def examples(request: HttpRequest, pk: int) -> HttpResponse:
    """The part about the examples alone: they are run when both sides are there already."""
    if not getattr(request, "htmx", False):
        return redirect("commissions:simulation", pk)
    return render(request, "commissions/office/simulation_examples.html", {"simulation": found(request, pk)})


@office_required(*CALCULATES)
@require_POST
def repeat(request: HttpRequest, pk: int) -> HttpResponse:
    this = found(request, pk)
    actions.repeat_simulation(this, by=request.user, now=timezone.now())
    tasks.simulate.delay_on_commit(this.pk)  # type: ignore[attr-defined]
    return redirect("commissions:simulation", pk)


@office_required(*CALCULATES)
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    this = found(request, pk)
    actions.discard_simulation(this, by=request.user, now=timezone.now())
    messages.success(request, _("The simulation is discarded."))
    return redirect("commissions:version", this.source_id)
