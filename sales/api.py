"""Orders for machines: those the token's owner may see, read only.

GET /api/v1/orders/?status=active&signed_from=2026-07-01
GET /api/v1/orders/O-1/
"""

from django.db.models import QuerySet
from django.urls import path
from django_filters import CharFilter, ChoiceFilter, DateFilter
from rest_framework import generics, serializers

from core.api import FilterSet
from sales.models import Order


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


urlpatterns = [
    path("orders/", Orders.as_view(), name="orders"),
    path("orders/<str:order_id>/", OneOrder.as_view(), name="order"),
]
