"""Why a line is posted: the first input that differs in value from the last posted line of the identity.

last line: product a, no cancellation    now: product b, cancelled, share 16/24    -> corrected
last line: product a, share 16/24        now: product a, no cancellation           -> reinstated
"""

from datetime import date

from tests.reference.entitlement import Inputs


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
    if last.component is None or now.component is None or last.component.of != now.component.of:
        return False
    return last.base != now.base


def _own(last: Inputs, now: Inputs) -> str | None:
    if now.component and last.cancellation != now.cancellation and last.share != now.share:
        return "cancelled" if now.share > last.share else "reinstated"
    if last.component != now.component:
        return "schedule_changed"
    if last.certified != now.certified:
        return "certificate"
    if last.hold != now.hold:
        return "hold"
    return None


def of_a_first_line(origin: Inputs | None, now: Inputs, month: date, recurring: bool, posted: date | None) -> str:
    """`origin`: last inputs of what stood in the place of this identity until now; None if nothing did."""
    if origin is not None:
        return moved(origin, now) or "schedule_changed"
    if not recurring and posted is not None and month <= posted:
        return "late_event"
    return "earned"
