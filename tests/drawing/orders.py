"""Random orders: the events of their lives, and how late each becomes known."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from tests.drawing.dice import PRODUCTS, SPENDS, chance, day_in, money, pick, price
from tests.histories import CALENDAR, Held, Released, Step, Told
from tests.reference.facts import Event, Hold

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


class Orders:
    """Draws the events of the orders of one history and says how late each becomes known."""

    def __init__(self, dice: Random, allowed: frozenset[str], codes: list[str], focus: tuple[str, ...]) -> None:
        self.dice, self.allowed, self.codes = dice, allowed, codes
        # Orders that have to meet: in a window of one partner, or as parts of a bundle.
        self.together = bool({"slab", "grad", "airt", "volume", "goal", "pair", "nps"} & set(focus))
        self.one_customer = "pair" in focus
        # Orders of several partners that have to meet in the queue for a cap.
        self.queue = bool({"boost", "spiff"} & set(focus))
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
        return min(len(CALENDAR) - 1, max(0, on_time + pick(self.dice, *SHIFTS)))

    def order(self, order: str) -> None:
        dice = self.dice
        signed = day_in(dice, date(2020, 8, 25), date(2020, 12, 31))
        activated = signed + timedelta(pick(dice, 0, 3, 10, 10, 30, 31, -2))
        self.tell(
            order,
            "captured",
            signed,
            dealer_code=pick(
                dice, "D1", "D1", "D1", "D2", "D3", *["D1"] * (12 if self.together and not self.queue else 0)
            ),
            product=pick(dice, *PRODUCTS),
            transaction=pick(dice, None, None, "new", "new", "renewal", "renewal", "referral"),
            customer_no=pick(dice, None, "K1", "K1", "K2", *["K1"] * (8 if self.one_customer else 0))
            if "bundle" in self.allowed
            else None,
            customer_class=pick(dice, None, "consumer", "smb", "enterprise"),
            annual_spend=Decimal(pick(dice, *SPENDS)) if chance(dice, 8 if self.together else 35) else None,
            campaign=pick(dice, *[None] * (not self.queue), *NAMED) if "campaign" in self.allowed else None,
            quantity=pick(dice, None, None, Decimal(2), Decimal("2.5")),
            order_value=money(dice, 0, 900) if chance(dice, 75) else None,
            monthly_price=price(dice) if chance(dice, 60) else None,
        )
        if chance(dice, 95):
            self.tell(order, "activated", activated)
        for _ in range(pick(dice, 0, 1, 2, 3, 4)):
            month = pick(dice, *CALENDAR, date(2020, 8, 1), date(2020, 11, 1), date(2021, 3, 1))
            billed = money(dice, -20, 150)
            self.tell(order, "revenue", month + timedelta(35), revenue_month=month, revenue=billed)
        for mishap in dice.choices(MISHAPS, k=pick(dice, *((0, 0, 1, 2) if self.together else (1, 2, 3, 3, 4)))):
            mishap(self, order, activated)
        if self.queue and chance(dice, 50):
            self.moved(order, activated)

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
        fields = sorted(
            set(CORRECTIONS) - ({"campaign"} - self.allowed) - (set() if "bundle" in self.allowed else {"customer_no"})
        )
        for field in dice.sample(fields, k=pick(dice, 1, 1, 2)):
            told[field] = CORRECTIONS[field](dice, activated)
        self.tell(order, "corrected", activated + timedelta(pick(dice, -3, 0, 20, 40, 70, 100)), **told)

    def moved(self, order: str, activated: date) -> None:
        """To another place of the queue, out of it, or it takes more or less of it, once others stand there."""
        field = pick(self.dice, "signed_on", "signed_on", "signed_on", "campaign", "quantity", "order_value")
        day = activated + timedelta(pick(self.dice, 20, 40, 70, 100, 150))
        self.tell(order, "corrected", day, **{field: CORRECTIONS[field](self.dice, activated)})

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
        scope = pick(self.dice, {"order": order}, {"order": order}, {"partner": "P1"}, {"partner": "P3"})
        if chance(self.dice, 20):
            scope = {}
        if not scope or chance(self.dice, 30):
            scope = {**scope, "component": pick(self.dice, *self.codes)}
        # A hold on an order needs the order to be there.
        captures = [i for i, slot in enumerate(self.slots) for s in slot if _captures(s, order)]
        start = min(len(CALENDAR) - 1, max(self.when(activated), min(captures) + 1 if "order" in scope else 0))
        if any(isinstance(s, Held) and s.hold.key == key for slot in self.slots for s in slot):
            return
        self.slots[start].append(Held(Hold(key, **scope)))
        end = start + pick(self.dice, 0, 1, 1, 2, 3, 9)
        if end < len(CALENDAR):
            self.slots[end].append(Released(key))


# Runs by which news comes late, or early.
SHIFTS = (0, 0, 0, 0, 0, 0, 1, 1, 2, -1, -4)


def _captures(step: Step, order: str) -> bool:
    return isinstance(step, Told) and step.event.order == order and step.event.event_type == "captured"


NAMED = ("smart", "extra", "smart extra", "smart extra")  # campaigns
CORRECTIONS = {
    "campaign": lambda dice, day: pick(dice, *NAMED, "other"),
    "customer_no": lambda dice, day: pick(dice, "K1", "K2"),
    "product": lambda dice, day: pick(dice, *PRODUCTS),
    "transaction": lambda dice, day: pick(dice, "new", "renewal", "referral"),
    "annual_spend": lambda dice, day: Decimal(pick(dice, *SPENDS)),
    "customer_class": lambda dice, day: pick(dice, "consumer", "soho", "smb", "enterprise"),
    "quantity": lambda dice, day: pick(dice, Decimal(1), Decimal(3)),
    "order_value": lambda dice, day: money(dice, 0, 900),
    "monthly_price": lambda dice, day: price(dice),
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
