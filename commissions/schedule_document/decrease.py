"""What pays less in one version than in another: asked before a version is published for days that are settled already.

>>> [str(each) for each in decreases(before, after)]
['components[0].rate.amount: pays less than before (70 → 65)']

Only what can be compared number by number is; a component that earns in another way than before counts as paying less,
because nobody can tell without calculating.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal

from django.utils.translation import gettext as _

from .document import Component, Document, Match, Rate, Step, number
from .problems import Problem


def decreases(before: Document, after: Document) -> list[Problem]:
    """Empty: no order of the days both versions price gets less by its rates."""
    places = {component.code: (index, component) for index, component in enumerate(after.components)}
    found = []
    for old in before.components:
        if old.code not in places:
            found.append(Problem("components", _("pays no more: the component is gone"), value=old.code))
            continue
        index, new = places[old.code]
        found += [
            Problem(f"components[{index}].{path}", message, value=value) for path, message, value in _less(old, new)
        ]
    return found


Finding = tuple[str, str, str]


def _less(old: Component, new: Component) -> Iterator[Finding]:
    if _form(old) != _form(new):
        yield "rate", _("is calculated in another way than before"), new.code
        return
    yield from _lower("rate", old.rate, new.rate)
    yield from _lower_steps("steps", old.steps, new.steps)
    if (new.keep_percent or 0) > (old.keep_percent or 0):
        yield "keep_percent", _("leaves less to the sub-partner"), _change(old.keep_percent, new.keep_percent)
    if new.months is not None and (old.months is None or new.months < old.months):
        yield "months", _("pays for a shorter time"), f"{old.months or '∞'} → {new.months}"
    if new.certificate is not None and new.certificate != old.certificate:
        yield "certificate", _("is needed now"), new.certificate
    for path, one, other in [("match", old.match, new.match), *_needed(old, new)]:
        for key in _narrower(one, other):
            yield f"{path}.{key}", _("pays for fewer orders"), ", ".join(getattr(other, key))
    if set(old.follows) - set(new.follows):
        yield "follows", _("follows fewer components"), ", ".join(sorted(set(old.follows) - set(new.follows)))


def _form(component: Component) -> tuple[object, ...]:
    """How it is calculated, without how much."""
    rate = component.rate
    tiers = rate and rate.tiers
    return (
        component.kind,
        rate and (rate.of, rate.amount is None, rate.percent is None),
        tiers and (tiers.measure, tiers.window, tiers.mode, tiers.by_percent),
        [step.amount is None for step in component.steps[:1]],
        (component.target, component.campaign, component.by, len(component.needs)),
    )


def _lower(path: str, old: Rate | None, new: Rate | None) -> Iterator[Finding]:
    if old is None or new is None:
        return
    for key in ("amount", "percent"):
        one, other = getattr(old, key), getattr(new, key)
        if one is not None and other < one:
            yield f"{path}.{key}", _("pays less than before"), _change(one, other)
    if old.tiers is not None and new.tiers is not None:
        yield from _lower_steps(f"{path}.tiers.steps", old.tiers.steps, new.tiers.steps)


def _lower_steps(path: str, old: tuple[Step, ...], new: tuple[Step, ...]) -> Iterator[Finding]:
    """At every bound of either: between two bounds nothing changes. Slices of a graduated tier are dearer by the same."""
    for start in sorted({step.start for step in (*old, *new)}):
        one, other = _at(old, start), _at(new, start)
        if other < one:
            yield path, _("pays less than before from %s on") % number(start), _change(one, other)


def _at(steps: tuple[Step, ...], measure: Decimal) -> Decimal:
    return next((step.rate for step in reversed(steps) if step.start <= measure), Decimal(0))


def _needed(old: Component, new: Component) -> list[tuple[str, Match, Match]]:
    pairs = zip(old.needs, new.needs, strict=True)
    return [(f"needs[{index}]", one, other) for index, (one, other) in enumerate(pairs)]


def _narrower(old: Match, new: Match) -> list[str]:
    def lost(key: str) -> bool:
        one, other = set(getattr(old, key)), set(getattr(new, key))
        return bool(other) and (not one or bool(one - other))

    return [field.name for field in fields(Match) if lost(field.name)]


def _change(old: Decimal | None, new: Decimal | None) -> str:
    return f"{number(old or Decimal(0))} → {number(new or Decimal(0))}"
