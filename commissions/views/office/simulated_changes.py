"""Who would have won and lost by a simulated version: partner by partner, and order by order."""

from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Q, QuerySet, Sum
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from commissions import simulated
from commissions.models import DraftLine
from commissions.queries import RUN_READERS
from commissions.views.office.lines import component_choices
from commissions.views.office.simulations import found, frame
from core import columns
from partners.access import OfficeList


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
        self.simulation = found(self.request, int(self.kwargs["pk"]))
        return simulated.changes(self.simulation, *self.by)

    def crumbs(self) -> list[tuple[str, str]]:
        framed = frame(self.simulation)
        here = reverse("commissions:simulation", args=[self.simulation.pk])
        crumbs: list[tuple[str, str]] = [*framed["crumbs"], (framed["title"], here)]
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
