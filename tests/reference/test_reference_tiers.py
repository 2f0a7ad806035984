"""Tiers, volume and target bonuses in the reference model against arithmetic worked by hand."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.reference import targets
from tests.reference.arithmetic import window_of
from tests.reference.bonuses import worth
from tests.reference.facts import Adjustment, Target
from tests.reference.ledger import folded
from tests.reference.schedules import Component, Step, Tiers, Version
from tests.reference.stage import also, amount, day, posted, sums, through, world
from tests.reference.tiers import graduated, rate_at


def steps(*pairs: tuple[str, str]) -> tuple[Step, ...]:
    return tuple(Step(Decimal(start), Decimal(rate)) for start, rate in pairs)


FOUR = steps(("0", "3"), ("10000", "4"), ("25000", "5"), ("50000", "6"))


def tiered(mode: str, window: str = "quarter", kind: str = "closing", bounds=FOUR, **given: object) -> Component:
    tiers = Tiers("turnover", window, mode, "percent", bounds)
    return Component("data", kind, of="order_value", tiers=tiers, **given)


def sold(*orders: tuple[str, str]) -> str:
    """(day of activation, order value) of O-1, O-2, …"""
    rows = [
        f"a{n},captured,{on},O-{n},D-1,dsl-2000,{value}\nb{n},activated,{on},O-{n},,,"
        for n, (on, value) in enumerate(orders, start=1)
    ]
    return "event_id,event_type,occurred_on,order_id,dealer_code,product,order_value\n" + "\n".join(rows)


def cancelled(stage, order: str, on: str, reason: str = "CUSTOMER_MOVED"):
    return also(stage, f"event_id,event_type,occurred_on,order_id,reason\nc{order},cancelled,{on},{order},{reason}")


@pytest.mark.parametrize(
    ("turnover", "slab", "slices"),
    [
        ("0.00", "0.00", "0.00"),
        ("9999.99", "300.00", "300.00"),
        ("10000.00", "400.00", "300.00"),
        ("10000.01", "400.00", "300.00"),
        ("25000.00", "1250.00", "900.00"),
        ("37500.00", "1875.00", "1525.00"),
        ("50000.00", "3000.00", "2150.00"),
        ("-500.00", "-15.00", "-15.00"),
    ],
)
def test_tv_d_slab_and_graduated(turnover: str, slab: str, slices: str):
    x = amount(turnover)
    assert round(x * rate_at(FOUR, x) / 100, 2) == amount(slab)
    assert round(graduated(FOUR, x) / 100, 2) == amount(slices)


QUARTER = (("2026-07-10", "8000.00"), ("2026-08-10", "9000.00"), ("2026-09-10", "7000.00"), ("2026-09-11", "7000.00"))


def test_tv_d2_a_slab_re_rates_the_quarter_and_back():
    stage = world([tiered("slab", clawback=("full", 12))], sold(*QUARTER))
    ledger = through(stage, "2026-07", "2026-08", "2026-09")
    assert sums(ledger) == {"2026-07": 240, "2026-08": 440, "2026-09": 870}
    assert ("P-1", "data", 80, "re_rated", "") in posted(ledger, "2026-08")
    ledger = through(cancelled(stage, "O-4", "2026-09-25"), "2026-10", after=ledger)
    # 24,000 x 4 % = 960.00 after 1,550.00
    assert sums(ledger)["2026-10"] == -590
    assert ("P-1", "data", -350, "cancelled", "") in posted(ledger, "2026-10")


def test_tv_d2_graduated_prices_each_slice_where_it_lies():
    stage = world([tiered("graduated", clawback=("full", 12))], sold(*QUARTER))
    ledger = through(stage, "2026-07", "2026-08", "2026-09")
    assert sums(ledger) == {"2026-07": 240, "2026-08": 340, "2026-09": 620}
    ledger = through(cancelled(stage, "O-4", "2026-09-25"), "2026-10", after=ledger)
    assert sums(ledger)["2026-10"] == -340  # 860.00 after 1,200.00


@pytest.mark.parametrize(("mode", "taken"), [("slab", -350), ("graduated", -340)])
def test_tv_d2_after_settling_a_cancellation_claws_back_at_the_rate_paid(mode: str, taken: int):
    """45 days after 30 September is 14 November: the run of November settles, that of December finds it settled."""
    stage = world([tiered(mode, clawback=("full", 12))], sold(*QUARTER))
    ledger = through(stage, "2026-09", "2026-11")
    ledger = through(cancelled(stage, "O-4", "2026-12-01"), "2026-12", after=ledger)
    assert posted(ledger, "2026-12") == [("P-1", "data", taken, "cancelled", "")]


def test_a_late_order_begins_where_the_settled_window_ended_each_by_itself():
    stage = world([tiered("graduated")], sold(*QUARTER[:2]))
    ledger = through(stage, "2026-11")
    late = sold(*QUARTER[:2], ("2026-09-20", "2000.00"), ("2026-09-21", "9000.00"))
    ledger = through(replace(stage, events=world([], late).events), "2026-12", after=ledger)
    # F(19,000) - F(17,000) = 80.00; F(26,000) - F(17,000) = 8,000 x 4 % + 1,000 x 5 % = 370.00
    assert sorted(line.amount for line in ledger.of_run(day("2026-12"))) == [80, 370]


def test_a_backdated_version_changes_the_rates_of_a_settled_window_and_not_what_it_reached():
    stage = world([tiered("slab")], sold(*QUARTER))
    ledger = through(stage, "2026-11")
    dearer = Version("sp", day("2026-01-01"), (tiered("slab", bounds=steps(("0", "3"), ("31000", "7"))),))
    ledger = through(replace(stage, versions=(*stage.versions, dearer)), "2026-12", after=ledger)
    # 31,000 x 7 % = 2,170.00 after 1,550.00
    assert {line.cause for line in ledger.of_run(day("2026-12"))} == {"schedule_changed"}
    assert sums(ledger)["2026-12"] == 620


def test_the_operators_fault_lowers_nobodys_tier():
    stage = world([tiered("slab", clawback=("full", 12))], sold(*QUARTER))
    ledger = through(stage, "2026-09")
    ledger = through(cancelled(stage, "O-4", "2026-09-25", "PROVIDER_FAULT"), "2026-10", after=ledger)
    assert posted(ledger, "2026-10") == []


def test_the_fifth_unit_has_its_own_price_and_a_quantity_may_span_slices():
    tiers = Tiers("units", "month", "graduated", "amount", steps(("0", "10"), ("4", "20")))
    stage = world(
        [Component("units", "closing", tiers=tiers)],
        """event_id,event_type,occurred_on,order_id,dealer_code,product,quantity
           a1,captured,2026-03-01,O-1,D-1,dsl-2000,3
           a2,captured,2026-03-02,O-2,D-1,dsl-2000,4
           b1,activated,2026-03-10,O-1,,,
           b2,activated,2026-03-11,O-2,,,""",
    )
    # O-1: 3 x 10.00; O-2: 1 x 10.00 + 3 x 20.00
    assert [line.amount for line in through(stage, "2026-03").lines] == [30, 70]


def test_tv_e_a_half_year_bonus_posts_month_by_month():
    bounds = steps(("0", "0"), ("40000", "1"), ("80000", "1.5"), ("120000", "2"))
    values = ("12000", "9500", "14250", "8800", "15450", "20000")
    orders = [(f"2026-0{m}-10", value) for m, value in enumerate(values, start=1)]
    stage = world([tiered("slab", "half_year", "window_bonus", bounds)], sold(*orders))
    months = [f"2026-0{m}" for m in range(1, 7)]
    found = sums(through(stage, *months))
    assert [found.get(m, 0) for m in months] == [0, 0, 0, amount("445.50"), amount("154.50"), 600]
    assert round(worth(tiered("slab", bounds=bounds), amount("79999.99")), 2) == 800
    assert worth(tiered("graduated", bounds=bounds), amount("80000")) == 400


BANDS = steps(("80", "4.00"), ("90", "7.00"), ("100", "10.00"), ("110", "12.00"))
HALF = (Adjustment("suspend", None, day("2021-01"), day("2021-07")), Adjustment("scale", Decimal("0.5")))


def agreed(**given: object) -> Target:
    return Target("P-1", "units", 2021, Decimal(1000), **{"families": ("dsl",), "adjustments": HALF, **given})


def units(*orders: tuple[str, int]) -> str:
    rows = [
        f"a{n},captured,{on},O-{n},D-1,dsl-2000,{count}\nb{n},activated,{on},O-{n},,,"
        for n, (on, count) in enumerate(orders, start=1)
    ]
    return "event_id,event_type,occurred_on,order_id,dealer_code,product,quantity\n" + "\n".join(rows)


@pytest.mark.parametrize(
    ("sold_units", "shown", "paid"),
    [
        (399, "79.8", "0.00"),
        (400, "80.0", "1600.00"),
        (432, "86.4", "1728.00"),
        (450, "90.0", "3150.00"),
        (499, "99.8", "3493.00"),
        (500, "100.0", "5000.00"),
        (550, "110.0", "6600.00"),
    ],
)
def test_tv_h_a_suspended_half_and_a_scaled_year(sold_units: int, shown: str, paid: str):
    component = Component("goal", "target_bonus", target="units", steps=BANDS)
    stage = world([component], units(("2021-03-10", 310), ("2021-08-10", sold_units)), targets=(agreed(),))
    second = window_of(day("2021-12"), "half_year")
    reached = targets.actual(stage, agreed(), folded(stage, day("2021-12-31")), second)
    assert (targets.planned(agreed(), second), reached) == (500, sold_units)
    assert targets.percent(reached, Fraction(500)) == amount(shown)
    ledger = through(stage, "2021-12", "2022-01", "2022-02")  # 45 days after 31 December is 14 February
    assert sum(line.amount for line in ledger.lines if line.kind == "target_bonus") == amount(paid)
    assert all(line.run == day("2022-02") for line in ledger.lines if line.kind == "target_bonus")


def test_tv_h_the_actual_is_final_and_a_changed_target_posts_its_difference():
    component = Component("goal", "target_bonus", target="units", steps=BANDS)
    stage = world([component], units(("2021-08-10", 432)), targets=(agreed(),))
    ledger = through(stage, "2022-02")
    more = (*agreed().adjustments, Adjustment("scale", Decimal("0.4")))
    stage = replace(stage, events=world([], units(("2021-08-10", 999))).events)
    stage = replace(stage, targets=(*stage.targets, agreed(adjustments=more)))
    # 432 of 400 are 108 %: 4,320.00 after 1,728.00; the units corrected later no longer count
    ledger = through(stage, "2022-03", after=ledger)
    assert ("P-1", "goal", 2592, "target", "") in posted(ledger, "2022-03")


def test_tv_h_the_other_relief_takes_out_the_plan_and_keeps_the_actual():
    weights = (Decimal(80), Decimal(80), *[Decimal(84)] * 10)  # of 1,000 the plan of January and February is 160
    relief = (Adjustment("exclude_plan", None, day("2021-01"), day("2021-03")),)
    target = agreed(adjustments=relief, weights=weights, period="year")
    assert targets.planned(target, window_of(day("2021-01"), "year")) == 840
    assert targets.percent(Fraction(900), Fraction(840)) == amount("107.1")
    assert targets.percent(Fraction(8996), Fraction(10000)) == amount("89.9")  # 89.96 is not 90


def test_what_a_family_target_does_not_name_does_not_count():
    target = agreed(families=("isdn",), adjustments=())
    stage = world([], units(("2021-08-10", 432)))
    assert targets.actual(stage, target, folded(stage, day("2021-12-31")), window_of(day("2021-12"), "year")) == 0
