"""What every API endpoint shares: one shape of errors, pages by cursor, months as `2026-07`, filters that refuse typos."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext as _
from django_filters import CharFilter
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import exceptions, serializers
from rest_framework.pagination import CursorPagination

from core.errors import Conflict, Refused
from core.periods import parse_month

PAGING = {"cursor", "page_size", "format"}


class ConflictError(exceptions.APIException):
    status_code = 409
    default_code = "conflict"


class RefusedError(exceptions.APIException):
    status_code = 422
    default_code = "refused"


class Handler(ExceptionHandler):
    """Turns what actions refuse into 409 (somebody was faster) and 422 (not allowed as things stand)."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, Conflict):
            return ConflictError(str(exc))
        if isinstance(exc, Refused):
            return RefusedError(str(exc))
        if isinstance(exc, DjangoValidationError):
            return exceptions.ValidationError(exc.messages)
        known: Exception = super().convert_known_exceptions(exc)
        return known


class Pages(CursorPagination):
    """Newest first. A cursor costs the same on the last page as on the first, and rows added meanwhile shift nothing."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000
    ordering: Any = "-id"


class StrictFilter(DjangoFilterBackend):
    """Refuses unknown parameters: a misspelt filter would otherwise answer with everything, and look right."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        filterset_class = self.get_filterset_class(view, queryset)
        known = set(filterset_class.base_filters) if filterset_class else set()
        if unknown := sorted(set(request.query_params) - known - PAGING):
            text = _("Unknown filter. Known are: %(known)s.") % {"known": ", ".join(sorted(known))}
            raise exceptions.ValidationError({key: [text] for key in unknown})
        return super().filter_queryset(request, queryset, view)


@extend_schema_field({"type": "string", "pattern": r"^\d{4}-\d{2}$", "example": "2026-07"})
class MonthField(serializers.Field):
    """The first day of a month, written as `2026-07`."""

    def to_representation(self, value: date) -> str:
        return f"{value:%Y-%m}"

    def to_internal_value(self, data: str) -> date:
        try:
            return parse_month(data)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


@extend_schema_field(OpenApiTypes.STR)
class MonthFilter(CharFilter):
    """`?month=2026-07`"""

    def filter(self, qs: Any, value: str) -> Any:
        if not value:
            return qs
        try:
            return super().filter(qs, parse_month(value))
        except ValueError as error:
            raise exceptions.ValidationError({str(self.field_name): str(error)}) from error


__all__ = ["FilterSet", "Handler", "MonthField", "MonthFilter", "Pages", "StrictFilter"]
