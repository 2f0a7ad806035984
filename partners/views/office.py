"""Finding a partner in a second, and who looks after how many."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core.export import file_asked_for, file_response
from partners.access import OfficeList, may_enter_office, office_required
from partners.models import Partner, Role, User
from partners.queries import loads
from partners.tables import PartnerTable


def _levels(_request: Any = None) -> list[tuple[str, str]]:
    found = Partner.objects.exclude(level="").order_by("level").values_list("level", flat=True).distinct()
    return [(level, capfirst(level)) for level in found]


LOAD_ROLES = (Role.HEAD_OF_CHANNEL, Role.COMMISSION_CONTROLLER, Role.AUDITOR, Role.ADMINISTRATOR)


class PartnerFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Number, name, town or dealer code"), method="by_text")
    status = django_filters.ChoiceFilter(label=gettext_lazy("Status"), choices=Partner.Status.choices)
    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=Partner.Kind.choices)
    area = django_filters.CharFilter(label=gettext_lazy("Postcode begins with"), method="by_area")
    level = django_filters.ChoiceFilter(label=gettext_lazy("Level"), choices=_levels)
    manager = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Partner manager"), queryset=User.objects.filter(role=Role.CHANNEL_MANAGER)
    )

    on = django_filters.DateFilter(
        label=gettext_lazy("Contract in force on"), method="by_day", widget=forms.DateInput(attrs={"type": "date"})
    )

    def by_text(self, rows: Any, _name: str, value: str) -> Any:
        return rows.search(value)

    def by_area(self, rows: Any, _name: str, value: str) -> Any:
        return rows.in_area(value.strip())

    def by_day(self, rows: Any, _name: str, value: date) -> Any:
        return rows.under_contract_on(value)


class PartnerList(OfficeList):
    model = Partner
    table_class = PartnerTable
    filterset_class = PartnerFilter
    template_name = "partners/office/partners.html"
    title = gettext_lazy("Partners")
    export_name = "partners"
    empty_title = gettext_lazy("No partners yet")
    empty_text = gettext_lazy("Partners are added in the administration. A channel manager sees those assigned to him.")

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("manager")

    def tabs(self) -> list[Any]:
        """A tab for each state with its number of partners; the other filters go on while one is chosen."""
        counts = Partner.objects.visible_to(self.request.user).counts_by_status()
        chosen = self.request.GET.get("status", "")
        labels = {status.value: str(status.label) for status in Partner.Status}
        entries = [("", _("All"), sum(counts.values()))]
        entries += [(key, labels.get(key, key), count) for key, count in counts.items()]
        return [
            {"label": label, "url": f"?status={key}" if key else "?", "count": count, "current": key == chosen}
            for key, label, count in entries
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"sees_load": may_enter_office(self.request, LOAD_ROLES)}


@require_GET
@office_required(*LOAD_ROLES)
def load(request: HttpRequest) -> HttpResponseBase:
    """How many partners each channel manager carries, and who nobody looks after (F0-24)."""
    found = loads(Partner.objects.visible_to(request.user), User.objects.all())
    if kind := file_asked_for(request):
        header = [_("Partner manager"), _("Email"), _("Partners"), _("as deputy"), _("Overloaded")]
        rows = (
            [each.manager, each.manager.email, each.partners, each.deputising, each.too_high] for each in found.managers
        )
        return file_response(kind, header, rows, name="partner-managers", title=_("Partner managers"))
    context = {
        "title": _("Partner managers"),
        "crumbs": [(_("Partners"), reverse("partners:partners"))],
        "loads": found,
        "largest": max((each.partners for each in found.managers), default=1) or 1,
    }
    return render(request, "partners/office/load.html", context)
