"""One view for every list: visible rows, filter, sort, totals, pages, CSV and Excel, and a partial refresh by htmx.

    class OrderList(ListView):
        model = Order                      # starts from Order.objects.visible_to(request.user)
        table_class = OrderTable           # core.columns.Table
        filterset_class = OrderFilter      # django_filters.FilterSet
        title = _("Orders")
        totals = {"paid": Sum("paid")}     # sums over everything filtered, not over the page
        empty_text = _("Orders appear here as soon as a feed names you.")

Queries: count, page, totals if there are any (plus what the room prefetches), whatever the number of rows. A total
is summed over the rows as annotated: `Sum("outlets_count")`, not a second join, which would multiply the rows.
Without JavaScript the same URLs give full pages; with it, filter, sort and page links replace only `#list`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django_filters import FilterSet
from django_filters.views import FilterView
from django_tables2 import SingleTableMixin

from core.columns import Table
from core.export import file_asked_for, table_response


class NoFilter(FilterSet):
    """For lists short enough to need none."""


class ListView(LoginRequiredMixin, SingleTableMixin, FilterView):
    """See the module. `layout` is the shell: layouts/partner.html or layouts/office.html."""

    layout = "layouts/partner.html"
    template_name = "layouts/list.html"
    part_template_name = "layouts/list_part.html"
    filterset_class: type[FilterSet] = NoFilter
    table_pagination: dict[str, Any] | bool = {"per_page": 50}
    totals: Mapping[str, Any] = {}
    title: Any = ""  # text, possibly lazy
    lead: Any = ""
    empty_title: Any = ""
    empty_text: Any = ""
    export_name: str = ""

    request: HttpRequest

    def get_queryset(self) -> QuerySet[Any]:
        """Only what this user may see. Override to narrow or annotate, starting from super() or the room's queries."""
        rows: Any = super().get_queryset()
        return rows.visible_to(self.request.user)

    def get_table(self, **kwargs: Any) -> Table:
        """The table with the sums over everything filtered, in one aggregate."""
        table: Table = super().get_table(**kwargs)
        if self.totals and isinstance(self.object_list, QuerySet):
            table.totals = self.object_list.order_by().aggregate(**{f"total_{k}": v for k, v in self.totals.items()})
            table.totals = {name: table.totals[f"total_{name}"] for name in self.totals}
        return table

    def get_table_data(self) -> Any:
        return self.object_list

    def get_table_kwargs(self) -> dict[str, Any]:
        return {**super().get_table_kwargs(), "request": self.request}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        filterset = context["filter"]
        context.update(
            layout=self.layout,
            title=self.title,
            lead=self.lead,
            crumbs=self.crumbs(),
            tabs=self.tabs(),
            empty_title=self.empty_title,
            empty_text=self.empty_text,
            filtered=bool(filterset.is_bound and any(filterset.data.get(name) for name in filterset.form.fields)),
            exportable=bool(self.get_export_name()),
        )
        return context

    def crumbs(self) -> list[tuple[str, str]]:
        """(label, url) of the pages above this one."""
        return []

    def tabs(self) -> list[Any]:
        """Optional tabs above the list: objects or dicts with label, url, count, current."""
        return []

    def get_export_name(self) -> str:
        """File name without date; defaults to the model's name."""
        return self.export_name or (self.model._meta.model_name if self.model else "")

    def get_template_names(self) -> list[str]:
        htmx = getattr(self.request, "htmx", None)
        if htmx and not htmx.boosted and not htmx.history_restore_request and htmx.target == "list":
            return [self.part_template_name]
        return [self.template_name]

    def render_to_response(  # type: ignore[override]
        self, context: dict[str, Any], **kwargs: Any
    ) -> HttpResponseBase:
        if kind := file_asked_for(self.request):
            return table_response(context["table"], name=self.get_export_name(), title=self.title, kind=kind)
        response: HttpResponse = super().render_to_response(context, **kwargs)
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response
