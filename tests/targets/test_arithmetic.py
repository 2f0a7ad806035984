"""The target of a period and its percent, against the domain's numbers and a slow reference."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from targets.arithmetic import EVEN, Change, counting_months, pace, percent, period_target, periods, shown
from targets.templatetags.targets import cut
from tests.targets import reference

H1, H2 = periods(2021, "half_year")
(YEAR,) = periods(2021, "year")
SUSPENDED = Change("suspend", date(2021, 1, 1), date(2021, 7, 1))
HALF = Change("scale", factor=Decimal("0.5"))


def target(*changes: Change, annual: str = "1000", span=H2, weights=EVEN):
    return period_target(Decimal(annual), weights, changes, span)


def test_a_forecast_and_its_percentage_say_the_same_on_every_page():
    # 479.9 reads as 479 pieces; 479 / 571 = 83.887 %, cut to 83.8 (84.0 would be the share of 479.9).
    assert shown(pace(Fraction(4799, 10), Decimal(571))) == Decimal("83.8")
    assert pace(None, Decimal(571)) is None


def test_half_of_the_original_annual_target_falls_into_the_second_half() -> None:
    # 1,000 × 0.5 = 500 on July to December; 1,000 × 50 % × 50 % = 250 would take the half twice.
    assert target(SUSPENDED, HALF) == 500


def test_a_suspended_half_has_no_target_which_is_not_zero() -> None:
    assert target(SUSPENDED, HALF, span=H1) is None


@pytest.mark.parametrize(
    ("units", "reached"),
    [(399, "79.8"), (400, "80.0"), (432, "86.4"), (450, "90.0"), (499, "99.8"), (500, "100.0"), (550, "110.0")],
)
def test_units_of_the_second_half_are_measured_against_500(units: int, reached: str) -> None:
    found = percent(Decimal(units), target(SUSPENDED, HALF))
    assert shown(found) == Decimal(reached)
    # (310 + 432) / 1,000 = 74.2 and (310 + 432) / 500 = 148.4 would count the suspended half.
    assert shown(found) not in (Decimal("74.2"), Decimal("148.4"))


def test_the_order_in_which_changes_were_recorded_does_not_matter() -> None:
    assert target(HALF, SUSPENDED) == target(SUSPENDED, HALF)


def test_an_excluded_plan_keeps_its_sales() -> None:
    # 1,000 − 160 = 840; 900 / 840 = 107.14 %.
    weights = [Decimal(w) for w in (8, 8, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9)]
    lockdown = Change("exclude_plan", date(2021, 1, 1), date(2021, 3, 1))
    left = target(lockdown, span=YEAR, weights=weights)
    assert left == 840
    assert shown(percent(Decimal(900), left)) == Decimal("107.1")
    assert round(float(percent(Decimal(900), left)), 2) == 107.14
    assert len(counting_months([lockdown], YEAR)) == 12


def test_half_of_an_odd_target_is_not_rounded() -> None:
    assert target(SUSPENDED, HALF, annual="1001") == Fraction("500.5")


def test_a_new_annual_target_is_not_what_a_share_is_taken_of() -> None:
    new = Change("set", value=Decimal(2000))
    assert target(new) == 1000
    assert target(new, HALF, SUSPENDED) == 500  # of the original 1,000


def test_percent_is_cut_off_never_rounded_up() -> None:
    assert shown(Fraction("89.96")) == Decimal("89.9")
    assert shown(Fraction("-0.05")) == Decimal("0.0")
    assert shown(None) is None
    assert percent(Decimal(5), None) is None
    assert percent(Decimal(5), Fraction(0)) is None


def test_in_german_eighty_nine_point_nine_six_reads_89_9() -> None:
    # 2,249 of 2,500 are 89.96 %: rounded it would promise the step of 90 % that is not reached.
    with override("de"):
        assert cut(percent(Decimal(2249), Fraction(2500))) == "89,9\u00a0%"
    with override("en"):
        assert cut(percent(Decimal(2249), Fraction(2500))) == "89.9%"


@given(st.integers(0, 10**6), st.integers(1, 10**5), st.integers(1, 150))
def test_what_is_shown_never_passes_a_step_that_is_not_reached(actual: int, target: int, step: int) -> None:
    exact = Fraction(actual * 100, target)
    found = shown(percent(Decimal(actual), Fraction(target)))
    assert found is not None
    # The slow way: count tenths up to the percent, one by one from its whole part.
    tenths = next(n for n in range(int(exact) * 10, int(exact) * 10 + 11) if Fraction(n + 1, 10) > exact)
    assert found * 10 == tenths
    assert (found >= step) == (exact >= step)


def test_seasonal_weights_spread_the_half_over_its_months() -> None:
    weights = [Decimal(0)] * 6 + [Decimal(w) for w in (14, 14, 15, 16, 20, 21)]
    plan = [period_target(Decimal(500), weights, [], span) for span in _months(2021, 7, 12)]
    assert plan == [70, 70, 75, 80, 100, 105]


def _months(year: int, first: int, last: int):
    from targets.arithmetic import Span

    return [Span(reference.first(year, m), reference.first(year, m + 1)) for m in range(first, last + 1)]


weight = st.decimals(min_value=0, max_value=50, places=2)
window = st.tuples(st.integers(1, 12), st.integers(1, 12)).map(lambda pair: range(min(pair), max(pair) + 1))
step = st.one_of(
    st.tuples(st.just("set"), st.decimals(min_value=0, max_value=5000, places=1)),
    st.tuples(st.just("scale"), st.decimals(min_value=0, max_value=2, places=3)),
    st.tuples(st.just("suspend"), window),
    st.tuples(st.just("exclude"), window),
)


def change(name, what) -> Change:
    if name == "set":
        return Change("set", value=what)
    if name == "scale":
        return Change("scale", factor=what)
    kind = "suspend" if name == "suspend" else "exclude_plan"
    return Change(kind, reference.first(2021, what[0]), reference.first(2021, what[-1] + 1))


@given(
    st.decimals(min_value=0, max_value=9999, places=1),
    st.lists(weight, min_size=12, max_size=12).filter(any),
    st.lists(step, max_size=5),
    st.sampled_from(["year", "half_year", "quarter"]),
)
def test_any_adjustments_give_what_the_slow_reference_gives(annual, weights, steps, length) -> None:
    plan = reference.month_plan(2021, annual, weights, steps)
    changes = [change(*each) for each in steps]
    for span in periods(2021, length):
        expected = reference.period(plan, [month.month for month in span.months])
        assert period_target(annual, weights, changes, span) == expected
