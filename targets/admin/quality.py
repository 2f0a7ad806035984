"""Answers, results and visits as they are stored: read here, changed through the office and its second person."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin

from core.admin import READERS, Ledger, ReadOnly
from targets.models.footfall import Footfall
from targets.models.quality import Delivery, Reassignment, Response, SurveyQuarter, SurveyResult


class CauseFilter(admin.ChoicesFieldListFilter):
    """Without the link of those that have no cause: it would have no text, so nobody could read it or hear it."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield from (each for each in super().choices(changelist) if each["display"])


@admin.register(Response)
class ResponseAdmin(Ledger):
    readers = READERS
    list_display = ["response_id", "answered_on", "touchpoint", "partner", "score_touchpoint", "status", "cause"]
    list_filter = ["status", ("cause", CauseFilter), "touchpoint", "customer_class"]
    list_select_related = ["partner"]
    search_fields = ["response_id", "dealer_code", "partner__number"]


@admin.register(SurveyResult)
class SurveyResultAdmin(Ledger):
    readers = READERS
    list_display = ["partner", "quarter", "promoters", "passives", "detractors", "recorded_at", "recorded_by"]
    list_filter = ["quarter"]
    list_select_related = ["partner", "recorded_by"]
    search_fields = ["partner__number"]


@admin.register(Reassignment)
class ReassignmentAdmin(ReadOnly):
    list_display = ["response", "kind", "from_partner", "partner", "status", "requested_by", "decided_by"]
    list_filter = ["status", "kind"]
    list_select_related = ["response", "from_partner", "partner", "requested_by", "decided_by"]
    search_fields = ["response__response_id"]
    actions = None


@admin.register(SurveyQuarter)
class SurveyQuarterAdmin(ReadOnly):
    list_display = ["quarter", "released_on", "pooled"]
    actions = None


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    list_display = ["filename", "kind", "received_at", "by", "rows", "accepted", "duplicate", "quarantined", "rejected"]
    list_filter = ["kind", "source"]
    list_select_related = ["by"]
    actions = None


@admin.register(Footfall)
class FootfallAdmin(ReadOnly):
    list_display = ["outlet", "span", "starts_on", "visits", "recorded_by"]
    list_filter = ["span"]
    list_select_related = ["outlet", "recorded_by"]
    search_fields = ["outlet__name", "outlet__partner__number"]
    date_hierarchy = "starts_on"
    actions = None
