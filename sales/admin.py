"""Catalogue and customer segments are edited here; events, orders and imports are facts and only shown."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.admin import Ledger, MasterData, ReadOnly
from core.periods import berlin_date
from sales.models import (
    Campaign,
    CampaignRegistration,
    Event,
    FeedImport,
    Order,
    Product,
    ProductFamily,
    SegmentBand,
)
from sales.portfolio import save_product

# The head of channel marketing edits portfolio and segments, and no run (F0-07).
EDITORS = frozenset({"administrator", "head_of_channel"})


@admin.register(ProductFamily)
class ProductFamilyAdmin(MasterData):
    editors = EDITORS
    list_display = ["code", "title_de", "title_en", "one_off", "business"]
    list_filter = ["one_off", "business"]
    search_fields = ["code", "title_de", "title_en"]

    def get_readonly_fields(self, request: HttpRequest, obj: ProductFamily | None = None) -> list[str]:
        """Schedules and certificates name families by their code."""
        return ["code"] if obj else []


@admin.register(Product)
class ProductAdmin(MasterData):
    editors = EDITORS
    list_display = ["code", "title_de", "family", "state", "portfolio_from", "portfolio_until"]
    list_filter = ["state", "family"]
    list_select_related = ["family"]
    search_fields = ["code", "title_de", "title_en"]
    autocomplete_fields = ["family"]
    date_hierarchy = "portfolio_from"
    fieldsets = [
        (None, {"fields": ["code", "family", ("title_de", "title_en")]}),
        (_("Portfolio"), {"fields": ["state", ("portfolio_from", "portfolio_until")]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> list[str]:
        """Orders and schedules name products by their code."""
        return ["code"] if obj else []

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        """A day that a product gets is told to the partners."""
        save_product(obj, by=request.user, now=timezone.now())


@admin.register(SegmentBand)
class SegmentBandAdmin(MasterData):
    editors = EDITORS
    fields = [("spend_from", "spend_to"), ("route", "partner_allowed"), ("valid_from", "valid_until")]
    list_display = ["spend_from", "spend_to", "route", "partner_allowed", "valid_from", "valid_until"]
    list_filter = ["route", "partner_allowed"]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Saving leads back here, so that what is left unassigned is said after every change."""
        today = berlin_date(timezone.now())
        if request.method == "GET" and (found := SegmentBand.objects.gaps(today)):
            named = ", ".join(str(gap) for gap in found)
            text = _("Unassigned yearly spend, EUR: %(bands)s.") % {"bands": named}
            self.message_user(request, text, messages.WARNING)
        return super().changelist_view(request, extra_context)


@admin.register(FeedImport)
class FeedImportAdmin(Ledger):
    list_display = ["id", "filename", "source", "status", "received_at", "rows", "accepted", "duplicate", "waiting"]
    list_filter = ["status", "source"]
    date_hierarchy = "received_at"
    search_fields = ["filename", "sha256"]


@admin.register(Event)
class EventAdmin(Ledger):
    """Exact search only: every other look-up would read the whole table."""

    list_display = ["event_id", "event_type", "occurred_on", "order_no", "dealer_code", "product", "reason"]
    search_fields = ["=event_id", "=order_no"]
    search_help_text = _("Event id or order id, exactly")
    ordering = ["-id"]


@admin.register(Order)
class OrderAdmin(Ledger):
    list_display = ["order_no", "partner", "status", "product", "signed_on", "activated_on", "cancelled_on"]
    list_filter = ["status"]
    list_select_related = ["partner"]
    search_fields = ["=order_no", "=customer_no"]
    search_help_text = _("Order id or customer number, exactly")
    ordering = ["-id"]


@admin.register(Campaign)
class CampaignAdmin(ReadOnly):
    """Written and approved in the office, where a second person is asked."""

    list_display = ["code", "title_de", "valid_from", "valid_until", "registration_required", "status"]
    list_filter = ["status", "registration_required"]
    search_fields = ["code", "title_de", "title_en"]
    date_hierarchy = "valid_from"


@admin.register(CampaignRegistration)
class CampaignRegistrationAdmin(Ledger):
    list_display = ["campaign", "partner", "registered_on", "registered_by", "withdrawn_on"]
    list_filter = ["campaign"]
    list_select_related = ["campaign", "partner", "registered_by"]
    search_fields = ["partner__number", "partner__legal_name", "campaign__code"]
