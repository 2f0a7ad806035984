"""A schedule says exactly what it says: nothing is guessed, read over or lost on the way out and back in."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings

from commissions.schedule_document import (
    Base,
    Catalogue,
    Clawback,
    ClawbackMode,
    Component,
    Document,
    DocumentError,
    Kind,
    Match,
    Rate,
    Title,
    component_digest,
    export,
    parse,
    warnings,
)
from tests.commissions.documents import documents

FULL = """\
schedule: systempartner
title: {de: Systempartner, en: System partner}
valid_from: 2026-01-01
freeze_days: 30
components:
  - code: isdn-closing
    title: {de: Abschlussprovision ISDN, en: ISDN closing commission}
    kind: closing
    match: {families: [isdn], customer_classes: [smb, soho], transactions: [new], partner_kinds: [agency], levels: [gold]}
    group: isdn
    rate: {amount: 45.00}
    certificate: isdn
    round_to: 0.10
    clawback: {mode: months, months: 24}
  - code: dsl-value
    kind: closing
    match: {products: [dsl-2000]}
    rate: {percent: 2.5, of: order_value}
    clawback: {mode: full, months: 12}
  - code: isdn-airtime
    kind: recurring
    match: {families: [isdn]}
    rate: {percent: 4, of: revenue}
    months: 24
"""


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def one(component: str, head: str = "schedule: s\nvalid_from: 2026-01-01\n") -> str:
    return f"{head}components:\n  - {component}\n"


def problems(text: str | bytes, catalogue: Catalogue | None = None) -> list[str]:
    with pytest.raises(DocumentError) as refused:
        parse(text, catalogue)
    return [str(problem) for problem in refused.value.problems]


class TestReading:
    def test_everything_that_is_written_is_read(self):
        document = parse(FULL)
        assert (document.schedule, document.valid_from, document.freeze_days) == ("systempartner", date(2026, 1, 1), 30)
        assert document.title == Title("Systempartner", "System partner")
        closing, value, airtime = document.components
        assert closing == Component(
            code="isdn-closing",
            kind=Kind.CLOSING,
            title=Title("Abschlussprovision ISDN", "ISDN closing commission"),
            match=Match(("isdn",), (), ("new",), ("smb", "soho"), ("agency",), ("gold",)),
            group="isdn",
            rate=Rate(amount=Decimal("45.00")),
            certificate="isdn",
            round_to=Decimal("0.10"),
            clawback=Clawback(ClawbackMode.MONTHS, 24),
        )
        assert value.rate == Rate(percent=Decimal("2.5"), of=Base.ORDER_VALUE)
        assert (airtime.kind, airtime.months, airtime.clawback) == (Kind.RECURRING, 24, None)

    def test_what_is_left_out_has_its_stated_default(self):
        document = parse(one("{code: a, kind: closing, rate: {amount: 1}}"))
        assert document == Document(
            "s", date(2026, 1, 1), (Component("a", Kind.CLOSING, Rate(amount=Decimal(1))),), freeze_days=45
        )
        assert document.components[0].title.text("de", "a") == "a"

    @pytest.mark.parametrize("code", ["no", "on", "007", "1e3", "0x1F", "2026-01-01", "yes", "1_000", "true"])
    def test_a_code_stays_exactly_as_written(self, code):
        document = parse(one(f"{{code: {code}, kind: closing, match: {{products: [{code}]}}, rate: {{amount: 1}}}}"))
        assert (document.components[0].code, document.components[0].match.products) == (code, (code,))
        assert parse(export(document)) == document

    @pytest.mark.parametrize("written", ["45", "45.00", '"45.00"', "45.0", "4.5e1", "+45."])
    def test_money_is_a_number_or_a_decimal_string(self, written):
        document = parse(one(f"{{code: a, kind: closing, rate: {{amount: {written}}}}}"))
        assert document.components[0].rate.amount == Decimal("45.00")

    def test_a_number_never_passes_through_float(self):
        document = parse(one("{code: a, kind: closing, rate: {percent: 2.6751, of: order_value}}"))
        assert str(document.components[0].rate.percent) == "2.6751"

    def test_json_says_the_same_as_yaml(self):
        component = {"code": "a", "kind": "closing", "title": {"de": "Flatrate 😀"}, "rate": {"amount": "45.00"}}
        body = {"schedule": "s", "valid_from": "2026-01-01", "components": [component]}
        same = parse(one('{code: a, kind: closing, title: {de: "Flatrate 😀"}, rate: {amount: 45}}'))
        for text in (json.dumps(body), json.dumps(body, indent="\t"), json.dumps(body, separators=(",", ":"))):
            assert parse(text) == same

    def test_lists_mean_the_same_in_any_order(self):
        texts = [
            f"{{code: a, kind: closing, match: {{families: {order}}}, rate: {{amount: 1}}}}"
            for order in ("[a, b]", "[b, a, b]")
        ]
        first, second = (parse(one(text)) for text in texts)
        assert first == second


class TestRefusals:
    def test_all_problems_are_named_at_once_with_line_place_value_and_what_would_be_right(self):
        text = """\
schedule: sp
valid_from: 2026-02-30
component_list: []
components:
  - code: a
    kind: closing
    rate: {amount: "45,00"}
    clawback: {mode: monthly, months: 0}
  - code: a
    kind: recurring
    rate: {percent: 4, of: order_value}
    titel: {de: x}
"""
        assert problems(text) == [
            "line 2, valid_from: is not a date (2026-02-30). Right would be: year-month-day, like 2026-01-31",
            "line 3, component_list: is not a known key. Right would be: components",
            "line 7, components[0].rate.amount: is not a number (45,00). Right would be: 45.00",
            "line 8, components[0].clawback.mode: is not known here (monthly). Right would be: months",
            "line 8, components[0].clawback.months: is out of range (0). Right would be: a number from 1 to 600",
            "line 9, components[1].code: is already the code of components[0] (a). Right would be: another code",
            "line 11, components[1].rate.of: is not possible with kind recurring (order_value). Right would be: one of revenue",
            "line 12, components[1].titel: is not a known key. Right would be: title",
        ]

    @pytest.mark.parametrize("missing", ["schedule", "valid_from", "components", "code", "kind", "rate"])
    def test_required_keys(self, missing):
        lines = [
            "schedule: s",
            "valid_from: 2026-01-01",
            "components:",
            "  - x: ",
            "    code: a",
            "    kind: closing",
            "    rate: {amount: 1}",
        ]
        text = "\n".join(line for line in lines if not line.strip().startswith(missing)).replace("- x: \n   ", "-")
        if missing == "components":
            text = "schedule: s\nvalid_from: 2026-01-01\n"
        assert [p for p in problems(text) if p.endswith(f"{missing}: is missing")]

    @pytest.mark.parametrize(
        ("component", "message"),
        [
            ("{code: a, kind: closing, rate: {}}", "components[0].rate: has no rate. Right would be: one of amount, percent, tiers"),
            ("{code: a, kind: closing, rate: {amount: 1, percent: 2}}", "components[0].rate: has more than one rate: amount, percent"),
            ("{code: a, kind: closing, rate: {percent: 2}}", "components[0].rate.of: is missing"),
            ("{code: a, kind: closing, rate: {percent: 2, of: revenue}}", "components[0].rate.of: is not possible with kind closing"),
            ("{code: a, kind: closing, rate: {amount: 2, of: order_value}}", "components[0].rate.of: means nothing beside an amount"),
            ("{code: a, kind: closing, rate: {amount: -1}}", "components[0].rate.amount: is out of range"),
            ("{code: a, kind: closing, rate: {amount: .nan}}", "components[0].rate.amount: is not a number"),
            ("{code: a, kind: closing, rate: {amount: 1_000}}", "components[0].rate.amount: is not a number"),
            ("{code: a, kind: closing, rate: {amount: 1e999}}", "components[0].rate.amount: is out of range"),
            ("{code: a, kind: closing, rate: {amount: ١}}", "components[0].rate.amount: is not a number"),
            ("{code: a, kind: closing, rate: {amount: 1.00001}}", "components[0].rate.amount: has too many decimals"),
            ("{code: a, kind: closing, rate: {amount: [1]}}", "components[0].rate.amount: should be a single value"),
            ("{code: a, kind: closing, rate: 45}", "components[0].rate: should be keys with values"),
            ("{code: a, kind: closing, rate: {amount: 1}, match: {families: isdn}}", "match.families: should be a list (isdn). Right would be: [isdn]"),
            ("{code: a, kind: closing, rate: {amount: 1}, match: {families: []}}", "match.families: is an empty list"),
            ("{code: a, kind: closing, rate: {amount: 1}, match: {transactions: [renew]}}", "match.transactions[0]: is not known here (renew). Right would be: renewal"),
            ("{code: a, kind: closing, rate: {amount: 1}, match: {family: [x]}}", "components[0].match.family: is not a known key. Right would be: families"),
            ("{code: a, kind: closing, rate: {amount: 1}, months: 24}", "components[0].months: belongs to another kind of component"),
            ("{code: a, kind: closing, rate: {amount: 1}, clawback: }", "components[0].clawback: is empty"),
            ("{code: a, kind: closing, rate: {amount: 1}, round_to: 0.05}", "components[0].round_to: is not a step to round to"),
            ("{code: a b, kind: closing, rate: {amount: 1}}", "components[0].code: is not a code"),
            ('{code: "", kind: closing, rate: {amount: 1}}', "components[0].code: is not a code"),
            ("{code: null, kind: closing, rate: {amount: 1}}", "components[0].code: is empty"),
            ("{code: a, kind: closing, rate: {amount: 1}, rate: {amount: 2}}", "components[0].rate: is written twice, first in line 4"),
            ("{code: a, kind: recurring, rate: {percent: 4, of: revenue}, months: 1.5}", "components[0].months: is not a whole number"),
            ('{code: a, kind: closing, rate: {amount: 1}, title: "Titel"}', "components[0].title: should be keys with values"),
            ('{code: a, kind: closing, rate: {amount: 1}, title: {de: "a\\tb"}}', "components[0].title.de: is not a line of text"),
            ("{code: a, kind: closing, rate: {amount: 1}, title: {fr: x}}", "components[0].title.fr: is not a known key"),
        ],
    )  # fmt: skip
    def test_each_slip_has_its_own_sentence(self, component, message):
        assert any(message in problem for problem in problems(one(component)))

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "the document is empty"),
            ("[a, b]", "should be keys with values"),
            ("a: &x [1]\nb: *x", "line 1: anchors (&) and aliases (*) are not allowed"),
            ("a: b\nc: *x", "line 2: anchors (&) and aliases (*) are not allowed"),
            ("a: !!python/object:os.system x", "line 1: tags (!) are not allowed"),
            ("a: 1\n---\nb: 2", "line 2: a second document begins here"),
            ("a: [1", "line 1: this is not valid YAML"),
            ("a: 1\nb: x\x00", "this is not valid YAML"),
            ("? [a]\n: 1", "line 1: a key must be a plain word"),
            (b"schedule: s\ntitle: \xe4", "line 2: the document is not UTF-8"),
            ('{"schedule": "\\ud83d"}', "half a character is missing"),
            ("[" * 100_000, "nested too deeply"),
            ("- a\n" * 60_000, "too long"),
            ("# " + "x" * 600_000, "too long"),
        ],
    )
    def test_text_that_is_no_plain_document(self, text, message):
        assert message in problems(text)[0]

    def test_nobody_waits_for_thousands_of_problems(self):
        found = problems("".join(f"k{number}: 1\n" for number in range(9_000)))
        assert (len(found), found[0]) == (101, "there are more problems than these")

    def test_the_shown_value_is_short(self):
        (problem,) = problems(one(f"{{code: a, kind: closing, rate: {{amount: {'x' * 5000}}}}}"))
        assert len(problem) < 250


class TestCatalogue:
    CATALOGUE = Catalogue(
        families={"isdn": False, "dsl": False, "data": True, "voip": False},
        products={"isdn-basic": "isdn", "dsl-2000": "dsl", "vpn-flat": "data"},
        bonuses={"growth": ("window_bonus", "half_year"), "goal": ("target_bonus", "")},
    )

    def test_a_schedule_that_fits_the_catalogue_passes(self):
        assert parse(FULL, self.CATALOGUE) == parse(FULL)

    @pytest.mark.parametrize(
        ("component", "message"),
        [
            ("{code: a, kind: closing, match: {families: [isnd]}, rate: {amount: 1}}", "line 4, components[0].match.families: names an unknown product family (isnd). Right would be: isdn"),
            ("{code: a, kind: closing, match: {families: [voip]}, rate: {amount: 1}}", "match.families: names a family without products (voip)"),
            ("{code: a, kind: closing, match: {products: [dsl-200]}, rate: {amount: 1}}", "match.products: names an unknown product (dsl-200). Right would be: dsl-2000"),
            ("{code: a, kind: closing, match: {families: [isdn], products: [dsl-2000]}, rate: {amount: 1}}", "match.products: names a product outside of the families (dsl-2000)"),
            ("{code: a, kind: closing, rate: {amount: 1}, certificate: vpn}", "certificate: names an unknown product family (vpn)"),
            ("{code: a, kind: recurring, match: {families: [isdn, data]}, rate: {percent: 4, of: revenue}}", "components[0].match: pays recurring commission on a family marked one-off (data)"),
            ("{code: a, kind: recurring, match: {products: [vpn-flat]}, rate: {percent: 4, of: revenue}}", "marked one-off (data)"),
            ("{code: a, kind: recurring, rate: {percent: 4, of: revenue}}", "marked one-off (data)"),
            (
                "{code: growth, kind: window_bonus, rate: {tiers: {measure: units, window: month, mode: slab, steps: [{from: 0, amount: 1}]}}}",
                "line 4, components[0].rate.tiers.window: is not the window this bonus was promised over until now (month). Right would be: half_year, or another code",
            ),
            (
                "{code: growth, kind: target_bonus, target: k, mode: slab, steps: [{from: 80, amount: 1}]}",
                "line 4, components[0].kind: is not the kind of bonus that this was until now (target_bonus). Right would be: window_bonus, or another code",
            ),
        ],
    )  # fmt: skip
    def test_what_does_not_fit_the_catalogue_is_refused(self, component, message):
        assert any(message in problem for problem in problems(one(component), self.CATALOGUE))

    @pytest.mark.parametrize(
        "bonus",
        [
            "{code: growth, kind: window_bonus, rate: {tiers: {measure: units, window: half_year, mode: slab, steps: [{from: 0, amount: 1}]}}}",
            "{code: goal, kind: target_bonus, target: k, mode: slab, steps: [{from: 80, amount: 1}]}",
        ],
    )  # fmt: skip
    def test_a_bonus_that_stays_what_it_was_passes(self, bonus):
        assert parse(one(bonus), self.CATALOGUE) == parse(one(bonus))

    def test_catalogue_problems_are_found_beside_a_broken_component(self):
        text = (
            one("{code: a, kind: closing, rate: {}}")
            + "  - {code: b, kind: closing, match: {families: [x]}, rate: {amount: 1}}\n"
        )
        assert ["has no rate" in p or "unknown product family" in p for p in problems(text, self.CATALOGUE)] == [
            True,
            True,
        ]


def test_slips_that_the_format_allows_are_warnings():
    doubtful = parse(
        one("{code: a, kind: closing, rate: {percent: 450, of: order_value}}")
        + "  - {code: b, kind: closing, rate: {percent: 250, of: monthly_price}}\n"
        + "  - {code: c, kind: recurring, rate: {percent: 4, of: revenue}, clawback: {mode: full, months: 3}}\n"
    )
    assert [str(warning) for warning in warnings(doubtful)] == [
        "components[0].rate.percent: pays more than the customer does (450)",
        "components[2].clawback: has no effect: recurring commission is not clawed back (full)",
    ]
    assert warnings(parse(FULL)) == []


# ---- out and back in ------------------------------------------------------------------------------------------
# A busy machine is no finding: no deadline, no complaint about slow drawing.
patient = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@patient
@given(documents())
def test_a_document_comes_back_as_it_went_out(document):
    text = export(document)
    assert parse(text) == document
    assert export(parse(text)) == text
    assert parse(text.encode()) == document


@patient
@given(documents(), documents())
def test_different_documents_are_written_differently(one_document, another):
    assert (export(one_document) == export(another)) == (one_document == another)


def test_the_canonical_text_reads_well():
    assert export(parse(FULL)) == FULL.replace(
        "customer_classes: [smb, soho], transactions: [new]", "transactions: [new], customer_classes: [smb, soho]"
    )


# ---- the digest -----------------------------------------------------------------------------------------------
CLOSING = parse(FULL).components[0]


@pytest.mark.parametrize(
    "change",
    [
        {"code": "other"},
        {"kind": Kind.RECURRING},
        {"match": Match(families=("isdn",))},
        {"match": replace(CLOSING.match, products=("isdn",), families=())},
        {"group": None},
        {"rate": Rate(amount=Decimal("45.01"))},
        {"rate": Rate(percent=Decimal(45), of=Base.ORDER_VALUE)},
        {"certificate": None},
        {"round_to": Decimal("0.01")},
        {"months": 24},
        {"clawback": Clawback(ClawbackMode.FULL, 24)},
        {"clawback": Clawback(ClawbackMode.MONTHS, 23)},
    ],
)
def test_whatever_can_change_an_amount_changes_the_digest(change):
    assert component_digest(replace(CLOSING, **change)) != component_digest(CLOSING)


@pytest.mark.parametrize(
    "change", [{"title": Title("Neu", "New")}, {"rate": Rate(amount=Decimal(45))}, {"round_to": Decimal("0.1")}]
)
def test_a_title_or_another_way_to_write_a_number_does_not(change):
    assert component_digest(replace(CLOSING, **change)) == component_digest(CLOSING)


def test_the_digest_is_stable_over_releases():
    # Posted lines refer to it: if this value changes, every old line looks as if its schedule had changed.
    assert component_digest(CLOSING) == "c3903cb769095385840843253e6593b166122e0215cf85bde4f550a42d8a92ee"


def test_the_readers_need_no_database_and_no_yaml_types():
    package = Path(parse.__code__.co_filename).parent
    assert not [
        path.name for path in package.glob("*.py") if "django.db" in path.read_text() or ".load(" in path.read_text()
    ]
