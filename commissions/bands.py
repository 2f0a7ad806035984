"""What targets are worth, for the room below: the steps of target bonuses that apply to partners on a day."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from commissions.models import Component, Kind, ScheduleVersion
from partners.models import Contract
from targets.bonus import Band, Bands


def target_bands(partners: Collection[int], kpis: Collection[str], day: date) -> Bands:
    """By partner and KPI: contract and version in force on `day`. A query for the contracts, two a schedule."""
    contracts = Contract.objects.on(day).filter(partner__in=partners).select_related("partner")
    by_schedule: dict[str, list[Contract]] = defaultdict(list)
    for contract in contracts:
        by_schedule[contract.schedule].append(contract)
    found: dict[tuple[int, str], list[Band]] = {}
    for schedule, signed in by_schedule.items():
        version = ScheduleVersion.objects.in_force(schedule, day)
        components = _components(version, kpis) if version else []
        for component in components:
            bands = [
                Band(start, rate, component.steps_total)
                for start, rate in zip(component.steps_from or [], component.steps_rate or [], strict=True)
            ]
            for contract in signed:
                if _applies(component, contract):
                    found.setdefault((contract.partner_id, component.target), bands)
    return found


def _components(version: ScheduleVersion, kpis: Collection[str]) -> list[Component]:
    return list(version.components.filter(kind=Kind.TARGET_BONUS, target__in=kpis).order_by("position"))


def _applies(component: Component, contract: Contract) -> bool:
    kinds, levels = component.partner_kinds, component.levels
    return (not kinds or contract.partner.kind in kinds) and (not levels or contract.level in levels)
