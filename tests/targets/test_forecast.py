"""Where a target will end, with the numbers of the domain."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from targets.arithmetic import percent, shown
from targets.forecast import forecast, months, pace_against

HALF = months([date(2021, m, 1) for m in range(7, 13)], [Decimal(w) for w in (14, 14, 15, 16, 20, 21)])
SEPTEMBER = date(2021, 9, 30)


def cents(value: Fraction) -> float:
    return round(float(value), 2)


def test_linear_and_seasonal_stand_side_by_side() -> None:
    found = forecast(Decimal(190), Decimal(500), HALF, SEPTEMBER)
    assert found.linear == 380  # 190 / 3 × 6
    assert shown(percent(found.linear, Decimal(500))) == Decimal("76.0")
    assert cents(found.seasonal) == 441.86  # 190 / 0.43
    assert round(float(percent(found.seasonal, Decimal(500))), 1) == 88.4


def test_the_310_to_go_are_spread_over_the_months_left() -> None:
    found = forecast(Decimal(190), Decimal(500), HALF, SEPTEMBER)
    assert found.to_go == 310
    assert [cents(need.linear) for need in found.needs] == [103.33, 103.33, 103.33]
    assert [cents(need.seasonal) for need in found.needs] == [87.02, 108.77, 114.21]
    assert sum(need.seasonal for need in found.needs) == 310


def test_a_begun_month_counts_with_its_days() -> None:
    found = forecast(Decimal(155), Decimal(500), HALF, date(2021, 8, 31 // 2 + 1))  # 16 of 31 days of August
    assert found.linear == Fraction(155) * 6 / (1 + Fraction(16, 31))


def test_past_years_give_a_range() -> None:
    found = forecast(Decimal(190), Decimal(500), HALF, SEPTEMBER, [Fraction("0.38"), Fraction("0.5")])
    assert found.spread == (380, 500)
    alone = forecast(Decimal(190), Decimal(500), HALF, SEPTEMBER, [Fraction("0.38")])
    assert (alone.low, alone.spread) == (500, None)  # one year is no spread
    assert forecast(Decimal(190), Decimal(500), HALF, SEPTEMBER).low is None


def test_nothing_is_foretold_before_the_first_day_is_over() -> None:
    found = forecast(Decimal(0), Decimal(500), HALF, date(2021, 6, 30))
    assert (found.linear, found.seasonal) == (None, None)
    assert len(found.needs) == 6


def test_what_is_reached_needs_nothing_more() -> None:
    assert {need.linear for need in forecast(Decimal(600), Decimal(500), HALF, SEPTEMBER).needs} == {0}


def test_the_pace_is_held_against_last_year() -> None:
    assert round(pace_against(Fraction(500, 6), Fraction(70))) == 19  # 83.3 against 70
    assert pace_against(Fraction(1), Fraction(0)) is None
