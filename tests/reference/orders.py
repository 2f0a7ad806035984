"""What the events of one order add up to on a day: a fold over the set, in one fixed sequence.

captured 5 March (product a), activated 10 March, corrected (product b) 20 March
-> on 15 March product a; on 31 March product b, signed 5 March, activated 10 March
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.reference.arithmetic import within
from tests.reference.facts import DealerCode, Event

SEQUENCE = (
    "captured",
    "rejected",
    "corrected",
    "reattributed",
    "activated",
    "suspended",
    "resumed",
    "cancelled",
    "withdrawn",
    "cancellation_revoked",
    "revenue",
)


@dataclass(frozen=True)
class Cancellation:
    day: date
    reason: str


@dataclass(frozen=True)
class Order:
    key: str
    partner: str
    product: str
    transaction: str
    customer: str
    customer_class: str
    annual_spend: Decimal | None
    campaigns: frozenset[str]
    quantity: Fraction
    order_value: Fraction
    monthly_price: Fraction
    signed_on: date
    activated_on: date | None
    cancellation: Cancellation | None
    evidence: str
    pauses: tuple[tuple[date, bool], ...]  # (day, suspended from then on), in sequence
    revenue: tuple[tuple[date, Fraction], ...]  # billed EUR a month

    def active_on(self, day: date) -> bool:
        if self.activated_on is None or day < self.activated_on:
            return False
        if self.cancellation and self.cancellation.day <= day:
            return False
        return [suspended for since, suspended in self.pauses if since <= day][-1:] != [True]


def sort_key(event: Event) -> tuple[date, int, bytes]:
    return event.occurred_on, SEQUENCE.index(event.event_type), event.event_id.encode()


def fold(events: Iterable[Event], codes: Iterable[DealerCode], cutoff: date) -> Order | None:
    """The order as of `cutoff`, None if it is not captured by then. Revenue counts by its month, not by its day."""
    everything = sorted(events, key=sort_key)
    known = [e for e in everything if e.occurred_on <= cutoff]
    captures = [e for e in known if e.event_type == "captured"]
    if not captures:
        return None
    base = captures[0]
    told = [base] + [e for e in known if e.event_type == "corrected"]
    named = sorted(told + [e for e in known if e.event_type == "reattributed"], key=sort_key)

    def last(field: str, default: object = None) -> object:
        said = [getattr(e, field) for e in told if getattr(e, field) is not None]
        return said[-1] if said else default

    activations = [e.occurred_on for e in known if e.event_type == "activated"]
    revenue: dict[date, Fraction] = {}
    for e in everything:
        if e.event_type == "revenue" and e.revenue_month <= cutoff:
            revenue[e.revenue_month] = revenue.get(e.revenue_month, Fraction(0)) + Fraction(e.revenue)
    evidence = [e.evidence for e in known if e.evidence]
    return Order(
        key=base.order,
        partner=_partner_of([e for e in named if e.dealer_code is not None][-1], codes),
        product=last("product"),
        transaction=last("transaction", "new"),
        customer=last("customer_no", f"C-{base.order}"),
        customer_class=last("customer_class", "consumer"),
        annual_spend=last("annual_spend"),
        campaigns=frozenset(last("campaign", "").split()),
        quantity=Fraction(last("quantity", 1)),
        order_value=Fraction(last("order_value", 0)),
        monthly_price=Fraction(last("monthly_price", 0)),
        signed_on=last("signed_on", base.occurred_on),
        activated_on=last("activated_on", activations[0] if activations else None),
        cancellation=_cancellation(known),
        evidence=evidence[-1] if evidence else "",
        pauses=tuple(
            (e.occurred_on, e.event_type == "suspended") for e in known if e.event_type in ("suspended", "resumed")
        ),
        revenue=tuple(sorted(revenue.items())),
    )


def _partner_of(event: Event, codes: Iterable[DealerCode]) -> str:
    """A dealer code belongs to the partner who had it on the day of the event that names it."""
    for code in codes:
        if code.code == event.dealer_code and within(event.occurred_on, code.valid_from, code.valid_until):
            return code.partner
    raise LookupError(f"{event.event_id}: nobody has {event.dealer_code} on {event.occurred_on}")


def _cancellation(known: list[Event]) -> Cancellation | None:
    """The last word on it; its reason is the last one given, also by a later correction."""
    ends = [e for e in known if e.event_type in ("cancelled", "withdrawn", "cancellation_revoked")]
    if not ends or ends[-1].event_type == "cancellation_revoked":
        return None
    if ends[-1].event_type == "withdrawn":
        return Cancellation(ends[-1].occurred_on, "WITHDRAWAL")
    reasons = [e.reason for e in known if e.event_type in ("cancelled", "corrected") and e.reason]
    return Cancellation(ends[-1].occurred_on, reasons[-1])
