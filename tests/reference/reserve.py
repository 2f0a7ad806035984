"""The part of a closing commission that is kept back while the order may still be cancelled.

10 % of 1,234.56 posted in January: 123.46 withheld. In June 80.00 are drawn to pay a clawback: 43.46 are left, and
released in January of the next year, or before as far as they exceed what could still be clawed back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from tests.reference.arithmetic import CENT, half_up, last_day, plus_months
from tests.reference.assessment import NOTHING, Assessment, Identity
from tests.reference.books import Books, Line
from tests.reference.clawback import by_key
from tests.reference.eligibility import components_on
from tests.reference.facts import World


@dataclass(frozen=True)
class Cohort:
    """What was withheld by one statement: of one partner, posted in one month."""

    partner: str
    month: date
    balance: Fraction
    stands: Mapping[Identity, Assessment | None]  # its lines, as they stood when last nothing of them was kept back


def bearing(lines: Iterable[Line], books: Books) -> list[Line]:
    """First postings of positive closing lines that carry a reserve."""
    return [
        line
        for line in lines
        if line.kind == "closing"
        and line.amount > 0
        and line.inputs.component is not None
        and line.inputs.component.reserve_percent
        and not books.ever_paid(line.identity)
    ]


def to_withhold(lines: list[Line]) -> Fraction:
    """Rounded once for each percent of a statement."""
    sums: dict[Fraction, Fraction] = {}
    for line in lines:
        percent = Fraction(line.inputs.component.reserve_percent)
        sums[percent] = sums.get(percent, NOTHING) + line.amount
    return sum((half_up(total * percent / 100, CENT) for percent, total in sums.items()), NOTHING)


def standing(cohort: Cohort, booked: Mapping[Identity, Fraction], found: Mapping[Identity, Assessment]) -> Cohort:
    """The cohort after a run. While a hold keeps a difference back, its line stands as it did."""
    now = {
        i: found.get(i) if booked[i] == (found[i].entitled if i in found else NOTHING) else was
        for i, was in cohort.stands.items()
    }
    return replace(cohort, stands=now)


def exposure(world: World, cohort: Cohort, month: date) -> Fraction:
    """What would be taken back if every order of the cohort ended on the run's last day, by the key in force now.

    120.00, of which 80.00 went back when it was cancelled: at 15/24 there would be 75.00, so nothing more can go.
    """
    total = NOTHING
    for identity, line in cohort.stands.items():
        if line is None or line.inputs.contract is None:
            continue
        for component in components_on(world, line.inputs.contract[0], line.order.signed_on):
            if component.code == identity.component:
                share = by_key(component, line.order.activated_on, last_day(month))
                more = half_up(line.full * share, CENT) - line.clawed
                total += max(NOTHING, min(line.entitled, more))
    return total


def due(world: World, cohort: Cohort, month: date) -> Fraction:
    """What the run of `month` releases."""
    if month >= plus_months(cohort.month, 12):
        return cohort.balance
    return max(NOTHING, cohort.balance - exposure(world, cohort, month))


def drawn(cohorts: list[Cohort], need: Fraction) -> tuple[Fraction, list[Cohort]]:
    """Oldest first; gives what was found and what is left."""
    kept, total = [], NOTHING
    for cohort in cohorts:
        part = min(cohort.balance, need - total)
        total += part
        kept.append(replace(cohort, balance=cohort.balance - part))
    return total, kept
