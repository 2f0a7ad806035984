"""Schedules in the words of the public format, the reverse of `reading`: for failure reports and for the real import.

`rename` gives codes a prefix, so that many histories can share one database.
"""

from collections.abc import Callable

from tests.reference.schedules import Clawback, Component, Match, Step, Tiers, Version

Rename = Callable[[str], str]


def schedule(version: Version, rename: Rename = str) -> dict:
    said = {"schedule": rename(version.schedule), "valid_from": version.valid_from}
    if version.freeze_days != Version.freeze_days:
        said["freeze_days"] = version.freeze_days
    return {**said, "components": [component(c, rename) for c in version.components]}


def component(c: Component, rename: Rename) -> dict:
    said = {
        "code": rename(c.code),
        "kind": c.kind,
        "match": match(c.match, rename),
        "rate": rate(c),
        "months": c.months,
        "group": c.group,
        "certificate": c.certificate and rename(c.certificate),
        "clawback": clawback(Clawback(*c.clawback)) if c.clawback else None,
        "round_to": c.round_to if c.round_to != Component.round_to else None,
        "reserve_percent": c.reserve_percent,
        "campaign": c.campaign and rename(c.campaign),
        "follows": [rename(code) for code in c.follows],
        "keep_percent": c.keep_percent,
        "needs": [match(need, rename) for need in c.needs],
        "within_days": c.within_days,
    }
    if c.kind == "target_bonus":
        by = "amount" if c.in_total else "amount_per_unit"
        said |= {"target": rename(c.target), "mode": "slab", "settle_after_days": c.settle_after_days}
        said["steps"] = steps(c.steps, by)
    if c.kind == "uplift":
        said |= {"by": "nps", "min_answers": c.min_answers, "effective_from": c.effective_from}
        said["steps"] = steps(c.steps, "percent")
    return {key: value for key, value in said.items() if value not in (None, "", {}, [])}


def match(m: Match, rename: Rename) -> dict:
    said = {k: list(v) for k, v in vars(m).items() if v is not None}
    return {k: [rename(code) for code in v] if k in ("families", "products") else v for k, v in said.items()}


def rate(c: Component) -> dict:
    given = {"amount": c.amount, "percent": c.percent, "of": c.of, "tiers": tiers(c.tiers) if c.tiers else None}
    return {key: value for key, value in given.items() if value is not None}


def tiers(t: Tiers) -> dict:
    return {"measure": t.measure, "window": t.window, "mode": t.mode, "steps": steps(t.steps, t.by)}


def steps(given: tuple[Step, ...], by: str) -> list[dict]:
    return [{"from": s.start, by: s.rate} for s in given]


def clawback(c: Clawback) -> dict:
    said = {"mode": c.mode, "months": c.months}
    if c.steps:
        said["steps"] = [{"until_month": until, "percent": percent} for until, percent in c.steps]
    return {key: value for key, value in said.items() if value is not None}


def yaml(value: object) -> str:
    """Flow style, which is all our documents need."""
    if isinstance(value, dict):
        inner = ", ".join(f"{k}: {yaml(v)}" for k, v in value.items() if v not in (None, "", {}))
        return "{" + inner + "}"
    if isinstance(value, (list, tuple, frozenset)):
        return "[" + ", ".join(yaml(v) for v in value) + "]"
    return str(value)
