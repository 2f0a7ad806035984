"""Lines that follow lines: uplift, override and split, on what is left of the line after clawing back.

closing 90.00; uplift 4 % 3.60; override 8 % 7.20 to the distributor; split 12.5 %: -11.25 here, +11.25 there
All three on 90.00, the amount before the split.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

from tests.reference.arithmetic import half_up, month_of, window_of
from tests.reference.assessment import NOTHING, Assessment, Identity, inputs_of
from tests.reference.eligibility import certified, first_of_group, withheld
from tests.reference.facts import World
from tests.reference.schedules import Component

FOLLOWERS = ("uplift", "override", "split")
Lines = Mapping[Identity, Assessment]


def follow(line: Identity, payee: str, code: str, month: date | None) -> Identity:
    """Order, revenue month and customer are those of the line; a follower names whom and what it follows."""
    return Identity(payee, code, month, line.order, line.revenue_month, line.component, line.partner, line.customer)


def followers(world: World, lines: Lines, month: date) -> dict[Identity, Assessment]:
    found: dict[Identity, Assessment] = {}
    for identity, line in summed(lines).items():
        for kind in FOLLOWERS:
            of_kind = [c for c in line.siblings if c.kind == kind and identity.component in c.follows]
            for component in first_of_group(of_kind):
                make = {"uplift": uplift, "override": override, "split": split}[kind]
                found |= dict(make(world, identity, line, component, month))
    return found


def summed(lines: Lines) -> dict[Identity, Assessment]:
    """A campaign may follow several lines of an order; who follows the campaign follows their sum."""
    found: dict[Identity, Assessment] = {}
    for identity, line in lines.items():
        if not line.followable:
            continue
        own = identity._replace(followed="", followed_partner="")
        if own not in found:
            found[own] = replace(line, follows=identity)
            continue
        first = found[own]
        left = [each.entitled for each in (first, line)]
        inputs = replace(first.inputs, hold=max(first.inputs.hold, line.inputs.hold))
        found[own] = replace(first, inputs=inputs, full=sum(left), clawed=NOTHING)
    return found


def uplift(
    world: World, identity: Identity, line: Assessment, component: Component, month: date
) -> Iterator[tuple[Identity, Assessment]]:
    """Posted in the last month of the line's quarter."""
    quarter = window_of(identity.month, "quarter")
    posted_in = month_of(quarter.last)
    if posted_in > month or (component.effective_from and identity.month < component.effective_from):
        return
    survey = survey_of(world, identity.partner, quarter.first)
    amount = line.entitled * satisfaction_rate(component, survey) / 100
    own = follow(identity, identity.partner, component.code, posted_in)
    yield own, _following(world, own, line, component, amount, survey=survey)


def survey_of(world: World, partner: str, quarter: date) -> tuple[int, int, int] | None:
    """Promoters, detractors and all answers."""
    for s in reversed(world.surveys):
        if (s.partner, s.quarter) == (partner, quarter):
            return s.promoters, s.detractors, s.promoters + s.passives + s.detractors
    return None


def satisfaction_rate(component: Component, survey: tuple[int, int, int] | None) -> Fraction:
    """Percent by the NPS, unrounded; too few answers, no survey or a score below the first step earn nothing."""
    promoters, detractors, answers = survey or (0, 0, 0)
    if not answers or answers < component.min_answers:
        return NOTHING
    score = Fraction(100 * (promoters - detractors), answers)
    begun = [s for s in component.steps if s.start <= score]
    return max(NOTHING, Fraction(begun[-1].rate)) if begun else NOTHING


def override(
    world: World, identity: Identity, line: Assessment, component: Component, month: date
) -> Iterator[tuple[Identity, Assessment]]:
    parent = line.inputs.contract and line.inputs.contract[2]
    if parent:
        own = follow(identity, parent, component.code, identity.month)
        amount = line.entitled * Fraction(component.percent) / 100
        yield own, _following(world, own, line, component, amount)


def split(
    world: World, identity: Identity, line: Assessment, component: Component, month: date
) -> Iterator[tuple[Identity, Assessment]]:
    """What the distributor keeps leaves the sub-partner: two lines that add up to nothing."""
    parent = line.inputs.contract and line.inputs.contract[2]
    if parent:
        amount = line.entitled * Fraction(component.keep_percent) / 100
        for payee, part in ((identity.partner, -amount), (parent, amount)):
            own = follow(identity, payee, component.code, identity.month)
            yield own, _following(world, own, line, component, part)


def _following(
    world: World,
    own: Identity,
    line: Assessment,
    component: Component,
    amount: Fraction,
    survey: tuple[int, int, int] | None = None,
) -> Assessment:
    ok = certified(world, line.order.partner, component, line.order.signed_on)
    hold = "" if ok else "certificate_missing"
    if ok and (line.inputs.hold == "withheld" or withheld(world, own.partner, line.order.key, component.code)):
        hold = "withheld"
    given = {"component": component, "certified": ok, "hold": hold, "survey": survey}
    return Assessment(
        component.kind,
        inputs_of(world, line.order, **given),
        full=half_up(amount, Fraction(component.round_to)),
        service=line.service,
        order=line.order,
        siblings=line.siblings,
        follows=line.follows,
    )
