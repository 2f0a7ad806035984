"""Master data for feeds: partners A, B and C sell the products `isdn` and `vpn`.

The dealer code `D-MOVE` goes from partner A to partner B on 1 June 2026; what it names is decided by the day.
"""

from datetime import date

import pytest

from partners.models import DealerCode, Outlet, Partner
from sales.models import Product, ProductFamily

START, MOVED = date(2020, 1, 1), date(2026, 6, 1)


def make_channel() -> dict[str, Partner]:
    partners = {}
    for letter in "ABC":
        partners[letter] = Partner.objects.create(number=letter, legal_name=f"Beispiel {letter}", kind="system_partner")
        outlet = Outlet.objects.create(partner=partners[letter], name="Laden")
        DealerCode.objects.create(code=f"D-{letter}", outlet=outlet, valid_from=START)
        if letter in "AB":
            valid = (START, MOVED) if letter == "A" else (MOVED, None)
            DealerCode.objects.create(code="D-MOVE", outlet=outlet, valid_from=valid[0], valid_until=valid[1])
    for code in ("isdn", "vpn"):
        family = ProductFamily.objects.create(code=code, title_de=code, title_en=code)
        Product.objects.create(
            code=code, title_de=code, title_en=code, family=family, state="released", portfolio_from=START
        )
    return partners


@pytest.fixture
def channel(db) -> dict[str, Partner]:
    return make_channel()
