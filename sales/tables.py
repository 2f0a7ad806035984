"""Lists of this room in the office, and the column that names a product wherever one is listed."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.template.backends.utils import csrf_input
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import columns, formats
from core.templatetags.formats import formats_badge
from sales.models import (
    Campaign,
    CustomerClass,
    CustomerSpend,
    FeedImport,
    Order,
    Parked,
    Route,
    SegmentBand,
    Transaction,
)


class ProductColumn(columns.Column):
    """A product by its title; the view gives the table `products`, the titles by code."""

    def render(self, value: str, table: Any) -> str:
        return str(table.products.get(value, value))

    value = render


class ImportTable(columns.Table):
    """Imports with counts that balance: rows = accepted + duplicates + waiting + exceptions + rejected."""

    filename = columns.LinkColumn("sales:import", "pk", verbose_name=_("File"))
    received_at = columns.MomentColumn(verbose_name=_("Received"), opt=True)
    status = columns.BadgeColumn(
        FeedImport.Outcome, accessor="outcome", order_by=("status",), chief=True, verbose_name=_("Status")
    )
    rows = columns.NumberColumn(verbose_name=_("Rows"), accessor="rows")
    accepted = columns.NumberColumn(verbose_name=_("Accepted"), opt=True)
    duplicate = columns.NumberColumn(verbose_name=_("Duplicates"), opt=True)
    waiting = columns.NumberColumn(verbose_name=_("Waiting"), opt=True)
    exception = columns.NumberColumn(verbose_name=_("Exceptions"))
    rejected = columns.NumberColumn(verbose_name=_("Rejected"), opt=True)

    class Meta:
        model = FeedImport
        fields: tuple[str, ...] = ()


class ParkedTable(columns.Table):
    """Events without effect, one by one."""

    may_decide = False  # set by the view

    order_no = columns.Column(accessor="event__order_no", verbose_name=_("Order"), whole=True)
    event_type = columns.Column(accessor="event__event_type", verbose_name=_("Event"))
    occurred_on = columns.DayColumn(accessor="event__occurred_on", verbose_name=_("Date"), opt=True)
    cause = columns.BadgeColumn(Parked.Cause, verbose_name=_("Cause"))
    value = columns.Column(verbose_name=_("Value"), whole=True)
    feed_import = columns.LinkColumn("sales:import", "feed_import_id", verbose_name=_("File"), opt=True)

    decision = columns.Column(empty_values=(), orderable=False, exclude_from_export=True, verbose_name="")

    class Meta:
        model = Parked
        fields: tuple[str, ...] = ()

    def render_event_type(self, record: Any) -> str:
        return str(record.event.get_event_type_display())

    value_event_type = render_event_type

    def render_decision(self, record: Any) -> str:
        """A second capture is set aside, a missing class stated; the rest waits for master data or for its order."""
        if not self.may_decide:
            return ""
        if record.cause == Parked.Cause.CLASS_MISSING:
            return format_html(
                '<form method="post" action="{}" class="inline">{}<select name="customer_class" aria-label="{}" required>'
                '<option value="">{}</option>{}</select> <button class="button small">{}</button></form>',
                reverse("sales:state_class", args=[record.pk]),
                csrf_input(self.request),
                gettext("Customer class"),
                gettext("choose"),
                format_html_join("", '<option value="{}">{}</option>', CustomerClass.choices),
                gettext("Save"),
            )
        if record.cause != Parked.Cause.CAPTURED_TWICE:
            return ""
        return format_html(
            '<form method="post" action="{}" class="inline">{}<button class="button small">{}</button></form>',
            reverse("sales:dismiss", args=[record.pk]),
            csrf_input(self.request),
            gettext("Set aside"),
        )


class OrderTable(columns.Table):
    order_no = columns.LinkColumn("commissions:office_case", "order_no", verbose_name=_("Order"), whole=True)
    partner = columns.Column(verbose_name=_("Partner"), order_by=("partner__sort_key",))
    product = ProductColumn(verbose_name=_("Product"), opt=True)
    product_code = columns.Column(accessor="product", verbose_name=_("Product code"), visible=False)
    customer_no = columns.Column(verbose_name=_("Customer"), opt=True, whole=True)
    signed_on = columns.DayColumn(verbose_name=_("Signed"))
    activated_on = columns.DayColumn(verbose_name=_("Activated"), opt=True)
    cancelled_on = columns.DayColumn(verbose_name=_("Cancelled"), opt=True)
    route = columns.Column(
        accessor="annual_spend", empty_values=(), orderable=False, verbose_name=_("Customer of"), opt=True
    )
    status = columns.BadgeColumn(Order.Status, verbose_name=_("Status"))

    products: Mapping[str, str]  # set by the view, as is:
    others: Sequence[SegmentBand] = ()  # segments that other channels serve

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()

    def render_partner(self, value: Any) -> str:
        return format_html('<a href="{}">{}</a>', reverse("portal:partner", args=[value.number]), value)

    def render_route(self, record: Any) -> str:
        """Only another channel's customers, and how far that is dealt with."""
        band = self.band_of(record)
        if not band:
            return ""
        return format_html("{}<br><small>{}</small>", formats_badge(Route, band.route), self.dealt_with(band, record))

    def value_route(self, record: Any) -> str:
        band = self.band_of(record)
        return f"{band.get_route_display()}: {self.dealt_with(band, record)}" if band else ""

    def dealt_with(self, band: SegmentBand, order: Any) -> str:
        """What the route means for this order: handed over, allowed all the same, or still to be looked at."""
        if order.transaction == Transaction.REFERRAL:
            return gettext("handed over as a referral")
        return gettext("partners may sell, reduced row") if band.partner_allowed else gettext("partners may not sell")

    def band_of(self, order: Any) -> SegmentBand | None:
        return next((band for band in self.others if band.takes(order.annual_spend, order.signed_on)), None)


class CampaignTable(columns.Table):
    """Campaigns; `taking_part` is annotated by the view."""

    code = columns.LinkColumn("sales:campaign", "pk", verbose_name=_("Code"))
    title = columns.Column(accessor="title", order_by=("title_de",), verbose_name=_("Title"))
    valid_from = columns.DayColumn(verbose_name=_("From"), opt=True)
    valid_until = columns.DayColumn(verbose_name=_("Until"), opt=True)
    registration_required = columns.Column(verbose_name=_("Registration"), opt=True)
    taking_part = columns.NumberColumn(verbose_name=_("Taking part"), opt=True)
    status = columns.BadgeColumn(Campaign.Status, verbose_name=_("Status"))

    class Meta:
        model = Campaign
        fields: tuple[str, ...] = ()

    def render_valid_until(self, value: Any) -> str:
        return formats.until(value)

    def value_valid_until(self, value: Any) -> Any:
        return value and value - timedelta(days=1)

    def render_registration_required(self, value: bool) -> str:
        return gettext("required") if value else gettext("not needed")

    value_registration_required = render_registration_required

    def render_status(self, record: Campaign) -> str:
        shown = formats_badge(Campaign.Status, record.status)
        if record.proposal is None:
            return shown
        return format_html('{} <small class="held">{}</small>', shown, gettext("a change waits"))

    def value_status(self, record: Campaign) -> str:
        return str(record.get_status_display())


class SpendTable(columns.Table):
    """Spends that replaced others, with the segment of both amounts as the segments are today."""

    customer_no = columns.Column(verbose_name=_("Customer"), whole=True)
    before = columns.MoneyColumn(verbose_name=_("Before"), opt=True)
    before_source = columns.Column(verbose_name=_("Source before"), opt=True)
    amount = columns.MoneyColumn(verbose_name=_("Yearly spend"))
    source = columns.Column(verbose_name=_("Source"), opt=True)
    as_of = columns.DayColumn(verbose_name=_("As of"))
    segment = columns.Column(empty_values=(), orderable=False, verbose_name=_("Segment"), opt=True)
    status = columns.BadgeColumn(CustomerSpend.Status, verbose_name=_("Status"))
    decision = columns.Column(empty_values=(), orderable=False, exclude_from_export=True, verbose_name="")

    bands: Sequence[SegmentBand] = ()  # set by the view: those of today

    class Meta:
        model = CustomerSpend
        fields: tuple[str, ...] = ()

    def render_before_source(self, record: Any) -> str:
        return f"{record.get_before_source_display()}, {formats.day(record.before_as_of)}"

    value_before_source = render_before_source

    def render_source(self, record: Any) -> str:
        return str(record.get_source_display())

    value_source = render_source

    def render_segment(self, record: Any) -> str:
        """From where to where; only the latter if nothing changes."""
        names = [self.route_of(record.before), self.route_of(record.amount)]
        return " → ".join(dict.fromkeys(names))

    value_segment = render_segment

    def route_of(self, spend: Any) -> str:
        found = (band for band in self.bands if spend is not None and band.takes(spend, band.valid_from))
        return next((str(band.get_route_display()) for band in found), gettext("assigned to nobody"))

    def render_decision(self, record: Any) -> str:
        if record.status != CustomerSpend.Status.SUGGESTED:
            return ""
        return format_html(
            '<form method="post" action="{}" class="inline">{}'
            '<button class="button small" name="decision" value="follow">{}</button> '
            '<button class="button small quiet" name="decision" value="keep">{}</button></form>',
            reverse("sales:decide_segment", args=[record.pk]),
            csrf_input(self.request),
            gettext("Move"),
            gettext("Keep"),
        )
