"""An invented feed: whole lives of orders as an operator would report them. The same seed gives the same rows.

    feed = Feed(seed=7, first=date(2026, 1, 1), until=date(2026, 11, 22), orders=25_000, dealers=…, offers=…)
    for reported_on, row in rows(feed): ...     # row: the feed's columns, only those that say something
    write(rows(feed), folder, until=feed.until) # feed-2026-01.csv, feed-2026-02.csv, … by the month of the report

Rows are made one order at a time, so a million need no more memory than one. An order's events are reported on the
day they happen, some weeks late, some (a notice of cancellation) long before they take effect. Amounts are drawn in
whole cents; nothing passes through float.
"""

import csv
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random

from core.periods import add_months, first_of_month, last_of_month
from sales.reading import COLUMNS

Row = dict[str, str]
Reported = tuple[date, Row]

CLASSES = ["consumer"] * 3 + ["soho"] * 4 + ["smb"] * 2 + ["enterprise"]
# Yearly spend in EUR: call centre, partner, the band nobody is assigned to, direct sales; share in percent.
SPENDS = [(9, 300, 999), (77, 1000, 3000), (13, 3001, 9999), (1, 10_001, 60_000)]
REASONS = {
    "CUSTOMER_MOVED": 26,
    "NON_PAYMENT": 20,
    "PORT_OUT": 14,
    "REGULAR_END": 10,
    "PROVIDER_FAULT": 8,
    "PRICE_INCREASE": 6,
    "WITHDRAWAL": 4,
    "NO_AVAILABILITY": 3,
    "CUSTOMER_DECEASED": 3,
    "FRAUD_CUSTOMER": 2,
    "DUPLICATE": 2,
    "OTHER": 2,
}
REJECTIONS = ["NO_AVAILABILITY", "DATA_ERROR", "DUPLICATE", "OTHER"]


@dataclass(frozen=True)
class Dealer:
    """A dealer code that sells until (excluding) a day, `weight` times as much as one of weight 1."""

    code: str
    weight: int = 1
    until: date | None = None


@dataclass(frozen=True)
class Offer:
    """A product as it is sold: EUR net per unit and month, or once; cents are drawn between the two bounds."""

    product: str
    weight: int = 1
    sold_from: date | None = None
    sold_until: date | None = None
    monthly: tuple[int, int] | None = None  # EUR; absent: no revenue follows
    order_value: tuple[int, int] | None = None  # EUR
    most_units: int = 1
    business: bool = False  # sold to businesses only
    term_months: int = 24


@dataclass(frozen=True)
class Shares:
    """How often something happens to an order; 0 to 1, of all orders unless said otherwise."""

    rejected: float = 0.025
    open: float = 0.02  # captured, never activated
    late: float = 0.03  # reported one or two months after the fact
    cancelled: float = 0.13  # within the year after activation, so many lie beyond the feed's end
    withdrawn: float = 0.012
    revoked: float = 0.08  # of the cancelled
    proof: float = 0.65  # of the cancelled for non-payment; half of it comes with the cancellation, half later
    suspended: float = 0.01
    corrected: float = 0.02
    reattributed: float = 0.006
    renewal: float = 0.12
    credit: float = 0.01  # of the revenue rows: a credit note in the month after
    unknown_dealer: float = 0.0003
    unknown_product: float = 0.0003
    captured_twice: float = 0.0002
    class_missing: float = 0.01  # of the customers of products for businesses: their class is not told
    not_captured: float = 0.0003  # an activation whose capture never comes: it waits
    broken: float = 0.0004  # a row that cannot be read
    repeated: float = 0.002  # a row delivered twice


# Captured and activated, nothing else: what the import is measured with.
PLAIN = Shares(**dict.fromkeys(Shares.__dataclass_fields__, 0.0))


@dataclass(frozen=True)
class Feed:
    """What to invent. `revenue` False leaves the billing rows out, which are most of a real feed."""

    seed: int
    first: date  # first signature
    until: date  # nothing later is reported
    orders: int
    dealers: Sequence[Dealer]
    offers: Sequence[Offer]
    shares: Shares = field(default_factory=Shares)
    revenue: bool = True
    prefix: str = "A"


def rows(feed: Feed) -> Iterator[Reported]:
    """Every row with the day it is reported, order by order; rows reported after `until` are left out."""
    maker = _Maker(feed)
    for number in range(1, feed.orders + 1):
        for reported_on, row in maker.life(number):
            if reported_on <= feed.until:
                yield reported_on, row


def write(reported: Iterable[Reported], folder: Path, *, until: date) -> list[Path]:
    """One file a month of report, `feed-2026-01.csv`; returns them in sequence."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[date, Path] = {}
    writers: dict[date, csv.DictWriter[str]] = {}
    with ExitStack() as opened:
        for reported_on, row in reported:
            month = first_of_month(reported_on)
            if reported_on > until:
                continue
            if month not in writers:
                files[month] = folder / f"feed-{month:%Y-%m}.csv"
                file = opened.enter_context(files[month].open("w", newline="", encoding="utf-8"))
                writers[month] = csv.DictWriter(file, COLUMNS, lineterminator="\n")
                writers[month].writeheader()
            writers[month].writerow(row)
    return [files[month] for month in sorted(files)]


class _Maker:
    """Holds the one source of chance, so that the sequence of orders decides everything."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.random = Random(feed.seed)  # noqa: S311 - repeatable is what it must be
        self.dealer_weights = list(accumulate(dealer.weight for dealer in feed.dealers))
        self.offer_weights = list(accumulate(offer.weight for offer in feed.offers))
        self.days = (feed.until - feed.first).days
        self.customers = max(1, feed.orders * 7 // 10)

    def chance(self, share: float) -> bool:
        return share > 0 and self.random.random() < share

    def day(self, least: int, most: int) -> timedelta:
        return timedelta(days=self.random.randint(least, most))

    def pick_dealer(self, day: date) -> Dealer:
        while True:
            (dealer,) = self.random.choices(self.feed.dealers, cum_weights=self.dealer_weights)
            if dealer.until is None or day < dealer.until:
                return dealer

    def pick_offer(self, day: date) -> Offer:
        while True:
            (offer,) = self.random.choices(self.feed.offers, cum_weights=self.offer_weights)
            if (offer.sold_from is None or offer.sold_from <= day) and (
                offer.sold_until is None or day < offer.sold_until
            ):
                return offer

    # ---- one order -----------------------------------------------------------------------------------------------

    def life(self, number: int) -> Iterator[Reported]:
        shares, order = self.feed.shares, _Order(f"{self.feed.prefix}-{number:07d}")
        signed = self.feed.first + timedelta(days=self.random.randint(0, self.days))
        offer, dealer = self.pick_offer(signed), self.pick_dealer(signed)
        captured = order.event("captured", signed, **self.terms(number, offer, dealer))
        delay = self.day(32, 75) if self.chance(shares.late) else timedelta(0)
        if self.chance(shares.unknown_dealer):
            captured["dealer_code"] = "VO-UNBEKANNT"
        elif self.chance(shares.unknown_product):
            captured["product"] = "mobil-testtarif"
        if not self.chance(shares.not_captured):
            yield from self.deliver(signed + delay, captured)
        if self.chance(shares.captured_twice):
            yield from self.deliver(
                signed + delay, order.event("captured", signed, **self.terms(number, offer, dealer))
            )
        if self.chance(shares.rejected):
            refused = signed + self.day(1, 10)
            yield refused + delay, order.event("rejected", refused, reason=self.random.choice(REJECTIONS))
            return
        if self.chance(shares.open):
            return
        activated = signed + self.day(2, 21)
        yield from self.deliver(activated + delay, order.event("activated", activated))
        ended = yield from self.ending(order, activated)
        yield from self.changes(order, activated, captured)
        if self.feed.revenue and offer.monthly:
            yield from self.billing(order, captured, activated, ended)

    def deliver(self, day: date, row: Row) -> Iterator[Reported]:
        """The row, sometimes unreadable, sometimes twice."""
        if self.chance(self.feed.shares.broken):
            row = row | {"occurred_on": day.strftime("%d.%m.%Y")}
        yield day, row
        if self.chance(self.feed.shares.repeated):
            yield day + self.day(0, 40), row

    def terms(self, number: int, offer: Offer, dealer: Dealer) -> Row:
        customer = self.random.randint(1, self.customers)
        kind = CLASSES[customer % len(CLASSES)]
        if offer.business and kind == "consumer":
            kind = "smb"
        name = f"Familie Muster {customer}" if kind == "consumer" else f"Musterbetrieb {customer} GmbH"
        terms = {
            "dealer_code": dealer.code,
            "product": offer.product,
            "transaction": "renewal" if self.chance(self.feed.shares.renewal) else "new",
            "customer_no": f"KD-{100_000 + customer}",
            "customer_name": name,
            "customer_class": kind,
            "annual_spend": self.spend(customer),
            "quantity": str(min(self.random.randint(1, offer.most_units), self.random.randint(1, offer.most_units))),
            "term_months": str(offer.term_months),
        }
        # Drawn from the number, like the spend: the sequence of chances stays what it was.
        if offer.business and customer * 7919 % 1000 < self.feed.shares.class_missing * 1000:
            del terms["customer_class"]
        if offer.monthly:
            terms["monthly_price"] = self.cents(*offer.monthly)
        if offer.order_value:
            terms["order_value"] = self.cents(*offer.order_value)
        return terms

    def spend(self, customer: int) -> str:
        """A customer spends the same on every order: drawn from the number, not from chance."""
        place = customer * 7919 % 100
        for share, least, most in SPENDS:
            if place < share:
                return f"{least + customer * 104_729 % (most - least)}.{customer % 100:02d}"
            place -= share
        raise AssertionError("the shares add up to 100")

    def cents(self, least: int, most: int) -> str:
        return _euros(self.random.randint(least * 100, most * 100))

    def ending(self, order: "_Order", activated: date) -> Generator[Reported, None, date | None]:
        """Withdrawal or cancellation, sometimes revoked; returns the last day that is billed, if there is one."""
        shares = self.feed.shares
        if self.chance(shares.withdrawn):
            gone = activated + self.day(0, 13)
            yield gone, order.event("withdrawn", gone)
            return gone
        if not self.chance(shares.cancelled):
            return None
        gone = activated + self.day(25, 330)
        (reason,) = self.random.choices(list(REASONS), list(REASONS.values()))
        told = {"reason": reason}
        proven = reason == "NON_PAYMENT" and self.chance(shares.proof)
        if proven and self.chance(0.5):
            told["evidence"] = f"Mahnakte {order.number}"
        # A regular end is known long before it takes effect; a debtor is found out at once.
        noticed = gone - self.day(20, 60) if reason == "REGULAR_END" else gone
        yield max(noticed, activated), order.event("cancelled", gone, **told)
        if proven and "evidence" not in told:
            later = gone + self.day(15, 60)
            yield later, order.event("corrected", later, evidence=f"Mahnakte {order.number}")
        if self.chance(shares.revoked):
            back = gone + self.day(5, 50)
            yield back, order.event("cancellation_revoked", back)
            return None
        return gone

    def changes(self, order: "_Order", activated: date, captured: Row) -> Iterator[Reported]:
        shares = self.feed.shares
        if self.chance(shares.suspended):
            stopped = activated + self.day(20, 120)
            going = stopped + self.day(10, 50)
            yield stopped, order.event("suspended", stopped)
            yield going, order.event("resumed", going)
        if self.chance(shares.corrected):
            noticed = activated + self.day(5, 70)
            what = self.random.choice(["quantity", "customer_class", "activated_on"])
            right = {
                "quantity": str(int(captured["quantity"]) + 1),
                "customer_class": self.random.choice(["soho", "smb"]),
                "activated_on": (activated + self.day(1, 12)).isoformat(),
            }
            yield noticed, order.event("corrected", noticed, **{what: right[what]})
        if self.chance(shares.reattributed):
            noticed = activated + self.day(10, 80)
            yield noticed, order.event("reattributed", noticed, dealer_code=self.pick_dealer(noticed).code)

    def billing(self, order: "_Order", captured: Row, activated: date, ended: date | None) -> Iterator[Reported]:
        """A row a month, on the customer's billing day or on the month's last."""
        base = _cents(captured["monthly_price"]) * int(captured["quantity"])
        billed_on = self.random.choice([5, 12, 19, 26])
        month = first_of_month(activated)
        while month <= self.feed.until and (ended is None or month <= ended):
            day = month.replace(day=billed_on)
            if day < activated or (ended and ended < last_of_month(month)):
                day = last_of_month(month)
            if day > self.feed.until:
                return
            amount = base * self.random.randint(82, 135) // 100
            if month == first_of_month(activated):
                amount = amount * (31 - min(activated.day, 30)) // 30
            yield day, order.revenue(day, month, amount)
            if self.chance(self.feed.shares.credit):
                later = day + self.day(14, 34)
                yield later, order.revenue(later, month, -amount * self.random.randint(10, 110) // 100)
            month = add_months(month, 1)


class _Order:
    """Numbers the events of one order."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.events = 0

    def event(self, event_type: str, day: date, **values: str) -> Row:
        self.events += 1
        key = {"event_id": f"{self.number}-{self.events:02d}", "event_type": event_type}
        return key | {"occurred_on": day.isoformat(), "order_id": self.number} | values

    def revenue(self, day: date, month: date, cents: int) -> Row:
        return self.event("revenue", day, revenue_month=f"{month:%Y-%m}", revenue=_euros(cents))


def _euros(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _cents(euros: str) -> int:
    return int(euros.replace(".", ""))
