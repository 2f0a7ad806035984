"""Why a line is posted: the first input that differs in value from the last posted line of the identity.

last line: product a, no cancellation    now: product b, cancelled, share 16/24    -> corrected
last line: product a, share 16/24        now: product a, no cancellation           -> reinstated
"""

from dataclasses import replace
from datetime import date

from tests.reference.assessment import Identity, Inputs


def since_last_line(last: Inputs, now: Inputs) -> str | None:
    """The first difference in the sequence of the rule; None if every input is the same."""
    return moved(last, now) or _own(last, now)


def moved(last: Inputs, now: Inputs) -> str | None:
    """What changed about the order or its partner, the only things that carry it to another identity."""
    if last.partner != now.partner:
        return "reattributed"
    if last.contract != now.contract:
        return "contract"
    if last.terms != now.terms or _base_differs(last, now):
        return "corrected"
    return None


def _base_differs(last: Inputs, now: Inputs) -> bool:
    """Only where both lines price the same thing: `percent of order_value` instead of an amount is the schedule's."""
    if last.component is None or now.component is None:
        return False
    same = (last.component.of, last.component.by_amount) == (now.component.of, now.component.by_amount)
    return same and last.base != now.base


def _own(last: Inputs, now: Inputs) -> str | None:
    if now.component and last.cancellation != now.cancellation and last.share != now.share:
        return "cancelled" if now.share > last.share else "reinstated"
    return _of_the_component(last, now)


def _of_the_component(last: Inputs, now: Inputs) -> str | None:
    if last.component != now.component:
        return "schedule_changed"
    if last.certified != now.certified:
        return "certificate"
    if last.hold != now.hold:
        return "hold"
    if last.target != now.target:
        return "target"
    if last.survey != now.survey:
        return "survey"
    if last.reached != now.reached:
        return "re_rated"
    return None


def of_a_follower(last: Inputs, now: Inputs, kind: str) -> str | None:
    """An input of its own that changed: to whom it is paid, its campaign, component, survey or room; None: ask the line.

    A hold may be the line's as well, so it speaks only if the line says nothing.
    """
    if kind in ("override", "split") and distributor(last) != distributor(now):
        return "contract"
    if kind == "campaign" and last.terms[-1] != now.terms[-1]:  # whether the order names it
        return "corrected"
    return _of_the_component(replace(last, hold=now.hold), now)


def distributor(inputs: Inputs) -> str | None:
    return inputs.contract[2] if inputs.contract else None


def of_a_first_line(origin: Inputs | None, now: Inputs, identity: Identity, kind: str, posted: date | None) -> str:
    """`origin`: last inputs of what stood in the place of this identity until now; None if nothing did."""
    if origin is not None:
        return moved(origin, now) or "schedule_changed"
    return earned_or_late(identity, kind, posted)


def earned_or_late(identity: Identity, kind: str, posted: date | None) -> str:
    """What is billed and target bonuses always come after their month."""
    in_time = posted is None or identity.month > posted
    late = not in_time and identity.revenue_month is None and kind != "target_bonus"
    return "late_event" if late else "earned"
