"""Action plans: what is done about what customers said, on the partner's page and in the office."""

from typing import Any

import django_filters
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from core import columns, formats
from core.errors import Refused
from core.periods import add_months, berlin_date, first_of_quarter
from partners.access import OfficeList, office_required, partner_required
from partners.models import Partner
from targets.actions import plans as actions
from targets.forms import PlanForm
from targets.masking import Driver
from targets.models.plans import PlanTask
from targets.views.office_quality import tabs
from targets.views.partner_quality import shown_partner

Status = PlanTask.Status


@require_http_methods(["GET", "POST"])
@partner_required()
def plan(request: HttpRequest) -> HttpResponse:
    """The partner's own plan; everybody of the partner may plan and close."""
    partner = shown_partner(request)
    context = {"layout": "layouts/partner.html", "crumbs": [(_("Quality"), reverse("targets:quality"))]}
    return _page(request, partner, context, may_write=not getattr(request, "viewing_as", None), here="targets:plan")


@require_http_methods(["GET", "POST"])
@office_required()
def partner_plan(request: HttpRequest, number: str) -> HttpResponse:
    """One partner's plan in the office; who works with the partner may plan and close."""
    partner = get_object_or_404(Partner.objects.visible_to(request.user), number=number)
    context = {
        "layout": "layouts/office.html",
        "crumbs": [(_("Quality"), reverse("targets:office_quality")), (_("Action plans"), reverse("targets:plans"))],
        "partner": partner,
    }
    role = getattr(request.user, "role", "")
    return _page(request, partner, context, may_write=role in actions.PLANS, here="targets:partner_plan", args=[number])


def _page(
    request: HttpRequest, partner: Partner, context: dict[str, Any], *, may_write: bool, here: str, args: Any = ()
) -> HttpResponse:
    today = berlin_date(timezone.now())
    form = PlanForm(request.POST or None, initial={"due_on": add_months(first_of_quarter(today), 3)})
    if request.method == "POST" and form.is_valid():
        data, by = form.cleaned_data, request.user
        actions.plan_task(partner, by=by, quarter=add_months(first_of_quarter(today), -3), **data)  # type: ignore[arg-type]
        messages.success(request, _("Planned."))
        return redirect(here, *args)
    tasks = PlanTask.objects.visible_to(request.user).filter(partner=partner).select_related("closed_by", "created_by")
    return render(
        request,
        "targets/plan.html",
        context
        | {
            "title": _("Action plan"),
            "tasks": tasks,
            "statuses": Status,
            "form": form if may_write else None,
            "may_write": may_write,
            "today": today,
        },
    )


@require_POST
@login_required
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Done or dropped, with what came of it; back to where the person came from."""
    task = get_object_or_404(PlanTask.objects.visible_to(request.user).select_related("partner"), pk=pk)
    by: Any = request.user
    if by.role == "partner" and shown_partner(request) != task.partner:
        raise Refused(_("You look at another partner just now."))
    actions.close_task(task, outcome=request.POST.get("outcome", ""), dropped="drop" in request.POST, by=by)
    messages.success(request, _("Closed."))
    if by.role == "partner":
        return redirect("targets:plan")
    return redirect("targets:partner_plan", task.partner.number)


# ---- all of them, in the office ------------------------------------------------------------------------------------
class PlanTable(columns.Table):
    partner = columns.Column(verbose_name=gettext_lazy("Partner"), order_by=("partner__sort_key",))
    quarter = columns.Column(verbose_name=gettext_lazy("Quarter"), opt=True)
    what = columns.Column(verbose_name=gettext_lazy("What is done"))
    driver = columns.Column(verbose_name=gettext_lazy("It is about"), opt=True)
    who = columns.Column(verbose_name=gettext_lazy("Who"), opt=True)
    due_on = columns.DayColumn(verbose_name=gettext_lazy("Until"))
    outcome = columns.Column(verbose_name=gettext_lazy("What came of it"), opt=True)
    status = columns.BadgeColumn(Status, verbose_name=gettext_lazy("Status"))

    class Meta:
        model = PlanTask
        fields: tuple[str, ...] = ()

    def render_partner(self, value: Partner) -> str:
        return format_html('<a href="{}">{}</a>', reverse("targets:partner_plan", args=[value.number]), value)

    def value_partner(self, value: Partner) -> str:
        return str(value)

    def render_quarter(self, value: Any) -> str:
        return formats.quarter(value)


class PlanFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Partner"), method="by_partner")
    status = django_filters.ChoiceFilter(label=gettext_lazy("Status"), choices=Status.choices)
    driver = django_filters.ChoiceFilter(label=gettext_lazy("It is about"), choices=Driver.choices)

    def by_partner(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(partner__in=Partner.objects.search(value))


class Plans(OfficeList):
    model = PlanTask
    table_class = PlanTable
    filterset_class = PlanFilter
    title = gettext_lazy("Action plans")
    lead = gettext_lazy("What partners do about what their customers said, with a name and a day.")
    export_name = "action-plans"
    empty_title = gettext_lazy("Nothing is planned")
    empty_text = gettext_lazy("A partner plans under Quality what follows from a quarter; it appears here.")

    def get_queryset(self) -> QuerySet[Any]:
        rows: Any = super().get_queryset()
        return rows.select_related("partner")

    def tabs(self) -> list[Any]:
        return tabs(self.request, "plans")
