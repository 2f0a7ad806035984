"""Targets in the office: the grid partner × KPI, one target, the roll-up by manager and kind, seasonal weights."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from core.charts import Bar
from core.errors import Refused
from core.export import file_asked_for, file_response
from core.formats import day as written_day
from core.formats import month_short
from core.money import cents
from core.periods import add_months
from partners.access import MONEY_OFFICE, OfficeList, office_required
from partners.models import Partner, Role, User
from targets.actions import bulk
from targets.arithmetic import EVEN, decimal
from targets.difficulty import Difficulty, difficulties
from targets.forms import WeightsForm
from targets.grid import evening, kpis_of, roll_up, with_cells
from targets.models import Agreement, AgreementItem, Kpi, SeasonalWeights
from targets.queries import COUNTING
from targets.standing import with_changes
from targets.tables import GridTable, KpiColumn, bar_pair
from targets.views.partner import target_context
from targets.wording import span_name

HARDEST, HARD = 50, 25  # rows on the page; percent above last year
EDITS_WEIGHTS = ("head_of_channel", "commission_controller")


def tabs(current: str, year: int | None = None) -> list[dict[str, Any]]:
    pages = [
        ("office_targets", _("Attainment")),
        ("roll_up", _("Roll-up")),
        ("difficulty", _("Ambition")),
        ("office_agreements", _("Agreements")),
        ("office_adjustments", _("Adjustments")),
        ("weights", _("Seasonal weights")),
        ("office_support", _("Support")),
    ]
    query = f"?year={year}" if year else ""
    return [
        {
            "label": label,
            "url": reverse(f"targets:{name}") + (query if name in ("office_targets", "roll_up", "difficulty") else ""),
            "current": name == current,
        }
        for name, label in pages
    ]


def chosen_year(request: HttpRequest) -> int:
    asked = request.GET.get("year", "")
    return int(asked) if asked.isdigit() and len(asked) == 4 else timezone.localdate().year


class AgreementFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Partner"), method="by_partner")
    year = django_filters.NumberFilter(label=gettext_lazy("Year"))
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind"), field_name="partner__kind", choices=Partner.Kind.choices
    )
    manager = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Manager"),
        field_name="partner__manager",
        queryset=User.objects.filter(role=Role.CHANNEL_MANAGER),
    )
    status = django_filters.ChoiceFilter(label=gettext_lazy("Status"), choices=Agreement.Status.choices)

    def by_partner(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(partner__in=Partner.objects.search(value))


class Grid(OfficeList):
    """Who stands where: sorted by a KPI it is the ranking."""

    roles = MONEY_OFFICE
    model = Agreement
    table_class = GridTable
    filterset_class = AgreementFilter
    title = gettext_lazy("Targets")
    lead = gettext_lazy("Attainment of the running period; paler behind it where the period ends at today's pace.")
    export_name = "targets"
    empty_title = gettext_lazy("No targets agreed")
    empty_text = gettext_lazy(
        "Propose agreements for many partners at once; each appears here as soon as it is accepted."
    )

    def get_queryset(self) -> QuerySet[Any]:
        year = chosen_year(self.request)
        rows: Any = super().get_queryset().filter(year=year, status__in=COUNTING).select_related("partner__manager")
        self.kpis = kpis_of(year)
        return with_cells(rows, self.kpis, evening(year, timezone.localdate()))

    def get_table_kwargs(self) -> dict[str, Any]:
        columns = [(f"kpi_{kpi.pk}", KpiColumn(kpi)) for kpi in self.kpis]
        return {
            **super().get_table_kwargs(),
            "extra_columns": columns,
            "sequence": ("partner", "kind", "manager", "...", "status"),
        }

    def tabs(self) -> list[Any]:
        return tabs("office_targets", chosen_year(self.request))


@require_GET
@office_required(*MONEY_OFFICE)
def target(request: HttpRequest, pk: int) -> HttpResponse:
    visible = with_changes(AgreementItem.objects.visible_to(request.user)).exclude(measure="nps")
    item = get_object_or_404(visible, pk=pk)
    context = target_context(request, item)
    agreement = item.agreement
    context["title"] = f"{agreement.partner}: {item.kpi.title}"
    context["crumbs"] = [
        (_("Targets"), reverse("targets:office_targets")),
        (f"{agreement.partner.number} {agreement.year}", reverse("targets:office_agreement", args=[agreement.pk])),
    ]
    htmx = getattr(request, "htmx", None)
    only_what_if = htmx and htmx.target == "what-if-result"
    return render(request, "targets/what_if.html" if only_what_if else "targets/office/target.html", context)


@require_GET
@office_required(*MONEY_OFFICE)
def rollup(request: HttpRequest) -> HttpResponse:
    """Sums by partner manager and by kind, for the KPIs of a year."""
    year = chosen_year(request)
    day = evening(year, timezone.localdate())
    items = AgreementItem.objects.visible_to(request.user).filter(agreement__year=year)
    kpis = kpis_of(year)
    kinds = dict(Partner.Kind.choices)
    managers = dict(User.objects.filter(role=Role.CHANNEL_MANAGER).values_list("pk", "name"))
    context = {
        "title": _("Targets"),
        "lead": _("Sums of all targets that are not suspended, as of %(day)s.") % {"day": written_day(day)}
        if day
        else "",
        "tabs": tabs("roll_up", year),
        "kpis": kpis,
        "tables": [
            (_("By partner manager"), _("Manager"), *_grouped(roll_up(items, day, "manager"), managers, kpis)),
            (_("By kind"), _("Kind"), *_grouped(roll_up(items, day, "kind"), kinds, kpis)),
        ],
        "year": year,
    }
    return render(request, "targets/office/roll_up.html", context)


def _grouped(
    rows: Sequence[dict[str, Any]], names: Any, kpis: Sequence[Kpi]
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """A row a group, by name, with a cell a KPI; and all groups together."""
    groups: dict[Any, dict[int, dict[str, Any]]] = {}
    whole: dict[int, dict[str, Any]] = {}
    for row in rows:
        groups.setdefault(row["group"], {})[row["item__kpi"]] = row
        sofar = whole.setdefault(row["item__kpi"], {})
        for key in ("partners", "suspended", "target", "actual", "seasonal"):
            sofar[key] = (sofar.get(key) or 0) + (row[key] or 0)
    found = [_sums(str(names.get(group, _("nobody"))), cells, kpis) for group, cells in groups.items()]
    found.sort(key=lambda each: each["name"])
    return found, _sums(_("together"), whole, kpis) if len(found) > 1 else None


def _sums(name: str, cells: dict[int, dict[str, Any]], kpis: Sequence[Kpi]) -> dict[str, Any]:
    return {
        "name": name,
        "partners": max((cell["partners"] for cell in cells.values()), default=0),
        "cells": [(kpi, _cell(cells[kpi.pk]) if kpi.pk in cells else None) for kpi in kpis],
    }


def _cell(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, **bar_pair(row["target"], row["actual"] or Decimal(0), row["seasonal"])}


@require_GET
@office_required(*MONEY_OFFICE)
def difficulty(request: HttpRequest) -> HttpResponseBase:
    """How ambitious the targets of a KPI are, hardest first."""
    today, year = timezone.localdate(), chosen_year(request)
    kpis = kpis_of(year)
    asked = request.GET.get("kpi", "")
    kpi = next((each for each in kpis if str(each.pk) == asked), kpis[0] if kpis else None)
    items = AgreementItem.objects.visible_to(request.user).counting().filter(agreement__year=year, kpi=kpi)
    found = difficulties(with_changes(items), min(today, date(year, 12, 31))) if kpi else []
    if file := file_asked_for(request):
        return file_response(file, *_as_rows(found), name="ambition", title=_("How ambitious targets are"))
    context = {
        "title": _("Targets"),
        "tabs": tabs("difficulty", year),
        "kpis": kpis,
        "kpi": kpi,
        "rows": found[:HARDEST],
        "hidden": max(len(found) - HARDEST, 0),
        "total": len(found),
        "hard": sum(1 for each in found if each.more is not None and each.more > HARD),
        "easy": sum(1 for each in found if each.more is not None and each.more < 0),
        "unknown": sum(1 for each in found if each.more is None),
    }
    return render(request, "targets/office/difficulty.html", context)


def _as_rows(found: Sequence[Difficulty]) -> tuple[list[str], list[list[Any]]]:
    """All of them, with the values per month in the unit of the KPI and the difference in percent."""
    head = [
        _("Partner"),
        _("Name"),
        _("KPI"),
        _("Period"),
        _("Unit"),
        _("Needed a month"),
        _("Last year"),
        _("Difference in percent"),
    ]
    rows: list[list[Any]] = [
        [
            each.item.agreement.partner.number,
            each.item.agreement.partner.legal_name,
            each.item.kpi.title,
            span_name(each.span),
            each.item.get_unit_display(),
            cents(decimal(each.needed)),
            None if each.before is None else cents(decimal(each.before)),
            None if each.more is None else round(decimal(each.more), 1),
        ]
        for each in found
    ]
    return head, rows


@require_http_methods(["GET", "POST"])
@office_required(*MONEY_OFFICE)
def weights(request: HttpRequest) -> HttpResponse:
    """How a year spreads over its months: by hand, or learned from what was sold."""
    may_edit = cast(Any, request.user).role in EDITS_WEIGHTS
    try:
        shown = _weights_at(request)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect("targets:weights")
    form = WeightsForm(request.POST or None, initial=shown)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        source = "learned" if request.POST.get("learned") else "operator"
        bulk.save_weights(
            kpi=data["kpi"], partner_kind=data["kind"], weights=form.weights, source=source, by=cast(Any, request.user)
        )
        messages.success(request, _("Saved. Agreements made from now on use them."))
        return redirect("targets:weights")
    rows = SeasonalWeights.objects.select_related("kpi")
    context = {
        "title": _("Targets"),
        "tabs": tabs("weights"),
        "form": form,
        "may_edit": may_edit,
        "kpis": Kpi.objects.filter(active=True),
        "kinds": Partner.Kind.choices,
        "learned": request.GET.get("learn") == "1",
        "rows": [(row, weight_bars(row.weights)) for row in rows],
    }
    return render(request, "targets/office/weights.html", context)


def weight_bars(values: Sequence[Decimal]) -> list[Bar]:
    """In percent of the year."""
    whole = sum(values) or Decimal(1)
    first = timezone.localdate().replace(month=1, day=1)
    return [Bar(month_short(add_months(first, n)), value * 100 / whole, shown=True) for n, value in enumerate(values)]


def _weights_at(request: HttpRequest) -> dict[str, Any]:
    """What the form begins with: the weights there are for this KPI and kind, or learned ones if asked.

    With the two decimals it takes: more would be refused when it is sent as it came.
    """
    key, kind = request.GET.get("kpi", ""), request.GET.get("kind", "")
    kpi = Kpi.objects.filter(pk=int(key)).first() if key.isdigit() else None
    found: Sequence[Decimal] = EVEN
    if kpi and request.GET.get("learn") == "1":
        found = bulk.learned_weights(kpi, kind, timezone.localdate())
    elif row := SeasonalWeights.objects.filter(kpi=kpi, partner_kind=kind).first():
        found = row.weights
    return {"kpi": kpi, "kind": kind, **{f"w{n}": cents(value) for n, value in enumerate(found, start=1)}}
