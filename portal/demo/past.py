"""Targets of years before this product, taken over with their results: of every partner for last year, which this
year's targets are measured against, and of partner 1001 for the two years the story is about."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from core.periods import BERLIN, last_of_month
from portal.demo.people import Company
from portal.demo.stories import HOME
from targets import actions
from targets.actions.attainment import record_result
from targets.arithmetic import periods
from targets.models import Kpi

if TYPE_CHECKING:
    from portal.demo.goals import Goals

# July to December as the retail year goes: Christmas is strong.
SEASON = [Decimal(w) for w in ("7.5", "7", "7.5", "7.5", "7.5", "7.5", "7.5", "7.5", "8.5", "9", "11.5", "11.5")]
HISTORIC = {
    2021: (1000, ("0.14", "0.28", "0.43", "0.59", "0.79", "1"), 432),
    2023: (600, ("0.12", "0.25", "0.39", "0.56", "0.76", "1"), 318),
}


def earlier_years(goals: "Goals") -> None:
    """Two years from before this product, taken over with their course."""
    home = goals.channel.partners[HOME]
    for year, (annual, shares, reached) in HISTORIC.items():
        suspended: list[Mapping[str, object]] = [
            {"kind": "suspend", "from": date(year, 1, 1), "until": date(year, 7, 1)},
            {"kind": "scale", "factor": "0.5"},
        ]
        item = actions.record_agreement(
            home, kpi="mobile-units", year=year, annual=Decimal(annual), families=["mobile"], weights=SEASON,
            adjustments=suspended if year == 2021 else [], now=datetime(year, 7, 1, 9, tzinfo=BERLIN),
        )  # fmt: skip
        ends = [last_of_month(date(year, month, 1)) for month in range(7, 13)]
        course = {end: reached * Decimal(share) for end, share in zip(ends, shares, strict=True)}
        first = Decimal(0) if year == 2021 else Decimal(275)
        record_result(item, date(year, 1, 1), actual=first, by=None)
        record_result(item, date(year, 7, 1), actual=Decimal(reached), course=course, by=None)


def last_year(goals: "Goals", company: Company, place: int) -> None:
    """Results of the year before, taken over: most a little below what this year asks for, some above."""
    partner, year = goals.channel.partners[company.number], goals.year - 1
    if company.number == HOME and year in HISTORIC:
        return
    for code, length, shares in (
        ("mobile-units", "half_year", "0.46 0.54"),
        ("line-units", "quarter", "0.23 0.22 0.24 0.31"),
    ):
        kpi = Kpi.objects.get(code=code)
        sold = max(goals.expected(company, kpi) * (78 + place * 11 % 40) / 100, Decimal(8))
        item = actions.record_agreement(
            partner, kpi=code, year=year, annual=(sold * Decimal("1.04")).quantize(Decimal(1)), period=length,
            families=kpi.families, weights=SEASON, now=datetime(year, 1, 2, 9, tzinfo=BERLIN),
        )  # fmt: skip
        for span, share in zip(periods(year, length), shares.split(), strict=True):
            reached = (sold * Decimal(share)).quantize(Decimal(1))
            ends = [last_of_month(month) for month in span.months]
            course = {end: reached * n / len(ends) for n, end in enumerate(ends, start=1)}
            record_result(item, span.start, actual=reached, course=course, by=None)
