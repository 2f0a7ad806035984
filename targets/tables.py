"""Lists of this room in the office."""

import json
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy, pgettext

from core import columns
from core.charts import share
from partners.models import Partner
from targets.arithmetic import pace, percent, shown
from targets.models import Agreement, Kpi, Proposal


class KpiColumn(columns.Column):
    """Attainment of one KPI as number and small bar, the forecast paler behind it; sorted by attainment."""

    num = True

    def __init__(self, kpi: Kpi, **kwargs: Any) -> None:
        self.kpi = kpi
        super().__init__(verbose_name=kpi.title, accessor=f"cell_{kpi.pk}", order_by=(f"-reached_{kpi.pk}",), **kwargs)

    def render(self, value: Any) -> str:
        cell = facts(value)
        if cell["target"] is None:
            return format_html('<span class="badge held">{}</span>', pgettext("target", "suspended"))
        url = reverse("targets:office_target", args=[cell["item"]])
        context = {**bar_pair(cell["target"], cell["actual"], cell["seasonal"]), "url": url}
        return render_to_string("targets/office/cell.html", context)

    def value(self, value: Any) -> Decimal | None:
        cell = facts(value)
        return shown(percent(cell["actual"], cell["target"])) if cell["target"] else None


def bar_pair(target: Decimal | None, actual: Decimal, seasonal: Decimal | None) -> dict[str, Any]:
    """What targets/office/cell.html draws: attainment, and where it ends, on a scale up to 150 %."""
    reached, ahead, top = shown(percent(actual, target)), shown(pace(seasonal, target)), Decimal(150)
    return {
        "reached": reached,
        "ahead": ahead,
        "reached_width": f"{min(share(reached, top), 100):.1f}",
        "ahead_width": f"{min(share(ahead, top), 100):.1f}",
        "tone": "taken" if ahead is not None and ahead < 80 else "earned" if ahead and ahead >= 100 else "brand",
    }


def facts(value: Any) -> dict[str, Any]:
    """A cell's numbers as decimals: JSON carries them as text of the database."""
    cell = json.loads(value, parse_float=Decimal) if isinstance(value, str) else value
    return {key: Decimal(str(each)) if each is not None and key != "item" else each for key, each in cell.items()}


class GridTable(columns.Table):
    partner = columns.Column(verbose_name=gettext_lazy("Partner"), order_by=("partner__sort_key",))
    kind = columns.Column(verbose_name=gettext_lazy("Kind"), accessor="partner__kind", opt=True)
    manager = columns.Column(
        verbose_name=gettext_lazy("Manager"),
        accessor="partner__manager",
        order_by=("partner__manager__name",),
        opt=True,
    )
    status = columns.BadgeColumn(Agreement.Status, verbose_name=gettext_lazy("Agreement"), opt=True)

    class Meta:
        model = Agreement
        fields: tuple[str, ...] = ()

    def render_partner(self, value: Partner, record: Agreement) -> str:
        return format_html('<a href="{}">{}</a>', reverse("targets:office_agreement", args=[record.pk]), value)

    def value_partner(self, value: Partner) -> str:
        return str(value)


class AgreementTable(GridTable):
    year = columns.Column(verbose_name=gettext_lazy("Year"))
    proposed_by = columns.Column(verbose_name=gettext_lazy("Proposed by"), opt=True)
    offered_by = columns.Column(verbose_name=gettext_lazy("Offered by"), opt=True)
    accepted_at = columns.MomentColumn(verbose_name=gettext_lazy("Accepted"), opt=True)
    targets = columns.NumberColumn(verbose_name=gettext_lazy("Targets"))

    class Meta:
        model = Agreement
        fields: tuple[str, ...] = ()
        sequence = ("partner", "year", "...", "status")

    def render_year(self, value: int) -> str:
        return str(value)


class ProposalTable(columns.Table):
    title = columns.LinkColumn("targets:office_adjustment", "pk", verbose_name=gettext_lazy("Adjustment"))
    year = columns.Column(verbose_name=gettext_lazy("Year"))
    reason_code = columns.Column(verbose_name=gettext_lazy("Reason"), opt=True)
    effective_on = columns.DayColumn(verbose_name=gettext_lazy("Effective"))
    agreements = columns.NumberColumn(verbose_name=gettext_lazy("Agreements"))
    unconfirmed = columns.NumberColumn(verbose_name=gettext_lazy("Not confirmed"), opt=True)
    requested_by = columns.Column(verbose_name=gettext_lazy("Asked for by"), opt=True)
    decided_by = columns.Column(verbose_name=gettext_lazy("Decided by"), opt=True)
    status = columns.BadgeColumn(Proposal.Status, verbose_name=gettext_lazy("Status"))

    class Meta:
        model = Proposal
        fields: tuple[str, ...] = ()

    def render_year(self, value: int) -> str:
        return str(value)
