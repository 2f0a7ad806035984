"""Lines of a run or statement, why each is what it is, statements, and one order's whole life."""

from typing import Any, cast

import django_filters
from django import forms
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from commissions.explain import explain
from commissions.models import Cause, Component, DraftLine, Hold, Kind, Line, Run, Statement
from commissions.queries import RUN_READERS, contexts
from commissions.tables import ANY, HOLD_REASONS, DraftLineTable, LineTable, StatementTable, statement_tabs
from core.formats import day, money, percent
from core.formats import month as written
from partners.access import OfficeList, office_required
from partners.models import Partner
from sales.models import CustomerSpend, Event, Order, Product, Route, SegmentBand, Transaction

MONEY_OFFICE = frozenset({"head_of_channel", "channel_manager", "commission_controller", "finance", "auditor"})


def component_choices() -> list[tuple[str, str]]:
    """Every component code once, with its latest title."""
    rows = Component.objects.order_by("version_id").only("code", "title_de", "title_en")
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
            "over": self.statement.due_on < timezone.localdate(),
        }

    def get_export_name(self) -> str:
        return f"statement-{self.statement.number}"


@require_GET
@office_required(*RUN_READERS)
def draft_line(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Why a proposed line is what it is."""
    run = get_object_or_404(Run.objects.visible_to(request.user), pk=pk)
    found = get_object_or_404(DraftLine.objects.select_related("partner"), run=run, pk=line)
    above = [
        (_("Runs"), reverse("commissions:runs")),
        (written(run.month), reverse("commissions:run", args=[pk])),
        (_("Lines"), reverse("commissions:run_lines", args=[pk])),
    ]
    return _why(request, found, above)


@require_GET
@office_required(*MONEY_OFFICE)
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """Why a posted line is what it is."""
    lines = Line.objects.visible_to(request.user).select_related("partner", "statement")
    found = get_object_or_404(lines, pk=pk)
    statement = found.statement
    above = [
        (_("Statements"), reverse("commissions:office_statements")),
        (statement.number, reverse("commissions:office_statement", args=[statement.number])),
    ]
    return _why(request, found, above)


def _why(request: HttpRequest, line: Any, crumbs: list[tuple[str, str]]) -> HttpResponse:
    context = contexts([line])[line.pk]
    explanation = explain(line, context)
    inputs = [
        (_("Partner"), str(line.partner)),
        (_("Order"), context.order_no),
        (_("Customer"), context.customer_no),
        (_("Product"), context.product or line.product),
        (_("Component"), context.component or line.component_code),
        (_("Month"), written(line.month)),
        (_("Signed"), day(line.signed_on)),
        (_("Activated"), day(line.activated_on)),
        (_("Cancelled"), day(line.cancelled_on)),
        (_("Dealer code"), line.dealer_code),
        (_("Level"), capfirst(line.level)),
        (_("VAT"), percent(line.vat_percent) if line.vat_percent else ""),
    ]
    about = context.component or (line.get_kind_display() if line.kind else context.product or line.product)
    return render(
        request,
        "commissions/office/line.html",
        {
            "title": f"{capfirst(about)}, {written(line.month)}",
            "crumbs": crumbs,
            "line": line,
            "why": explanation,
            "inputs": [(label, value) for label, value in inputs if value],
            "causes": Cause,
            "order_no": context.order_no,
        },
    )


@require_GET
@office_required(*MONEY_OFFICE)
def case(request: HttpRequest, order_no: str) -> HttpResponse:
    """One order's whole life: what was reported, what was paid, what holds it."""
    order = get_object_or_404(Order.objects.visible_to(request.user).select_related("partner"), order_no=order_no)
    events = list(Event.objects.filter(order_no=order_no).order_by("occurred_on", "pk"))
    lines = list(Line.objects.visible_to(request.user).filter(order=order).select_related("statement", "component"))
    products = Product.objects.all().titles()
    holds = Hold.objects.filter(order=order, released_at__isnull=True).select_related("placed_by")
    life = [
        (
            each.occurred_on,
            day(each.occurred_on),
            capfirst(each.get_event_type_display()),
            "neutral",
            "",
            _said(each, products),
        )
        for each in events
    ]
    tones = {cause.value: cause.tone for cause in Cause}
    life += [
        (
            each.statement.issued_on,
            day(each.statement.issued_on),
            str(each.component or each.get_kind_display() or each.component_code),
            tones.get(each.cause, "neutral"),
            money(each.would_be) if each.is_notice else money(each.amount, signed=True),
            f"{each.get_cause_display()} · {each.get_hold_reason_display() or each.statement.number}",
        )
        for each in lines
    ]
    life.sort(key=lambda entry: entry[0])
    return render(
        request,
        "commissions/office/case.html",
        {
            "title": _("Order %(number)s") % {"number": order.order_no},
            "crumbs": [(str(order.partner), reverse("portal:partner", args=[order.partner.number]))],
            "order": order,
            "product": products.get(order.product or "", order.product),
            "statuses": Order.Status,
            "life": life,
            "lines": lines,
            "causes": Cause,
            "balance": sum(each.amount for each in lines),
            "holds": holds,
            "band": SegmentBand.objects.route_for(order.annual_spend, order.signed_on),
            "routes": Route,
            "spend": CustomerSpend.objects.visible_to(request.user).latest_of(order.customer_no),
            "referral": order.transaction == Transaction.REFERRAL,
            "may_hold": request.user.role in ("commission_controller", "head_of_channel"),  # type: ignore[union-attr]
        },
    )


def _said(event: Event, products: dict[str, str]) -> str:
    """What the event told beyond its date, in a line."""
    parts = [
        products.get(event.product or "", event.product),
        event.dealer_code,
        event.get_reason_display() if event.reason else "",
        money(event.revenue) if event.revenue is not None else "",
        event.evidence,
    ]
    return " · ".join(str(part) for part in parts if part)
