"""Orders to which exactly one remarkable thing happens, so that every state of the screens can be looked at.

Months are counted from the year's first, which is 0; the open month is 11. Most happen to Systemhaus Beispiel 01.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from core.periods import add_months, last_of_month
from sales.synthetic import Reported, Row

HOME, SECOND, UNCERTIFIED, SMALL, NEW = 1001, 1002, 1003, 1010, 1014
SUMMER = "sommeraktion"  # code of the campaign in months 6 and 7


class _Story:
    """One order; `on` says when something happened, and `told` when it was reported, if later or earlier."""

    def __init__(self, start: date, name: str, customer: int) -> None:
        self.start, self.name, self.customer = start, f"S-{name}", customer
        self.rows: list[Reported] = []

    def day(self, month: int, day: int) -> date:
        return add_months(self.start, month).replace(day=day)

    def tell(
        self, event_type: str, on: tuple[int, int], told: tuple[int, int] | None = None, **values: str
    ) -> "_Story":
        row: Row = {"event_id": f"{self.name}-{len(self.rows) + 1:02d}", "event_type": event_type}
        row |= {"occurred_on": self.day(*on).isoformat(), "order_id": self.name} | values
        self.rows.append((self.day(*(told or on)), row))
        return self

    def sold(
        self, product: str, partner: int, on: tuple[int, int], told: tuple[int, int] | None = None, **values: str
    ) -> "_Story":
        """Captured on a day and activated a week later."""
        fixed = {
            "dealer_code": f"VO-{partner}A",
            "product": product,
            "customer_no": f"KD-{900_000 + self.customer}",
            "customer_name": f"Mustermann & Töchter {self.customer} OHG",
            "customer_class": "smb",
            "annual_spend": "2400.00",
        }
        self.tell("captured", on, told, **(fixed | values))
        week = self.day(*on) + timedelta(days=7)
        row = {"event_id": f"{self.name}-00", "event_type": "activated"}
        row |= {"occurred_on": week.isoformat(), "order_id": self.name}
        self.rows.append((max(week, self.day(*(told or on))), row))
        return self

    def billed(self, months: range, euros: str) -> "_Story":
        for month in months:
            end = last_of_month(add_months(self.start, month))
            self.tell("revenue", (month, end.day), revenue_month=f"{end:%Y-%m}", revenue=euros)
        return self


def stories(start: date) -> Iterator[Reported]:
    """Every row of every story with the day it is reported; those after today are for the caller to leave out."""
    for story in _all(start):
        yield from story.rows


def _all(start: date) -> Iterator[_Story]:
    def of(name: str, customer: int) -> _Story:
        return _Story(start, name, customer)

    # From the first to the last month: the airtime that everybody can follow.
    yield of("ISDN-TREU", 1).sold("isdn-basis", HOME, (0, 5)).billed(range(11), "95.55")
    yield of("SPAET", 2).sold("isdn-basis", HOME, (7, 3), told=(9, 6)).billed(range(9, 11), "61.20")
    reattributed = of("UMGEZOGEN", 3).sold("dsl-50", HOME, (5, 4))
    yield reattributed.tell("reattributed", (8, 12), dealer_code=f"VO-{SECOND}A")
    revoked = of("ZURUECKGENOMMEN", 4).sold("mobil-team", HOME, (3, 2), quantity="3")
    revoked.tell("cancelled", (6, 15), reason="CUSTOMER_MOVED")
    yield revoked.tell("cancellation_revoked", (8, 20))
    yield of("STORNO", 5).sold("dsl-50", HOME, (1, 3)).tell("cancelled", (9, 20), reason="PORT_OUT")
    yield of("WIDERRUF", 6).sold("mobil-flat", HOME, (9, 20)).tell("withdrawn", (10, 5))
    yield of("BETREIBER", 7).sold("dsl-50", HOME, (2, 6)).tell("cancelled", (8, 9), reason="PROVIDER_FAULT")
    # No payment: without proof nothing is taken back; the second one's proof comes two months later.
    yield of("OHNE-BELEG", 8).sold("isdn-basis", HOME, (2, 9)).tell("cancelled", (9, 8), reason="NON_PAYMENT")
    proven = of("MIT-BELEG", 9).sold("isdn-basis", HOME, (2, 9)).tell("cancelled", (7, 8), reason="NON_PAYMENT")
    yield proven.tell("corrected", (9, 11), evidence="Mahnakte 2209")
    yield (
        of("BALD-GEKUENDIGT", 10)
        .sold("dsl-50", HOME, (1, 12))
        .tell("cancelled", (13, 1), (10, 9), reason="REGULAR_END")
    )
    yield of("MENGE", 11).sold("mobil-team", HOME, (6, 3), quantity="2").tell("corrected", (8, 5), quantity="5")
    # VPN: nobody certified; certified from the start of the year on, but recorded half a year later; revoked.
    yield of("VPN-GESPERRT", 12).sold("vpn-flat", UNCERTIFIED, (8, 5), order_value="7080.00")
    yield of("VPN-FREIGEGEBEN", 13).sold("vpn-flat", SECOND, (2, 5), order_value="5400.00")
    yield of("VPN", 14).sold("vpn-standort", HOME, (9, 5), order_value="2450.00")
    yield of("NICHT-IM-PORTFOLIO", 15).sold("glasfaser-1000", HOME, (9, 6), monthly_price="79.00")
    yield of("NICHT-IM-TARIF", 16).sold("dsl-50", HOME, (8, 6), transaction="upgrade")
    yield of("EINBEHALTEN", 17).sold("mobil-team", HOME, (10, 3), quantity="8")
    # A large commission, taken back whole: the small partner's statement turns negative and is carried forward.
    large = of("GROSSAUFTRAG", 18).sold("vpn-flat", SMALL, (4, 5), order_value="38500.00")
    yield large.tell("withdrawn", (8, 14))
    # Sold two months before anybody filed the partner's contract.
    yield of("NEULING", 19).sold("isdn-basis", NEW, (4, 8))
    yield of("OFFEN", 20).tell(
        "captured",
        (11, 1),
        dealer_code=f"VO-{HOME}A",
        product="dsl-250",
        customer_no="KD-900020",
        customer_class="soho",
    )
    # A campaign one had to say yes to before selling: one partner did, the other forgot.
    yield of("SOMMER", 22).sold("mobil-flat", HOME, (6, 12), campaign=SUMMER)
    yield of("SOMMER-VERGESSEN", 23).sold("mobil-flat", SECOND, (6, 14), campaign=SUMMER)
    yield of("ZWISCHENBAND", 21).sold("internet-fest", HOME, (9, 10), annual_spend="6200.00", monthly_price="189.00")
    # Mobile twenty days after DSL: together they pay once more, until the customer leaves with one of them.
    yield of("DUO-DSL", 24).sold("dsl-50", HOME, (3, 2))
    yield of("DUO-MOBIL", 24).sold("mobil-flat", HOME, (3, 22)).tell("cancelled", (9, 24), reason="PORT_OUT")
