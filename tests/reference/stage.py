"""A small stage for tests of the reference model: a world in a line, a run in a word."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.reference import feed
from tests.reference.facts import Contract, DealerCode, Membership, Partner, Product, World
from tests.reference.ledger import Ledger, run
from tests.reference.schedules import Component, Version

FIRST = date(2000, 1, 1)


def day(text: str) -> date:
    return date.fromisoformat(text if len(text) == 10 else text + "-01")


def amount(text: str) -> Fraction:
    return Fraction(text)


def closing(code: str = "closing", rate: str = "45.00", **given: object) -> Component:
    return Component(code, "closing", amount=Decimal(rate), **given)


def percent(code: str, kind: str, rate: str, of: str, **given: object) -> Component:
    return Component(code, kind, percent=Decimal(rate), of=of, **given)


def world(components: Iterable[Component], events: str = "", **given: object) -> World:
    """One partner P-1 with dealer code D-1 on schedule sp, a second P-2 with D-2 on the same."""
    stage = World(
        partners=(Partner("P-1"), Partner("P-2")),
        dealer_codes=(DealerCode("D-1", "P-1"), DealerCode("D-2", "P-2")),
        contracts=(Contract("P-1", "sp"), Contract("P-2", "sp")),
        memberships=(Membership("anna", "P-1"),),
        products=(Product("isdn-basic", "isdn"), Product("dsl-2000", "dsl"), Product("vpn-flat", "vpn")),
        versions=(Version("sp", FIRST, tuple(components)),),
        events=feed.read(events) if events else frozenset(),
    )
    return replace(stage, **given)


def also(stage: World, events: str) -> World:
    return replace(stage, events=stage.events | feed.read(events))


def sold(product: str = "isdn-basic", signed: str = "2026-03-05", activated: str = "2026-03-10") -> str:
    return f"""event_id,event_type,occurred_on,order_id,dealer_code,product
               a1,captured,{signed},O-1,D-1,{product}
               b1,activated,{activated},O-1,,"""


def posted(ledger: Ledger, month: str) -> list[tuple[str, str, Fraction, str, str]]:
    """(partner, component, amount, cause, hold) of the lines of one run, in a fixed sequence."""
    return sorted(
        (line.identity.partner, line.identity.component, line.amount, line.cause, line.hold if line.notice else "")
        for line in ledger.of_run(day(month))
    )


def through(stage: World, *months: str, after: Ledger | None = None) -> Ledger:
    ledger = after or Ledger()
    for month in months:
        ledger = run(stage, ledger, day(month))
    return ledger


def sums(ledger: Ledger) -> dict[str, Fraction]:
    """EUR posted by each run that posted any."""
    found: dict[str, Fraction] = {}
    for line in ledger.lines:
        month = f"{line.run:%Y-%m}"
        found[month] = found.get(month, Fraction(0)) + line.amount
    return found
