"""The list of statements, one statement with its drill-down, and its lines as list and CSV.

Every state of the statement page has an address (`?open=component.cause&line=17`), so that it reads without script;
with it, htmx swaps the positions and the panel only.
"""

from datetime import date
from decimal import Decimal
from typing import Any, cast

import django_filters
from django.conf import settings
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from commissions.explain import explain
from commissions.models import Cause, Component, HoldReason, Line, Statement
from commissions.queries import StatementQuerySet, contexts
from commissions.statement import State, Summary, state_of, summary_of
from commissions.tables import Arithmetic, statement_tabs
from core import columns, formats
from core.charts import Bar
from core.lists import ListView
from core.templatetags.formats import amount, formats_badge
from partners.access import MONEY_MEMBERS, PartnerRequired, partner_required
from partners.acting import PartnerRequest
from partners.models import DealerCode, Partner
from sales.models import Product

SHOWN_LINES = 12  # of an opened position; the rest is a click away, on the list of lines


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


@require_GET
@partner_required(*MONEY_MEMBERS)
def statement(request: HttpRequest, number: str) -> HttpResponse:
    """One statement: what is paid, how it came about, every line a click away."""
    this = get_object_or_404(own_statements(request).select_related("previous", "partner"), number=number)
    summary = summary_of(this)
    opened = request.GET.get("open", "")
    lines = _opened_lines(this, opened, summary)
    chosen = _chosen_line(request, this)
    return render(
        request,
        "commissions/partner/statement.html",
        {
            "title": _("Statement %(month)s") % {"month": formats.month(this.month)},
            "crumbs": [(_("Statements"), reverse("commissions:statements"))],
            "statement": this,
            "states": State,
            "state": state_of(this, timezone.localdate()),
            "causes": Cause,
            "summary": summary,
            "vat_groups": list(this.vat_groups.all()),
            "opened": opened,
            "lines": lines,
            "shown_lines": SHOWN_LINES,
            "chosen": chosen,
            "payee": this.payee,
            "masked_iban": masked(this.payee.get("iban", "")),
            "operator": settings.OPERATOR,
            "nature": nature(this),
            "vat_note": vat_note(this),
        },
    )


def _opened_lines(this: Statement, opened: str, summary: Summary) -> list[Line]:
    """The largest lines of the position named in the address; none if it names none of this statement."""
    position = next((each for each in summary.positions if each.key == opened), None)
    if position is None:
        return []
    lines = this.lines.filter(component_code=position.code, cause=position.cause, is_notice=False)
    return list(lines.order_by("-amount", "pk").select_related("order")[:SHOWN_LINES])


def _chosen_line(request: HttpRequest, this: Statement) -> dict[str, Any] | None:
    """Why the line named in the address is what it is, and what its order was paid in all."""
    wanted = request.GET.get("line", "")
    if not wanted.isdecimal():
        return None
    line = this.lines.filter(pk=wanted).first()
    if line is None:
        raise Http404
    context = contexts([line])[line.pk]
    sums = (
        Line.objects.visible_to(request.user)
        .filter(order=line.order_id, partner=this.partner_id, is_notice=False)
        .aggregate(total=Sum("amount"), payments=Count("pk"))
        if line.order_id
        else {}
    )
    return {"line": line, "why": explain(line, context), "order_no": context.order_no, **sums}


def masked(iban: str) -> str:
    """Country and last four digits of the account that stood in the master data on the day of issue."""
    return f"{iban[:2]}•• •••• •••• {iban[-4:]}" if iban else ""


def nature(this: Statement) -> str:
    """What the paper is for the tax office (§ 14 (2) sentence 5 UStG): a Gutschrift only where that was agreed."""
    if this.self_billed:
        return _("Gutschrift (self-billed invoice)")
    return _("Statement (no self-billed invoice)")


def vat_note(this: Statement) -> str:
    """Why no VAT is shown, or not for all of it, in the words the law asks for; empty where VAT is shown."""
    taxed = [bool(group.percent) for group in this.vat_groups.all()]
    if taxed and all(taxed):
        return ""
    match this.vat_status:
        case Partner.Vat.SMALL_BUSINESS:
            return "Steuerbefreiung für Kleinunternehmer (§ 19 UStG)"
        case Partner.Vat.EU:
            return "Steuerschuldnerschaft des Leistungsempfängers"
    return ""


# ---- lines -----------------------------------------------------------------------------------------------------
class LineTable(Arithmetic):
    products: dict[str, str]
    order = columns.Column(
        accessor="order__order_no", verbose_name=gettext_lazy("Order"), order_by=("order_id",), whole=True
    )
    customer = columns.Column(
        accessor="order__customer_no", verbose_name=gettext_lazy("Customer"), whole=True, opt=True, orderable=False
    )
    component = columns.Column(
        accessor="component_code", verbose_name=gettext_lazy("Component"), order_by=("component_code",)
    )
    component_code = columns.Column(verbose_name=gettext_lazy("Component code"), visible=False)
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

    def render_component(self, record: Line) -> str:
        return record.component.title if record.component else str(record.get_kind_display() or "")

    value_component = render_component

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
