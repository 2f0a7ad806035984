"""All lines of a statement, as list and as file."""

from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet, Sum
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commissions.models import Cause, Component, HoldReason, Line
from commissions.tables import Arithmetic
from commissions.views.partner.statements import own_statements
from core import columns, formats
from core.lists import ListView
from core.templatetags.formats import amount
from partners.access import MONEY_MEMBERS, PartnerRequired
from partners.models import DealerCode
from sales.models import Product


class LineTable(Arithmetic):
    products: dict[str, str]
    order = columns.Column(
        accessor="order__order_no", verbose_name=gettext_lazy("Order"), order_by=("order_id",), whole=True
    )
    customer = columns.Column(
        accessor="order__customer_no", verbose_name=gettext_lazy("Customer"), whole=True, opt=True, orderable=False
    )
    product = columns.Column(verbose_name=gettext_lazy("Product"), opt=True)
    product_code = columns.Column(accessor="product", verbose_name=gettext_lazy("Product code"), visible=False)
    dealer_code = columns.Column(verbose_name=gettext_lazy("Dealer code"), opt=True, whole=True)
    month = columns.MonthColumn(verbose_name=gettext_lazy("Month"), opt=True)
    cause = columns.BadgeColumn(Cause, verbose_name=gettext_lazy("Cause"), opt=True)
    signed_on = columns.DayColumn(verbose_name=gettext_lazy("Signed"), visible=False)
    activated_on = columns.DayColumn(verbose_name=gettext_lazy("Activated"), visible=False)
    cancelled_on = columns.DayColumn(verbose_name=gettext_lazy("Cancelled"), visible=False)
    hold_reason = columns.Column(verbose_name=gettext_lazy("Held because"), visible=False)
    would_be = columns.MoneyColumn(verbose_name=gettext_lazy("Would be"), opt=True)
    amount = columns.MoneyColumn(verbose_name=gettext_lazy("Amount"))

    class Meta:
        sequence = ("order", "customer", "component", "component_code", "product", "product_code", "dealer_code", "month",
                    "cause", "signed_on", "activated_on", "cancelled_on", "base", "basis", "rate", "rate_unit", "full",
                    "clawed", "booked", "hold_reason", "would_be", "amount")  # fmt: skip

    def render_order(self, value: str) -> str:
        return format_html('<a href="{}">{}</a>', reverse("commissions:case", args=[value]), value)

    def value_order(self, value: str) -> str:
        return value

    def render_product(self, value: str) -> str:
        return self.products.get(value, value)

    value_product = render_product

    def render_amount(self, value: Decimal, record: Line) -> str:
        url = reverse("commissions:statement", args=[record.statement.number])
        key = f"{record.component_code}.{record.cause}"
        return format_html('<a href="{}?open={}&line={}#why">{}</a>', url, key, record.pk, amount(value))

    def value_amount(self, value: Decimal) -> Decimal:
        return value


class LineFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Order or customer"), method="by_text")
    cause = django_filters.ChoiceFilter(label=gettext_lazy("Cause"), choices=Cause.choices)
    component = django_filters.ChoiceFilter(label=gettext_lazy("Component"), field_name="component_code")
    product = django_filters.ChoiceFilter(label=gettext_lazy("Product"))
    outlet = django_filters.ChoiceFilter(label=gettext_lazy("Outlet"), field_name="dealer_code")
    held = django_filters.ChoiceFilter(
        label=gettext_lazy("Held"), field_name="hold_reason", choices=[(v, n) for v, n in HoldReason.choices if v]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The choices are what the statement holds, found in one pass over its lines."""
        super().__init__(*args, **kwargs)
        lines: Any = self.queryset
        columns = ("component_code", "component", "product", "dealer_code")
        found = list(lines.order_by().values_list(*columns).distinct())
        self.filters["component"].extra["choices"] = _components({row[:2] for row in found})
        titles = Product.objects.all().titles()
        self.filters["product"].extra["choices"] = [
            (code, titles.get(code, code)) for code in sorted({row[2] for row in found} - {""})
        ]
        self.filters["outlet"].extra["choices"] = _outlets(sorted({row[3] for row in found} - {""}))

    def by_text(self, rows: QuerySet[Line], _name: str, value: str) -> QuerySet[Line]:
        return rows.filter(order__order_no__startswith=value) | rows.filter(order__customer_no__startswith=value)


def _components(pairs: set[tuple[str, int | None]]) -> list[tuple[str, str]]:
    """Code and latest title of each component."""
    known = Component.objects.in_bulk({pk for _code, pk in pairs if pk})
    titles = {code: known[pk].title if pk in known else code for code, pk in sorted(pairs, key=lambda p: p[1] or 0)}
    return sorted(((code, title) for code, title in titles.items() if code), key=lambda pair: pair[1])


def _outlets(codes: list[str]) -> list[tuple[str, str]]:
    names = dict(DealerCode.objects.filter(code__in=codes).values_list("code", "outlet__name"))
    return [(code, f"{code} · {names[code]}" if code in names else code) for code in codes]


class Lines(PartnerRequired, ListView):
    """Every line of a statement; its CSV holds all inputs of the arithmetic."""

    roles = MONEY_MEMBERS
    model = Line
    table_class = LineTable
    filterset_class = LineFilter
    totals = {"amount": Sum("amount"), "would_be": Sum("would_be")}
    table_pagination = {"per_page": 50}

    def get_queryset(self) -> QuerySet[Any]:
        self.statement = get_object_or_404(own_statements(self.request), number=self.kwargs["number"])
        return self.statement.lines.order_by("is_notice", "component_code", "pk").prefetch_related(
            "order", "component", "statement"
        )

    @property
    def title(self) -> str:
        return _("All lines of %(month)s") % {"month": formats.month(self.statement.month)}

    def crumbs(self) -> list[tuple[str, str]]:
        this = reverse("commissions:statement", args=[self.statement.number])
        return [(_("Statements"), reverse("commissions:statements")), (formats.month(self.statement.month), this)]

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        table.products = Product.objects.all().titles()
        return table

    def get_export_name(self) -> str:
        return f"statement-{self.statement.number}"
