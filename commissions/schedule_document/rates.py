"""What a component pays and what it takes back, from text to value: amounts, percentages, tiers, steps, liability.

Each reader here is made for what one kind allows (`rate(kind, ("amount", "percent"), bases)`) and refuses the rest by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence as Several
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from .document import Base, Clawback, ClawbackMode, ClawbackStep, Measure, Mode, Rate, Step, Tiers, Window
from .fields import Key, Reader, Reading, decimal, join, list_of, one_of, peek, whole_number
from .tree import Node

ROUND_TO = (Decimal("0.01"), Decimal("0.10"), Decimal("1.00"))

eur = decimal("0", "9999999.99", 4)
percent = decimal("0", "10000", 4)
share = decimal("0", "100", 4)
measured = decimal("0", "9999999999.99", 4)  # EUR or units
month_count = whole_number(1, 600)


def rate(kind: str, either: Several[str], bases: Several[Base] = ()) -> Reader:
    """A reader of `rate` that says one of `either`. `bases`: what it may be of; without them, of the line followed."""
    readers = {
        "amount": Key(eur),
        "percent": Key(percent),
        "of": Key(one_of(tuple(Base))),
        "tiers": Key(_tiers(each_order="amount" in either)),
    }
    allowed = [*either, *(["of"] if bases else [])]
    keys = {key: readers[key] for key in allowed}

    def read(reading: Reading, place: str, node: Node) -> Rate | None:
        values = reading.mapping(place, node, keys, {key: elsewhere() for key in readers if key not in keys})
        if values is None:
            return None
        said = [key for key in either if key in values]
        if len(said) != 1:
            reading.refuse(place, node, _several(said), right=_("one of %s") % ", ".join(either))
            return None
        made = Rate(**{**values, "of": Base(values["of"]) if "of" in values else None})
        return made if not bases or _of_fits(reading, place, node, made, kind, bases) else None

    return read


def _several(said: Iterable[str]) -> str:
    said = list(said)
    return _("has more than one rate: %s") % ", ".join(said) if said else _("has no rate")


def elsewhere() -> str:
    return _("belongs to another kind of component")


def _of_fits(reading: Reading, place: str, node: Node, made: Rate, kind: str, bases: Several[Base]) -> bool:
    """`of` names the base of a percentage or of a turnover, and is nowhere else: it would say what does not happen."""
    tiers = made.tiers
    needed = made.percent is not None or (tiers is not None and (tiers.by_percent or tiers.measure == Measure.TURNOVER))
    right = _("one of %s") % ", ".join(bases)
    if needed and made.of is None:
        reading.refuse(join(place, "of"), node, _("is missing"), right=right)
    elif needed and made.of not in bases:
        reading.refuse(join(place, "of"), peek(node, "of"), _("is not possible with kind %s") % kind, right=right)
    elif not needed and made.of is not None:
        message = _("means nothing beside an amount")
        reading.refuse(join(place, "of"), peek(node, "of"), message, right=_("leave the key out"))
    else:
        return True
    return False


def _tiers(*, each_order: bool) -> Reader:
    """`each_order`: the tiers price orders one by one; a bonus pays for what the window measured, in EUR a unit or in percent."""
    keys = {
        "measure": Key(one_of(tuple(Measure)), required=True),
        "window": Key(one_of(tuple(Window)), required=True),
        "mode": Key(one_of(tuple(Mode)), required=True),
        "steps": Key(steps("percent", "amount", starts=measured, from_zero=True), required=True),
    }

    def read(reading: Reading, place: str, node: Node) -> Tiers | None:
        values = reading.mapping(place, node, keys)
        if values is None:
            return None
        made = Tiers(Measure(values["measure"]), Window(values["window"]), Mode(values["mode"]), values["steps"])
        fitting = Measure.TURNOVER if made.by_percent else Measure.UNITS
        graduated = made.mode == Mode.GRADUATED
        if made.measure == fitting or (each_order and not graduated):
            return made
        what = _("percent steps") if made.by_percent else _("amount steps")
        message = _("does not go together with graduated %s") if graduated else _("does not go together with %s")
        reading.refuse(join(place, "measure"), peek(node, "measure"), message % what, right=fitting)
        return None

    return read


def steps(*values: str, starts: Reader, from_zero: bool = False) -> Reader:
    """Steps in ascending order, each with one of `values`, and all with the same one."""
    money = {"percent": Key(percent), "amount": Key(eur), "amount_per_unit": Key(eur)}
    keys = {"from": Key(starts, required=True), **{name: money[name] for name in values}}

    def one(reading: Reading, place: str, node: Node) -> Step | None:
        found = reading.mapping(place, node, keys)
        if found is None:
            return None
        start = found.pop("from")
        if len(found) != 1:
            reading.refuse(place, node, _several(found), right=_("one of %s") % ", ".join(values))
            return None
        return Step(start, **found)

    def read(reading: Reading, place: str, node: Node) -> tuple[Step, ...] | None:
        before = len(reading.problems)
        found: list[tuple[str, Step]] = list_of(one)(reading, place, node) or []
        if len(reading.problems) > before or not found:
            return None
        _ascending(reading, [(join(inner, "from"), step.start) for inner, step in found])
        (first, step), rest = found[0], found[1:]
        if from_zero and step.start != 0:
            message = _("leaves what lies below without a rate")
            reading.refuse(join(first, "from"), None, message, value=str(step.start), right="0")
        said = next(name for name in values if getattr(step, name) is not None)
        for inner, each in rest:
            if getattr(each, said) is None:
                other = next(name for name in values if getattr(each, name) is not None)
                message = _("is another kind of rate than the first step has")
                reading.refuse(join(inner, other), None, message, value=str(each.rate), right=said)
        return tuple(each for _inner, each in found) if len(reading.problems) == before else None

    return read


def _ascending(reading: Reading, bounds: list[tuple[str, Any]]) -> None:
    for (_place, low), (place, high) in pairwise(bounds):
        if high <= low:
            right = _("steps in ascending order, so more than %s") % low
            reading.refuse(place, None, _("is not above the step before it"), value=str(high), right=right)


def clawback(reading: Reading, place: str, node: Node) -> Clawback | None:
    values = reading.mapping(place, node, CLAWBACK)
    if values is None:
        return None
    made = Clawback(ClawbackMode(values["mode"]), values.get("months"), values.get("steps", ()))
    by_steps = made.mode == ClawbackMode.STEPS
    if by_steps and not made.steps:
        reading.refuse(join(place, "steps"), node, _("is missing"), right="[{until_month: 6, percent: 100}, …]")
    elif not by_steps and made.steps:
        message = _("means nothing with mode %s") % made.mode
        reading.refuse(join(place, "steps"), None, message, right=_("mode: steps, or leave the key out"))
    elif not by_steps and made.months is None:
        reading.refuse(join(place, "months"), node, _("is missing"))
    else:
        return made
    return None


def _clawback_steps(reading: Reading, place: str, node: Node) -> tuple[ClawbackStep, ...] | None:
    before = len(reading.problems)
    found: list[tuple[str, ClawbackStep]] = list_of(_clawback_step)(reading, place, node) or []
    if len(reading.problems) == before:
        _ascending(reading, [(join(inner, "until_month"), step.until_month) for inner, step in found])
    return tuple(step for _inner, step in found) if len(reading.problems) == before else None


def _clawback_step(reading: Reading, place: str, node: Node) -> ClawbackStep | None:
    keys = {"until_month": Key(month_count, required=True), "percent": Key(share, required=True)}
    values = reading.mapping(place, node, keys)
    return None if values is None else ClawbackStep(**values)


def round_to(reading: Reading, place: str, node: Node) -> Decimal | None:
    value: Decimal | None = decimal("0", "1000", 4)(reading, place, node)
    if value is None or value in ROUND_TO:
        return value
    reading.refuse(place, node, _("is not a step to round to"), right="0.01, 0.10, 1.00")
    return None


CLAWBACK = {
    "mode": Key(one_of(tuple(ClawbackMode)), required=True),
    "months": Key(month_count),
    "steps": Key(_clawback_steps),
}
