"""What an example expects beside what was posted, cent by cent.

expected {run: 2026-03, order: O-1, cause: earned, amount: 45.00}, posted 44.99 for another cause
-> Difference("run 2026-03, order O-1, cause earned", 45.00, None, "no such line; posted: corrected 44.99")
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from commissions.models import Line, Statement
from partners.models import Partner
from targets.queries import attainment

from .document import AttainmentExpectation, Example, Expectation

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Difference:
    """`found` None: there is no such line or statement."""

    line: int
    what: str
    wanted: Decimal | None
    found: Decimal | None
    note: str = ""


@dataclass(frozen=True)
class Posted:
    """A posted line by the keys an expectation may name; `held` only on the 0.00 line that tells of it."""

    run: str
    partner: str
    order: str
    component: str
    cause: str
    held: str
    amount: Decimal


def differences(example: Example) -> list[Difference]:
    """Of every expectation, in the order of the file; empty if all agree."""
    posted = list(_posted())
    return [
        found
        for wanted in example.expect
        for found in (
            _attainment_differences(wanted)
            if isinstance(wanted, AttainmentExpectation)
            else _differences(wanted, posted)
        )
    ]


def _posted() -> Iterator[Posted]:
    lines = Line.objects.order_by("pk").values_list(
        "run__month",
        "partner__number",
        "order__order_no",
        "component_code",
        "cause",
        "hold_reason",
        "is_notice",
        "amount",
    )
    for month, partner, order, component, cause, reason, is_notice, amount in lines:
        held = reason if is_notice else ""
        yield Posted(f"{month:%Y-%m}", partner, order or "", component, cause, held, amount)


def _differences(wanted: Expectation, posted: Iterable[Posted]) -> Iterator[Difference]:
    if wanted.statement is not None:
        yield from _statement_differences(wanted)
        return
    place = [
        line for line in posted if line.run == f"{wanted.run:%Y-%m}" and _fits(line, wanted, "partner order component")
    ]
    lines = [line for line in place if _fits(line, wanted, "cause held")]
    if (wanted.cause or wanted.held) and not lines:
        yield Difference(wanted.line, str(wanted), wanted.amount, None, _told(place))
        return
    found = sum((line.amount for line in lines), ZERO)
    if wanted.amount is not None and found != wanted.amount:
        yield Difference(wanted.line, str(wanted), wanted.amount, found, _told(lines))


def _fits(line: Posted, wanted: Expectation, keys: str) -> bool:
    return all(value == getattr(line, key) for key in keys.split() if (value := getattr(wanted, key)) is not None)


def _told(lines: list[Posted]) -> str:
    """What was posted there instead, so that nobody has to look it up."""
    if not lines:
        return _("nothing was posted there")
    told = [
        " ".join(filter(None, (line.order, line.component, line.cause, line.held, f"{line.amount}"))) for line in lines
    ]
    return _("posted: %s") % "; ".join(told[:6]) + ("; …" if len(told) > 6 else "")


def _statement_differences(wanted: Expectation) -> Iterator[Difference]:
    sums = wanted.statement.given() if wanted.statement else {}
    statement = Statement.objects.filter(run__month=wanted.run, partner__number=wanted.partner).first()
    for key, amount in sums.items():
        found = getattr(statement, key) if statement else None
        if found != amount:
            note = "" if statement else _("there is no statement")
            yield Difference(wanted.line, f"{wanted}: {key}", amount, found, note)


def _attainment_differences(wanted: AttainmentExpectation) -> Iterator[Difference]:
    partner = Partner.objects.get(number=wanted.partner)
    reached = attainment(partner, wanted.attainment, wanted.as_of)
    for key, value in wanted.given().items():
        found = reached and (reached.shown if key == "percent" else getattr(reached, key))
        if found != value:
            yield Difference(wanted.line, f"{wanted}: {key}", value, found, "" if reached else _("nothing is agreed"))
