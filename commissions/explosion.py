"""A published document as the rows the engine joins on: a component each, and for bundles the parts a customer needs.

    store((version, document))

Where percent and EUR meet one column: tiers of percent steps have `basis` = what they are a percent of, tiers of amounts
and everything else that pays EUR has `units`; what follows a line has `line`. An empty list of a match becomes NULL: any.
"""

from dataclasses import fields
from decimal import Decimal
from typing import Any
from uuid import UUID

from commissions.models import Basis, BundleNeed, Component, ScheduleVersion
from commissions.schedule_document import Clawback, Document, Kind, Match, Measure, Step, component_digest
from commissions.schedule_document import Component as Said

FOLLOWERS = (Kind.UPLIFT, Kind.OVERRIDE, Kind.SPLIT)


def store(*published: tuple[ScheduleVersion, Document]) -> None:
    """Writes the rows of all components; once, when a version is published."""
    components = [
        (Component(version=version, position=position, **columns(said)), said)
        for version, document in published
        for position, said in enumerate(document.components)
    ]
    Component.objects.bulk_create(row for row, _said in components)
    BundleNeed.objects.bulk_create(
        BundleNeed(component=row, position=position, **_match(need))
        for row, said in components
        for position, need in enumerate(said.needs)
    )


def columns(said: Said) -> dict[str, Any]:
    """Every column of a component but the version's and the position's."""
    return {
        "code": said.code,
        "title_de": said.title.text("de", said.code),
        "title_en": said.title.text("en", said.code),
        "kind": said.kind,
        **_match(said.match),
        "alternatives": said.group,
        "basis": str(_basis(said)),
        "rate": _flat_rate(said),
        "round_to": said.round_to,
        **_tiers(said),
        "months": said.months,
        "certificate": said.certificate,
        **_clawback(said.clawback),
        "reserve_percent": said.reserve_percent,
        "follows": list(said.follows) or None,
        "campaign": said.campaign or "",
        "target": said.target or "",
        "settle_after_days": said.settle_after_days,
        "within_days": said.within_days,
        "effective_from": said.effective_from,
        "min_answers": said.min_answers,
        "digest": UUID(component_digest(said)[:32]),
    }


def _match(match: Match) -> dict[str, list[str] | None]:
    return {field.name: list(getattr(match, field.name)) or None for field in fields(match)}


def _basis(said: Said) -> str:
    if said.kind in FOLLOWERS or said.follows:
        return Basis.LINE
    rate = said.rate
    by_percent = rate is not None and (rate.percent is not None or (rate.tiers is not None and rate.tiers.by_percent))
    return str(rate.of) if rate is not None and rate.of is not None and by_percent else Basis.UNITS


def _flat_rate(said: Said) -> Decimal:
    """EUR a unit, or percent; what the parent keeps of a split. 0 where steps decide."""
    rate = said.rate
    flat = said.keep_percent if rate is None else rate.amount if rate.amount is not None else rate.percent
    return flat if flat is not None else Decimal(0)


def _tiers(said: Said) -> dict[str, Any]:
    """Steps of any kind: of tiers with what they measure, of a target bonus or an uplift."""
    rate = said.rate
    if rate is not None and rate.tiers is not None:
        tiers = rate.tiers
        measure = str(rate.of) if tiers.measure == Measure.TURNOVER else str(Basis.UNITS)
        return {"measure": measure, "window": str(tiers.window), "mode": str(tiers.mode), **_steps(tiers.steps)}
    total = bool(said.steps) and said.steps[0].amount is not None
    return {"mode": str(said.mode or ""), "steps_total": total, **_steps(said.steps)}


def _steps(steps: tuple[Step, ...]) -> dict[str, list[Decimal] | None]:
    return {
        "steps_from": [step.start for step in steps] or None,
        "steps_rate": [step.rate for step in steps] or None,
    }


def _clawback(clawback: Clawback | None) -> dict[str, Any]:
    if clawback is None:
        return {}
    # Steps without months end with their last one, which covers the day on which its last month is full.
    open_end = clawback.months is None
    return {
        "clawback_mode": str(clawback.mode),
        "clawback_months": clawback.liability + 1 if open_end else clawback.liability,
        "clawback_until": [step.until_month for step in clawback.steps] or None,
        "clawback_percent": [step.percent for step in clawback.steps] or None,
    }
