"""Random histories, drawn by Hypothesis and weighted so that what is rare in life is common here.

Three partners, five products in three families, two schedules and one to three orders on a calendar of seven runs;
then mishaps: late news, corrections, cancellations, re-attributions, contracts, certificates, price lists, holds.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.histories import (
    CALENDAR,
    Agreed,
    Certified,
    Granted,
    Held,
    History,
    Joined,
    Offered,
    Published,
    Released,
    Revoked,
    Step,
    Told,
)
from tests.reference.facts import (
    Certificate,
    Contract,
    DealerCode,
    Event,
    Hold,
    Manual,
    Membership,
    Partner,
    Product,
    World,
)
from tests.reference.schedules import Component, Match, Version

LONG_AGO = date(2020, 1, 1)
PRODUCTS = {"isdn": "voice", "volt": "voice", "dsl": "data", "vpn": "data", "care": "extra"}
PARTNERS = ("P1", "P2", "P3")
REASONS = (
    "CUSTOMER_MOVED",
    "REGULAR_END",
    "PORT_OUT",
    "OTHER",
    "CUSTOMER_DECEASED",
    "DATA_ERROR",
    "NON_PAYMENT",
    "WITHDRAWAL",
    "FRAUD_PARTNER",
    "FRAUD_CUSTOMER",
    "DUPLICATE",
    "NO_AVAILABILITY",
    "PROVIDER_FAULT",
    "PROVIDER_TERMINATION",
    "PRICE_INCREASE",
)
# Days on which months, VAT rates, contracts and versions turn, more likely than the days between them.
EDGES = [
    date(2020, 9, 30),
    date(2020, 10, 1),
    date(2020, 11, 30),
    date(2020, 12, 1),
    date(2020, 12, 31),
    date(2021, 1, 1),
]


def day_in(dice: Random, first: date, last: date) -> date:
    edges = [d for d in EDGES if first <= d <= last]
    return dice.choice(edges) if edges and chance(dice, 40) else first + timedelta(dice.randint(0, (last - first).days))


def money(dice: Random, low: int, high: int) -> Decimal:
    return Decimal(dice.randint(low * 100, high * 100)) / 100


def chance(dice: Random, percent: int) -> bool:
    return dice.randrange(100) < percent


def pick(dice: Random, *values: Any) -> Any:
    return dice.choice(values)


# ---- the stage -----------------------------------------------------------------------------------------------
def draw_match(dice: Random) -> Match:
    kind = pick(
        dice, "any", "any", "any", "any", "family", "family", "product", "transaction", "class", "level", "kind"
    )
    return {
        "any": Match(),
        "family": Match(families=pick(dice, ("voice",), ("data",), ("voice", "data"))),
        "product": Match(products=pick(dice, ("isdn",), ("dsl", "isdn"), ("vpn",))),
        "transaction": Match(transactions=("new",)),
        "class": Match(customer_classes=pick(dice, ("consumer",), ("smb", "soho"))),
        "level": Match(levels=pick(dice, ("gold",), ("silver",))),
        "kind": Match(partner_kinds=("system_partner", "agency")),
    }[kind]


def draw_component(dice: Random, code: str) -> Component:
    shared = {
        "match": draw_match(dice),
        "certificate": pick(dice, *[None] * 4, "voice", "voice", "data", "data"),
        "round_to": Decimal(pick(dice, "0.01", "0.01", "0.01", "0.10", "1.00")),
    }
    if code.startswith("air"):
        rate = {"percent": pick(dice, Decimal(4), Decimal("3.5"), Decimal("12.25")), "of": "revenue"}
        group = pick(dice, "r", "r", None)
        return Component(code, "recurring", group=group, months=pick(dice, None, 2, 4, 24), **rate, **shared)
    if code == "fee":
        return Component(code, "recurring", months=pick(dice, None, 3, 6), amount=money(dice, 1, 9), **shared)
    rate = {
        "share": lambda: {"percent": pick(dice, Decimal(5), Decimal("7.5")), "of": "order_value"},
        "factor": lambda: {"percent": pick(dice, Decimal(250), Decimal("33.3333")), "of": "monthly_price"},
    }.get(code, lambda: {"amount": money(dice, 10, 99)})()
    group = "g" if code in ("prime", "plain") else None
    clawback = pick(dice, None, ("full", 6), ("full", 12), ("months", 7), ("months", 24), ("months", 12))
    return Component(code, "closing", group=group, clawback=clawback, **rate, **shared)


CODES = ("base", "base", "prime", "plain", "share", "factor", "air", "air", "air2", "fee")


def draw_version(dice: Random, schedule: str, valid_from: date, fixed: bool) -> Version:
    codes = list(dict.fromkeys(dice.choices(CODES if fixed else CODES[:-1], k=dice.randint(2, 6))))
    return Version(schedule, valid_from, tuple(draw_component(dice, code) for code in codes))


def draw_changed(dice: Random, version: Version, first: Version, valid_from: date, fixed: bool) -> Version:
    """A later wording: a rate, a condition or a sequence changes, a component comes or goes."""
    components = list(version.components)
    at = dice.randrange(len(components))
    old = components[at]
    change = pick(dice, *["rate"] * 5, "redraw", "drop", "add", "turn", "turn", "restore")
    if change == "rate":
        value = old.amount if old.amount is not None else old.percent
        field = "amount" if old.amount is not None else "percent"
        components[at] = replace(old, **{field: value + pick(dice, Decimal("0.5"), Decimal("-0.5"), Decimal(5))})
    elif change == "redraw":
        components[at] = draw_component(dice, old.code)
    elif change == "drop" and len(components) > 1:
        del components[at]
    elif change == "turn":
        components.reverse()
    elif change == "restore":
        components = list(first.components)
    else:
        taken = {component.code for component in components}
        free = [c for c in dict.fromkeys(CODES if fixed else CODES[:-1]) if c not in taken]
        if free:
            components.insert(at, draw_component(dice, dice.choice(free)))
    return replace(version, valid_from=valid_from, components=tuple(components))


def draw_contracts(dice: Random, partner: str) -> tuple[Contract, ...]:
    home = "S1" if partner != "P2" else pick(dice, "S1", "S2")
    parent = pick(dice, None, None, "P3") if partner != "P3" else None
    whole = Contract(partner, home, LONG_AGO, None, pick(dice, "", "gold", "silver"), parent)
    turn = day_in(dice, date(2020, 9, 10), date(2020, 12, 31))
    shape = pick(dice, *["whole"] * 12, "gap", "other", "level", "late", "none")
    return {
        "whole": (whole,),
        "gap": (replace(whole, valid_until=turn), replace(whole, valid_from=turn + timedelta(20))),
        "other": (replace(whole, valid_until=turn), replace(whole, valid_from=turn, schedule="S2")),
        "level": (replace(whole, valid_until=turn), replace(whole, valid_from=turn, level="gold")),
        "late": (replace(whole, valid_from=turn),),
        "none": (),
    }[shape]


def draw_certificate(dice: Random, key: str) -> Certificate:
    start = pick(dice, *[date(2020, 6, 1)] * 4, day_in(dice, date(2020, 8, 1), date(2020, 12, 31)))
    until = pick(dice, *[None] * 5, start + timedelta(60), start + timedelta(365))
    return Certificate(key, pick(dice, *["anna"] * 6, "ben"), pick(dice, "voice", "data"), start, until)


def draw_certificates(dice: Random) -> list[Certificate]:
    """Most of the time Anna may sell what P1 sells."""
    summer = [Certificate(f"z{i}", "anna", family, date(2020, 6, 1)) for i, family in enumerate(("voice", "data"))]
    return [*summer, draw_certificate(dice, "z2")]


def draw_product(dice: Random, code: str) -> Product:
    window = pick(dice, *["open"] * 12, "from", "until", "announced")
    turn = day_in(dice, date(2020, 9, 10), date(2020, 12, 31))
    start, until = {
        "open": (LONG_AGO, None),
        "from": (turn, None),
        "until": (LONG_AGO, turn),
        "announced": (None, None),
    }[window]
    return Product(code, PRODUCTS[code], start, until)


# ---- orders and their mishaps ------------------------------------------------------------------------------------
class Orders:
    """Draws the events of the orders of one history and says how late each becomes known."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.slots: list[list[Step]] = [[] for _ in CALENDAR]
        self.count = 0

    def tell(self, order: str, event_type: str, day: date, **given: object) -> None:
        self.count += 1
        # Sorting by event id must not follow the sequence of drawing.
        event = Event(f"{pick(self.dice, 'x', 'y', 'Z')}{self.count}", event_type, day, order, **given)
        self.slots[self.when(day)].append(Told(event))

    def when(self, day: date) -> int:
        """In its month, or, more rarely, any number of runs later or earlier."""
        on_time = next((i for i, month in enumerate(CALENDAR) if month >= day.replace(day=1)), len(CALENDAR) - 1)
        return min(len(CALENDAR) - 1, max(0, on_time + pick(self.dice, 0, 0, 0, 0, 0, 0, 1, 1, 2, -1, -4)))

    def order(self, order: str) -> None:
        dice = self.dice
        signed = day_in(dice, date(2020, 8, 25), date(2020, 12, 31))
        activated = signed + timedelta(pick(dice, 0, 3, 10, 10, 30, 31, -2))
        self.tell(
            order,
            "captured",
            signed,
            dealer_code=pick(dice, "D1", "D1", "D1", "D2", "D3"),
            product=pick(dice, *PRODUCTS),
            transaction=pick(dice, None, "new", "renewal"),
            customer_class=pick(dice, None, "consumer", "smb"),
            quantity=pick(dice, None, None, Decimal(2), Decimal("2.5")),
            order_value=money(dice, 0, 900) if chance(dice, 60) else None,
            monthly_price=money(dice, 0, 60) if chance(dice, 60) else None,
        )
        if chance(dice, 95):
            self.tell(order, "activated", activated)
        for _ in range(pick(dice, 0, 1, 2, 3, 4)):
            month = pick(dice, *CALENDAR, date(2020, 8, 1), date(2020, 11, 1), date(2021, 3, 1))
            billed = money(dice, -20, 150)
            self.tell(order, "revenue", month + timedelta(35), revenue_month=month, revenue=billed)
        for mishap in dice.choices(MISHAPS, k=pick(dice, 1, 2, 3, 3, 4)):
            mishap(self, order, activated)

    def later(self, activated: date) -> date:
        return activated + timedelta(pick(self.dice, 0, 5, 20, 31, 45, 60, 61, 92, 120, 150, 181, 210, -5))

    def cancelled(self, order: str, activated: date) -> None:
        evidence = pick(self.dice, None, None, "dunning 7")
        day = self.later(activated)
        if chance(self.dice, 10):
            self.tell(order, "withdrawn", day, evidence=evidence)
        else:
            self.tell(order, "cancelled", day, reason=pick(self.dice, *REASONS), evidence=evidence)
        if chance(self.dice, 25):
            self.evidence(order, day)
        if chance(self.dice, 15):
            self.tell(order, "corrected", day + timedelta(pick(self.dice, -1, 0, 40)), reason=pick(self.dice, *REASONS))

    def unpaid(self, order: str, activated: date) -> None:
        day = activated + timedelta(pick(self.dice, 5, 31, 45, 61, 92))
        self.tell(order, "cancelled", day, reason="NON_PAYMENT")
        if chance(self.dice, 60):
            self.evidence(order, day)

    def revoked(self, order: str, activated: date) -> None:
        day = activated + timedelta(pick(self.dice, 0, 20, 45, 61, 92))
        reason = pick(self.dice, "CUSTOMER_MOVED", "DUPLICATE", "FRAUD_CUSTOMER", "WITHDRAWAL", "OTHER")
        self.tell(order, "cancelled", day, reason=reason)
        self.tell(order, "cancellation_revoked", day + timedelta(pick(self.dice, 0, 10, 35, 62, 62)))

    def evidence(self, order: str, activated: date) -> None:
        """The proof comes with any later event, also with a bill."""
        day = activated + timedelta(pick(self.dice, 0, 30, 60, 90))
        if chance(self.dice, 50):
            month = day.replace(day=1)
            self.tell(order, "revenue", day, revenue_month=month, revenue=money(self.dice, 0, 50), evidence="letter 3")
        else:
            self.tell(order, "corrected", day, evidence="letter 4")

    def corrected(self, order: str, activated: date) -> None:
        dice, told = self.dice, {}
        for field in dice.sample(sorted(CORRECTIONS), k=pick(dice, 1, 1, 2)):
            told[field] = CORRECTIONS[field](dice, activated)
        self.tell(order, "corrected", activated + timedelta(pick(dice, -3, 0, 20, 40, 70, 100)), **told)

    def reattributed(self, order: str, activated: date) -> None:
        day = self.later(activated)
        for code in pick(self.dice, ["D1"], ["D2"], ["D2"], ["D3"], ["D2", "D1"], ["D2", "D3", "D1"]):
            event_type = pick(self.dice, "reattributed", "reattributed", "reattributed", "corrected")
            self.tell(order, event_type, day, dealer_code=code)
            day += timedelta(pick(self.dice, 1, 31, 62))  # there, and back in a later run

    def suspended(self, order: str, activated: date) -> None:
        day = self.later(activated)
        self.tell(order, "suspended", day)
        if chance(self.dice, 70):
            self.tell(order, "resumed", day + timedelta(pick(self.dice, 0, 10, 40)))

    def odd(self, order: str, activated: date) -> None:
        """Captured twice, activated twice, rejected after all."""
        kind = pick(self.dice, "captured", "activated", "rejected")
        day = activated + timedelta(pick(self.dice, -20, 1, 40))
        named = {"dealer_code": "D2", "product": "vpn"} if kind == "captured" else {}
        self.tell(order, kind, day, reason="DATA_ERROR" if kind == "rejected" else None, **named)

    def held(self, order: str, activated: date) -> None:
        key = f"h{order}"
        scope = pick(self.dice, {"order": order}, {"order": order}, {"partner": "P1"}, {"component": "base"})
        if chance(self.dice, 30) and "component" not in scope:
            scope = {**scope, "component": pick(self.dice, "base", "air")}
        # A hold on an order needs the order to be there.
        captures = [i for i, slot in enumerate(self.slots) for s in slot if _captures(s, order)]
        start = min(len(CALENDAR) - 1, max(self.when(activated), min(captures) + 1 if "order" in scope else 0))
        if any(isinstance(s, Held) and s.hold.key == key for slot in self.slots for s in slot):
            return
        self.slots[start].append(Held(Hold(key, **scope)))
        end = start + pick(self.dice, 0, 1, 1, 2, 3, 9)
        if end < len(CALENDAR):
            self.slots[end].append(Released(key))


def _captures(step: Step, order: str) -> bool:
    return isinstance(step, Told) and step.event.order == order and step.event.event_type == "captured"


CORRECTIONS = {
    "product": lambda dice, day: pick(dice, *PRODUCTS),
    "transaction": lambda dice, day: pick(dice, "new", "renewal"),
    "customer_class": lambda dice, day: pick(dice, "consumer", "soho", "smb"),
    "quantity": lambda dice, day: pick(dice, Decimal(1), Decimal(3)),
    "order_value": lambda dice, day: money(dice, 0, 900),
    "monthly_price": lambda dice, day: money(dice, 0, 60),
    "signed_on": lambda dice, day: day_in(dice, date(2020, 8, 20), date(2020, 12, 31)),
    "activated_on": lambda dice, day: day + timedelta(pick(dice, -40, -5, 5, 40, 90, 150)),
}
MISHAPS = (
    Orders.cancelled,
    Orders.cancelled,
    Orders.revoked,
    Orders.revoked,
    Orders.revoked,
    Orders.corrected,
    Orders.corrected,
    Orders.reattributed,
    Orders.reattributed,
    Orders.unpaid,
    Orders.unpaid,
    Orders.suspended,
    Orders.odd,
    Orders.held,
    Orders.held,
)


# ---- what happens around the orders ----------------------------------------------------------------------------
def draw_turn(dice: Random, world: World, slots: list[list[Step]], number: int, fixed: bool) -> None:
    """One change of master data at a random time."""
    at = dice.randrange(len(CALENDAR))
    later = min(at + pick(dice, 1, 1, 2, 3), len(CALENDAR) - 1)
    kind = pick(dice, *["version"] * 7, *["certificate"] * 6, *["revoked"] * 6, *["contract"] * 3, "product", "manual")
    if kind == "version":
        schedule = pick(dice, "S1", "S1", "S2")
        told = [s.version for slot in slots for s in slot if isinstance(s, Published)]
        known = [v for v in (*world.versions, *told) if v.schedule == schedule]
        valid_from = pick(
            dice, *[LONG_AGO] * 4, known[-1].valid_from, day_in(dice, date(2020, 9, 1), date(2021, 1, 31))
        )
        slots[max(at, pick(dice, 0, 2, 3))].append(
            Published(draw_changed(dice, known[-1], known[0], valid_from, fixed))
        )
    elif kind == "certificate":
        certificate = draw_certificate(dice, f"z{number}")
        slots[at].append(Certified(certificate))
        if chance(dice, 30) and later > at:
            slots[later].append(Revoked(certificate.key))
    elif kind == "revoked" and world.certificates:
        slots[max(at, pick(dice, 2, 3, 4))].append(Revoked(pick(dice, *world.certificates).key))
    elif kind == "contract":
        partner = pick(dice, "P1", "P1", "P2")
        slots[at].append(Agreed(partner, draw_contracts(dice, partner)))
    elif kind == "product":
        slots[at].append(Offered(draw_product(dice, pick(dice, *PRODUCTS))))
        if chance(dice, 30):
            slots[at].append(Joined(Membership(f"carl{number}", "P1", day_in(dice, LONG_AGO, date(2020, 12, 1)))))
            slots[at].append(Certified(replace(draw_certificate(dice, f"z{number}"), person=f"carl{number}")))
    else:
        slots[at].append(Granted(Manual(f"m{number}", pick(dice, *PARTNERS), money(dice, -300, 300))))
        if chance(dice, 30):
            slots[later].append(Granted(Manual(f"n{number}", pick(dice, *PARTNERS), money(dice, -300, 300))))


def draw_history(dice: Random, fixed: bool = True) -> History:
    """`fixed`: whether recurring components may pay a fixed amount a month."""
    turn = day_in(dice, date(2020, 10, 5), date(2020, 12, 10))
    first = draw_version(dice, "S1", LONG_AGO, fixed)
    second = draw_version(dice, "S2", pick(dice, LONG_AGO, LONG_AGO, date(2020, 10, 1)), fixed)
    vat = [pick(dice, "regular", "regular", "regular", "small_business", "eu", "none") for _ in PARTNERS]
    kinds = [pick(dice, "system_partner", "agency", "specialist_dealer"), "exclusive", "distributor"]
    world = World(
        partners=tuple(Partner(n, k, v) for n, k, v in zip(PARTNERS, kinds, vat, strict=True)),
        dealer_codes=(
            DealerCode("D1", "P1"),
            DealerCode("D2", "P2"),
            DealerCode("D3", "P1", valid_until=turn),  # an outlet that changes hands
            DealerCode("D3", "P2", valid_from=turn),
        ),
        contracts=tuple(c for p in PARTNERS for c in draw_contracts(dice, p)),
        memberships=(
            Membership("anna", "P1"),
            Membership("ben", "P2", pick(dice, LONG_AGO, date(2020, 10, 10)), pick(dice, None, date(2020, 12, 1))),
        ),
        certificates=tuple(c for c in draw_certificates(dice) if chance(dice, 75)),
        products=tuple(draw_product(dice, code) for code in PRODUCTS),
        versions=(first, second),
    )
    orders = Orders(dice)
    for number in range(pick(dice, 1, 1, 2, 3)):
        orders.order(f"O{number + 1}")
    for number in range(pick(dice, 4, 5, 6, 7)):
        draw_turn(dice, world, orders.slots, 10 + number, fixed)
    return History(world, tuple(tuple(slot) for slot in orders.slots))


def histories(fixed: bool = False) -> st.SearchStrategy[History]:
    """Real dice and no shrinking by Hypothesis: its bias to what is simple makes rare causes rarer, and a batch of
    histories in one database is shrunk by leaving out steps (`simpler`), all candidates of a round at once."""
    return st.randoms(use_true_random=True).map(lambda dice: draw_history(dice, fixed))
