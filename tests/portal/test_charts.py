"""Chart geometry: rectangles in percent."""

from decimal import Decimal

from core.charts import Bar, Step, bars, fall, share


def test_a_waterfall_hangs_each_step_between_the_sums():
    earned, cancelled, net = fall([Step("Earned", Decimal(100)), Step("Cancelled", Decimal(-20)), Step("Net", None)])
    assert (earned.low, earned.high, earned.tone) == (0, 100, "earned")
    assert (cancelled.low, cancelled.high, cancelled.tone) == (80, 100, "taken")
    assert (net.low, net.high, net.amount) == (0, 80, Decimal(80))


def test_a_month_below_zero_hangs_under_the_axis():
    good, bad = bars([Bar("Jan", Decimal(300)), Bar("Feb", Decimal(-100))])
    # the scale runs from -100 to 300: zero lies at 25 %
    assert (good.zero, good.low, good.high) == (25, 25, 100)
    assert (bad.low, bad.high) == (0, 25)


def test_the_tallest_and_the_last_bar_carry_their_value():
    shapes = bars([Bar("Jan", Decimal(1)), Bar("Feb", Decimal(9)), Bar("Mar", Decimal(4)), Bar("Apr", Decimal(2))])
    assert [s.shown for s in shapes] == [False, True, False, True]


def test_no_months_and_only_empty_months_draw_nothing():
    assert bars([]) == []
    assert [s.size for s in bars([Bar("Jan", Decimal(0))])] == [0.0]


def test_a_share_goes_by_absolute_value():
    assert share(Decimal(-25), Decimal(100)) == 25.0
    assert share(Decimal(5), Decimal(0)) == 0.0
