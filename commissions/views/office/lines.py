"""Lines of a run, and a statement with its lines."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet, Sum
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commissions.models import Cause, Component, DraftLine, Kind, Line, Run, Statement
from commissions.queries import RUN_READERS
from commissions.statement import State, state_of
from commissions.tables import ANY, HOLD_REASONS, DraftLineTable, LineTable
from core.formats import month as written
from partners.access import MONEY_OFFICE, OfficeList
from partners.models import Partner
from sales.models import Order


def component_choices() -> list[tuple[str, str]]:
    """Every component code once, with its latest title."""
    rows = Component.objects.published().only("code", "title_de", "title_en")
    titles = {each.code: each.title for each in rows} | {str(Kind.MANUAL): str(Kind.MANUAL.label)}
    return sorted(titles.items(), key=lambda pair: pair[1])


class LineFilter(django_filters.FilterSet):
    """Narrow by the inputs that people ask about; partner and order by number."""

    partner = django_filters.CharFilter(label=gettext_lazy("Partner number"), method="by_partner")
    order = django_filters.CharFilter(label=gettext_lazy("Order"), method="by_order")
    component = django_filters.ChoiceFilter(
        label=gettext_lazy("Component"), field_name="component_code", choices=component_choices
    )
    cause = django_filters.ChoiceFilter(label=gettext_lazy("Cause"), choices=Cause.choices)
    hold_reason = django_filters.ChoiceFilter(
        label=gettext_lazy("Held because"), choices=HOLD_REASONS, method="by_hold_reason"
    )
    order_id = django_filters.NumberFilter(widget=forms.HiddenInput)  # where a finding of the control step points

    def by_partner(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        # Two steps, so that the database uses the index on partner and not a join over a million lines.
        return rows.filter(
            partner_id__in=list(Partner.objects.filter(number=value.strip()).values_list("pk", flat=True))
        )

    def by_order(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(order_id__in=list(Order.objects.filter(order_no=value.strip()).values_list("pk", flat=True)))

    def by_hold_reason(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(is_notice=True) if value == ANY else rows.filter(hold_reason=value)


class RunLines(OfficeList):
    """All lines of one run: the proposal, or once posted what it became."""

    roles = RUN_READERS
    filterset_class = LineFilter
    totals = {"amount": Sum("amount"), "would_be": Sum("would_be")}
    empty_title = gettext_lazy("No lines")
    empty_text = gettext_lazy("This run changes nothing: what partners are entitled to is what they have.")

    def get_run(self) -> Run:
        return get_object_or_404(Run.objects.visible_to(self.request.user), pk=self.kwargs["pk"])

    def get_queryset(self) -> QuerySet[Any]:
        self.run = self.get_run()
        posted = self.run.status == Run.Status.POSTED
        # Whoever may open a run sees every partner's money, so no further filter by partner: a million ids in a list.
        rows: QuerySet[Any] = Line.objects.filter(run=self.run) if posted else DraftLine.objects.filter(run=self.run)
        self.model = Line if posted else DraftLine
        self.table_class = LineTable if posted else DraftLineTable
        # Fetched for the page only; a join would be made for every line before sorting.
        return rows.prefetch_related("partner", "order", "component")

    @property
    def title(self) -> str:
        return _("Lines of %(month)s") % {"month": written(self.run.month)}

    def crumbs(self) -> list[tuple[str, str]]:
        this = reverse("commissions:run", args=[self.run.pk])
        return [(_("Runs"), reverse("commissions:runs")), (written(self.run.month), this)]

    def get_export_name(self) -> str:
        return f"run-{self.run.month:%Y-%m}"


class StatementLineFilter(LineFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """All lines of a statement are one partner's."""
        super().__init__(*args, **kwargs)
        del self.filters["partner"]


class StatementLines(OfficeList):
    """A statement with its sums, VAT groups and every line."""

    roles = MONEY_OFFICE
    model = Line
    table_class = LineTable
    filterset_class = StatementLineFilter
    template_name = "commissions/office/statement.html"
    totals = {"amount": Sum("amount"), "would_be": Sum("would_be")}

    def get_queryset(self) -> QuerySet[Any]:
        visible = Statement.objects.visible_to(self.request.user).select_related("partner", "run")
        self.statement = get_object_or_404(visible, number=self.kwargs["number"])
        lines = self.statement.lines
        return lines.prefetch_related("partner", "order", "component")

    @property
    def title(self) -> str:
        return _("Statement %(month)s") % {"month": written(self.statement.month)}

    def crumbs(self) -> list[tuple[str, str]]:
        partner = self.statement.partner
        return [
            (_("Statements"), reverse("commissions:office_statements")),
            (str(partner), reverse("portal:partner", args=[partner.number])),
        ]

    def get_table_kwargs(self) -> dict[str, Any]:
        return super().get_table_kwargs() | {"exclude": ("partner", "partner_name")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        groups = list(self.statement.vat_groups.all())
        return super().get_context_data(**kwargs) | {
            "statement": self.statement,
            "vat_groups": groups,
            "was_due": state_of(self.statement, timezone.localdate()) == State.DUE,
        }

    def get_export_name(self) -> str:
        return f"statement-{self.statement.number}"
