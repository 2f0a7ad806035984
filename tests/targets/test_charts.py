"""What charts of targets and scores say before they are drawn."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import cast

import pytest
from django.utils.translation import override

from core.periods import add_months
from targets.bonus import Band
from targets.course import round_values
from targets.gauge import Gauge, gauge
from targets.lag import lag
from targets.nps import Count
from targets.rating import rate
from targets.standing import Standing


@pytest.mark.parametrize(
    ("top", "values"),
    [(628, [200, 400, 600]), (1, ["0.2", "0.4", "0.6", "0.8"]), (280_014, [100_000, 200_000]), (11, [5, 10])],
)
def test_a_scale_has_two_to_four_round_values(top, values) -> None:
    assert round_values(Fraction(top)) == [Fraction(Decimal(value)) for value in values]


def quarters(n: int):
    """Scores that go up by ten points a quarter, and twice as many visits per point in the quarter after."""
    firsts = [add_months(date(2024, 1, 1), 3 * place) for place in range(n + 1)]
    ratings = [rate("", Count(40 + 10 * place, 30, 20), key=first) for place, first in enumerate(firsts[:-1])]
    return ratings, {first: 1000 + 100 * place for place, first in enumerate(firsts)}


def test_eight_quarters_are_a_chart_of_scores_and_the_visits_after_them() -> None:
    ratings, visits = quarters(8)
    with override("en"):
        chart = lag(ratings, visits, date(2026, 12, 31)).chart
    assert chart is not None
    assert [point.x for point in chart.points] == sorted(point.x for point in chart.points)
    # The lowest score with the fewest visits lies left and below, the highest right and above.
    assert (chart.points[0].x, chart.points[0].y) == (10.0, 90.0)
    assert (chart.points[-1].x, chart.points[-1].y) == (90.0, 10.0)
    assert chart.visits == ("1,100", "1,800")


def test_seven_quarters_are_no_chart() -> None:
    ratings, visits = quarters(7)
    found = lag(ratings, visits, date(2026, 12, 31))
    assert (found.chart, found.r, found.missing) == (None, None, 1)


def drawn(*bands: Band) -> Gauge:
    """A quarter with 75 of 100 and no forecast: the scale ends a fifth above the highest band."""
    ahead = SimpleNamespace(seasonal=None)
    standing = SimpleNamespace(
        target=Fraction(100), actual=Decimal(75), forecast=ahead, bands=bands, percent=Fraction(75)
    )
    found = gauge(cast(Standing, standing))
    assert found
    return found


@pytest.mark.parametrize(
    ("amounts", "written"),
    [
        # 10 % lie 7.6 % of the drawing apart; "€1.00" takes 5.25 of it, "€12.00" 6.3, "€1,250.00" 9.45.
        (["1.00", "1.75", "2.50", "3.00"], [True, True, True, True]),
        (["10.00", "12.00", "15.00", "20.00"], [True, True, True, True]),
        (["1250.00", "1750.00", "2500.00", "3000.00"], [True, False, True, False]),
    ],
)
def test_labels_below_a_gauge_never_run_into_each_other(amounts: list[str], written: list[bool]) -> None:
    with override("en"):
        found = drawn(*(Band(Decimal(80 + 10 * n), Decimal(amount)) for n, amount in enumerate(amounts)))
    assert [mark.written for mark in found.marks] == written
    assert found.crowded is not all(written)


def test_a_label_at_the_edge_hangs_inside_the_drawing() -> None:
    with override("en"):
        found = drawn(Band(Decimal(2), Decimal("5000.00")), Band(Decimal(300), Decimal("5000.00")))
    assert [mark.anchor for mark in found.marks] == ["start", "end"]
