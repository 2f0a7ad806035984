"""The score, its interval, and what may be said from it: the table of section 4i."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.nps import DIFFERENT, NOT_SIGNIFICANT, UNKNOWN, Count, answers_needed, compare, correlation, total


def tenths(value: Decimal | Fraction | None) -> str:
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{value:.1f}"


@pytest.mark.parametrize(
    ("counts", "answers", "score", "margin", "low", "high"),
    [
        ((31, 11, 6), 48, Fraction(2500, 48), "20.0", "32.1", "72.1"),
        ((20, 6, 4), 30, Fraction(1600, 30), "25.7", "27.6", "79.0"),
        ((12, 4, 2), 18, Fraction(1000, 18), "31.6", "23.9", "87.2"),
    ],
)
def test_the_worked_rows_come_out_as_written(counts, answers, score, margin, low, high):
    count = Count(*counts)
    assert (count.answers, count.score) == (answers, score)
    assert [tenths(count.margin), *map(tenths, count.interval)] == [margin, low, high]


def test_31_11_6_is_52_point_0833():
    assert f"{float(Count(31, 11, 6).score):.4f}" == "52.0833"


def test_passives_alone_give_a_score_of_zero_and_no_interval():
    count = Count(0, 10, 0)
    assert (count.score, count.margin, count.interval) == (0, None, None)


def test_without_answers_there_is_no_score():
    assert (Count().score, Count().margin, Count().interval) == (None, None, None)


def test_thirty_answers_are_just_enough_and_eighteen_are_not():
    assert Count(20, 6, 4).rated()
    assert not Count(12, 4, 2).rated()
    assert (Count(12, 4, 2) + Count(20, 6, 4)).rated()  # two quarters pooled


def test_nines_promote_sevens_stand_aside_sixes_detract():
    assert Count.of([10, 9, 8, 7, 6, 0]) == Count(2, 2, 2)


@pytest.mark.parametrize("score", [-1, 11])
def test_no_other_score_is_counted(score):
    with pytest.raises(ValueError, match="between 0 and 10"):
        Count.of([9, score])


def test_private_and_business_weigh_by_their_answers():
    private, business = Count(90, 0, 0), Count(0, 0, 10)  # 100 and -100: the mean of the scores would be 0
    assert total([private, business]).score == 80


@pytest.mark.parametrize(("points", "answers"), [(10, 193), (15, 86), (20, 49), (25, 31)])
def test_how_many_answers_an_interval_needs(points, answers):
    assert answers_needed(points) == answers


def test_overlapping_intervals_are_not_significant():
    assert compare(Count(31, 11, 6), Count(20, 6, 4)) == NOT_SIGNIFICANT
    assert compare(Count(400, 50, 50), Count(100, 200, 200)) == DIFFERENT
    assert compare(Count(100, 200, 200), Count(400, 50, 50)) == DIFFERENT
    assert compare(Count(0, 10, 0), Count(31, 11, 6)) == UNKNOWN


def test_a_correlation_needs_eight_periods():
    pairs = [(Fraction(n), Fraction(2 * n + 5)) for n in range(8)]
    assert correlation(pairs) == 1
    assert correlation(pairs[:7]) is None
    assert correlation([(x, -y) for x, y in pairs]) == -1
    assert correlation([(x, Fraction(7)) for x, _y in pairs]) is None


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_the_score_stays_within_its_bounds_and_its_interval(promoters, passives, detractors):
    count = Count(promoters, passives, detractors)
    if count.score is not None:
        assert -100 <= count.score <= 100
    if count.interval:
        low, high = count.interval
        assert -100 <= low <= high <= 100
        assert low <= Decimal(count.score.numerator) / count.score.denominator <= high
