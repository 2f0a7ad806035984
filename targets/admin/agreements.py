"""Targets in the administration: KPIs are kept here; agreements and their changes are read, and decided in the office."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core.admin import MONEY_READERS, Ledger, MasterData, ReadOnly, ReadOnlyInline
from targets.models import Adjustment, Agreement, AgreementItem, Kpi, Settlement, SupportMeasure


@admin.register(Kpi)
class KpiAdmin(MasterData):
    """Editing a KPI never changes what was agreed: each agreement keeps its own copy."""

    editors = frozenset({"administrator", "head_of_channel"})
    list_display = ["code", "title_de", "title_en", "unit", "measure", "active"]
    list_filter = ["measure", "unit", "active"]
    search_fields = ["code", "title_de", "title_en"]


class ItemInline(ReadOnlyInline):
    model = AgreementItem
    fields = ["kpi", "annual", "unit", "period", "weights"]
    readers = MONEY_READERS


@admin.register(Agreement)
class AgreementAdmin(ReadOnly):
    readers = MONEY_READERS
    list_display = ["partner", "year", "status", "proposed_by", "offered_by", "accepted_by", "accepted_at"]
    list_filter = ["status", "year"]
    list_select_related = ["partner", "proposed_by", "offered_by", "accepted_by"]
    search_fields = ["partner__number", "partner__legal_name"]
    inlines = [ItemInline]


@admin.register(Adjustment)
class AdjustmentAdmin(Ledger):
    list_display = ["item", "kind", "effective_on", "reason_code", "requested_by", "approved_by", "recorded_at"]
    list_filter = ["kind", "reason_code"]
    list_select_related = ["item__agreement__partner", "item__kpi", "requested_by", "approved_by"]
    search_fields = ["item__agreement__partner__number", "reason"]


@admin.register(Settlement)
class SettlementAdmin(Ledger):
    list_display = ["item", "period_from", "period_until", "target", "actual", "settled_on"]
    list_select_related = ["item__agreement__partner", "item__kpi"]
    search_fields = ["item__agreement__partner__number"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Those of agreements the reader may see."""
        return super().get_queryset(request).filter(item__in=AgreementItem.objects.visible_to(request.user))


@admin.register(SupportMeasure)
class SupportMeasureAdmin(ReadOnly):
    list_display = ["title_de", "starts_on", "until", "partner_kinds", "announced_by", "withdrawn_at"]
    list_select_related = ["announced_by"]
    actions = None
