"""How ambitious a target is, against the same months of last year."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

from django.urls import reverse
from django.utils.translation import override

from targets.actions import record_agreement
from targets.actions.attainment import take_snapshots
from targets.arithmetic import periods
from targets.difficulty import difficulties, difficulty
from targets.models import AgreementItem
from targets.standing import with_changes
from targets.templatetags.targets import a_month, more
from tests.cast import make_import, make_order, make_product

HALF = [{"kind": "suspend", "from": "2026-01-01", "until": "2026-07-01"}, {"kind": "scale", "factor": "0.5"}]


def test_half_the_year_needs_nineteen_percent_more_a_month_than_last_year(cast, sign_in) -> None:
    make_import()
    make_product("mobile-flat", "mobile", portfolio_from=date(2020, 1, 1))
    first = record_agreement(
        cast.nord, kpi="mobile-units", year=2026, annual=Decimal(1000), families=["mobile"], adjustments=HALF
    )
    record_agreement(cast.sued, kpi="mobile-units", year=2026, annual=Decimal(1000), families=["mobile"])
    for month in range(7, 13):
        day = date(2025, month, 3)
        make_order(cast.nord, f"o-{month}", product="mobile-flat", quantity=70, activated_on=day, feed_import_id=1)
    take_snapshots(now=datetime(2026, 9, 1, 20, tzinfo=UTC))
    items = with_changes(AgreementItem.objects.all())
    item = next(each for each in items if each.pk == first.pk)
    h1, h2 = periods(2026, "half_year")
    assert difficulty(item, h1) is None  # suspended: nothing is needed
    found = difficulty(item, h2)
    # 500 / 6 = 83.3 a month, last year 70: 83.3 / 70 = 1.19
    with override("en"):
        assert (round(float(found.needed), 1), found.before, more(found.more)) == (83.3, 70, "+19%")
    ranked = difficulties(items, date(2026, 9, 1))
    assert [each.item.agreement.partner for each in ranked] == [cast.nord, cast.sued]
    assert ranked[1].more is None  # not counted last year: nothing to compare with, no leap from zero
    page = sign_in(cast.hanna).get(reverse("targets:difficulty") + "?year=2026").content.decode()
    assert "+19%" in page
    page = sign_in(cast.nora).get(reverse("targets:target", args=[first.pk]) + "?period=2026-07-01").content.decode()
    assert "+19%" in page


def test_the_page_shows_enough_digits_to_reproduce_its_percentage() -> None:
    """41 / 3 against 9 a month; whole pieces would say 13 against 9, which is 44 %."""
    with override("en"):
        assert (a_month(Fraction(41, 3), "pieces"), a_month(Fraction(9), "pieces")) == ("13.67 pieces", "9.00 pieces")
        assert more(Fraction(1367, 9) - 100) == "+52%"
        assert more(Fraction(5, 2)) == "+3%"  # half up, as everywhere
