"""For machines: orders, those the token's owner may see, read only; and the way in for feeds.

GET  /api/v1/orders/?status=active&signed_from=2026-07-01
GET  /api/v1/orders/O-1/
POST /api/v1/feed/?filename=july.csv     the file is the body; answers 202 and where to look how it goes
GET  /api/v1/feed/17/                    status, counts, the first rejected rows
GET  /api/v1/feed/17/report/             every row that was not accepted, as CSV
"""

from typing import IO, Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import CharFilter, ChoiceFilter, DateFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import exceptions, generics, permissions, serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from core.api import FilterSet
from core.export import csv_response
from sales import actions
from sales.models import FeedImport, FeedIssue, Order
from sales.wording import issue_text, report, report_header


class OrderFilter(FilterSet):
    status = ChoiceFilter(choices=Order.Status.choices)
    partner = CharFilter(field_name="partner__number", label="partner number")
    product = CharFilter(field_name="product", label="product code")
    customer_no = CharFilter(field_name="customer_no", label="customer number")
    dealer_code = CharFilter(field_name="dealer_code", label="dealer code")
    signed_from = DateFilter(field_name="signed_on", lookup_expr="gte", label="inclusive")
    signed_until = DateFilter(field_name="signed_on", lookup_expr="lt", label="exclusive")


class OrderSerializer(serializers.ModelSerializer[Order]):
    """An order as all events so far say; named like the columns of the feed."""

    order_id = serializers.CharField(source="order_no", read_only=True)
    partner = serializers.CharField(source="partner.number", read_only=True)

    class Meta:
        model = Order
        fields = [
            "order_id",
            "partner",
            "dealer_code",
            "status",
            "product",
            "transaction",
            "customer_no",
            "customer_name",
            "customer_class",
            "quantity",
            "order_value",
            "monthly_price",
            "term_months",
            "campaign",
            "signed_on",
            "activated_on",
            "cancelled_on",
            "reason",
            "evidence",
        ]
        read_only_fields = fields


class Orders(generics.ListAPIView[Order]):
    """Orders, last captured first."""

    serializer_class = OrderSerializer
    filterset_class = OrderFilter

    def get_queryset(self) -> QuerySet[Order]:
        return Order.objects.visible_to(self.request.user).select_related("partner").order_by("-pk")


class OneOrder(generics.RetrieveAPIView[Order]):
    """One order."""

    serializer_class = OrderSerializer
    lookup_field = "order_no"
    lookup_url_kwarg = "order_id"

    def get_queryset(self) -> QuerySet[Order]:
        return Order.objects.visible_to(self.request.user).select_related("partner")


# ---- the feed ------------------------------------------------------------------------------------------------------
class DeliversFeeds(permissions.BasePermission):
    """Only roles that deliver feeds may post one; who may see imports follows from `visible_to`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.method != "POST" or getattr(request.user, "role", None) in actions.DELIVERS


class FeedBody(BaseParser):
    """Hands the body on unread: a feed is larger than memory."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        return {"file": stream}


class CsvBody(FeedBody):
    media_type = "text/csv"


class JsonLinesBody(FeedBody):
    media_type = "application/x-ndjson"


class TooLargeError(exceptions.APIException):
    status_code = 413
    default_code = "too_large"


class IssueSerializer(serializers.ModelSerializer[FeedIssue]):
    """A rejected row: where, which field, what stood there, and what would be right."""

    message = serializers.SerializerMethodField()

    class Meta:
        model = FeedIssue
        fields = ["line", "event_id", "field", "value", "code", "message"]
        read_only_fields = fields

    def get_message(self, issue: FeedIssue) -> str:
        return issue_text(issue.code, issue.field, issue.value)


class FeedImportSerializer(serializers.ModelSerializer[FeedImport]):
    """How an import is doing: rows = accepted + duplicate + waiting + exception + rejected, once it is done."""

    issues = serializers.SerializerMethodField(help_text="The first 100 rejected rows; the report has all.")
    report = serializers.HyperlinkedIdentityField(view_name="api:feed-report", read_only=True)

    class Meta:
        model = FeedImport
        fields = [
            "id",
            "filename",
            "status",
            "size",
            "bytes_read",
            "received_at",
            "finished_at",
            "rows",
            "accepted",
            "duplicate",
            "waiting",
            "exception",
            "rejected",
            "error",
            "issues",
            "report",
        ]
        read_only_fields = fields

    @extend_schema_field(IssueSerializer(many=True))
    def get_issues(self, feed_import: FeedImport) -> list[Any]:
        return list(IssueSerializer(feed_import.issues.order_by("line", "field")[:100], many=True).data)


class Feeds(generics.ListCreateAPIView[FeedImport]):
    """Imports, newest first; POST delivers a file."""

    serializer_class = FeedImportSerializer
    permission_classes = [permissions.IsAuthenticated, DeliversFeeds]
    parser_classes = [CsvBody, JsonLinesBody]

    def get_queryset(self) -> QuerySet[FeedImport]:
        return FeedImport.objects.visible_to(self.request.user)

    @extend_schema(
        request={"text/csv": OpenApiTypes.BINARY, "application/x-ndjson": OpenApiTypes.BINARY},
        parameters=[OpenApiParameter("filename", str, description="How the file is called in lists.")],
        responses={202: FeedImportSerializer},
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.FEED_MAX_BYTES:
            raise TooLargeError(_("The file is larger than this installation takes."))
        data: Any = request.data
        body = data.get("file")  # a body of no bytes is never parsed
        if body is None:
            raise exceptions.ValidationError(_("The body is empty. It must hold the feed, as CSV or NDJSON."))
        name = request.query_params.get("filename", "")
        if not name:
            name = "api.ndjson" if "ndjson" in (request.content_type or "") else "api.csv"
        try:
            feed_import = actions.receive_feed(
                body, source=FeedImport.Source.API, by=request.user, now=timezone.now(), filename=name
            )
        except actions.TooLarge as error:
            raise TooLargeError(str(error)) from error
        feed_import.refresh_from_db()
        where = reverse("api:feed", [feed_import.pk], request=request)
        return Response(self.get_serializer(feed_import).data, status=202, headers={"Location": where})


class OneFeed(generics.RetrieveAPIView[FeedImport]):
    """How one import is doing."""

    serializer_class = FeedImportSerializer

    def get_queryset(self) -> QuerySet[FeedImport]:
        return FeedImport.objects.visible_to(self.request.user)


class FeedReport(generics.GenericAPIView[FeedImport]):
    """Every row that was not accepted, as CSV: line, event_id, result, field, value, message."""

    serializer_class = FeedImportSerializer

    def get_queryset(self) -> QuerySet[FeedImport]:
        return FeedImport.objects.visible_to(self.request.user)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> StreamingHttpResponse:
        feed_import = self.get_object()
        return csv_response(report_header(), report(feed_import), name=f"feed-{feed_import.pk}")


urlpatterns = [
    path("feed/", Feeds.as_view(), name="feeds"),
    path("feed/<int:pk>/", OneFeed.as_view(), name="feed"),
    path("feed/<int:pk>/report/", FeedReport.as_view(), name="feed-report"),
    path("orders/", Orders.as_view(), name="orders"),
    path("orders/<str:order_id>/", OneOrder.as_view(), name="order"),
]
