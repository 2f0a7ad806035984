"""A run: entitled minus booked, line by line, with its cause; then the statements.

booked 70.00, price corrected backwards to 75.00: entitled 75.00 -> one line of 5.00, schedule_changed
certificate revoked after 850.00: entitled 0.00 -> one line of -850.00, certificate,
and one notice of 0.00 that says certificate_missing and what it would be
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from tests.reference import causes
from tests.reference.arithmetic import last_day
from tests.reference.entitlement import Assessment, Identity, Inputs, assess, held, plain_inputs
from tests.reference.facts import World
from tests.reference.orders import Order, fold
from tests.reference.statements import Statement, settle


@dataclass(frozen=True)
class Line:
    run: date
    identity: Identity
    amount: Fraction
    cause: str
    inputs: Inputs | None
    service_date: date
    hold: str = ""
    notice: bool = False
    would_be: Fraction = Fraction(0)


@dataclass(frozen=True)
class Ledger:
    """What was posted, in sequence. `run` gives the next one; nothing here ever changes."""

    lines: tuple[Line, ...] = ()
    statements: tuple[Statement, ...] = ()
    posted: date | None = None  # month of the last posted run

    def of_run(self, month: date) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.run == month)


def run(world: World, ledger: Ledger, month: date) -> Ledger:
    """Post everything that is due by the end of `month`."""
    if ledger.posted is not None and month <= ledger.posted:
        raise ValueError(f"{month:%Y-%m} is not after the last posted run")
    lines = list(_manual_lines(world, ledger, month))
    by_order: dict[str, list] = {}
    for event in world.events:
        by_order.setdefault(event.order, []).append(event)
    for key in sorted(by_order):
        order = fold(by_order[key], world.dealer_codes, last_day(month))
        if order is not None:
            lines += _lines_of_order(world, ledger, month, order)
    statements = settle(world, lines, ledger.statements, month)
    return Ledger(ledger.lines + tuple(lines), ledger.statements + tuple(statements), month)


def _manual_lines(world: World, ledger: Ledger, month: date) -> Iterable[Line]:
    posted = {line.identity for line in ledger.lines}
    for manual in world.manuals:
        identity = Identity(manual.partner, "", None, f"manual {manual.key}")
        if identity not in posted:
            yield Line(month, identity, Fraction(manual.amount), "manual", None, last_day(month))


def _lines_of_order(world: World, ledger: Ledger, month: date, order: Order) -> Iterable[Line]:
    before: dict[Identity, list[Line]] = {}
    for line in ledger.lines:
        if line.identity.order == order.key:
            before.setdefault(line.identity, []).append(line)
    now = assess(world, order, month)
    gone = {i: lines for i, lines in before.items() if i not in now and _something_left(lines)}
    for identity, assessment in now.items():
        lines = before.get(identity, [])
        if lines:
            cause = causes.since_last_line(lines[-1].inputs, assessment.inputs)
        else:
            origin = _origin(identity, before, gone)
            recurring = identity.revenue_month is not None
            cause = causes.of_a_first_line(origin, assessment.inputs, identity.month, recurring, ledger.posted)
        yield from _post(world, month, order, identity, assessment, lines, cause)
    for identity, lines in gone.items():
        assessment = Assessment(plain_inputs(world, order), idle=True)
        cause = causes.since_last_line(lines[-1].inputs, assessment.inputs)
        yield from _post(world, month, order, identity, assessment, lines, cause)


def _origin(identity: Identity, before: dict[Identity, list[Line]], gone: dict[Identity, list[Line]]) -> Inputs | None:
    """Where a new identity moved from: what the order had in its place (the closing, or the month) and has no more.

    Money that is taken back speaks first, then the same component, then the latest. A mere notice speaks only while
    nothing was posted in its place after it: it is never taken back, so it would speak for ever.
    """
    here = {i: lines for i, lines in before.items() if i.revenue_month == identity.revenue_month}
    latest = max((lines[-1].run for lines in here.values()), default=None)
    ranked = [
        (bool(booked), other.component == identity.component, lines[-1].run, lines[-1].inputs)
        for other, lines in here.items()
        if other in gone and ((booked := sum(line.amount for line in lines)) or lines[-1].run == latest)
    ]
    return max(ranked, key=lambda r: r[:3])[3] if ranked else None


def _something_left(lines: list[Line]) -> bool:
    return sum(line.amount for line in lines) != 0 or lines[-1].hold != ""


def _post(
    world: World,
    month: date,
    order: Order,
    identity: Identity,
    assessment: Assessment,
    before: list[Line],
    cause: str | None,
) -> Iterable[Line]:
    booked = sum((line.amount for line in before), Fraction(0))
    difference = assessment.entitled - booked
    hold = assessment.inputs.hold
    if (
        assessment.idle
        and difference
        and any(held(h, identity.partner, order.key, identity.component) for h in world.holds)
    ):
        hold = "withheld"
    inputs = replace(assessment.inputs, hold=hold)
    if cause is None and before and before[-1].inputs.hold != hold:
        cause = "hold"
    service = before[0].service_date if before else _service_date(order, identity)
    line = Line(month, identity, difference, cause or "", inputs, service, hold)
    if difference and hold != "withheld":
        assert cause, f"{identity}: {difference} without a cause"
        yield line
    if hold and hold != (before[-1].hold if before else "") and (hold != "withheld" or difference):
        assert cause, f"{identity}: {hold} without a cause"
        would_be = {"withheld": difference, "evidence_missing": -assessment.would_claw}.get(hold, assessment.left)
        yield replace(line, amount=Fraction(0), notice=True, would_be=would_be)


def _service_date(order: Order, identity: Identity) -> date:
    """The day whose VAT rate the line keeps for ever, whatever corrects it later."""
    return last_day(identity.revenue_month) if identity.revenue_month else order.activated_on
