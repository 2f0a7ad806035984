"""What charts of targets and scores say before they are drawn."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils.translation import override

from core.periods import add_months
from targets.course import round_values
from targets.lag import lag
from targets.nps import Count
from targets.rating import rate


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
