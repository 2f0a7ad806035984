"""A partner's statements, newest first, with the year as columns above."""

from datetime import date
from typing import Any, cast

from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from commissions.models import Statement
from commissions.queries import StatementQuerySet
from commissions.statement import State, state_of
from commissions.tables import statement_tabs
from core import columns, formats
from core.charts import Bar
from core.lists import ListView
from core.templatetags.formats import formats_badge
from partners.access import MONEY_MEMBERS, PartnerRequired
from partners.acting import PartnerRequest


def own_statements(request: HttpRequest) -> StatementQuerySet:
    """Statements of the partner shown, as far as the person may see money at all."""
    partner = cast(PartnerRequest, request).partner
    return Statement.objects.visible_to(request.user).filter(partner=partner)


class StatementTable(columns.Table):
    month = columns.LinkColumn("commissions:statement", "number", verbose_name=gettext_lazy("Month"))
    number = columns.Column(verbose_name=gettext_lazy("Number"), opt=True)
    net = columns.MoneyColumn(verbose_name=gettext_lazy("Net"), opt=True)
    vat = columns.MoneyColumn(verbose_name=gettext_lazy("VAT"), opt=True)
    other = columns.MoneyColumn(verbose_name=gettext_lazy("Carry-over and reserve"), signed=True, opt=True)
    payable = columns.MoneyColumn(verbose_name=gettext_lazy("Payable"), chief=True)
    due_on = columns.DayColumn(verbose_name=gettext_lazy("Due on"), opt=True)
    state = columns.Column(verbose_name=gettext_lazy("Status"), orderable=False, accessor="payable")

    today: date  # set by the view

    class Meta:
        order_by = "-month"

    def render_month(self, value: Any, record: Statement) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("commissions:statement", args=[record.number]), formats.month(value)
        )

    def value_month(self, value: Any) -> str:
        return f"{value:%Y-%m}"

    def render_state(self, record: Statement) -> str:
        return formats_badge(State, state_of(record, self.today))

    def value_state(self, record: Statement) -> str:
        return str(state_of(record, self.today).label)


class Statements(PartnerRequired, ListView):
    """All of them, newest first, with the year as columns above."""

    roles = MONEY_MEMBERS
    model = Statement
    table_class = StatementTable
    template_name = "commissions/partner/statements.html"
    title = gettext_lazy("Statements")
    export_name = "statements"
    totals = {"net": Sum("net"), "vat": Sum("vat"), "other": Sum("other"), "payable": Sum("payable")}
    empty_title = gettext_lazy("No statement yet")
    empty_text = gettext_lazy(
        "Your first statement appears here when the month of your first activated order is posted."
    )

    def get_queryset(self) -> QuerySet[Any]:
        return own_statements(self.request).with_other()

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        table.today = timezone.localdate()
        return table

    def tabs(self) -> list[Any]:
        return statement_tabs("commissions:statements", "commissions:reserve", current="commissions:statements")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"bars": year_bars(own_statements(self.request))}


def year_bars(statements: QuerySet[Statement]) -> list[Bar]:
    """Net of the last twelve months that have a statement, oldest first."""
    last = list(statements.order_by("-month").values_list("month", "number", "net")[:12])
    return [
        Bar(
            formats.month_short(month),
            net,
            title=formats.month(month),
            href=reverse("commissions:statement", args=[number]),
            tone="taken" if net < 0 else "brand",
        )
        for month, number, net in reversed(last)
    ]
