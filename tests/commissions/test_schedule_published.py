"""A schedule of every kind once it is published: what pays less than before is named, the engine finds its columns, people words."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from commissions import actions
from commissions.models import Component as Row
from commissions.models import Run
from commissions.schedule_document import (
    DocumentError,
    decreases,
    parse,
)
from commissions.wording import component_rows
from core.errors import Refused
from tests.cast import make_product
from tests.commissions.every_kind import EVERY_KIND

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


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


def test_a_volume_bonus_keeps_the_window_it_was_promised_over(cast):
    """Else October would be promised twice in one line: by the month, and by the half-year that ends in December."""
    make_product("isdn-basic", "isdn")
    steps = "measure: units, window: %s, mode: slab, steps: [{from: 0, amount: 1}]"
    text = "{schedule: %s, valid_from: %s, components: [{code: a, kind: window_bonus, rate: {tiers: {" + steps + "}}}]}"
    months, halves, others = [
        actions.save_draft(text % given, by=cast.carla, now=NOW)
        for given in (("sp", "2026-01-01", "month"), ("sp", "2026-12-31", "half_year"), ("so", "2026-01-01", "quarter"))
    ]
    actions.publish_version(months, by=cast.hanna, now=NOW)
    for changed in (halves, others):  # of whatever schedule: a partner may have had both
        with pytest.raises(DocumentError, match="not the window this bonus was promised over until now"):
            actions.publish_version(changed, by=cast.hanna, now=NOW, reason="agreed with all")
    assert changed.schedule.versions.get().status == "draft"


def test_every_kind_is_said_in_words(cast):
    of_level = "  - {code: gold, kind: closing, match: {families: [data], levels: [gold]}, rate: {amount: 1.00}}\n"
    rows = {row.code: row for row in component_rows(parse(EVERY_KIND.rstrip() + "\n" + of_level))}
    assert rows["data-turnover"].rate == "from €0: 3% of the order value; from €10,000: 4% of the order value"
    assert rows["data-turnover"].conditions == [
        "steps by order value in the quarter",
        "slab",
        "taken back by steps, liability 12 months",
        "10% of it in reserve for a year",
    ]
    assert rows["sim-units"].rate == "from 0: €10.00 per unit; from 4: €12.00 per unit"
    assert rows["service"].rate == "€2.00 per unit and month"
    assert rows["pot"].rate == "from 80%: €3,000.00"
    assert (rows["pot"].pays_for, rows["smart"].pays_for) == ("what the target counts", "follows data-turnover")
    assert rows["smart"].rate == "20% of the line it follows"
    assert rows["duo"].pays_for == "data + sim-flat"
    assert rows["gold"].pays_for == "data · partner level Gold"
    assert rows["nps"].conditions == ["by customer satisfaction (NPS), from 30 answers"]
    assert rows["shared"].rate == "the distributor keeps 12.5%"
