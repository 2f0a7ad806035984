"""What machines may read of targets: agreements with their targets, adjustments, attainment and its course."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from django_filters import CharFilter, NumberFilter
from drf_spectacular.utils import extend_schema_field
from rest_framework import generics, serializers

from core.api import FilterSet
from targets.arithmetic import shown
from targets.models import Adjustment, AgreementItem, Snapshot
from targets.standing import Standing, standings, with_changes


class AdjustmentSerializer(serializers.ModelSerializer[Adjustment]):
    """One approved change. `window_until` is the first month that is not meant any more."""

    confirmed_at = serializers.SerializerMethodField(
        help_text="Null: the partner has not confirmed; it does not count."
    )

    class Meta:
        model = Adjustment
        fields = ["kind", "window_from", "window_until", "factor", "value", "reason_code", "reason", "effective_on", "recorded_at", "confirmed_at"]  # fmt: skip
        read_only_fields = fields

    def get_confirmed_at(self, event: Adjustment) -> str | None:
        if not event.proposal.needs_confirmation:
            return event.recorded_at.isoformat()
        rows = event.item.agreement.confirmations.all()
        return next((row.at.isoformat() for row in rows if row.proposal_id == event.proposal_id), None)


class StandingSerializer(serializers.Serializer[Standing]):
    """The running (or nearest) period. Percents are cut off after one decimal, values are exact to 12."""

    period_from = serializers.DateField(source="span.start", read_only=True)
    period_until = serializers.DateField(source="span.until", read_only=True)
    as_of = serializers.DateField(source="day", read_only=True)
    state = serializers.CharField(read_only=True)
    target = serializers.SerializerMethodField(help_text="Null: the period is suspended.")
    actual = serializers.DecimalField(max_digits=20, decimal_places=4, read_only=True)
    percent = serializers.DecimalField(source="shown", max_digits=12, decimal_places=1, read_only=True, allow_null=True)
    linear_percent = serializers.DecimalField(
        source="linear_shown", max_digits=12, decimal_places=1, read_only=True, allow_null=True
    )
    seasonal_percent = serializers.DecimalField(
        source="seasonal_shown", max_digits=12, decimal_places=1, read_only=True, allow_null=True
    )

    def get_target(self, standing: Standing) -> str | None:
        return None if standing.target is None else f"{float(standing.target):.12g}"


class TargetSerializer(serializers.ModelSerializer[AgreementItem]):
    """One target of an agreement, with how far it is today."""

    partner = serializers.CharField(source="agreement.partner.number", read_only=True)
    year = serializers.IntegerField(source="agreement.year", read_only=True)
    status = serializers.CharField(source="agreement.status", read_only=True)
    kpi = serializers.CharField(source="kpi.code", read_only=True)
    adjustments = AdjustmentSerializer(many=True, read_only=True)
    attainment = serializers.SerializerMethodField(help_text="Null for scores: those are in the quality part.")

    class Meta:
        model = AgreementItem
        fields = ["id", "partner", "year", "status", "kpi", "unit", "annual", "period", "weights", "adjustments", "attainment"]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(StandingSerializer(allow_null=True))
    def get_attainment(self, item: AgreementItem) -> Any:
        found = self.context["standings"].get(item.pk)
        return StandingSerializer(found).data if found else None


class SnapshotSerializer(serializers.ModelSerializer[Snapshot]):
    percent = serializers.SerializerMethodField()

    class Meta:
        model = Snapshot
        fields = ["day", "period_from", "period_until", "target", "actual", "percent", "linear", "seasonal"]
        read_only_fields = fields

    def get_percent(self, row: Snapshot) -> str | None:
        return str(shown(row.actual * 100 / row.target)) if row.target else None


class TargetFilter(FilterSet):
    partner = CharFilter(field_name="agreement__partner__number")
    year = NumberFilter(field_name="agreement__year")
    kpi = CharFilter(field_name="kpi__code")

    class Meta:
        model = AgreementItem
        fields: list[str] = []


class Targets(generics.ListAPIView[AgreementItem]):
    """Targets of agreements the reader may see, newest year first."""

    serializer_class = TargetSerializer
    filterset_class = TargetFilter

    def get_queryset(self) -> QuerySet[AgreementItem]:
        rows = with_changes(AgreementItem.objects.visible_to(self.request.user))
        return rows.exclude(agreement__status="withdrawn").order_by("-agreement__year", "-pk")

    def paginate_queryset(self, queryset: Any) -> Any:
        """The page's standings at once: one by one would be six queries a row."""
        page = super().paginate_queryset(queryset)
        self.standings = {each.item.pk: each for each in standings(page or [], timezone.localdate(), ranges=False)}
        return page

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "standings": getattr(self, "standings", {})}


class Course(generics.ListAPIView[Snapshot]):
    """How one target went, a row an evening, newest first."""

    serializer_class = SnapshotSerializer
    queryset = Snapshot.objects.none()  # tells the description its model

    def get_queryset(self) -> QuerySet[Snapshot]:
        item = get_object_or_404(AgreementItem.objects.visible_to(self.request.user), pk=self.kwargs["pk"])
        return Snapshot.objects.filter(item=item).order_by("-day", "-period_from")


urlpatterns = [
    path("targets/", Targets.as_view(), name="targets"),
    path("targets/<int:pk>/course/", Course.as_view(), name="target_course"),
]
