"""The reserves of all partners whose money the person may see, cohort by cohort."""

from typing import Any

import django_filters
from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commissions.models import ReserveMovement
from commissions.tables import OfficeReserveTable, statement_tabs
from partners.access import MONEY_OFFICE, OfficeList


class ReserveFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Number or partner"), method="by_text")
    # No BooleanFilter: its choice for both is called "unknown".
    open = django_filters.ChoiceFilter(
        label=gettext_lazy("Something is left"),
        choices=[("true", gettext_lazy("yes")), ("false", gettext_lazy("no"))],
        method="by_balance",
    )

    def by_text(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(partner__number__iexact=value) | rows.filter(partner__legal_name__icontains=value)

    def by_balance(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(left__gt=0) if value == "true" else rows.filter(left=0)


class Reserve(OfficeList):
    roles = MONEY_OFFICE
    model = ReserveMovement
    table_class = OfficeReserveTable
    filterset_class = ReserveFilter
    title = gettext_lazy("Reserve")
    export_name = "reserve"
    totals = {"kept": Sum("kept"), "freed": Sum("freed"), "used": Sum("used"), "left": Sum("left")}
    empty_title = gettext_lazy("Nothing is kept back")
    empty_text = gettext_lazy("A component with a reserve percentage keeps something back when a month is posted.")

    def get_queryset(self) -> QuerySet[Any]:
        return ReserveMovement.objects.visible_to(self.request.user).cohorts()

    def tabs(self) -> list[Any]:
        return statement_tabs(
            "commissions:office_statements", "commissions:office_reserve", current="commissions:office_reserve"
        )

    def crumbs(self) -> list[tuple[str, str]]:
        return [(_("Statements"), reverse("commissions:office_statements"))]
