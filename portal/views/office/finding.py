"""The search box and the audit trail."""

from typing import Any

import django_filters
from django import forms
from django.apps import apps
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core.models import AuditEntry
from partners.access import MONEY_OFFICE, OfficeList, may_enter_office, office_required
from partners.models import Partner, Role, User
from portal.search import search as look_up
from portal.tables import AuditTable
from sales.models import Order

DAY = forms.DateInput(attrs={"type": "date"})
AUDIT_ROLES = frozenset({Role.HEAD_OF_CHANNEL, Role.AUDITOR, Role.ADMINISTRATOR})


@require_GET
@office_required()
def search(request: HttpRequest) -> HttpResponse:
    """Everything that fits, by kind."""
    text = request.GET.get("q", "")
    context = {
        "title": _("Search"),
        "text": text,
        "found": look_up(text, request.user),
        "partner_statuses": Partner.Status,
        "order_statuses": Order.Status,
        "sees_money": may_enter_office(request, MONEY_OFFICE),
    }
    return render(request, "portal/office/search.html", context)


def _kinds(_request: Any = None) -> list[tuple[str, str]]:
    """Kinds of objects the trail can name, in words."""
    rooms = ("partners.", "sales.", "training.", "commissions.")
    found = [
        (model._meta.label_lower, str(model._meta.verbose_name))
        for model in apps.get_models()
        # Without a name of its own a model is plumbing: history tables, VAT groups, findings.
        if model._meta.label_lower.startswith(rooms) and "verbose_name" in model._meta.original_attrs
    ]
    return sorted(found, key=lambda pair: pair[1].lower())


class AuditFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Object or reason"), method="by_text")
    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind"), field_name="object_type", choices=_kinds)
    object_id = django_filters.CharFilter(label=gettext_lazy("Number of the object"))
    actor = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Who"), queryset=User.objects.exclude(role=Role.PARTNER)
    )
    since = django_filters.DateFilter(label=gettext_lazy("From"), field_name="at", lookup_expr="date__gte", widget=DAY)
    until = django_filters.DateFilter(label=gettext_lazy("Until"), field_name="at", lookup_expr="date__lte", widget=DAY)

    def by_text(self, rows: QuerySet[AuditEntry], _name: str, value: str) -> QuerySet[AuditEntry]:
        return rows.filter(object_label__icontains=value) | rows.filter(reason__icontains=value)


class Audit(OfficeList):
    roles = AUDIT_ROLES
    model = AuditEntry
    table_class = AuditTable
    filterset_class = AuditFilter
    title = gettext_lazy("Audit")
    lead = gettext_lazy("Who did what when, on any object. Nothing here can be changed or deleted.")
    export_name = "audit"
    empty_title = gettext_lazy("Nothing recorded yet")
    empty_text = gettext_lazy("Every change of state leaves a row here.")

    def get_queryset(self) -> QuerySet[Any]:
        # The door is the filter: these roles see the trail of everything.
        return AuditEntry.objects.select_related("actor")
