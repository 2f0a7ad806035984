"""Worked examples: refused by place when they say something unknown, run by the real engine, compared to the cent."""

import re
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import translation

from commissions import actions
from commissions.management.commands.check_examples import SHIPPED
from commissions.schedule_document import DocumentError, parse
from commissions.worked_example import parse_example, scratch
from commissions.worked_example.checking import Result, check
from commissions.worked_example.scratch import workshop
from core.errors import Refused
from tests.cast import make_product

EXAMPLES = sorted(SHIPPED.glob("*.yaml"))
SMALL = """\
title: One order
products: [{code: isdn-basic, family: isdn}]
schedules:
  - {schedule: sp, valid_from: 2026-01-01, components: [{code: closing, kind: closing, match: {families: [isdn]}, rate: {amount: 45.00}}]}
partners:
  - {number: P-1, kind: system_partner, schedule: sp, dealer_code: D-1, contract_from: 2026-01-01, vat: regular}
steps:
  - feed: |
      event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no
      s1,captured,2026-03-02,O-1,D-1,isdn-basic,C-1
      t1,activated,2026-03-10,O-1,,,
  - run: 2026-03
expect:
  - {run: 2026-03, order: O-1, amount: 45.00}
"""


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentError) as refused:
        parse_example(text)
    return [str(problem) for problem in refused.value.problems]


class TestReading:
    def test_the_small_example_is_one(self):
        example = parse_example(SMALL)
        assert (example.title, len(example.steps), len(example.expect)) == ("One order", 2, 1)
        assert example.partners[0].contract.schedule == "sp"

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ("expect:\n  - {run: 2026-03, order: O-1, amount: 45.00}\n", "", "expect: is missing"),
            ("title: One order", "titel: One order", "line 1, titel: is not a known key. Right would be: title"),
            ("vat: regular", "vat: normal", "partners[0].vat: is not known here (normal)"),
            ("vat: regular", "tax: regular", "partners[0].tax: is not a known key"),
            ("contract_from: 2026-01-01, ", "", "partners[0].contract_from: is missing"),
            ("schedule: sp, dealer_code", "schedule: ps, dealer_code", "partners[0].schedule: is named here and nowhere set up (ps)"),
            ("match: {families: [isdn]}", "match: {families: [isnd]}", "schedules[0].components[0].match.families: names an unknown product family (isnd)"),
            ("rate: {amount: 45.00}", "rate: {of: order_value, tiers: {}}", "schedules[0].components[0].rate.tiers.steps: is missing"),
            ("- run: 2026-03\nexpect", "- run: 2026-13\nexpect", "steps[1].run: is not a month (2026-13)"),
            ("- run: 2026-03\nexpect", "- rnu: 2026-03\nexpect", "steps[1].rnu: is not a known key. Right would be: run"),
            ("- run: 2026-03\nexpect", "- {run: 2026-03, feed: x}\nexpect", "steps[1]: should be one step"),
            ("- run: 2026-03\nexpect", "- run: 2026-03\n  - survey: {partner: P-1, quarter: 2026-5}\nexpect", "steps[2].survey.quarter: is not a quarter (2026-5). Right would be: year and quarter, like 2026-Q2"),
            ("- run: 2026-03\nexpect", "- run: 2026-03\n  - survey: {partner: P-1, quarter: 2026-Q2, promoters: 3, passives: 1, detractors: -1}\nexpect", "steps[2].survey.detractors: is out of range (-1)"),
            ("- run: 2026-03\nexpect", "- run: 2026-03\n  - register: {partner: P-1, campaign: smart}\nexpect", "steps[2].register.campaign: is named here and nowhere set up (smart)"),
            ("expect:", "campaigns: [{code: smart, from: 2026-01-01, registration: wanted}]\nexpect:", "campaigns[0].registration: is not known here (wanted). Right would be: one of required, none"),
            ("expect:", "campaigns: [{code: smart, from: 2026-01-01}, {code: smart, from: 2026-01-01}]\nexpect:", "campaigns[1].code: is written twice (smart)"),
            ("expect:", "targets: [{partner: P-1, kpi: units, year: 2026}]\nexpect:", "targets[0].annual: is missing"),
            ("expect:", "targets: [{partner: P-1, kpi: units, year: 2026, annual: 9, weights: [1, 2]}]\nexpect:", "targets[0].weights: has not one weight a month. Right would be: 12 numbers, January first"),
            ("expect:", "targets: [{partner: P-1, kpi: units, year: 2026, annual: 9, adjustments: [{kind: scale, value: 2}]}]\nexpect:", "targets[0].adjustments[0]: does not say what kind scale needs. Right would be: only factor"),
            ("- run: 2026-03\nexpect", "- run: 2026-03\n  - hold: {reason: x}\nexpect", "steps[2].hold: names nothing"),
            ("- run: 2026-03\nexpect", "- run: 2026-03\n  - manual: {partner: P-9, amount: 1.00}\nexpect", "steps[2].manual.partner: is named here and nowhere set up (P-9). Right would be: P-1"),
            ("- run: 2026-03\nexpect", "- run: 2026-03\n  - release: {order: O-9}\nexpect", "steps[2].release.order: is named here and nowhere set up (O-9)"),
            ("{run: 2026-03, order", "{run: 2026-04, order", "line 14, expect[0].run: is named here and nowhere set up (2026-04)"),
            ("order: O-1, amount", "order: O-2, amount", "expect[0].order: is named here and nowhere set up (O-2)"),
            ("order: O-1, amount", "component: closnig, amount", "expect[0].component: is named here and nowhere set up (closnig). Right would be: closing"),
            ("order: O-1, amount", "cause: erned, amount", "expect[0].cause: is not known here (erned). Right would be: earned"),
            ("order: O-1, amount: 45.00", "order: O-1", "expect[0]: expects nothing"),
            ("amount: 45.00}\n", "amount: 45.001}\n", "expect[0].amount: has too many decimals (45.001)"),
            ("order: O-1, amount: 45.00", "partner: P-1, statement: {nett: 45.00}", "expect[0].statement.nett: is not a known key. Right would be: net"),
            ("order: O-1, amount: 45.00", "statement: {net: 45.00}", "expect[0]: compares a statement"),
            ("{run: 2026-03, order: O-1, amount: 45.00}", "{attainment: units, partner: P-1}", "expect[0].as_of: is missing"),
            ("{run: 2026-03, order: O-1, amount: 45.00}", "{attainment: units, partner: P-1, as_of: 2026-03-31}", "expect[0]: expects nothing. Right would be: one of target, actual, percent"),
            ("{run: 2026-03, order: O-1, amount: 45.00}", "{attainment: units, partner: P-1, as_of: 2026-03-31, actual: 1}", "expect[0].attainment: is named here and nowhere set up (units)"),
        ],
    )  # fmt: skip
    def test_what_means_nothing_is_refused_by_its_place(self, old, new, message):
        last = SMALL.replace(old, new) if SMALL.count(old) == 1 else new.join(SMALL.rsplit(old, 1))
        assert any(message in problem for problem in problems(last))

    def test_all_problems_are_named_at_once(self):
        wrong = (
            SMALL.replace("vat: regular", "vat: x")
            .replace("title:", "titel:")
            .replace("isdn-basic, family", "isdn-basic, famly")
        )
        assert len(problems(wrong)) >= 4

    def test_a_number_or_code_given_twice_is_refused(self):
        partner = SMALL[SMALL.index("  - {number") : SMALL.index("steps:")]
        found = problems(SMALL.replace(partner, partner * 2))
        assert [problem.split(": ", 1)[0] for problem in found] == [
            "line 7, partners[1].number",
            "line 7, partners[1].dealer_code",
        ]


# ---- through the engine ------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def shop(django_db_blocker):
    """A workshop beside the test database: scratch databases are not rolled back but dropped."""
    with django_db_blocker.unblock(), workshop() as opened:
        yield opened


def databases(shop) -> list[str]:
    """Scratch databases of one workshop; another process may be running examples at the same moment."""
    return [
        name for (name,) in shop._ask("SELECT datname FROM pg_database WHERE datname LIKE %s", f"%_{shop._number}_%")
    ]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_shipped_example_holds(path: Path, shop):
    result = check(path.read_bytes(), shop)
    assert result == Result(title=result.title, notes=result.notes, seconds=result.seconds)


def test_what_the_documentation_shows_holds(shop):
    blocks = re.findall(r"```yaml\n(.*?)```", (SHIPPED.parents[1] / "docs" / "schedules.md").read_text(), re.DOTALL)
    schedule, example = blocks
    assert parse(schedule).schedule == "systempartner"
    result = check(example, shop)
    assert result == Result(title=result.title, seconds=result.seconds)


class TestDifferences:
    def test_a_wrong_cent_is_found(self, shop):
        (difference,) = check(SMALL.replace("amount: 45.00}\n", "amount: 45.01}\n"), shop).differences
        assert (f"{difference.wanted}", f"{difference.found}", difference.line) == ("45.01", "45.00", 14)
        assert difference.note == "posted: O-1 closing earned 45.00"

    def test_a_cause_needs_a_line_even_for_zero(self, shop):
        wanted = SMALL.replace("order: O-1, amount: 45.00", "order: O-1, cause: corrected, amount: 0.00")
        (difference,) = check(wanted, shop).differences
        assert (difference.found, difference.note) == (None, "posted: O-1 closing earned 45.00")

    def test_a_hold_needs_a_line_even_for_zero(self, shop):
        wanted = SMALL.replace("order: O-1, amount: 45.00", "order: O-1, held: withheld, amount: 0.00")
        assert [each.found for each in check(wanted, shop).differences] == [None]

    def test_nothing_found_is_zero_without_cause_and_hold(self, shop):
        assert check(SMALL + "  - {run: 2026-03, order: s1, amount: 0.00}\n", shop).agrees

    def test_only_the_given_keys_of_a_statement_are_compared(self, shop):
        agrees = SMALL + "  - {run: 2026-03, partner: P-1, statement: {net: 45.00, payable: 53.55}}\n"
        assert check(agrees, shop).agrees
        result = check(agrees.replace("53.55", "53.54"), shop)
        assert [each.what for each in result.differences] == ["run 2026-03, partner P-1: payable"]

    def test_a_missing_statement_is_said(self, shop):
        other = "  - {number: P-2, schedule: sp, contract_from: 2026-01-01}\nsteps:"
        text = SMALL.replace("steps:", other) + "  - {run: 2026-03, partner: P-2, statement: {net: 0.00}}\n"
        assert [each.note for each in check(text, shop).differences] == ["there is no statement"]


class TestSteps:
    def test_a_step_that_cannot_be_taken_is_named(self, shop):
        result = check(SMALL.replace("- run: 2026-03\nexpect", "- run: 2026-03\n  - run: 2026-03\nexpect"), shop)
        assert result.stopped.startswith("steps[2]: 2026-03 is posted")
        assert not result.agrees

    def test_a_feed_that_is_none_stops_the_example(self, shop):
        assert check(SMALL.replace("event_id,event_type", "event,type"), shop).stopped.startswith("steps[0]: ")

    def test_rows_the_feed_did_not_take_are_told(self, shop):
        result = check(SMALL.replace("s1,captured", "s0,cuptured,2026-03-02,O-0,,,\n      s1,captured"), shop)
        assert result.agrees
        assert "line 2" in result.notes[0]

    def test_a_contract_from_a_day_on_keeps_what_it_does_not_say(self, shop):
        text = dedent("""\
            title: Gold from the second quarter, recorded late
            products: [{code: isdn-basic, family: isdn}]
            schedules:
              - schedule: sp
                valid_from: 2026-01-01
                components:
                  - {code: gold, kind: closing, match: {levels: [gold]}, rate: {amount: 60.00}, group: g}
                  - {code: plain, kind: closing, rate: {amount: 45.00}, group: g}
            partners: [{number: P-1, schedule: sp, dealer_code: D-1, contract_from: 2026-01-01, level: silver}]
            steps:
              - feed: |
                  event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no
                  s1,captured,2026-03-31,O-1,D-1,isdn-basic,C-1
                  t1,activated,2026-04-10,O-1,,,
                  s2,captured,2026-04-01,O-2,D-1,isdn-basic,C-2
                  t2,activated,2026-04-10,O-2,,,
              - run: 2026-04
              - contract: {partner: P-1, valid_from: 2026-04-01, level: gold}
              - run: 2026-05
            expect:
              - {run: 2026-04, component: plain, amount: 90.00}
              - {run: 2026-05, order: O-1, amount: 0.00}
              - {run: 2026-05, order: O-2, component: plain, cause: contract, amount: -45.00}
              - {run: 2026-05, order: O-2, component: gold, cause: contract, amount: 60.00}
            """)
        assert check(text, shop) == Result(
            title="Gold from the second quarter, recorded late", seconds=pytest.approx(0, abs=600)
        )

    def test_targets_surveys_and_campaigns_are_set_up_and_changed(self, shop):
        text = SMALL.replace(
            "steps:\n",
            "targets: [{partner: P-1, kpi: isdn-units, year: 2026, annual: 1000, families: [isdn], measure: units}]\n"
            "surveys: [{partner: P-1, quarter: 2026-Q1, promoters: 3, passives: 2, detractors: 1}]\n"
            "campaigns: [{code: smart, from: 2026-01-01, until: 2026-06-01, registration: required, cap_units: 50,"
            " cap_amount: 1000.00, exclude: {products: [isdn-basic]}, stackable: false}]\n"
            "steps:\n"
            "  - target: {partner: P-1, kpi: isdn-units, year: 2026, adjustments: [{kind: scale, factor: 0.5}]}\n"
            "  - survey: {partner: P-1, quarter: 2026-Q1, promoters: 4, passives: 2, detractors: 1}\n"
            "  - register: {partner: P-1, campaign: smart}\n",
        )
        wanted = "  - {attainment: isdn-units, partner: P-1, as_of: 2026-03-31, target: %s, actual: 1, percent: 0.4}\n"
        assert check(text + wanted % 250, shop) == Result(title="One order", seconds=pytest.approx(0, abs=600))
        assert [each.found for each in check(text + wanted % 500, shop).differences] == [250]


class TestScratch:
    def test_nothing_is_left_behind_and_the_live_database_is_not_touched(self, shop, django_db_blocker):
        with django_db_blocker.unblock():
            before = connection.settings_dict["NAME"]
            check(SMALL.replace("- run: 2026-03\nexpect", "- run: 2026-03\n  - run: 2026-03\nexpect"), shop)
            assert connection.settings_dict["NAME"] == before
            assert databases(shop) == []

    def test_leftovers_of_a_killed_run_are_swept_and_those_of_a_running_one_are_not(self, shop, django_db_blocker):
        with django_db_blocker.unblock():
            with workshop() as running:
                alive = f"{running._prefix}scratch_{running._number}_1"
                killed = f"{running._prefix}scratch_{2**31 - 1}_1"
                running._do("CREATE DATABASE {}", alive)
                running._do("CREATE DATABASE {}", killed)
                with workshop() as another:
                    assert not another._exists(killed)
                assert running._exists(alive)
            assert not shop._exists(alive)

    def test_a_live_database_named_like_a_scratch_one_is_refused(self, monkeypatch):
        monkeypatch.setitem(connection.settings_dict, "NAME", f"{scratch.PREFIX}live")
        with pytest.raises(RuntimeError, match="Rename the live one"), workshop():
            pytest.fail("the workshop opened")

    def test_only_scratch_databases_are_ever_dropped(self, shop):
        with pytest.raises(RuntimeError, match="no scratch database"):
            shop._drop("partnerwerk")


class TestCommand:
    def run(self, capsys, *paths: Path) -> tuple[int, str]:
        code = 0
        try:
            call_command("check_examples", *map(str, paths), no_color=True)
        except SystemExit as left:
            code = left.code
        return code, capsys.readouterr().out

    def test_one_line_an_example_and_a_table_of_differences(self, tmp_path, capsys, django_db_blocker):
        (tmp_path / "good.yaml").write_text(SMALL)
        (tmp_path / "wrong.yaml").write_text(SMALL.replace("amount: 45.00}\n", "amount: 45.01}\n"))
        (tmp_path / "none.yml").write_text("title: x\n")
        (tmp_path / "notes.txt").write_text("no example")
        with django_db_blocker.unblock():
            code, out = self.run(capsys, tmp_path)
        assert code == 1
        lines = [" ".join(line.split()) for line in out.splitlines()]
        assert lines[0].startswith("ok good.yaml One order (")
        assert "FAIL none.yml" in lines[1]
        assert "line 1, steps: is missing" in lines
        assert "line 14: run 2026-03, order O-1 45.01 45.00 -0.01" in lines
        assert lines[-1] == "1 example agrees, 2 differ"

    def test_a_good_file_ends_with_zero(self, tmp_path, capsys, django_db_blocker):
        (tmp_path / "good.yaml").write_text(SMALL)
        with django_db_blocker.unblock():
            code, out = self.run(capsys, tmp_path / "good.yaml", tmp_path)
        assert code == 0
        assert out.splitlines()[-1] == "1 example agrees, 0 differ"

    def test_a_path_that_is_not_there_is_an_error(self, tmp_path):
        with pytest.raises(CommandError, match="There is no"):
            call_command("check_examples", str(tmp_path / "nowhere"))


class TestAttached:
    """Examples attached to a schedule are asked before each publication of a version."""

    EXAMPLE = SMALL[: SMALL.index("products:")] + SMALL[SMALL.index("partners:") :]

    def draft(self, cast, amount: str, now):
        text = f"{{schedule: sp, valid_from: 2026-01-01, components: [{{code: closing, kind: closing, rate: {{amount: {amount}}}}}]}}"
        return actions.save_draft(text, by=cast.carla, now=now)

    def test_a_version_that_breaks_a_promise_is_not_published(self, cast):
        now = datetime(2026, 7, 1, 9, tzinfo=UTC)
        make_product("isdn-basic", "isdn")
        first = self.draft(cast, "45.00", now)
        actions.add_example(first.schedule, text=self.EXAMPLE, by=cast.carla, now=now)
        assert actions.publish_version(first, by=cast.hanna, now=now).status == "published"
        dearer = self.draft(cast, "46.00", now)
        with pytest.raises(Refused, match=r"45\.00 +46\.00 +1\.00"):
            actions.publish_version(dearer, by=cast.hanna, now=now)
        dearer.refresh_from_db()
        assert dearer.status == "draft"
