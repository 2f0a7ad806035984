"""The office's list of customers whose spend became known: the amount with source and date, and the segment suggested."""

from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.periods import berlin_date
from partners.access import OfficeList, may_enter_office, office_required
from sales import spending
from sales.forms import BillForm
from sales.models import CustomerSpend, SegmentBand
from sales.tables import SpendTable

READERS = ("head_of_channel", "commission_controller", "finance", "auditor")


class SpendFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=gettext_lazy("Customer number"), field_name="customer_no", lookup_expr="startswith"
    )
    status = django_filters.ChoiceFilter(choices=CustomerSpend.Status.choices, widget=forms.HiddenInput)
    source = django_filters.ChoiceFilter(label=gettext_lazy("Source"), choices=CustomerSpend.Source.choices[1:])


class Spends(OfficeList):
    roles = frozenset(READERS)
    model = CustomerSpend
    table_class = SpendTable
    filterset_class = SpendFilter
    template_name = "sales/office/spends.html"
    title = gettext_lazy("What customers spend")
    lead = gettext_lazy(
        "After twelve months the revenue replaces the estimate. Orders keep the segment they were signed in: a new "
        "segment counts for what comes."
    )
    export_name = "spends"
    empty_title = gettext_lazy("Nothing here")
    empty_text = gettext_lazy("A customer appears when a bill is entered or twelve months have been billed.")

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().order_by("-as_of", "customer_no")

    def crumbs(self) -> list[tuple[str, str]]:
        return [(_("Catalogue"), reverse("sales:catalogue"))]

    def tabs(self) -> list[Any]:
        suggested, chosen = CustomerSpend.Status.SUGGESTED.value, self.request.GET.get("status", "")
        rows = CustomerSpend.objects.visible_to(self.request.user)
        return [
            {"label": _("All"), "url": "?", "count": rows.count(), "current": chosen != suggested},
            {
                "label": _("Another segment suggested"),
                "url": f"?status={suggested}",
                "count": rows.suggested().count(),
                "current": chosen == suggested,
            },
        ]

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        table.bands = list(SegmentBand.objects.on(berlin_date(timezone.now())))
        if not may_enter_office(self.request, spending.DECIDES):
            table.columns.hide("decision")
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may = may_enter_office(self.request, spending.DECIDES)
        return super().get_context_data(**kwargs) | {"may_decide": may}


@office_required(*spending.DECIDES)
def bill(request: HttpRequest) -> HttpResponse:
    """Takes down what a customer's bill shows."""
    form = BillForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        spending.record_bill(**form.cleaned_data, by=request.user, now=timezone.now())
        messages.success(request, _("Recorded."))
        return redirect("sales:spends")
    crumbs = [(str(Spends.title), reverse("sales:spends"))]
    return render(request, "sales/office/bill.html", {"title": _("Enter a bill"), "crumbs": crumbs, "form": form})


@require_POST
@office_required(*spending.DECIDES)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer follows to the segment of the new amount, or stays."""
    spend = get_object_or_404(CustomerSpend.objects.visible_to(request.user), pk=pk)
    follow = request.POST.get("decision") == "follow"
    spending.decide_segment(spend, follow=follow, by=request.user, now=timezone.now())
    messages.success(request, _("Decided. Orders signed so far keep their segment."))
    return redirect(f"{reverse('sales:spends')}?status={CustomerSpend.Status.SUGGESTED.value}")
