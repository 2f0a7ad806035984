"""Every kind of component is read as it is meant, refused where it means nothing, and stored as the engine joins on it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from commissions import actions
from commissions.models import Component as Row
from commissions.models import Run
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
    decreases,
    export,
    parse,
    warnings,
)
from commissions.wording import component_rows
from core.errors import Refused
from tests.cast import make_product

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
EVERY_KIND = """\
schedule: sp
valid_from: 2026-01-01
freeze_days: 45
components:
  - code: data-turnover
    kind: closing
    match: {families: [data]}
    rate:
      of: order_value
      tiers:
        measure: turnover
        window: quarter
        mode: slab
        steps:
          - {from: 0, percent: 3}
          - {from: 10000, percent: 4}
    clawback: {mode: steps, steps: [{until_month: 6, percent: 100}, {until_month: 12, percent: 50}]}
    reserve_percent: 10
  - code: sim-units
    kind: closing
    match: {families: [mobile]}
    rate:
      tiers:
        measure: units
        window: month
        mode: graduated
        steps:
          - {from: 0, amount: 10.00}
          - {from: 4, amount: 12.00}
    clawback: {mode: days, months: 24}
  - code: service
    kind: recurring
    rate: {amount: 2.00}
    months: 24
  - code: half-year
    kind: window_bonus
    rate:
      of: order_value
      tiers:
        measure: turnover
        window: half_year
        mode: slab
        steps:
          - {from: 0, percent: 0}
          - {from: 40000, percent: 1}
  - code: mobile-target
    kind: target_bonus
    target: mobile-units
    mode: slab
    steps:
      - {from: 80, amount_per_unit: 4.00}
      - {from: 90, amount_per_unit: 7.00}
    settle_after_days: 45
  - code: pot
    kind: target_bonus
    target: mobile-units
    mode: slab
    steps:
      - {from: 80, amount: 3000.00}
    settle_after_days: 30
  - code: smart
    kind: campaign
    campaign: smart
    follows: [data-turnover]
    rate: {percent: 20}
  - code: spiff
    kind: campaign
    match: {families: [mobile]}
    campaign: spring
    rate: {amount: 25.00}
  - code: duo
    kind: bundle
    needs:
      - {families: [data]}
      - {products: [sim-flat]}
    within_days: 90
    rate: {amount: 30.00}
  - code: nps
    kind: uplift
    follows: [data-turnover, smart]
    by: nps
    min_answers: 30
    effective_from: 2026-04-01
    steps:
      - {from: 30, percent: 2}
      - {from: 50, percent: 4}
  - code: on-top
    kind: override
    follows: [data-turnover]
    rate: {percent: 8}
  - code: shared
    kind: split
    follows: [sim-units]
    keep_percent: 12.5
"""


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


class TestDecrease:
    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ("amount: 2.00", "amount: 1.99", "components[2].rate.amount: pays less than before (2 → 1.99)"),
            ("{from: 10000, percent: 4}", "{from: 20000, percent: 4}", "components[0].rate.tiers.steps: pays less than before from 10000 on (4 → 3)"),
            ("{from: 80, amount_per_unit: 4.00}", "{from: 85, amount_per_unit: 4.00}", "components[4].steps: pays less than before from 80 on (4 → 0)"),
            ("keep_percent: 12.5", "keep_percent: 13", "components[11].keep_percent: leaves less to the sub-partner (12.5 → 13)"),
            ("months: 24\n  - code: half", "months: 12\n  - code: half", "components[2].months: pays for a shorter time (24 → 12)"),
            ("match: {families: [data]}", "match: {families: [data], levels: [gold]}", "components[0].match.levels: pays for fewer orders (gold)"),
            ("mode: graduated", "mode: slab", "components[1].rate: is calculated in another way than before (sim-units)"),
            ("follows: [data-turnover, smart]", "follows: [smart]", "components[9].follows: follows fewer components (data-turnover)"),
            ("code: service", "code: servise", "components: pays no more: the component is gone (service)"),
            ("months: 24\n  - code: half", "months: 24\n    certificate: x\n  - code: half", "components[2].certificate: is needed now (x)"),
        ],
    )  # fmt: skip
    def test_what_pays_less_is_named(self, old, new, told):
        after = EVERY_KIND.replace(old, new)
        assert after != EVERY_KIND
        assert [str(each) for each in decreases(parse(EVERY_KIND), parse(after))] == [told]

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("amount: 2.00", "amount: 2.01"),
            ("{from: 10000, percent: 4}", "{from: 9000, percent: 4}"),
            ("months: 24\n  - code: half", "months: 36\n  - code: half"),
            ("    match: {families: [data]}\n", ""),
            ("keep_percent: 12.5", "keep_percent: 12"),
        ],
    )
    def test_what_pays_more_or_the_same_is_not(self, old, new):
        assert decreases(parse(EVERY_KIND), parse(EVERY_KIND.replace(old, new))) == []


class TestStored:
    @pytest.fixture
    def rows(self, cast) -> dict[str, Row]:
        make_product("vpn-flat", "data")
        make_product("sim-flat", "mobile")
        draft = actions.save_draft(EVERY_KIND, by=cast.carla, now=NOW)
        version = actions.publish_version(draft, by=cast.hanna, now=NOW)
        return {row.code: row for row in version.components.all()}

    @pytest.mark.parametrize(
        ("code", "columns"),
        [
            ("data-turnover", {"basis": "order_value", "rate": 0, "measure": "order_value", "window": "quarter", "mode": "slab", "steps_from": [0, 10000], "steps_rate": [3, 4], "reserve_percent": 10, "clawback_mode": "steps", "clawback_months": 13, "clawback_until": [6, 12], "clawback_percent": [100, 50]}),
            ("sim-units", {"basis": "units", "rate": 0, "measure": "units", "window": "month", "mode": "graduated", "steps_rate": [10, 12], "clawback_mode": "days", "clawback_months": 24, "clawback_until": None}),
            ("service", {"basis": "units", "rate": 2, "months": 24, "measure": "", "window": "", "mode": "", "steps_from": None}),
            ("half-year", {"kind": "window_bonus", "basis": "order_value", "measure": "order_value", "window": "half_year", "rate": 0}),
            ("mobile-target", {"basis": "units", "target": "mobile-units", "mode": "slab", "steps_from": [80, 90], "steps_rate": [4, 7], "steps_total": False, "settle_after_days": 45}),
            ("pot", {"steps_total": True, "steps_rate": [3000], "settle_after_days": 30}),
            ("smart", {"basis": "line", "rate": 20, "campaign": "smart", "follows": ["data-turnover"], "families": None}),
            ("spiff", {"basis": "units", "rate": 25, "campaign": "spring", "follows": None, "families": ["mobile"]}),
            ("duo", {"basis": "units", "rate": 30, "within_days": 90, "follows": None}),
            ("nps", {"basis": "line", "rate": 0, "follows": ["data-turnover", "smart"], "min_answers": 30, "effective_from": date(2026, 4, 1), "steps_rate": [2, 4], "steps_total": False}),
            ("on-top", {"basis": "line", "rate": 8, "follows": ["data-turnover"]}),
            ("shared", {"basis": "line", "rate": Decimal("12.5"), "follows": ["sim-units"]}),
        ],
    )  # fmt: skip
    def test_every_kind_becomes_columns(self, rows, code, columns):
        assert {name: getattr(rows[code], name) for name in columns} == columns

    def test_a_bundle_keeps_what_it_needs_as_rows(self, rows):
        needs = rows["duo"].needs.values_list("position", "families", "products", "levels")
        assert list(needs) == [(0, ["data"], None, None), (1, None, ["sim-flat"], None)]


def test_a_decrease_for_settled_days_needs_a_reason(cast):
    make_product("isdn-basic", "isdn")

    def version(amount: str, start: str):
        text = f"{{schedule: sp, valid_from: {start}, components: [{{code: a, kind: closing, rate: {{amount: {amount}}}}}]}}"
        return actions.save_draft(text, by=cast.carla, now=NOW)

    actions.publish_version(version("45", "2026-01-01"), by=cast.hanna, now=NOW)
    Run.objects.create(month=date(2026, 6, 1), status=Run.Status.POSTED, created_at=NOW)
    actions.publish_version(version("44", "2026-07-01"), by=cast.hanna, now=NOW)
    actions.publish_version(version("46", "2026-03-01"), by=cast.hanna, now=NOW)
    less = version("45.50", "2026-06-30")
    with pytest.raises(
        Refused, match=r"Please give a reason.\ncomponents\[0\].rate.amount: pays less than before \(46 → 45.5\)"
    ):
        actions.publish_version(less, by=cast.hanna, now=NOW)
    assert actions.publish_version(less, by=cast.hanna, now=NOW, reason="Typing mistake, agreed with all").sequence == 4


def test_every_kind_is_said_in_words(cast):
    rows = {row.code: row for row in component_rows(parse(EVERY_KIND))}
    assert rows["data-turnover"].rate == "from 0: 3% of the order value; from 10,000: 4% of the order value"
    assert rows["data-turnover"].conditions == [
        "steps by order value in the quarter",
        "slab",
        "taken back by steps, liability 12 months",
        "10% of it in reserve for a year",
    ]
    assert rows["sim-units"].rate == "from 0: €10.00 per unit; from 4: €12.00 per unit"
    assert rows["service"].rate == "€2.00 per unit and month"
    assert rows["pot"].rate == "from 80: €3,000.00"
    assert (rows["pot"].pays_for, rows["smart"].pays_for) == ("what the target counts", "follows data-turnover")
    assert rows["smart"].rate == "20% of the line it follows"
    assert rows["duo"].pays_for == "data + sim-flat"
    assert rows["nps"].conditions == ["by customer satisfaction (NPS), from 30 answers"]
    assert rows["shared"].rate == "the distributor keeps 12.5%"
