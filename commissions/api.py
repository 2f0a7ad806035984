"""Statements and their lines for machines: whose money the token's owner may see, read only.

    GET /api/v1/statements/?month=2026-07
    GET /api/v1/statements/2026-000123/
    GET /api/v1/statements/2026-000123/lines/?component=isdn-closing
    GET /api/v1/lines/?order=O-1

Amounts are strings with two decimals in EUR net, months `2026-07`, dates ISO.
"""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commissions.models import Cause, HoldReason, Line, Statement, StatementVat
from core.api import FilterSet, MonthField, MonthFilter


class StatementFilter(FilterSet):
    month = MonthFilter(field_name="month", label="2026-07")
    from_month = MonthFilter(field_name="month", lookup_expr="gte", label="2026-07, inclusive")
    until_month = MonthFilter(field_name="month", lookup_expr="lt", label="2026-10, exclusive")
    partner = CharFilter(field_name="partner__number", label="partner number")


class LineFilter(FilterSet):
    month = MonthFilter(field_name="month", label="2026-07")
    partner = CharFilter(field_name="partner__number", label="partner number")
    component = CharFilter(field_name="component_code", label="component code")
    order = CharFilter(field_name="order__order_no", label="order id")
    cause = ChoiceFilter(choices=Cause.choices)
    held = ChoiceFilter(field_name="hold_reason", choices=HoldReason.choices)


class VatGroup(serializers.ModelSerializer[StatementVat]):
    class Meta:
        model = StatementVat
        fields = ["percent", "net", "brought_forward", "vat", "carried_forward"]


class StatementSerializer(serializers.ModelSerializer[Statement]):
    partner = serializers.CharField(source="partner.number", read_only=True)
    month = MonthField(read_only=True)

    class Meta:
        model = Statement
        fields = [
            "number",
            "partner",
            "month",
            "issued_on",
            "due_on",
            "vat_status",
            "self_billed",
            "lines_count",
            "net",
            "brought_forward",
            "vat",
            "gross",
            "reserve_withheld",
            "reserve_released",
            "reserve_drawn",
            "carried_forward",
            "payable",
        ]
        read_only_fields = fields


class StatementDetail(StatementSerializer):
    vat_groups = VatGroup(many=True, read_only=True)
    payee = serializers.JSONField(read_only=True, help_text="Name, address, tax numbers and IBAN on the day of issue.")

    class Meta(StatementSerializer.Meta):
        fields = [*StatementSerializer.Meta.fields, "payee", "vat_groups"]
        read_only_fields = fields


class LineSerializer(serializers.ModelSerializer[Line]):
    """A posted line with every input its amount was calculated from."""

    statement = serializers.CharField(source="statement.number", read_only=True)
    partner = serializers.CharField(source="partner.number", read_only=True)
    order = serializers.CharField(source="order.order_no", read_only=True, default=None, allow_null=True)
    component = serializers.CharField(source="component_code", read_only=True)
    month = MonthField(read_only=True)
    revenue_month = MonthField(read_only=True, allow_null=True)
    held = serializers.ChoiceField(source="hold_reason", choices=HoldReason.choices, allow_blank=True, read_only=True)
    corrects = serializers.IntegerField(
        source="previous_id", read_only=True, allow_null=True, help_text="Id of the line this one corrects."
    )

    class Meta:
        model = Line
        fields = [
            "id",
            "statement",
            "partner",
            "month",
            "component",
            "kind",
            "order",
            "revenue_month",
            "product",
            "dealer_code",
            "schedule",
            "level",
            "signed_on",
            "activated_on",
            "cancelled_on",
            "service_date",
            "cause",
            "held",
            "reason",
            "basis",
            "quantity",
            "base",
            "rate",
            "round_to",
            "full",
            "clawed_n",
            "clawed_d",
            "clawed",
            "entitled",
            "booked",
            "amount",
            "would_be",
            "vat_percent",
            "corrects",
        ]
        read_only_fields = fields


class Statements(generics.ListAPIView[Statement]):
    """Statements, newest first."""

    serializer_class = StatementSerializer
    filterset_class = StatementFilter

    def get_queryset(self) -> QuerySet[Statement]:
        return Statement.objects.visible_to(self.request.user).select_related("partner").order_by("-pk")


class OneStatement(generics.RetrieveAPIView[Statement]):
    """One statement with payee and VAT groups."""

    serializer_class = StatementDetail
    lookup_field = "number"

    def get_queryset(self) -> QuerySet[Statement]:
        statements = Statement.objects.visible_to(self.request.user)
        return statements.select_related("partner").prefetch_related("vat_groups")


def _with_names(lines: QuerySet[Line]) -> QuerySet[Line]:
    return lines.select_related("statement", "partner", "order").order_by("-pk")


class Lines(generics.ListAPIView[Line]):
    """Posted lines of all statements the reader may see, newest first."""

    serializer_class = LineSerializer
    filterset_class = LineFilter

    def get_queryset(self) -> QuerySet[Line]:
        return _with_names(Line.objects.visible_to(self.request.user))


class LinesOfStatement(generics.ListAPIView[Line]):
    """Posted lines of one statement, newest first."""

    serializer_class = LineSerializer
    filterset_class = LineFilter
    queryset = Line.objects.none()  # tells the description its model

    def get_queryset(self) -> QuerySet[Line]:
        number: Any = self.kwargs["number"]
        statement = get_object_or_404(Statement.objects.visible_to(self.request.user), number=number)
        return _with_names(statement.lines.all())

    @extend_schema(operation_id="statement_lines_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


urlpatterns = [
    path("statements/", Statements.as_view(), name="statements"),
    path("statements/<str:number>/", OneStatement.as_view(), name="statement"),
    path("statements/<str:number>/lines/", LinesOfStatement.as_view(), name="statement_lines"),
    path("lines/", Lines.as_view(), name="lines"),
]
