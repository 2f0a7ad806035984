"""A small channel with a past: the cast sells from March to November 2026, eight months are posted, the ninth is open.

Everything comes in through the ordinary import and the ordinary runs. Nord has paid, held, cancelled, corrected, late
and rejected orders; Süd and Rival sell a little, so that a page which shows too much is found out.

    channel = make_channel(cast)          # a second or two
    channel.statement                     # Nord's last statement, October 2026
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from commissions import actions
from commissions.models import Run, Statement
from core.periods import add_months, last_of_month
from partners.models import Partner
from sales.importing import import_text
from sales.models import Product, ProductFamily
from tests.cast import Cast
from training.models import Certificate

FIRST, LAST = date(2026, 3, 1), date(2026, 10, 1)
NOW = datetime(2026, 11, 22, 1, 14, tzinfo=UTC)
COLUMNS = [
    "event_id",
    "event_type",
    "occurred_on",
    "order_id",
    "dealer_code",
    "product",
    "transaction",
    "customer_no",
    "customer_name",
    "customer_class",
    "quantity",
    "order_value",
    "revenue_month",
    "revenue",
    "reason",
    "evidence",
    "activated_on",
    "signed_on",
]
FAMILIES = {"isdn": ("ISDN", "ISDN"), "dsl": ("DSL", "DSL"), "vpn": ("VPN", "VPN"), "hosting": ("Hosting", "Hosting")}
PRODUCTS = {
    "isdn-basic": ("isdn", "ISDN Basis", "ISDN basic"),
    "dsl-50": ("dsl", "DSL 50", "DSL 50"),
    "vpn-flat": ("vpn", "VPN Flat", "VPN flat"),
    "hosting-start": ("hosting", "Hosting Start", "Hosting start"),
}
SCHEDULE = """
schedule: standard
title: {{de: Systempartner, en: System partner}}
valid_from: {valid_from}
components:
  - code: isdn-closing
    title: {{de: Abschlussprovision ISDN, en: Closing commission ISDN}}
    kind: closing
    match: {{families: [isdn], transactions: [new]}}
    rate: {{amount: 45.00}}
    clawback: {{mode: months, months: 24}}
  - code: dsl-closing
    title: {{de: Abschlussprovision DSL, en: Closing commission DSL}}
    kind: closing
    match: {{families: [dsl], transactions: [new]}}
    rate: {{amount: {dsl}}}
    clawback: {{mode: months, months: 24}}
  - code: vpn-closing
    title: {{de: "VPN, einmalig", en: "VPN, one-off"}}
    kind: closing
    match: {{families: [vpn]}}
    rate: {{percent: 10, of: order_value}}
    certificate: vpn
    clawback: {{mode: full, months: 12}}
  - code: airtime
    title: {{de: Umsatzbeteiligung 4 %, en: Revenue share of 4 %}}
    kind: recurring
    match: {{families: [isdn, dsl]}}
    rate: {{percent: 4, of: revenue}}
    months: 24
"""


@dataclass
class Channel:
    cast: Cast
    runs: list[Run]
    provisional: Run

    @property
    def statement(self) -> Statement:
        """Nord's last one."""
        return Statement.objects.filter(partner=self.cast.nord).latest("month")

    def statements(self, partner: Partner) -> list[Statement]:
        return list(Statement.objects.filter(partner=partner).order_by("month"))


class Feed:
    """Rows of one delivery."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []
        self.number = 0

    def add(self, kind: str, on: date, order: str, **fields: object) -> None:
        self.number += 1
        row = {"event_id": f"{order}-{kind}-{on:%y%m%d}-{self.number}", "event_type": kind, "occurred_on": str(on)}
        self.rows.append(row | {"order_id": order} | {key: str(value) for key, value in fields.items()})

    def sale(self, order: str, on: date, product: str, code: str = "D-NORD", days: int = 6, **fields: object) -> None:
        """Captured, and active `days` later."""
        customer = {"customer_no": f"KD-{order[2:]}", "customer_name": f"Muster {order[2:]}", "customer_class": "soho"}
        self.add("captured", on, order, dealer_code=code, product=product, **customer | fields)
        if days >= 0:
            self.add("activated", on + timedelta(days), order)

    def text(self) -> str:
        lines = [",".join(COLUMNS), *(",".join(row.get(name, "") for name in COLUMNS) for row in self.rows)]
        return "\n".join(lines) + "\n"


def make_catalogue() -> None:
    for code, (german, english) in FAMILIES.items():
        ProductFamily.objects.create(code=code, title_de=german, title_en=english)
    families = {family.code: family for family in ProductFamily.objects.all()}
    Product.objects.bulk_create(
        Product(
            code=code, family=families[family], title_de=german, title_en=english, state="released",
            portfolio_from=date(2020, 1, 1),
        )
        for code, (family, german, english) in PRODUCTS.items()
    )  # fmt: skip


def sales_of(month: date, feed: Feed) -> None:
    """A month of Nord (four to seven orders), one of Süd, one of Rival."""
    n = month.month
    for index in range(3 + n % 3):
        product = "isdn-basic" if index % 2 == 0 else "dsl-50"
        feed.sale(f"O-{n:02}{index:02}", month + timedelta(1 + 4 * index), product)
    feed.sale(f"O-{n:02}50", month + timedelta(3), "dsl-50", "D-SUED")
    feed.sale(f"O-{n:02}90", month + timedelta(5), "isdn-basic", "D-RIVAL")
    if n in (4, 9):
        feed.sale(f"O-{n:02}70", month + timedelta(10), "vpn-flat", order_value="8500.00")


def revenue_of(month: date, feed: Feed, orders: list[str]) -> None:
    for index, order in enumerate(orders):
        feed.add("revenue", last_of_month(month), order, revenue_month=f"{month:%Y-%m}", revenue=f"{80 + index * 7}.55")


def mishaps(month: date, feed: Feed) -> None:
    """What makes a statement worth reading."""
    match month.month:
        case 7:
            feed.add("cancelled", date(2026, 7, 20), "O-0300", reason="CUSTOMER_MOVED")
            feed.add("cancelled", date(2026, 7, 22), "O-0401", reason="NON_PAYMENT")
        case 8:
            feed.add("withdrawn", date(2026, 8, 12), "O-0700")
            feed.add("corrected", date(2026, 5, 6), "O-0500", quantity=2)
        case 9:
            feed.sale("O-0660", date(2026, 6, 3), "isdn-basic")  # reported three months late
            feed.sale("O-0980", date(2026, 9, 4), "hosting-start")  # nothing in the schedule
            feed.sale("O-0985", date(2026, 9, 8), "dsl-50", days=-1)
            feed.add("rejected", date(2026, 9, 14), "O-0985", reason="NO_AVAILABILITY")
        case 10:
            feed.add("cancelled", date(2026, 10, 2), "O-0501", reason="CUSTOMER_MOVED")
            feed.sale("O-1095", date(2026, 10, 20), "dsl-50", days=-1)
        case 11:
            feed.sale("O-1170", date(2026, 11, 12), "vpn-flat", days=2, order_value="4200.00")
            feed.sale("O-1196", date(2026, 11, 18), "isdn-basic", days=-1)


def run_month(cast: Cast, month: date) -> Run:
    """Calculated by Carla, approved and posted by Finn on the fifth of the next month."""
    now = datetime.combine(add_months(month, 1), datetime.min.time(), UTC) + timedelta(days=4, hours=8)
    run = actions.create_run(month=month, by=cast.carla, now=now)
    actions.request_calculation(run, by=cast.carla, now=now)
    actions.calculate_run(run, now=now)
    run.refresh_from_db()
    actions.waive_findings(run, by=cast.finn, now=now, reason="seen")
    actions.approve_run(run, by=cast.finn, now=now)
    actions.post_run(run, by=cast.finn, now=now)
    return run


def make_channel(cast: Cast) -> Channel:
    bank = {"street": "Erfundener Weg 7", "postcode": "99734", "country": "DE", "tax_number": "151/815/08156"}
    Partner.objects.filter(pk=cast.nord.pk).update(
        **bank, vat_id="DE136695976", iban="DE89370400440532013000", account_holder="Nord Erfunden GmbH"
    )
    make_catalogue()
    start = datetime(2026, 1, 2, 8, tzinfo=UTC)
    first = actions.save_draft(SCHEDULE.format(valid_from="2026-01-01", dsl="70.00"), by=cast.carla, now=start)
    actions.publish_version(first, by=cast.hanna, now=start)
    vpn = ProductFamily.objects.get(code="vpn")
    Certificate.objects.create(
        holder=cast.nora, family=vpn, valid_from=date(2026, 1, 1), valid_until=date(2026, 8, 1), status="valid",
        recorded_at=start, recorded_by=cast.tom, approved_by=cast.petra,
    )  # fmt: skip
    runs, month, billed = [], FIRST, []
    while month <= add_months(LAST, 1):
        feed = Feed()
        sales_of(month, feed)
        mishaps(month, feed)
        revenue_of(month, feed, billed)
        billed += [f"O-{month.month:02}{index:02}" for index in range(3 + month.month % 3)]
        import_text(feed.text(), now=NOW, filename=f"feed-{month:%Y-%m}.csv", allow_future=True)
        if month == date(2026, 10, 1):
            later = datetime(2026, 10, 1, 8, tzinfo=UTC)
            change = SCHEDULE.format(valid_from="2026-07-01", dsl="75.00")
            actions.publish_version(actions.save_draft(change, by=cast.carla, now=later), by=cast.hanna, now=later)
        if month <= LAST:
            runs.append(run_month(cast, month))
        month = add_months(month, 1)
    provisional = actions.refresh_provisional(now=NOW)
    assert provisional
    return Channel(cast, runs, provisional)
