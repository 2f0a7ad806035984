"""Pages of the office: what was delivered and how it was taken, what takes no effect yet and why, orders."""

from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.db.models import Case, Count, Max, QuerySet, Sum, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from core.export import file_asked_for, file_response
from core.formats import number
from partners.access import MONEY_OFFICE, OfficeList, may_enter_office, office_required
from partners.models import Partner, Role
from sales import actions, stating
from sales.forms import UploadForm
from sales.models import FeedImport, Order, Parked, Product, Route, SegmentBand, Transaction
from sales.tables import ImportTable, OrderTable, ParkedTable
from sales.wording import described_columns, issue_text, parked_text, report, report_header

FEED_OFFICE = MONEY_OFFICE | {"administrator"}
Status = FeedImport.Status
UNDER_WAY = (Status.RECEIVED, Status.IMPORTING)
ISSUES_SHOWN = 100
DAY = forms.DateInput(attrs={"type": "date"})


class ImportFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("File"), field_name="filename", lookup_expr="icontains")
    status = django_filters.ChoiceFilter(label=gettext_lazy("Status"), choices=Status.choices)
    source = django_filters.ChoiceFilter(label=gettext_lazy("Source"), choices=FeedImport.Source.choices)


class Imports(OfficeList):
    roles = FEED_OFFICE
    model = FeedImport
    table_class = ImportTable
    filterset_class = ImportFilter
    template_name = "sales/office/imports.html"
    title = gettext_lazy("Feed")
    lead = gettext_lazy(
        "Every file delivered, and what became of each of its rows. A row counts once, however often it is delivered."
    )
    totals = {name: Sum(name) for name in ("rows", "accepted", "duplicate", "waiting", "exception", "rejected")}
    export_name = "imports"
    empty_title = gettext_lazy("No file yet")
    empty_text = gettext_lazy("Upload one here, drop it into the watched folder, or send it to the API.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        mine = {"may_import": user.role in actions.DELIVERS, "exceptions": Parked.objects.open().count()}
        return super().get_context_data(**kwargs) | mine


@require_GET
@office_required(*FEED_OFFICE)
def feed_import(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: how far it is, what became of its rows, which were refused and why."""
    this = get_object_or_404(FeedImport.objects.visible_to(request.user).select_related("by"), pk=pk)
    context = {
        "title": this.filename or this.get_source_display(),
        "crumbs": [(_("Feed"), reverse("sales:imports"))],
        "import": this,
        "outcomes": FeedImport.Outcome,
        "working": this.status in UNDER_WAY,
        "parts": _parts(this),
        "causes": Parked.Cause,
        "groups": groups(Parked.objects.filter(feed_import=this)),
        "issues": [
            (issue, issue_text(issue.code, issue.field, issue.value))
            for issue in this.issues.order_by("line", "field")[:ISSUES_SHOWN]
        ],
        "issue_count": this.issues.count(),
        "seconds": (this.finished_at - this.started_at).total_seconds()
        if this.finished_at and this.started_at
        else None,
        "closed_orders": _closed_orders(request, this),
    }
    return render(request, "sales/office/import.html", context | _how_far(this))


def _closed_orders(request: HttpRequest, this: FeedImport) -> int:
    """Orders last touched by this file whose customers partners may not sell to; for those who may open orders."""
    if this.status in UNDER_WAY or not may_enter_office(request, MONEY_OFFICE):
        return 0
    orders = Order.objects.visible_to(request.user).filter(feed_import=this)
    return orders.on_a_closed_route(SegmentBand.objects.closed_to_partners()).count()


def _how_far(this: FeedImport) -> dict[str, Any]:
    """Reading shows its bytes; what follows is one statement after another and has no number to show."""
    # The reader notes its place once in a megabyte, so the last note may be that far from the end.
    merging = this.bytes_read > 0 and this.bytes_read + 2**20 > this.size
    return {"merging": merging, "done_kb": this.bytes_read // 1024, "total_kb": max(1, this.size // 1024)}


def _parts(this: FeedImport) -> list[tuple[str, int, str]]:
    """Label, rows, tone: together they are all rows of the file."""
    return [
        (_("accepted"), this.accepted, "earned"),
        (_("duplicates"), this.duplicate, ""),
        (_("waiting for their order"), this.waiting, "coming"),
        (_("exceptions"), this.exception, "held"),
        (_("rejected"), this.rejected, "taken"),
    ]


@require_GET
@office_required(*FEED_OFFICE)
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress component alone; when the work is over the whole page is loaded anew."""
    this = get_object_or_404(FeedImport.objects.visible_to(request.user), pk=pk)
    if this.status not in UNDER_WAY:
        if not getattr(request, "htmx", False):
            return HttpResponseRedirect(reverse("sales:import", args=[pk]))
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "sales/office/import_progress.html", {"import": this} | _how_far(this))


@require_GET
@office_required(*FEED_OFFICE)
def import_report(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every row that was not accepted, as a file: line, event, result, field, value and what would be right."""
    this = get_object_or_404(FeedImport.objects.visible_to(request.user), pk=pk)
    kind = file_asked_for(request)
    return file_response(kind, report_header(), report(this), name=f"feed-{pk}", title=this.filename)


@office_required(*actions.DELIVERS)
def upload(request: HttpRequest) -> HttpResponse:
    """Takes a file and leads to its page, which shows how far the import is."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        received = actions.receive_feed(
            file, source=FeedImport.Source.UPLOAD, by=request.user, now=timezone.now(), filename=file.name
        )
        return redirect("sales:import", received.pk)
    context = {"title": _("Upload a feed file"), "crumbs": [(_("Feed"), reverse("sales:imports"))], "form": form}
    return render(request, "sales/office/upload.html", context | {"columns": described_columns()})


@require_POST
@office_required(*actions.DELIVERS)
def retry(request: HttpRequest) -> HttpResponse:
    """Looks again at exceptions, all or those of one cause and value, after master data was added."""
    cause, value = request.POST.get("cause", ""), request.POST.get("value", "")
    result = actions.retry_parked(by=request.user, now=timezone.now(), cause=cause, value=value)
    text = ngettext("%(n)s of %(all)s event takes effect now.", "%(n)s of %(all)s events take effect now.", result.rows)
    messages.success(request, text % {"n": number(result.accepted), "all": number(result.rows)})
    return redirect("sales:exceptions")


@require_POST
@office_required(*actions.DELIVERS)
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Sets a second capture aside."""
    parked = get_object_or_404(Parked.objects.select_related("event"), pk=pk)
    actions.dismiss(parked, by=request.user, now=timezone.now(), reason=request.POST.get("reason", ""))
    messages.success(request, _("Set aside. The first capture counts."))
    return redirect("sales:exceptions")


@require_POST
@office_required(*actions.DELIVERS)
def state_class(request: HttpRequest, pk: int) -> HttpResponse:
    """Says the customer's class of a business order that came without one."""
    parked = get_object_or_404(Parked.objects.select_related("event"), pk=pk)
    said = request.POST.get("customer_class", "")
    stating.state_class(parked, customer_class=said, by=request.user, now=timezone.now())
    messages.success(request, _("Stated. Order %(order)s takes effect.") % {"order": parked.event.order_no})
    return redirect("sales:exceptions")


@require_POST
@office_required(*stating.REFERS)
def refer(request: HttpRequest, order_no: str) -> HttpResponse:
    """Hands the order of another channel's customer over to that channel."""
    order = get_object_or_404(Order.objects.visible_to(request.user), order_no=order_no)
    stating.refer(order, by=request.user, reason=request.POST.get("reason", ""), now=timezone.now())
    messages.success(request, _("Handed over. The order counts as a referral from its signature on."))
    return redirect("commissions:office_case", order_no)


@dataclass(frozen=True)
class Group:
    """Parked events with one cause and one value, and where to repair it."""

    cause: str
    value: str
    text: str
    count: int
    orders: int
    last: Any
    fix: str
    fix_label: str


def groups(parked: QuerySet[Parked]) -> list[Group]:
    """By cause and value, most first; one query."""
    # Of second captures each has a value of its own, the order; they are one group.
    code = Case(When(cause=Parked.Cause.CAPTURED_TWICE, then=Value("")), default="value")
    rows = (
        parked.values("cause", code=code)
        .annotate(count=Count("pk"), orders=Count("event__order_no", distinct=True), last=Max("event__occurred_on"))
        .order_by("-count", "cause", "code")
    )
    return [
        Group(
            cause=row["cause"],
            value=row["code"],
            text=parked_text(row["cause"], row["code"]),
            count=row["count"],
            orders=row["orders"],
            last=row["last"],
            **_fix(row["cause"], row["code"]),
        )
        for row in rows
    ]


def _fix(cause: str, value: str) -> dict[str, str]:
    """Where the missing master data is added; nothing for what is repaired by waiting or by a decision."""
    pages: dict[str, tuple[str, str, str]] = {
        Parked.Cause.UNKNOWN_DEALER: ("admin:partners_dealercode_add", "code", _("Add dealer code")),
        Parked.Cause.UNKNOWN_PRODUCT: ("admin:sales_product_add", "code", _("Add product")),
    }
    name, field, label = pages.get(cause, ("", "", ""))
    try:
        return {"fix": f"{reverse(name)}?{field}={value}" if name else "", "fix_label": label}
    except NoReverseMatch:  # the administration does not offer it
        return {"fix": "", "fix_label": ""}


class ParkedFilter(django_filters.FilterSet):
    cause = django_filters.ChoiceFilter(label=gettext_lazy("Cause"), choices=Parked.Cause.choices)
    value = django_filters.CharFilter(label=gettext_lazy("Value"))
    order = django_filters.CharFilter(label=gettext_lazy("Order"), field_name="event__order_no")


class Exceptions(OfficeList):
    """Events without effect: grouped on top with the fix at hand, one by one below."""

    roles = FEED_OFFICE
    model = Parked
    table_class = ParkedTable
    filterset_class = ParkedFilter
    template_name = "sales/office/exceptions.html"
    title = gettext_lazy("Exceptions of the feed")
    lead = gettext_lazy(
        "Events that were recorded and take no effect yet. Nothing is lost: repair the cause, then try again."
    )
    export_name = "exceptions"
    empty_title = gettext_lazy("No exceptions")
    empty_text = gettext_lazy("Every event delivered so far has taken effect.")

    def get_queryset(self) -> QuerySet[Any]:
        # The feed is the operator's: who may open this page sees all of it.
        rows = Parked.objects.waiting() if self.waits else Parked.objects.open()
        return rows.select_related("event", "feed_import").order_by("cause", "value", "event_id")

    @property
    def waits(self) -> bool:
        """Whether the tab of events is open that wait for their order and need nobody."""
        return self.request.GET.get("cause") == Parked.Cause.ORDER_NOT_CAPTURED

    def tabs(self) -> list[Any]:
        waiting = Parked.Cause.ORDER_NOT_CAPTURED
        return [
            {"label": _("Exceptions"), "url": "?", "count": Parked.objects.open().count(), "current": not self.waits},
            {
                "label": _("Waiting for their order"),
                "url": f"?cause={waiting.value}",
                "count": Parked.objects.waiting().count(),
                "current": self.waits,
            },
        ]

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        table.may_decide = may_enter_office(self.request, actions.DELIVERS) and not self.waits
        if not table.may_decide:
            table.columns.hide("decision")
        return table

    def crumbs(self) -> list[tuple[str, str]]:
        return [(_("Feed"), reverse("sales:imports"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        return super().get_context_data(**kwargs) | {
            "groups": [] if self.waits else groups(Parked.objects.open()),
            "causes": Parked.Cause,
            "may_import": user.role in actions.DELIVERS,
            "may_add": user.role == Role.ADMINISTRATOR,
            "retryable": set(actions.RESOLVABLE),
            "decidable": {Parked.Cause.CAPTURED_TWICE, Parked.Cause.CLASS_MISSING},
        }


# Beside the routes themselves: what partners may not sell to, what they may although another channel serves it, what was
# handed over to that channel, and spend that no segment covers.
CLOSED, ALLOWED, REFERRED, UNASSIGNED = "closed", "allowed", "referred", "unassigned"


class OrderFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Order or customer number"), method="by_number")
    partner = django_filters.CharFilter(label=gettext_lazy("Partner number"), method="by_partner")
    status = django_filters.ChoiceFilter(label=gettext_lazy("Status"), choices=Order.Status.choices)
    since = django_filters.DateFilter(
        label=gettext_lazy("Signed from"), field_name="signed_on", lookup_expr="gte", widget=DAY
    )
    until = django_filters.DateFilter(
        label=gettext_lazy("Signed until"), field_name="signed_on", lookup_expr="lte", widget=DAY
    )
    route = django_filters.ChoiceFilter(
        label=gettext_lazy("Customer of"),
        choices=[
            (CLOSED, gettext_lazy("others: partners may not sell")),
            (ALLOWED, gettext_lazy("others: partners may sell (reduced row)")),
            (REFERRED, gettext_lazy("others: handed over as a referral")),
            *Route.choices,
            (UNASSIGNED, gettext_lazy("assigned to nobody")),
        ],
        method="by_route",
    )
    feed_import = django_filters.NumberFilter(widget=forms.HiddenInput)  # where the page of an import points

    def by_route(self, rows: Any, _name: str, value: str) -> Any:
        bands = SegmentBand.objects.all()
        if value == CLOSED:
            return rows.on_a_closed_route(bands.closed_to_partners())
        if value == ALLOWED:
            return rows.spending_in([band for band in bands.of_other_channels() if band.partner_allowed])
        if value == REFERRED:
            return rows.spending_in(bands.closed_to_partners()).filter(transaction=Transaction.REFERRAL)
        if value == UNASSIGNED:
            return rows.unassigned(bands)
        return rows.spending_in(bands.filter(route=value))

    def by_number(self, rows: QuerySet[Order], _name: str, value: str) -> QuerySet[Order]:
        value = value.strip()
        return rows.filter(order_no__startswith=value) | rows.filter(customer_no__startswith=value)

    def by_partner(self, rows: QuerySet[Order], _name: str, value: str) -> QuerySet[Order]:
        # Two steps, so that the index on partner and signature date serves filter and order.
        return rows.filter(partner__in=list(Partner.objects.filter(number=value.strip()).values_list("pk", flat=True)))


class Orders(OfficeList):
    roles = MONEY_OFFICE
    model = Order
    table_class = OrderTable
    filterset_class = OrderFilter
    title = gettext_lazy("Orders")
    export_name = "orders"
    empty_title = gettext_lazy("No orders yet")
    empty_text = gettext_lazy("They appear as soon as a feed names a dealer code of one of your partners.")

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().prefetch_related("partner").order_by("-signed_on", "-pk")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        table.products = Product.objects.all().titles()
        table.others = SegmentBand.objects.of_other_channels()
        return table
