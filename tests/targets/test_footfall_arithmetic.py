"""Visits against a base year, and what a target needs of them."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from targets.footfall import Counted, Plan, base_week, beside, by_week, change, comparable_total, conversion, index


def test_3200_visits_are_20_percent_below_4000():
    assert index(3200, 4000) == 80
    assert change(3200, 4000) == -20


def test_without_a_base_year_there_is_nothing_to_compare():
    assert index(3200, None) is None
    assert change(3200, 0) is None


def test_what_the_target_needs():
    plan = Plan(base=4000, change=Decimal(-20), conversion=Decimal(12), target=480)
    assert plan.visits == 3200  # 4,000 × 0.8
    assert plan.sales == 384  # 3,200 × 12 %
    assert plan.needed == 15  # 480 / 3,200
    assert plan.visits_needed == 4000  # 480 / 12 %


def test_without_a_target_nothing_is_needed():
    plan = Plan(base=4000, change=Decimal(0), conversion=Decimal(12), target=0)
    assert (plan.needed, plan.visits_needed) == (None, None)


def test_conversion_names_its_base():
    assert conversion(384, 3200) == 12
    assert conversion(3, 0) is None


def test_another_base_year_is_another_index():
    monday = {2019: date(2019, 7, 1), 2020: date(2020, 6, 29), 2021: date(2021, 7, 5)}  # week 27 of each
    rows = [Counted(monday[2019], 7, 5000), Counted(monday[2020], 7, 4000), Counted(monday[2021], 7, 3200)]
    against = {year: beside(by_week(rows), year=2021, base_year=year)[0].index for year in (2018, 2019, 2020)}
    assert against == {2018: None, 2019: 64, 2020: 80}


def test_a_year_without_week_53_has_no_base_for_it():
    assert base_week((2020, 53), 2019) is None
    assert base_week((2021, 27), 2019) == (2019, 27)


def test_a_week_reported_as_a_whole_is_not_counted_again_by_its_days():
    days = [Counted(date(2021, 7, 5 + n), 1, 100) for n in range(6)]
    assert by_week(days) == {(2021, 27): (600, 6)}
    assert by_week([*days, Counted(date(2021, 7, 5), 7, 650)]) == {(2021, 27): (650, 7)}


def test_a_short_week_is_no_slump():
    rows = [Counted(date(2020, 6, 29), 7, 700)] + [Counted(date(2021, 7, 5 + n), 1, 100) for n in range(4)]
    (week,) = beside(by_week(rows), year=2021, base_year=2020)
    assert (week.visits, week.base, week.index) == (400, 700, None)
    assert comparable_total([week]) is None


def test_the_total_compares_like_with_like():
    rows = [Counted(date(2020, 6, 29), 7, 1000), Counted(date(2021, 7, 5), 7, 800), Counted(date(2021, 7, 12), 7, 900)]
    weeks = beside(by_week(rows), year=2021, base_year=2020)
    assert comparable_total(weeks) == (800, 1000)
    assert weeks[0].change == Fraction(-20)
