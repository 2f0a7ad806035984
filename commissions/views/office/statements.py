"""All statements that were issued."""

from typing import Any, cast

import django_filters
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy

from commissions.models import Run, Statement
from commissions.tables import StatementTable, statement_tabs
from core.formats import month as written
from partners.access import MONEY_OFFICE, OfficeList
from partners.models import Partner


class MonthField(django_filters.fields.ModelChoiceField):
    """Posted runs by the month they are for."""

    def label_from_instance(self, obj: Run) -> str:
        return written(obj.month)


class MonthFilter(django_filters.ModelChoiceFilter):
    field_class = MonthField


class StatementFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Number or partner"), method="by_text")
    month = MonthFilter(
        label=gettext_lazy("Month"),
        queryset=Run.objects.posted().order_by("-month"),
        field_name="run",
    )

    def by_text(self, rows: QuerySet[Statement], _name: str, value: str) -> QuerySet[Statement]:
        partners = Partner.objects.filter(number__iexact=value) | Partner.objects.filter(legal_name__icontains=value)
        return rows.filter(number__iexact=value) | rows.filter(partner__in=partners)


class Statements(OfficeList):
    roles = MONEY_OFFICE
    model = Statement
    table_class = StatementTable
    filterset_class = StatementFilter
    title = gettext_lazy("Statements")
    totals = {"net": Sum("net"), "vat": Sum("vat"), "other": Sum("other"), "payable": Sum("payable")}
    empty_title = gettext_lazy("No statements yet")
    empty_text = gettext_lazy("Posting a run makes one statement for each partner with a line.")

    def get_queryset(self) -> QuerySet[Any]:
        rows: Any = super().get_queryset()
        return cast(QuerySet[Any], rows.with_other().select_related("partner"))

    def tabs(self) -> list[Any]:
        return statement_tabs(
            "commissions:office_statements", "commissions:office_reserve", current="commissions:office_statements"
        )
