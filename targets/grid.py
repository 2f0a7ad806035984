"""The office's grid: partner × KPI, each cell with attainment and forecast, out of one evening's snapshots.

Sorting by a KPI is the ranking. Only the rows of the page are read; the figures of a cell come with the row.
"""

from datetime import date
from typing import Any

from django.db.models import Case, Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import JSONObject

from targets.models import Agreement, AgreementItem, Kpi, Snapshot
from targets.queries import COUNTING

PERCENT: Any = DecimalField(max_digits=20, decimal_places=6)


def evening(year: int, today: date) -> date | None:
    """The last day of `year` with snapshots."""
    until = min(today, date(year, 12, 31))
    found = Snapshot.objects.filter(day__lte=until, period_from__year=year, period_from__lte=until)
    return found.order_by("-day").values_list("day", flat=True).first()


def kpis_of(year: int) -> list[Kpi]:
    """KPIs agreed for the year that orders count for."""
    used = AgreementItem.objects.filter(agreement__year=year).exclude(measure="nps").values("kpi")
    return list(Kpi.objects.filter(pk__in=used))


def with_cells(agreements: QuerySet[Agreement], kpis: list[Kpi], day: date | None) -> QuerySet[Agreement]:
    """Adds `cell_<kpi>` (item, target, actual, linear, seasonal) and `reached_<kpi>` (percent, for sorting)."""
    on = day or date.min  # without any snapshot every cell is empty
    for kpi in kpis:
        of_period = Snapshot.objects.filter(
            day=on, period_from__lte=on, period_until__gt=on, item__kpi=kpi, item__agreement=OuterRef("pk")
        )
        facts = JSONObject(item="item_id", target="target", actual="actual", seasonal="seasonal", linear="linear")
        reached = Case(When(target__gt=0, then=F("actual") * 100 / F("target")), default=None, output_field=PERCENT)
        agreements = agreements.annotate(
            **{
                f"cell_{kpi.pk}": Subquery(of_period.values(facts=facts)[:1]),
                f"reached_{kpi.pk}": Subquery(of_period.annotate(reached=reached).values("reached")[:1]),
            }
        )
    return agreements


def roll_up(items: QuerySet[AgreementItem], day: date | None, by: str) -> list[dict[str, Any]]:
    """Sums by `by` (a path from the partner) and KPI: partners, targets, actuals, forecasts."""
    if day is None:
        return []
    path = f"item__agreement__partner__{by}"
    rows = Snapshot.objects.filter(
        item__in=items.filter(agreement__status__in=COUNTING), day=day, period_from__lte=day, period_until__gt=day
    )
    counted = Q(target__gt=0)
    found = (
        rows.order_by()
        .values(path, "item__kpi")
        .annotate(
            partners=Count("item__agreement__partner", distinct=True),
            sum_target=Sum("target", filter=counted),
            sum_actual=Sum("actual", filter=counted),
            sum_seasonal=Sum("seasonal", filter=counted),
            suspended=Count("pk", filter=Q(target__isnull=True)),
        )
    )
    return [
        {**row, "group": row[path], **{name: row[f"sum_{name}"] for name in ("target", "actual", "seasonal")}}
        for row in found
    ]
