"""Survey responses and visits in and out.

POST /api/v1/responses/?filename=may.csv    the body is CSV, a JSON object, a JSON list, or newline-delimited JSON
POST /api/v1/footfall/                      likewise; both answer 201 with what became of every row
GET  /api/v1/responses/?quarter=2026-Q2     answers the token's owner may see, comments masked
GET  /api/v1/scores/?quarter=2026-Q2        each partner's counts and score of a quarter
GET  /api/v1/footfall/?outlet=7             visits
GET  /api/v1/deliveries/17/                 a delivery once more, with its rejected rows
"""

from datetime import date
from decimal import Decimal
from typing import IO, Any

from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from django_filters import CharFilter, ChoiceFilter, DateFilter, NumberFilter
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import exceptions, generics, permissions, serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response as Answer
from rest_framework.reverse import reverse

from core.api import FilterSet
from core.periods import add_months, berlin_date, parse_quarter, quarter_code
from partners.models import Partner
from targets.actions import deliveries
from targets.arithmetic import truncated
from targets.issues import issue_text
from targets.models.footfall import Footfall
from targets.models.quality import Delivery, DeliveryIssue, Response, SurveyClass, SurveyQuarter, Touchpoint
from targets.nps import Count
from targets.scores import counts_by_partner


class TooLargeError(exceptions.APIException):
    status_code = 413
    default_code = "too_large"


class Body(BaseParser):
    """Hands the bytes on: the rows are read, and judged one by one, by the same code as an uploaded file."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        length = int((parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0)
        if length > deliveries.LARGEST:
            raise TooLargeError
        return {"data": stream.read(deliveries.LARGEST + 1)}


class CsvBody(Body):
    media_type = "text/csv"


class JsonLinesBody(Body):
    media_type = "application/x-ndjson"


class JsonBody(Body):
    media_type = "application/json"


class DeliveryIssueSerializer(serializers.ModelSerializer[DeliveryIssue]):
    """A rejected row: where, which field, what stood there, and what would be right."""

    message = serializers.SerializerMethodField()

    class Meta:
        model = DeliveryIssue
        fields = ["line", "key", "field", "value", "code", "message"]
        read_only_fields = fields

    def get_message(self, issue: DeliveryIssue) -> str:
        return issue_text(issue.code)


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """What became of the rows: rows = accepted + duplicate + quarantined + rejected."""

    issues = serializers.SerializerMethodField(help_text="The first 1,000 rejected rows.")

    class Meta:
        model = Delivery
        fields = [
            "id",
            "kind",
            "filename",
            "received_at",
            "rows",
            "accepted",
            "duplicate",
            "quarantined",
            "rejected",
            "issues",
        ]
        read_only_fields = fields

    @extend_schema_field(DeliveryIssueSerializer(many=True))
    def get_issues(self, delivery: Delivery) -> list[Any]:
        return list(DeliveryIssueSerializer(delivery.issues.all()[:1000], many=True).data)


class MayDeliver(permissions.BasePermission):
    """Who may send is asked before the body is read; what comes back is cut to what the person may see."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.method != "POST" or getattr(request.user, "role", None) in view.senders


BODIES = {"text/csv": OpenApiTypes.BINARY, "application/x-ndjson": OpenApiTypes.BINARY}
NAMED = [OpenApiParameter("filename", str, description="How the delivery is called in lists.")]


def _deliver(request: Request, kind: str) -> Answer:
    data: Any = request.data
    body = data.get("data") if hasattr(data, "get") else None  # a body of no bytes is never parsed
    delivery = deliveries.RECEIVE[kind](
        body or b"",
        source=Delivery.Source.API,
        by=request.user,
        now=timezone.now(),
        filename=request.query_params.get("filename", ""),
    )
    where = reverse("api:delivery", [delivery.pk], request=request)
    return Answer(DeliverySerializer(delivery).data, status=201, headers={"Location": where})


class OneDelivery(generics.RetrieveAPIView[Delivery]):
    """A delivery and its rejected rows."""

    serializer_class = DeliverySerializer

    def get_queryset(self) -> QuerySet[Delivery]:
        return Delivery.objects.visible_to(self.request.user)


# ---- responses -----------------------------------------------------------------------------------------------------
class QuarterFilter(CharFilter):
    """`?quarter=2026-Q2`"""

    def filter(self, qs: Any, value: str) -> Any:
        if not value:
            return qs
        try:
            return super().filter(qs, parse_quarter(value))
        except ValueError as error:
            raise exceptions.ValidationError({"quarter": str(error)}) from error


class ResponseFilter(FilterSet):
    quarter = QuarterFilter(field_name="quarter", label="for example 2026-Q2")
    partner = CharFilter(field_name="partner__number", label="partner number")
    touchpoint = ChoiceFilter(choices=Touchpoint.choices)
    customer_class = ChoiceFilter(choices=SurveyClass.choices)
    status = ChoiceFilter(choices=Response.Status.choices)


class ResponseSerializer(serializers.ModelSerializer[Response]):
    """A customer's answer, as assigned now; named like the columns of the file."""

    partner = serializers.CharField(source="partner.number", default=None, read_only=True)
    outlet = serializers.CharField(source="outlet.name", default=None, read_only=True)

    class Meta:
        model = Response
        fields = [
            "response_id",
            "answered_on",
            "touchpoint",
            "dealer_code",
            "partner",
            "outlet",
            "customer_class",
            "score_operator",
            "score_product",
            "score_touchpoint",
            "comment",
            "drivers",
            "status",
            "cause",
        ]
        read_only_fields = fields


class Responses(generics.ListCreateAPIView[Response]):
    """Survey responses; POST delivers some."""

    serializer_class = ResponseSerializer
    filterset_class = ResponseFilter
    permission_classes = [permissions.IsAuthenticated, MayDeliver]
    parser_classes = [CsvBody, JsonLinesBody, JsonBody]
    senders = deliveries.DELIVERS

    def get_queryset(self) -> QuerySet[Response]:
        return Response.objects.visible_to(self.request.user).select_related("partner", "outlet").order_by("-pk")

    @extend_schema(
        request=BODIES | {"application/json": ResponseSerializer(many=True)},
        parameters=NAMED,
        responses={201: DeliverySerializer},
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Answer:
        return _deliver(request, Delivery.Kind.RESPONSES)


# ---- footfall ------------------------------------------------------------------------------------------------------
class FootfallFilter(FilterSet):
    partner = CharFilter(field_name="outlet__partner__number", label="partner number")
    outlet = NumberFilter(field_name="outlet")
    since = DateFilter(field_name="starts_on", lookup_expr="gte", label="inclusive")
    until = DateFilter(field_name="starts_on", lookup_expr="lt", label="exclusive")


class FootfallSerializer(serializers.ModelSerializer[Footfall]):
    """Visits of a day, or of the week that begins on `date`."""

    partner = serializers.CharField(source="outlet.partner.number", read_only=True)
    date = serializers.DateField(source="starts_on", read_only=True)

    class Meta:
        model = Footfall
        fields = ["partner", "outlet", "date", "span", "visits"]
        read_only_fields = fields


class FootfallList(generics.ListCreateAPIView[Footfall]):
    """Visits; POST delivers some: dealer_code, date, span (day or week), visits."""

    serializer_class = FootfallSerializer
    filterset_class = FootfallFilter
    permission_classes = [permissions.IsAuthenticated, MayDeliver]
    parser_classes = [CsvBody, JsonLinesBody, JsonBody]
    senders = deliveries.COUNTS_VISITS

    def get_queryset(self) -> QuerySet[Footfall]:
        return Footfall.objects.visible_to(self.request.user).select_related("outlet__partner").order_by("-pk")

    @extend_schema(
        request=BODIES | {"application/json": FootfallSerializer(many=True)},
        parameters=NAMED,
        responses={201: DeliverySerializer},
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Answer:
        return _deliver(request, Delivery.Kind.FOOTFALL)


# ---- scores --------------------------------------------------------------------------------------------------------
class ScoreSerializer(serializers.Serializer[Any]):
    """A partner's score of a quarter, as it counts for money: the question about the partner, pooled where that is
    switched on. Score and margin in points, unrounded to 4 digits."""

    partner = serializers.CharField(help_text="partner number")
    quarter = serializers.CharField(help_text="for example 2026-Q2")
    promoters = serializers.IntegerField()
    passives = serializers.IntegerField()
    detractors = serializers.IntegerField()
    answers = serializers.IntegerField()
    score = serializers.DecimalField(max_digits=8, decimal_places=4, allow_null=True)
    margin = serializers.DecimalField(
        max_digits=8, decimal_places=4, allow_null=True, help_text="Half the width of the 95 % interval."
    )
    rated = serializers.BooleanField(help_text="False: too few answers, no effect.")
    pooled = serializers.BooleanField(help_text="Counted together with the quarter before.")


class Scores(generics.GenericAPIView[Any]):
    """Scores of one quarter (`?quarter=2026-Q2`, else the latest) of the partners the token's owner may see; a partner's
    people get released quarters only. `?partner=` one partner's."""

    serializer_class = ScoreSerializer
    queryset = SurveyQuarter.objects.none()  # tells the description its kind

    @extend_schema(
        parameters=[OpenApiParameter("quarter", str), OpenApiParameter("partner", str)],
        responses=ScoreSerializer(many=True),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Answer:
        try:
            quarter = _quarter_for(request.user, request.query_params.get("quarter", ""))
        except ValueError as error:
            raise exceptions.ValidationError({"quarter": str(error)}) from error
        pooled = quarter in SurveyQuarter.objects.pooled()
        counts = _counts(quarter, pooled=pooled) if quarter else {}
        partners = _seen(request.user).filter(pk__in=counts)
        if number := request.query_params.get("partner", ""):
            partners = partners.filter(number=number)
        page: Any = self.paginate_queryset(partners)
        rows = [_score_row(each, quarter, counts[each.pk], pooled=pooled) for each in page if quarter]
        return self.get_paginated_response(ScoreSerializer(rows, many=True).data)


def _seen(user: Any) -> QuerySet[Partner]:
    return Partner.objects.own(user) if getattr(user, "role", "") == "partner" else Partner.objects.visible_to(user)


def _quarter_for(user: Any, asked: str) -> date | None:
    """The quarter asked for, or the latest; None where the person may not look at it yet."""
    if getattr(user, "role", "") != "partner":
        latest = Response.objects.counted().order_by("-quarter").values_list("quarter", flat=True).first()
        return parse_quarter(asked) if asked else latest
    released = set(SurveyQuarter.objects.released(berlin_date(timezone.now())).values_list("quarter", flat=True))
    wanted = parse_quarter(asked) if asked else max(released, default=None)
    return wanted if wanted in released else None


def _counts(quarter: date, *, pooled: bool) -> dict[int, Count]:
    found: dict[int, Count] = {}
    for (partner, _quarter), count in counts_by_partner(
        [add_months(quarter, -3 * n) for n in range(1 + pooled)]
    ).items():
        found[partner] = found.get(partner, Count()) + count
    return found


def _score_row(partner: Partner, quarter: date, count: Count, *, pooled: bool) -> dict[str, Any]:
    return {
        "partner": partner.number,
        "quarter": quarter_code(quarter),
        "promoters": count.promoters,
        "passives": count.passives,
        "detractors": count.detractors,
        "answers": count.answers,
        "score": _four(count.score),
        "margin": _four(count.margin),
        "rated": count.rated(),
        "pooled": pooled,
    }


def _four(value: Any) -> Decimal | None:
    return None if value is None else truncated(value, Decimal("0.0001"))


urlpatterns = [
    path("scores/", Scores.as_view(), name="scores"),
    path("responses/", Responses.as_view(), name="responses"),
    path("footfall/", FootfallList.as_view(), name="footfall"),
    path("deliveries/<int:pk>/", OneDelivery.as_view(), name="delivery"),
]
