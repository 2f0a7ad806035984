"""What was promised, calculated and posted, to look at. Nothing here can be added, changed or deleted by anybody."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from commissions.models import (
    Component,
    Hold,
    Line,
    ManualLine,
    Run,
    Schedule,
    ScheduleVersion,
    Statement,
    StatementVat,
)
from core.admin import MONEY_READERS, Ledger, ReadOnlyInline


class VersionInline(ReadOnlyInline):
    model = ScheduleVersion
    readers = MONEY_READERS
    fields = ["sequence", "status", "valid_from", "published_at", "published_by"]


class ComponentInline(ReadOnlyInline):
    model = Component
    readers = MONEY_READERS
    show_change_link = False
    fields = ["position", "code", "kind", "basis", "rate", "months", "certificate"]


class VatInline(ReadOnlyInline):
    model = StatementVat
    readers = MONEY_READERS
    show_change_link = False
    fields = ["percent", "net", "brought_forward", "vat", "carried_forward"]


@admin.register(Schedule)
class ScheduleAdmin(Ledger):
    list_display = ["code", "title_de", "title_en"]
    search_fields = ["code", "title_de", "title_en"]
    inlines = [VersionInline]


@admin.register(ScheduleVersion)
class ScheduleVersionAdmin(Ledger):
    list_display = ["schedule", "sequence", "status", "valid_from", "published_at", "published_by"]
    list_filter = ["status", "schedule"]
    list_select_related = ["schedule", "published_by"]
    date_hierarchy = "valid_from"
    search_fields = ["schedule__code", "document"]
    inlines = [ComponentInline]


@admin.register(Run)
class RunAdmin(Ledger):
    list_display = ["month", "kind", "status", "lines", "net", "calculated_by", "approved_by", "posted_at"]
    list_filter = ["kind", "status"]
    list_select_related = ["calculated_by", "approved_by"]
    date_hierarchy = "month"


@admin.register(Statement)
class StatementAdmin(Ledger):
    list_display = ["number", "partner", "month", "net", "vat", "gross", "carried_forward", "payable"]
    list_filter = ["vat_status", "self_billed"]
    list_select_related = ["partner"]
    date_hierarchy = "month"
    search_fields = ["number", "partner__number", "partner__legal_name"]
    inlines = [VatInline]


@admin.register(Line)
class LineAdmin(Ledger):
    """Found by order or statement, which have an index; no filter that would read millions of rows."""

    list_display = ["id", "statement", "partner", "component_code", "order", "month", "cause", "amount"]
    list_select_related = ["statement", "partner", "order"]
    search_fields = ["=order__order_no", "=statement__number"]
    search_help_text = _("Order id or statement number, exactly")
    ordering = ["-id"]


@admin.register(Hold)
class HoldAdmin(Ledger):
    list_display = ["partner", "order", "component_code", "reason", "placed_by", "placed_at", "released_at"]
    list_select_related = ["partner", "order", "placed_by"]
    date_hierarchy = "placed_at"
    search_fields = ["partner__number", "partner__legal_name", "=order__order_no", "reason"]


@admin.register(ManualLine)
class ManualLineAdmin(Ledger):
    list_display = ["partner", "amount", "reason", "status", "proposed_by", "decided_by"]
    list_filter = ["status"]
    list_select_related = ["partner", "proposed_by", "decided_by"]
    date_hierarchy = "proposed_at"
    search_fields = ["partner__number", "partner__legal_name", "reason"]
