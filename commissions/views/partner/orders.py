"""The partner's orders by what became of them, and why: paid, partly, held, not yet, nothing due.

Who may see money sees the tabs by payment; sellers, and a distributor looking at the orders of partners below, see the
order's own state and no amount.
"""

from typing import Any, cast

import django_filters
from django import forms
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commissions.models import HoldReason
from commissions.orders import Outlook, Standing, outlook, why_of, with_money
from core import columns
from core.lists import ListView
from partners.access import MONEY_MEMBERS, PartnerRequired, may_enter_partner_pages, partner_required
from partners.acting import PartnerRequest
from partners.models import Outlet, Partner
from sales.models import Order, Product, SegmentBand
from sales.queries import OrderQuerySet
from sales.tables import ProductColumn


def sees_money(request: HttpRequest) -> bool:
    return may_enter_partner_pages(request, MONEY_MEMBERS)


def shown_partner(request: HttpRequest) -> Partner:
    """The partner of the page; only called behind its door, where there is one."""
    return cast(Partner, cast(PartnerRequest, request).partner)


def own_orders(request: HttpRequest) -> OrderQuerySet:
    return Order.objects.visible_to(request.user).filter(partner=shown_partner(request))


def orders_below(request: HttpRequest) -> QuerySet[Order]:
    """Orders of the partners below a distributor."""
    partner = shown_partner(request)
    below = Partner.objects.filter(pk=partner.pk).with_descendants().exclude(pk=partner.pk)
    return Order.objects.visible_to(request.user).filter(partner__in=list(below.values_list("pk", flat=True)))


class OwnMoneyColumn(columns.MoneyColumn):
    """Empty where there is nothing: most orders are neither held nor proposed."""

    def render(self, value: Any) -> str:
        return super().render(value) if value else ""


class OrderTable(columns.Table):
    order_no = columns.LinkColumn("commissions:case", "order_no", whole=True, verbose_name=gettext_lazy("Order"))
    customer_no = columns.Column(verbose_name=gettext_lazy("Customer"), whole=True, opt=True)
    product = ProductColumn(verbose_name=gettext_lazy("Product"), opt=True)
    product_code = columns.Column(accessor="product", verbose_name=gettext_lazy("Product code"), visible=False)
    signed_on = columns.DayColumn(verbose_name=gettext_lazy("Signed"), opt=True)
    activated_on = columns.DayColumn(verbose_name=gettext_lazy("Activated"), visible=False)
    status = columns.BadgeColumn(Order.Status, verbose_name=gettext_lazy("Order status"), visible=False)
    standing = columns.BadgeColumn(Standing, verbose_name=gettext_lazy("Payment"), chief=True)
    why = columns.Column(empty_values=(), verbose_name=gettext_lazy("Why"), orderable=False, opt=True)
    paid = OwnMoneyColumn(verbose_name=gettext_lazy("Paid"))
    held = OwnMoneyColumn(verbose_name=gettext_lazy("Held"), opt=True)
    coming = OwnMoneyColumn(verbose_name=gettext_lazy("Coming"), opt=True)

    ahead: Outlook
    products: dict[str, str]

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()
        order_by = "-signed_on"

    def render_why(self, record: Any) -> str:
        return why_of(record, self.ahead)

    def value_standing(self, value: str) -> str:
        return str(Standing(value).label)


class PlainOrderTable(columns.Table):
    order_no = columns.LinkColumn("commissions:case", "order_no", whole=True, verbose_name=gettext_lazy("Order"))
    partner = columns.Column(
        accessor="partner__legal_name", verbose_name=gettext_lazy("Partner"), opt=True, order_by=("partner__sort_key",)
    )
    customer_no = columns.Column(verbose_name=gettext_lazy("Customer"), whole=True, opt=True)
    product = ProductColumn(verbose_name=gettext_lazy("Product"), opt=True)
    product_code = columns.Column(accessor="product", verbose_name=gettext_lazy("Product code"), visible=False)
    signed_on = columns.DayColumn(verbose_name=gettext_lazy("Signed"))
    activated_on = columns.DayColumn(verbose_name=gettext_lazy("Activated"), opt=True)
    status = columns.BadgeColumn(Order.Status, verbose_name=gettext_lazy("Status"))

    products: dict[str, str]

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()
        order_by = "-signed_on"


def _products(request: Any) -> Any:
    return Product.objects.all()


def _outlets(request: Any) -> Any:
    return Outlet.objects.visible_to(request.user).filter(partner=request.partner)


def _date(label: Any, lookup: str) -> django_filters.DateFilter:
    widget = forms.DateInput(attrs={"type": "date"})
    return django_filters.DateFilter(label=label, field_name="signed_on", lookup_expr=lookup, widget=widget)


class PlainOrderFilter(django_filters.FilterSet):
    of = django_filters.CharFilter(widget=forms.HiddenInput, method="as_it_is")
    route = django_filters.ChoiceFilter(choices=[("closed", "")], widget=forms.HiddenInput, method="by_route")
    q = django_filters.CharFilter(label=gettext_lazy("Order or customer"), method="by_text")
    product = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Product"), queryset=cast(Any, _products), to_field_name="code", method="by_product"
    )
    since = _date(gettext_lazy("Signed from"), "gte")
    to = _date(gettext_lazy("Signed until"), "lte")

    def as_it_is(self, rows: QuerySet[Any], _name: str, _value: str) -> QuerySet[Any]:
        return rows

    def by_route(self, rows: Any, _name: str, _value: str) -> QuerySet[Any]:
        return rows.on_a_closed_route(SegmentBand.objects.closed_to_partners())

    def by_product(self, rows: QuerySet[Any], _name: str, value: Product) -> QuerySet[Any]:
        return rows.filter(product=value.code)

    def by_text(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(order_no__startswith=value) | rows.filter(customer_no__startswith=value)


class PlainByStatus(PlainOrderFilter):
    status = django_filters.ChoiceFilter(label=gettext_lazy("Status"), choices=Order.Status.choices)


class OrderFilter(PlainOrderFilter):
    standing = django_filters.ChoiceFilter(choices=Standing.choices, widget=forms.HiddenInput)
    outlet = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Outlet"), queryset=cast(Any, _outlets), method="by_outlet"
    )
    reason = django_filters.ChoiceFilter(
        label=gettext_lazy("Held because"), field_name="noted", choices=[(v, n) for v, n in HoldReason.choices if v]
    )

    def by_outlet(self, rows: QuerySet[Any], _name: str, value: Outlet) -> QuerySet[Any]:
        return rows.filter(dealer_code__in=list(value.dealer_codes.values_list("code", flat=True)))


class OrderList(PartnerRequired, ListView):
    """Common to both views of the orders."""

    model = Order
    template_name = "commissions/partner/orders.html"
    title = gettext_lazy("Orders")
    export_name = "orders"
    empty_title = gettext_lazy("No orders here")
    empty_text = gettext_lazy("An order appears as soon as the operator reports one with one of your dealer codes.")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        table.products = Product.objects.all().titles()
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the number of own orders whose customers another channel looks after."""
        closed = SegmentBand.objects.closed_to_partners()
        count = own_orders(self.request).on_a_closed_route(closed).count() if closed else 0
        return super().get_context_data(**kwargs) | {"closed_orders": count}

    def tab(self, label: Any, query: str, count: int | None, *, current: bool) -> dict[str, Any]:
        return {"label": label, "url": reverse("commissions:orders") + query, "count": count, "current": current}

    def tab_below(self) -> list[dict[str, Any]]:
        count = orders_below(self.request).count()
        below = self.request.GET.get("of") == "below"
        return [self.tab(_("Partners below"), "?of=below", count, current=below)] if count else []


class OrdersWithMoney(OrderList):
    table_class = OrderTable
    filterset_class = OrderFilter
    totals = {"paid": Sum("paid"), "held": Sum("held"), "coming": Sum("coming")}

    def get_queryset(self) -> QuerySet[Any]:
        self.ahead = outlook()
        return with_money(own_orders(self.request), shown_partner(self.request), self.ahead.run)

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        table.ahead = self.ahead
        return table

    def tabs(self) -> list[Any]:
        rows = self.get_queryset().order_by().values_list("standing").annotate(Count("pk"))
        counts = dict(rows)
        chosen = self.request.GET.get("standing", "")
        all_of_them = self.tab(_("All"), "", sum(counts.values()), current=not chosen)
        each = [
            self.tab(
                capfirst(str(Standing(value).label)),
                f"?standing={value}",
                counts.get(value, 0),
                current=value == chosen,
            )
            for value in Standing.values
        ]
        return [all_of_them, *each, *self.tab_below()]


class OrdersWithoutMoney(OrderList):
    table_class = PlainOrderTable
    filterset_class = PlainByStatus

    def get_queryset(self) -> QuerySet[Any]:
        below = self.request.GET.get("of") == "below"
        return (orders_below if below else own_orders)(self.request).select_related("partner")

    def get_table_kwargs(self) -> dict[str, Any]:
        """Among the own orders the partner is the same in every row."""
        below = self.request.GET.get("of") == "below"
        return super().get_table_kwargs() | ({} if below else {"exclude": ("partner",)})

    def tabs(self) -> list[Any]:
        below = self.tab_below()
        mine = self.tab(_("Ours"), "", own_orders(self.request).count(), current=self.request.GET.get("of") != "below")
        return [mine, *below] if below else []


@partner_required()
def orders(request: HttpRequest) -> HttpResponse:
    """With the money where the person may see it and asks for the own orders."""
    with_amounts = sees_money(request) and request.GET.get("of") != "below"
    page = OrdersWithMoney if with_amounts else OrdersWithoutMoney
    return cast(HttpResponse, page.as_view()(request))
