"""What a simulation found: sums of both sides by partner, component, order or month, from their draft lines.

    changes(simulation, "component_code")   rows with before, after and change, EUR net

Only the chosen months count; both sides were calculated from the first day on, because a step may have begun earlier.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from commissions.models import Component, DraftLine, Kind, Simulation
from core.fields import MoneyField

ZERO = Decimal(0)


def changes(simulation: Simulation, *by: str) -> QuerySet[Any]:
    """Grouped by columns of the draft lines; a side without a line has 0."""

    def side(run: int) -> Coalesce:
        return Coalesce(Sum("amount", filter=Q(run_id=run)), ZERO, output_field=MoneyField())

    rows = DraftLine.objects.filter(
        run_id__in=[simulation.before_id, simulation.after_id],
        month__gte=simulation.first_month,
        month__lte=simulation.last_month,
        is_notice=False,
    )
    sums = rows.values(*by).annotate(before=side(simulation.before_id), after=side(simulation.after_id))
    return sums.annotate(change=F("after") - F("before")).order_by(*by)


@dataclass(frozen=True)
class Change:
    """One row: what it is about, what it was and would be, EUR net."""

    key: str
    label: str
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        return self.after - self.before

    @property
    def percent(self) -> Decimal | None:
        """By how much more, in percent of before; nothing if there was nothing."""
        return self.change * 100 / self.before if self.before > 0 else None


@dataclass(frozen=True)
class Result:
    components: list[Change]
    months: list[Change]
    partners: list[Change]  # every one with a line on either side

    @property
    def total(self) -> Change:
        parts = self.components
        return Change("", "", sum((each.before for each in parts), ZERO), sum((each.after for each in parts), ZERO))

    @property
    def changed(self) -> list[Change]:
        return [each for each in self.components if each.change]

    @property
    def unchanged(self) -> list[Change]:
        return [each for each in self.components if not each.change]

    @property
    def rest(self) -> Change:
        """What the components come to that stay as they are, so that a list of the others adds up."""
        same = sum((each.before for each in self.unchanged), ZERO)
        return Change("", "", same, same)

    @property
    def winners(self) -> list[Change]:
        """Who would get more, the most first."""
        return sorted((each for each in self.partners if each.change > 0), key=lambda each: -each.change)

    @property
    def losers(self) -> list[Change]:
        return sorted((each for each in self.partners if each.change < 0), key=lambda each: each.change)

    @property
    def largest(self) -> Decimal:
        """The scale of the bars."""
        return max((abs(each.change) for each in self.components), default=ZERO)


def result_of(simulation: Simulation) -> Result:
    titles = component_titles(simulation)
    components = [
        Change(
            row["component_code"],
            titles.get(row["component_code"], row["component_code"]),
            row["before"],
            row["after"],
        )
        for row in changes(simulation, "component_code")
        if row["before"] or row["after"]
    ]
    return Result(
        components=sorted(components, key=lambda each: (-abs(each.change), each.label)),
        months=[
            Change(str(row["month"]), row["month"], row["before"], row["after"]) for row in changes(simulation, "month")
        ],
        partners=[
            Change(row["partner__number"], row["partner__legal_name"], row["before"], row["after"])
            for row in changes(simulation, "partner__number", "partner__legal_name")
        ],
    )


def component_titles(simulation: Simulation) -> dict[str, str]:
    """By code; the simulated version's own title wins."""
    ids = (
        DraftLine.objects.filter(run_id__in=[simulation.before_id, simulation.after_id])
        .values("component_id")
        .distinct()
    )
    listed = Component.objects.filter(pk__in=ids).order_by("version_id").only("code", "title_de", "title_en")
    titles = {each.code: each.title for each in listed} | {str(Kind.MANUAL): str(Kind.MANUAL.label)}
    return titles | {each.code: each.title for each in simulation.version.components.all()}
