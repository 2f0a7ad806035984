"""Values of the public format, read from YAML whose scalars are all text: codes stay codes, only amounts are numbers."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from tests.reference.facts import Adjustment, Campaign, Segment, Survey, Target
from tests.reference.schedules import Clawback, Component, Match, Step, Tiers, Version

NAMED = {"products": "product", "families": "family", "partners": "partner"}
COMPONENT = (
    *("code", "title", "kind", "match", "rate", "months", "group", "certificate", "round_to", "clawback"),
    *("reserve_percent", "follows", "campaign", "needs", "within_days", "target", "mode", "settle_after_days"),
    *("steps", "by", "min_answers", "effective_from", "keep_percent"),
)


class UnknownHereError(Exception):
    """The example uses something that the reference model does not know (yet)."""


def a_date(value: str | None) -> date | None:
    return None if value in (None, "", "null", "~") else date.fromisoformat(value)


def a_month(value: str) -> date:
    return date.fromisoformat(f"{value}-01")


def a_quarter(value: str) -> date:
    year, _, number = value.partition("-Q")
    return date(int(year), 3 * int(number) - 2, 1)


def a_number(value: str | None) -> Decimal | None:
    return None if value in (None, "", "null", "~") else Decimal(value)


def codes(value: list[str] | None) -> tuple[str, ...] | None:
    return tuple(value) if value else None


def only(mapping: dict, known: Iterable[str], where: str) -> None:
    unknown = set(mapping) - set(known)
    if unknown:
        raise UnknownHereError(f"{where}: {', '.join(sorted(unknown))}")


# ---- schedules -----------------------------------------------------------------------------------------------------
def version(said: dict) -> Version:
    only(said, ("schedule", "title", "valid_from", "freeze_days", "components"), "schedule")
    components = tuple(component(c) for c in said["components"])
    return Version(said["schedule"], a_date(said["valid_from"]), components, int(said.get("freeze_days", 45)))


def match(said: dict | None) -> Match:
    return Match(**{k: tuple(v) for k, v in (said or {}).items()})


def component(said: dict) -> Component:
    only(said, COMPONENT, f"component {said.get('code')}")
    rate = said.get("rate") or {}
    only(rate, ("amount", "percent", "of", "tiers"), "rate")
    key = said.get("clawback")
    by = next((k for k in ("percent", "amount", "amount_per_unit") if k in (said.get("steps") or [{}])[0]), "")
    return Component(
        said["code"],
        said["kind"],
        match=match(said.get("match")),
        amount=a_number(rate.get("amount")),
        percent=a_number(rate.get("percent")),
        of=rate.get("of"),
        tiers=tiers(rate["tiers"]) if "tiers" in rate else None,
        months=int(said["months"]) if said.get("months") else None,
        group=said.get("group"),
        certificate=said.get("certificate"),
        round_to=Decimal(said.get("round_to", "0.01")),
        clawback=clawback(key) if key else None,
        reserve_percent=a_number(said.get("reserve_percent")),
        follows=tuple(said.get("follows", ())),
        campaign=said.get("campaign"),
        needs=tuple(match(need) for need in said.get("needs", ())),
        within_days=int(said["within_days"]) if "within_days" in said else None,
        target=said.get("target"),
        settle_after_days=int(said.get("settle_after_days", 45)),
        steps=tuple(Step(Decimal(s["from"]), Decimal(s[by])) for s in said.get("steps", ())),
        in_total=by == "amount",
        min_answers=int(said.get("min_answers", 30)),
        effective_from=a_date(said.get("effective_from")),
        keep_percent=a_number(said.get("keep_percent")),
    )


def tiers(said: dict) -> Tiers:
    by = "percent" if "percent" in said["steps"][0] else "amount"
    steps = tuple(Step(Decimal(s["from"]), Decimal(s[by])) for s in said["steps"])
    return Tiers(said["measure"], said["window"], said["mode"], by, steps)


def clawback(said: dict) -> Clawback:
    steps = tuple((int(s["until_month"]), Decimal(s["percent"])) for s in said.get("steps", ()))
    return Clawback(said["mode"], int(said["months"]) if "months" in said else None, steps)


# ---- what else is agreed -------------------------------------------------------------------------------------------
def campaign(said: dict) -> Campaign:
    known = ("code", "title", "from", "until", "registration", "cap_units", "cap_amount", "exclude", "stackable")
    only(said, known, f"campaign {said.get('code')}")
    return Campaign(
        said["code"],
        a_date(said["from"]),
        a_date(said.get("until")),
        said.get("registration") == "required",
        a_number(said.get("cap_units")),
        a_number(said.get("cap_amount")),
        frozenset((NAMED[kind], code) for kind, listed in (said.get("exclude") or {}).items() for code in listed),
        said.get("stackable", "true") == "true",
    )


def segment(said: dict) -> Segment:
    only(said, ("from", "to", "route", "partner_allowed"), "segment")
    allowed = said.get("partner_allowed") == "true"
    return Segment(said["route"], Decimal(said["from"]), a_number(said.get("to")), allowed)


def target(said: dict) -> Target:
    known = ("partner", "kpi", "year", "annual", "families", "transactions", "measure", "period", "weights")
    only(said, (*known, "adjustments"), "target")
    return Target(
        said["partner"],
        said["kpi"],
        int(said["year"]),
        Decimal(said["annual"]),
        codes(said.get("families")),
        codes(said.get("transactions")),
        said.get("measure", "units"),
        said.get("period", "half_year"),
        tuple(Decimal(w) for w in said.get("weights") or ["1"] * 12),
        tuple(adjustment(a) for a in said.get("adjustments", ())),
    )


def adjustment(said: dict) -> Adjustment:
    value = a_number(said.get("factor") or said.get("value") or said.get("annual"))
    return Adjustment(said["kind"], value, a_date(said.get("from")), a_date(said.get("until")))


def survey(said: dict) -> Survey:
    counted = (int(said[k]) for k in ("promoters", "passives", "detractors"))
    return Survey(said["partner"], a_quarter(said["quarter"]), *counted)
