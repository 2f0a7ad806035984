"""What the invented operator sells, to whom, and which of its schedules say what that earns."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from string import Template

from core.periods import add_months
from sales.models import Product, ProductFamily, Route, SegmentBand
from sales.synthetic import Offer

LONG_AGO = date(2019, 1, 1)
SCHEDULES = Path(__file__).parent / "schedules"

# code, German, English, one-off only
FAMILIES = [
    ("isdn", "ISDN-Anschlüsse", "ISDN lines", False),
    ("dsl", "DSL-Anschlüsse", "DSL lines", False),
    ("mobile", "Mobilfunk", "Mobile", False),
    ("vpn", "VPN", "VPN", True),
    ("internet", "Internetzugang", "Internet access", False),
    ("servicenumber", "Servicerufnummern", "Service numbers", False),
]
# Only businesses buy these: an order without the customer's class is an exception.
BUSINESS = {"vpn"}
# code, family, German, English, weight, monthly EUR, one-off EUR, most units
PRODUCTS = [
    ("isdn-basis", "isdn", "ISDN Basisanschluss", "ISDN basic line", 16, (22, 68), None, 3),
    ("isdn-anlage", "isdn", "ISDN Anlagenanschluss", "ISDN system line", 6, (48, 160), None, 2),
    ("dsl-50", "dsl", "DSL 50", "DSL 50", 16, (30, 45), None, 1),
    ("dsl-250", "dsl", "DSL 250", "DSL 250", 10, (40, 60), None, 1),
    ("mobil-team", "mobile", "Mobil Team", "Mobile Team", 20, (12, 38), None, 8),
    ("mobil-flat", "mobile", "Mobil Flat", "Mobile Flat", 16, (20, 55), None, 3),
    ("vpn-flat", "vpn", "VPN Flat", "VPN flat", 3, None, (1800, 9500), 1),
    ("vpn-standort", "vpn", "VPN Standort", "VPN site", 3, None, (900, 4200), 1),
    ("internet-fest", "internet", "Internet Festverbindung", "Leased internet line", 5, (89, 480), None, 1),
    ("rufnummer-0800", "servicenumber", "Rufnummer 0800", "Service number 0800", 4, (25, 220), None, 2),
]
# Yearly spend in EUR; 3,000.01 to 10,000.00 is assigned to nobody, and the office is shown that hole.
BANDS = [
    ("0.00", "999.99", Route.CALL_CENTRE, True),
    ("1000.00", "3000.00", Route.PARTNER, True),
    ("10000.01", None, Route.DIRECT_SALES, False),
]


def make_catalogue(start: date) -> None:
    """Families, products and segments of a year that begins in the month `start`."""
    families = {
        code: ProductFamily.objects.create(
            code=code, title_de=german, title_en=english, one_off=one_off, business=code in BUSINESS
        )
        for code, german, english, one_off in FAMILIES
    }
    sold_from, sold_until = portfolio(start)
    for code, family, german, english, *_rest in PRODUCTS:
        until = sold_until.get(code)
        Product.objects.create(
            code=code,
            family=families[family],
            title_de=german,
            title_en=english,
            state=Product.State.WITHDRAWN if until else Product.State.RELEASED,
            portfolio_from=sold_from.get(code, LONG_AGO),
            portfolio_until=until,
        )
    Product.objects.create(
        code="glasfaser-1000", family=families["internet"], title_de="Glasfaser 1000", title_en="Fibre 1000"
    )
    for spend_from, spend_to, route, allowed in BANDS:
        SegmentBand.objects.create(
            spend_from=Decimal(spend_from),
            spend_to=Decimal(spend_to) if spend_to else None,
            route=route,
            partner_allowed=allowed,
        )


def portfolio(start: date) -> tuple[dict[str, date], dict[str, date]]:
    """Products that came in the middle of the year, and one that left it (first day it could not be sold)."""
    return {"dsl-250": add_months(start, 2)}, {"isdn-anlage": add_months(start, 8)}


def offers(start: date) -> list[Offer]:
    """The catalogue as the feed's generator draws from it."""
    sold_from, sold_until = portfolio(start)
    return [
        Offer(
            product=code,
            weight=weight,
            # A few sales before the release and after the withdrawal happen everywhere: those are held.
            sold_from=sold_from.get(code) and sold_from[code] - timedelta(days=1),
            sold_until=sold_until.get(code) and sold_until[code] + timedelta(days=2),
            monthly=monthly,
            order_value=once,
            most_units=units,
            business=family in BUSINESS,
            term_months=1 if once else 24,
        )
        for code, family, _german, _english, weight, monthly, once, units in PRODUCTS
    ]


def schedule(code: str, valid_from: date, **prices: str) -> str:
    """The document of a schedule with its prices filled in, EUR."""
    text = Template((SCHEDULES / f"{code}.yaml").read_text(encoding="utf-8"))
    return text.substitute(valid_from=valid_from.isoformat(), **prices)


def example(start: date) -> str:
    """A worked example of the system partners' schedule, played in the first months of the year."""
    days = {
        "sold": start.replace(day=3),
        "active": start.replace(day=10),
        "ended": add_months(start, 6).replace(day=15),
    }
    months = {"first": start, "last": add_months(start, 6)}
    said = {name: day.isoformat() for name, day in days.items()} | {name: f"{m:%Y-%m}" for name, m in months.items()}
    return Template((SCHEDULES / "beispiel.yaml").read_text(encoding="utf-8")).substitute(said)
