"""A draft tried on past months: start it, watch it, read who would have won and lost, down to the order."""

from datetime import date
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from commissions import actions, simulated, tasks
from commissions.actions.runs import CALCULATES
from commissions.models import DraftLine, Run, ScheduleVersion, Simulation
from commissions.queries import RUN_READERS
from commissions.schedule_document import DocumentError
from commissions.views.office.board import step_label
from commissions.views.office.lines import component_choices
from core import columns
from core.export import file_asked_for, file_response
from core.formats import day
from core.formats import month as written
from core.periods import add_months, berlin_date, first_of_month, parse_month
from partners.access import OfficeList, may_enter_office, office_required

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
    this = _found(request, pk)
    done = this.status in (Status.IN_REVIEW, Status.PARKED)
    result = simulated.result_of(this) if done else None
    if result and (kind := file_asked_for(request)):
        header = [_("Code"), _("Component"), _("Without"), _("With"), _("Difference")]
        rows = ([each.key, each.label, each.before, each.after, each.change] for each in result.components)
        return file_response(kind, header, rows, name="simulation-components", title=_("By component"))
    context = {
        **_frame(this),
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


def _found(request: HttpRequest, pk: int) -> Simulation:
    parts = ("source__schedule", "version", "before", "after", "created_by")
    return get_object_or_404(Simulation.objects.visible_to(request.user).select_related(*parts), pk=pk)


def _frame(this: Simulation) -> dict[str, Any]:
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
    this = _found(request, pk)
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
    return render(request, "commissions/office/simulation_examples.html", {"simulation": _found(request, pk)})


@office_required(*CALCULATES)
@require_POST
def repeat(request: HttpRequest, pk: int) -> HttpResponse:
    this = _found(request, pk)
    actions.repeat_simulation(this, by=request.user, now=timezone.now())
    tasks.simulate.delay_on_commit(this.pk)  # type: ignore[attr-defined]
    return redirect("commissions:simulation", pk)


@office_required(*CALCULATES)
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    this = _found(request, pk)
    actions.discard_simulation(this, by=request.user, now=timezone.now())
    messages.success(request, _("The simulation is discarded."))
    return redirect("commissions:version", this.source_id)


# ---- lists -----------------------------------------------------------------------------------------------------
class ChangeColumns(columns.Table):
    before = columns.MoneyColumn(verbose_name=gettext_lazy("Without"), opt=True)
    after = columns.MoneyColumn(verbose_name=gettext_lazy("With"))
    change = columns.MoneyColumn(verbose_name=gettext_lazy("Difference"), signed=True)


class PartnerChanges(ChangeColumns):
    partner__number = columns.Column(verbose_name=gettext_lazy("Number"))
    partner__legal_name = columns.Column(verbose_name=gettext_lazy("Name"))

    class Meta:
        sequence = ("partner__number", "partner__legal_name", "before", "after", "change")
        order_by = "change"

    def __init__(self, *args: Any, orders: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.orders = orders

    def render_change(self, value: Decimal, record: dict[str, Any]) -> str:
        shown = columns.MoneyColumn(signed=True).render(value)
        return format_html('<a href="{}?partner={}">{}</a>', self.orders, record["partner__number"], shown)

    def value_change(self, value: Decimal) -> Decimal:
        return value


class OrderChanges(ChangeColumns):
    partner__number = columns.Column(verbose_name=gettext_lazy("Partner"))
    order__order_no = columns.Column(verbose_name=gettext_lazy("Order"))
    component = columns.Column(
        accessor="component_code", order_by=("component_code",), verbose_name=gettext_lazy("Component")
    )
    component_code = columns.Column(verbose_name=gettext_lazy("Component code"), visible=False)
    month = columns.MonthColumn(verbose_name=gettext_lazy("Month"), opt=True)

    class Meta:
        sequence = ("partner__number", "order__order_no", "component", "component_code", "month", "...")
        order_by = "change"

    def __init__(self, *args: Any, titles: dict[str, str], lines: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.titles, self.lines = titles, lines

    def render_component(self, value: str) -> str:
        return self.titles.get(value, value)

    value_component = render_component

    def render_order__order_no(self, value: str) -> str:
        return format_html('<a href="{}?order={}">{}</a>', self.lines, value, value)

    def value_order__order_no(self, value: str) -> str:
        return value


DIRECTIONS = [
    ("more", gettext_lazy("gets more")),
    ("less", gettext_lazy("gets less")),
    ("same", gettext_lazy("the same")),
]


class PartnerFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Number or name"), method="by_text")
    way = django_filters.ChoiceFilter(label=gettext_lazy("Difference"), choices=DIRECTIONS, method="by_way")

    def by_text(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(Q(partner__number__iexact=value) | Q(partner__legal_name__icontains=value))

    def by_way(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(**{{"more": "change__gt", "less": "change__lt"}.get(value, "change"): 0})


class OrderFilter(django_filters.FilterSet):
    partner = django_filters.CharFilter(label=gettext_lazy("Partner number"), field_name="partner__number")
    order = django_filters.CharFilter(label=gettext_lazy("Order"), field_name="order__order_no")
    component = django_filters.ChoiceFilter(
        label=gettext_lazy("Component"), field_name="component_code", choices=component_choices
    )


class SimulationList(OfficeList):
    roles = RUN_READERS
    model = DraftLine
    totals = {"before": Sum("before"), "after": Sum("after"), "change": Sum("change")}
    empty_title = gettext_lazy("No difference")
    by: tuple[str, ...] = ()

    def get_queryset(self) -> QuerySet[Any]:
        # No filter by partner: who may open this page sees all partners' money.
        self.simulation = _found(self.request, int(self.kwargs["pk"]))
        return simulated.changes(self.simulation, *self.by)

    def crumbs(self) -> list[tuple[str, str]]:
        frame = _frame(self.simulation)
        here = reverse("commissions:simulation", args=[self.simulation.pk])
        crumbs: list[tuple[str, str]] = [*frame["crumbs"], (frame["title"], here)]
        return crumbs


class SimulationPartners(SimulationList):
    table_class = PartnerChanges
    filterset_class = PartnerFilter
    by = ("partner__number", "partner__legal_name")
    title = gettext_lazy("Partners without and with the version")
    export_name = "simulation-partners"

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"orders": reverse("commissions:simulation_orders", args=[self.kwargs["pk"]])}


class SimulationOrders(SimulationList):
    """Only what differs: of a million orders these are the ones to look at."""

    table_class = OrderChanges
    filterset_class = OrderFilter
    by = ("partner__number", "order__order_no", "component_code", "month")
    title = gettext_lazy("Orders that would earn something else")
    export_name = "simulation-orders"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().exclude(change=0)

    def get_table_kwargs(self) -> dict[str, Any]:
        lines = reverse("commissions:run_lines", args=[self.simulation.after_id])
        return {"titles": simulated.component_titles(self.simulation), "lines": lines}
