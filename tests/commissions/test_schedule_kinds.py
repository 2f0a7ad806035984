"""Every kind of component is read as it is meant and refused where it means nothing."""

from decimal import Decimal

import pytest
from django.utils import translation

from commissions.schedule_document import (
    Base,
    Catalogue,
    Clawback,
    ClawbackMode,
    ClawbackStep,
    DocumentError,
    Match,
    Measure,
    Mode,
    Step,
    Tiers,
    Window,
    export,
    parse,
    warnings,
)
from tests.commissions.every_kind import EVERY_KIND


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def one(*components: str) -> str:
    return "schedule: s\nvalid_from: 2026-01-01\ncomponents:\n" + "".join(f"  - {each}\n" for each in components)


def problems(*components: str, catalogue: Catalogue | None = None) -> list[str]:
    with pytest.raises(DocumentError) as refused:
        parse(one(*components), catalogue)
    return [str(problem) for problem in refused.value.problems]


def closing(rate: str, more: str = "") -> str:
    return f"{{code: a, kind: closing, rate: {rate}{more}}}"


def tiers(steps: str, measure: str = "turnover", mode: str = "slab", of: str = "of: order_value, ") -> str:
    return f"{{{of}tiers: {{measure: {measure}, window: quarter, mode: {mode}, steps: [{steps}]}}}}"


def window_bonus(rate: str) -> str:
    return f"{{code: a, kind: window_bonus, rate: {rate}}}"


A = "{code: a, kind: closing, rate: {amount: 1}}"


class TestReading:
    def test_every_kind_comes_back_as_it_was_written(self):
        assert export(parse(EVERY_KIND)) == EVERY_KIND

    def test_tiers_say_what_is_measured_how_long_and_how(self):
        turnover, units = (component.rate for component in parse(EVERY_KIND).components[:2])
        assert turnover.of == Base.ORDER_VALUE
        steps = (Step(Decimal(0), percent=Decimal(3)), Step(Decimal(10000), percent=Decimal(4)))
        assert turnover.tiers == Tiers(Measure.TURNOVER, Window.QUARTER, Mode.SLAB, steps)
        assert (units.of, units.tiers.by_percent, units.tiers.mode) == (None, False, Mode.GRADUATED)

    def test_what_a_bonus_or_an_uplift_leaves_out_has_its_stated_default(self):
        document = parse(
            one(
                A,
                "{code: t, kind: target_bonus, target: units, steps: [{from: 80, amount: 1}]}",
                "{code: u, kind: uplift, follows: [a], steps: [{from: 30, percent: 2}]}",
            )
        )
        _closing, bonus, uplift = document.components
        assert (bonus.mode, bonus.settle_after_days) == (Mode.SLAB, 45)
        assert (uplift.by, uplift.min_answers, uplift.effective_from) == ("nps", 30, None)

    def test_liability_by_steps_ends_with_the_last_step(self):
        steps = (ClawbackStep(6, Decimal(100)), ClawbackStep(12, Decimal(50)))
        clawback = parse(EVERY_KIND).components[0].clawback
        assert clawback == Clawback(ClawbackMode.STEPS, None, steps)
        assert clawback.liability == 12

    def test_the_parts_of_a_bundle_keep_their_order(self):
        (bundle,) = (each for each in parse(EVERY_KIND).components if each.needs)
        assert bundle.needs == (Match(families=("data",)), Match(products=("sim-flat",)))

    @pytest.mark.parametrize("measure", ["turnover", "units"])
    def test_a_slab_may_pay_a_percentage_by_units_and_an_amount_by_turnover(self, measure):
        by_percent = parse(one(closing(tiers("{from: 0, percent: 3}", measure)))).components[0].rate.tiers
        of = "of: order_value, " if measure == "turnover" else ""
        by_amount = parse(one(closing(tiers("{from: 0, amount: 3}", measure, of=of)))).components[0].rate.tiers
        assert (by_percent.by_percent, by_amount.by_percent) == (True, False)


class TestRefusals:
    @pytest.mark.parametrize(
        ("components", "message"),
        [
            ((closing(tiers("{from: 1, percent: 3}")),), "components[0].rate.tiers.steps[0].from: leaves what lies below without a rate (1). Right would be: 0"),
            ((closing(tiers("{from: 0, percent: 3}, {from: 9, percent: 4}, {from: 9, percent: 5}")),), "steps[2].from: is not above the step before it (9). Right would be: steps in ascending order, so more than 9"),
            ((closing(tiers("{from: 0, percent: 3}, {from: 9, percent: 4}, {from: 5, percent: 5}")),), "steps[2].from: is not above the step before it (5)"),
            ((closing(tiers("{from: 0, percent: 3}, {from: 9, amount: 4}")),), "steps[1].amount: is another kind of rate than the first step has (4). Right would be: percent"),
            ((closing(tiers("{from: 0}")),), "steps[0]: has no rate. Right would be: one of percent, amount"),
            ((closing(tiers("{from: 0, percent: 3, amount: 4}")),), "steps[0]: has more than one rate: percent, amount"),
            ((closing(tiers("")),), "rate.tiers.steps: is an empty list"),
            ((closing("{of: order_value, tiers: {measure: turnover, window: quarter, steps: [{from: 0, percent: 3}]}}"),), "rate.tiers.mode: is missing"),
            ((closing("{of: order_value, tiers: {measure: turnover, mode: slab, steps: [{from: 0, percent: 3}]}}"),), "rate.tiers.window: is missing"),
            ((closing(tiers("{from: 0, percent: 3}", mode="interpolated")),), "rate.tiers.mode: is not known here (interpolated)"),
            ((closing(tiers("{from: 0, percent: 3}", measure="units", mode="graduated")),), "rate.tiers.measure: does not go together with graduated percent steps (units). Right would be: turnover"),
            ((closing(tiers("{from: 0, amount: 3}", mode="graduated")),), "rate.tiers.measure: does not go together with graduated amount steps (turnover). Right would be: units"),
            ((closing(tiers("{from: 0, percent: 3}", of="")),), "components[0].rate.of: is missing. Right would be: one of order_value, monthly_price"),
            ((closing(tiers("{from: 0, percent: 3}", of="of: revenue, ")),), "rate.of: is not possible with kind closing (revenue)"),
            ((closing(tiers("{from: 0, amount: 3}", measure="units")),), "rate.of: means nothing beside an amount (order_value). Right would be: leave the key out"),
            ((closing("{amount: 3, " + tiers("{from: 0, percent: 3}")[1:]),), "components[0].rate: has more than one rate: amount, tiers"),
            ((closing("{amount: 3}", ", reserve_percent: 101"),), "components[0].reserve_percent: is out of range (101). Right would be: a number from 0 to 100"),
            ((window_bonus("{amount: 3}"),), "components[0].rate.amount: belongs to another kind of component"),
            ((window_bonus("{percent: 3, of: revenue}"),), "components[0].rate.percent: belongs to another kind of component"),
            ((window_bonus(tiers("{from: 0, amount: 3}")),), "rate.tiers.measure: does not go together with amount steps (turnover). Right would be: units"),
            ((window_bonus(tiers("{from: 0, percent: 3}", measure="units")),), "rate.tiers.measure: does not go together with percent steps (units). Right would be: turnover"),
            (("{code: a, kind: recurring, rate: " + tiers("{from: 0, percent: 3}") + "}",), "rate.of: is not possible with kind recurring (order_value). Right would be: one of revenue"),
            (("{code: a, kind: recurring, rate: {amount: 1}, reserve_percent: 10}",), "components[0].reserve_percent: belongs to another kind of component"),
            (("{code: a, kind: target_bonus, steps: [{from: 80, amount: 1}]}",), "components[0].target: is missing"),
            (("{code: a, kind: target_bonus, target: t}",), "components[0].steps: is missing"),
            (("{code: a, kind: target_bonus, target: t, rate: {amount: 1}, steps: [{from: 80, amount: 1}]}",), "components[0].rate: belongs to another kind of component"),
            (("{code: a, kind: target_bonus, target: t, mode: graduated, steps: [{from: 80, amount: 1}]}",), "components[0].mode: is not known here (graduated). Right would be: one of slab"),
            (("{code: a, kind: target_bonus, target: t, steps: [{from: 80, amount: 1}, {from: 70, amount: 2}]}",), "components[0].steps[1].from: is not above the step before it (70)"),
            (("{code: a, kind: target_bonus, target: t, steps: [{from: 80, amount: 1}, {from: 90, amount_per_unit: 2}]}",), "steps[1].amount_per_unit: is another kind of rate than the first step has (2). Right would be: amount"),
            (("{code: a, kind: campaign, rate: {amount: 1}}",), "components[0].campaign: is missing"),
            (("{code: a, kind: campaign, campaign: c, rate: {percent: 20}}",), "components[0].rate.percent: belongs to another kind of component"),
            ((A, "{code: b, kind: campaign, campaign: c, follows: [a], rate: {amount: 20}}"), "components[1].rate.amount: belongs to another kind of component"),
            ((A, "{code: b, kind: campaign, campaign: c, follows: [a], match: {families: [x]}, rate: {percent: 20}}"), "components[1].match: means nothing beside follows"),
            (("{code: a, kind: bundle, needs: [{families: [x]}], rate: {amount: 1}}",), "components[0].needs: is no bundle. Right would be: at least two parts"),
            (("{code: a, kind: bundle, rate: {amount: 1}}",), "components[0].needs: is missing"),
            (("{code: a, kind: bundle, needs: [{families: [x]}, {}], rate: {percent: 1}}",), "components[0].rate.percent: belongs to another kind of component"),
            ((A, "{code: b, kind: uplift, follows: [a], by: churn, steps: [{from: 30, percent: 2}]}"), "components[1].by: is not known here (churn). Right would be: one of nps"),
            ((A, "{code: b, kind: uplift, follows: [a], steps: [{from: 30, percent: -2}]}"), "components[1].steps[0].percent: is out of range (-2)"),
            ((A, "{code: b, kind: uplift, follows: [a], steps: [{from: 101, percent: 2}]}"), "components[1].steps[0].from: is out of range (101)"),
            ((A, "{code: b, kind: uplift, steps: [{from: 30, percent: 2}]}"), "components[1].follows: is missing"),
            ((A, "{code: b, kind: override, follows: [a], rate: {percent: 8, of: revenue}}"), "components[1].rate.of: belongs to another kind of component"),
            ((A, "{code: b, kind: override, follows: [a], rate: {percent: 8}, clawback: {mode: full, months: 1}}"), "components[1].clawback: belongs to another kind of component"),
            ((A, "{code: b, kind: split, follows: [a]}"), "components[1].keep_percent: is missing"),
            ((A, "{code: b, kind: split, follows: [a], keep_percent: 100.5}"), "components[1].keep_percent: is out of range (100.5)"),
            ((A, "{code: b, kind: split, follows: [], keep_percent: 10}"), "components[1].follows: is an empty list"),
            ((closing("{amount: 1}", ", clawback: {mode: steps}"),), "components[0].clawback.steps: is missing"),
            ((closing("{amount: 1}", ", clawback: {mode: days}"),), "components[0].clawback.months: is missing"),
            ((closing("{amount: 1}", ", clawback: {mode: full, months: 1, steps: [{until_month: 1, percent: 1}]}"),), "components[0].clawback.steps: means nothing with mode full"),
            ((closing("{amount: 1}", ", clawback: {mode: steps, steps: [{until_month: 6, percent: 1}, {until_month: 6, percent: 1}]}"),), "clawback.steps[1].until_month: is not above the step before it (6)"),
            ((closing("{amount: 1}", ", clawback: {mode: steps, steps: [{until_month: 6, percent: 101}]}"),), "clawback.steps[0].percent: is out of range (101)"),
        ],
    )  # fmt: skip
    def test_each_slip_has_its_own_sentence(self, components, message):
        assert any(message in problem for problem in problems(*components))

    @pytest.mark.parametrize(
        ("follower", "message"),
        [
            ("kind: override, follows: [b], rate: {percent: 8}", "names no component of this document (b). Right would be: one of a"),
            ("kind: override, follows: [f], rate: {percent: 8}", "follows in a circle: f → f (f). Right would be: a component of kind closing, recurring, bundle, campaign"),
            ("kind: campaign, campaign: c, follows: [g], rate: {percent: 8}", "follows in a circle: f → g → f (g)"),
            ("kind: uplift, follows: [w], steps: [{from: 0, percent: 1}]", "cannot be followed by kind uplift, being of kind window_bonus (w)"),
            ("kind: campaign, campaign: c, follows: [s], rate: {percent: 8}", "cannot be followed by kind campaign, being of kind split (s)"),
            ("kind: split, follows: [o], keep_percent: 8", "cannot be followed by kind split, being of kind override (o)"),
        ],
    )  # fmt: skip
    def test_only_lines_that_come_before_are_followed(self, follower, message):
        others = [
            A,
            "{code: g, kind: campaign, campaign: c, follows: [f], rate: {percent: 8}}",
            f"{{code: w, kind: window_bonus, rate: {tiers('{from: 0, percent: 3}')}}}",
            "{code: s, kind: split, follows: [a], keep_percent: 1}",
            "{code: o, kind: override, follows: [a], rate: {percent: 1}}",
        ]
        found = [each for each in problems(*others, f"{{code: f, {follower}}}") if "components[5].follows[0]" in each]
        assert [message in each for each in found] == [True]

    def test_a_component_with_a_slip_can_be_followed_all_the_same(self):
        found = problems(
            "{code: a, kind: closing, rate: {}}", "{code: b, kind: override, follows: [a], rate: {percent: 8}}"
        )
        assert len(found) == 1

    def test_the_parts_of_a_bundle_must_fit_the_catalogue(self):
        bundle = "{code: a, kind: bundle, needs: [{families: [dta]}, {products: [x]}], rate: {amount: 1}}"
        found = problems(bundle, catalogue=Catalogue({"data": False}, {"vpn": "data"}))
        assert [each.partition(":")[0] for each in found] == [
            "line 4, components[0].needs[0].families",
            "line 4, components[0].needs[1].products",
        ]


def test_slips_that_the_format_allows_are_warnings():
    document = parse(EVERY_KIND.replace("percent: 8", "percent: 800"))
    catalogue = Catalogue({}, {}, campaigns={"spring"}, targets={"mobile-units"})
    assert [str(each) for each in warnings(document, catalogue)] == [
        "components[6].campaign: names a campaign that is not set up yet (smart). Right would be: one of spring",
        "components[10].rate.percent: pays more than the customer does (800)",
    ]
