"""Every kind is recomputed from its line and its component alone, and says so in words."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import translation

from commissions.explain import differences, explain, words
from commissions.explain.steps import slices, stretch, truncated
from commissions.queries import Context
from tests.commissions.test_explain import MINUS, Stored

D = Decimal
NB = "\u00a0"


@dataclass(frozen=True)
class Part:
    """A component as plain attributes."""

    basis: str = "order_value"
    measure: str = "turnover"
    window: str = "quarter"
    mode: str = "slab"
    steps_from: tuple[Decimal, ...] | None = (D(0), D(10000), D(25000), D(50000))
    steps_rate: tuple[Decimal, ...] | None = (D(3), D(4), D(5), D(6))
    steps_total: bool = False
    min_answers: int | None = None
    clawback_mode: str | None = "months"
    target: str = ""
    campaign: str = ""


def line(component: Part | None, full: str, **fields: object) -> Stored:
    """A first line that is due in full."""
    amounts = {name: D(full) for name in ("full", "entitled", "amount")}
    return Stored(**{"basis": component.basis if component else "line", **amounts, **fields, "component": component})


TURNOVER = Part()
SLAB = line(TURNOVER, "360.00", base=D(9000), rate=D(4), measure=D(17000), month=date(2026, 8, 1))
GRADUATED = replace(SLAB, component=Part(mode="graduated"), measure=D(8000), rate=D(3))
GRADUATED = replace(GRADUATED, full=D("340.00"), entitled=D("340.00"), amount=D("340.00"))
UNITS = Part(basis="units", measure="units", mode="graduated", steps_from=(D(0), D(4)), steps_rate=(D(20), D(30)))
SPANNING = line(UNITS, "80.00", base=D(3), measure=D(3), rate=D(20))  # one at 20.00, two at 30.00
BONUS = Part(window="half_year", steps_from=(D(0), D(40000)), steps_rate=(D(0), D(1)))
VOLUME = line(
    BONUS, "445.50", kind="window_bonus", base=D(8800), rate=D(1), measure=D(44550), measured_of=D(35750), month=date(2026, 4, 1)
)  # fmt: skip
TARGET = Part(basis="units", measure="", window="", steps_from=(D(80), D(100)), steps_rate=(D(4), D(6)), target="units")
ATTAINED = line(TARGET, "1728.00", kind="target_bonus", base=D(432), rate=D(4), measure=D(432), measured_of=D(500))
FOLLOWS = Part(basis="line", measure="", window="", mode="", steps_from=None, steps_rate=None, campaign="smart")
SPIFF = line(
    FOLLOWS, "6.75", kind="campaign", base=D("45.00"), rate=D(15), followed_code="closing", followed_partner_id=1
)
BY_ORDER = replace(FOLLOWS, basis="units")
CAPPED = line(BY_ORDER, "20.00", kind="campaign", base=D(2), rate=D(25), measure=D("20.00"))
BUNDLE = line(replace(FOLLOWS, basis="units"), "60.00", kind="bundle", base=D(1), rate=D(60), customer_no="C-7")
QUALITY = Part(basis="line", measure="", window="", steps_from=(D(30), D(50)), steps_rate=(D(2), D(4)))
# 31 promoters, 6 detractors of 48: NPS 52.08
UPLIFT = line(
    QUALITY, "1.80", kind="uplift", base=D(45), rate=D(4), measure=D(25), measured_of=D(48), followed_code="closing", followed_partner_id=1
)  # fmt: skip
OVERRIDE = line(FOLLOWS, "7.20", kind="override", base=D(90), rate=D(8), followed_code="closing", followed_partner_id=2)
MINUS_LINE = line(
    FOLLOWS, "-11.25", kind="split", base=D(-90), rate=D("12.5"), followed_code="closing", followed_partner_id=1
)
PLUS_LINE = replace(
    MINUS_LINE, partner_id=2, base=D(90), full=D("11.25"), entitled=D("11.25"), amount=D("11.25")
)  # fmt: skip
EVERY = {
    "slab": SLAB,
    "graduated": GRADUATED,
    "spanning": SPANNING,
    "window_bonus": VOLUME,
    "target_bonus": ATTAINED,
    "campaign": SPIFF,
    "campaign_capped": CAPPED,
    "bundle": BUNDLE,
    "uplift": UPLIFT,
    "override": OVERRIDE,
    "split_minus": MINUS_LINE,
    "split_plus": PLUS_LINE,
}
CONTEXT = Context(
    product="VPN", followed="Closing DSL", followed_partner="Süd GmbH", campaign="Smart autumn", target="Mobile units"
)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize("stored", EVERY.values(), ids=EVERY.keys())
def test_the_cents_are_those_of_the_line_and_its_component(stored):
    assert differences(stored) == {}


@pytest.mark.parametrize("stored", EVERY.values(), ids=EVERY.keys())
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_kind_has_a_sentence_and_rows_in_both_languages(stored, language):
    with translation.override(language):
        told = explain(stored, CONTEXT)
    assert told.sentence.endswith(".")
    assert "%(" not in told.sentence
    assert told.rows
    assert told.agrees


@pytest.mark.parametrize(
    ("stored", "column", "much"),
    [
        (SLAB, "base", 1),
        (SLAB, "measure", 10000),  # another step
        (SLAB, "rate", "0.0001"),
        (GRADUATED, "measure", 1),  # a cent of the slice before
        (SPANNING, "base", 1),
        (VOLUME, "measure", 1),
        (VOLUME, "measured_of", 5000),
        (ATTAINED, "measured_of", -100),
        (ATTAINED, "base", "0.01"),
        (SPIFF, "base", "0.1"),
        (CAPPED, "measure", "0.01"),
        (UPLIFT, "measured_of", 5),
        (UPLIFT, "measure", -2),
        (OVERRIDE, "rate", "0.01"),
        (PLUS_LINE, "base", "0.1"),
    ],
)
def test_an_input_that_moves_a_cent_is_noticed(stored, column, much):
    assert differences(replace(stored, **{column: getattr(stored, column) + D(much)}))


def test_a_slab_says_what_was_reached_and_how_far_it_is_to_the_next_step():
    told = explain(SLAB, CONTEXT).sentence
    assert told == (
        "4% of the order value of €9,000.00 for VPN, activated on 10 Mar 2026. "
        "€17,000.00 reached in Q3 2026: from €10,000.00 it is 4% for all of it. "
        "From €25,000.00 it would be 5%; €8,000.00 to go."
    )


def test_a_graduated_order_shows_its_place_and_each_slice():
    told = explain(GRADUATED, CONTEXT)
    assert "In Q3 2026 it begins at €8,000.00 and ends at €17,000.00; each slice has its own rate." in told.sentence
    assert told.table == [
        ("from €8,000.00 to €10,000.00", "€2,000.00 × 3%", "€60.00"),
        ("from €10,000.00 to €17,000.00", "€7,000.00 × 4%", "€280.00"),
    ]
    with translation.override("de"):
        assert explain(GRADUATED, CONTEXT).rows[0].text == f"60,00{NB}€"


def test_a_number_in_a_sentence_says_what_it_counts():
    assert "3 units counted for VPN" in explain(SPANNING, CONTEXT).sentence
    assert "it begins at 3 and ends at 6 units" in explain(SPANNING, CONTEXT).sentence


def test_a_quantity_spans_slices():
    assert [(row.note, row.text) for row in explain(SPANNING).rows] == [
        ("1 × €20.00", "€20.00"),
        ("2 × €30.00", "€60.00"),
    ]


def test_what_lies_below_nothing_has_the_first_rate():
    # a credit note took the window below zero: F(-2) = -2 × 20.00
    assert stretch(UNITS, D(-2), D(5)) == D(-2) * D(-20) + D(4) * 20 + D(1) * 30
    assert [part.amount for part in slices(UNITS, D(5), D(3))] == [D(-20), D(-30)]


def test_a_volume_bonus_is_what_this_month_added():
    told = explain(VOLUME, CONTEXT)
    assert told.sentence == (
        "Volume bonus for the first half of 2026: €44,550.00 reached up to and including April 2026, "
        "€35,750.00 before that."
    )
    assert told.table == [
        ("bonus up to April 2026", "€44,550.00 × 1%", "€445.50"),
        ("less what the months before had reached", "€35,750.00 × 0%", "€0.00"),
    ]


def test_arithmetic_with_several_rates_names_their_schedule_in_a_sentence():
    told = replace(CONTEXT, schedule="Shops", version=2, version_from=date(2026, 1, 1))
    for line in (VOLUME, GRADUATED, SPANNING):
        said = "The rates are those of: schedule Shops, version 2, for orders signed from 1 Jan 2026."
        assert said in explain(line, told).sentence
    assert "The rates are those of" not in explain(SLAB, told).sentence


@pytest.mark.parametrize(
    ("stored", "unit"),
    [
        (SLAB, "percent"),
        (GRADUATED, "percent, one of several rates"),
        (SPANNING, "EUR per unit, one of several rates"),
        (VOLUME, "percent, one of several rates"),
        (BUNDLE, "EUR per unit"),
        (replace(ATTAINED, component=replace(TARGET, steps_total=True)), "EUR in total"),
        (replace(SPIFF, kind="manual", basis="", component=None), ""),
    ],
)
def test_a_rate_never_stands_without_its_unit(stored, unit):
    assert words.rate_unit(stored, stored.component) == unit


def test_a_bundle_says_when_all_parts_were_there():
    told = explain(replace(BUNDLE, activated_on=date(2026, 3, 29))).sentence
    assert told == "€60.00 because on 29 Mar 2026 customer C-7 had all parts of the bundle."


def test_a_target_says_percent_truncated_and_what_was_missing():
    told = explain(ATTAINED, CONTEXT)
    assert told.sentence == (
        "86.4% of the target Mobile units were attained: 432 of 500. From 80%, €4.00 is paid for each unit, back to "
        "the first. From 100% it would have been €6.00; 68 short."
    )
    half = replace(CONTEXT, period="half_year")
    assert explain(replace(ATTAINED, month=date(2026, 12, 1)), half).sentence.startswith(
        "86.4% of the target Mobile units (the second half of 2026) were attained"
    )
    almost = replace(ATTAINED, measure=D("499.9"), base=D("499.9"))  # 99.98 % never reads as 100 %
    assert explain(almost).sentence.startswith("99.9%")
    assert truncated(Fraction(9996, 100)) == D("99.9")


def test_without_a_target_nothing_is_paid():
    gone = line(TARGET, "0.00", kind="target_bonus", base=D(432), rate=D(0), measure=D(432), measured_of=D(0))
    assert differences(gone) == {}
    assert "no target" in explain(gone, CONTEXT).sentence


def test_a_campaign_says_what_it_adds_to_and_when_its_cap_was_full():
    assert explain(SPIFF, CONTEXT).sentence == "Campaign “Smart autumn”: 15% on top of Closing DSL, €45.00."
    told = explain(CAPPED, CONTEXT)
    assert told.sentence == (
        "Campaign “Smart autumn”: 2 × €25.00. Only €20.00 were left under the cap of the campaign."
    )
    assert [row.text for row in told.rows] == ["2", "€25.00", "€50.00", "€20.00"]


def test_an_uplift_says_the_score_and_how_many_answered():
    assert (
        explain(UPLIFT, CONTEXT).sentence
        == "4% on top of Closing DSL, €45.00, for NPS 52.0 in Q1 2026 from 48 answers."
    )
    assert explain(UPLIFT, CONTEXT).table[:2] == [
        ("answers", "Q1 2026", "48"),
        ("promoters less detractors", "NPS 52.0", "25"),
    ]
    few = replace(UPLIFT, measure=D(20), measured_of=D(29), rate=D(0), full=D(0), entitled=D(0), amount=D(0))
    assert differences(few) == {}
    assert explain(few, CONTEXT).sentence == (
        "Only 29 answers of the 30 needed came in, so Closing DSL, €45.00, gets no uplift."
    )
    nobody = replace(few, measure=None, measured_of=None)
    assert differences(nobody) == {}
    assert "Nobody was surveyed" in explain(nobody, CONTEXT).sentence
    low = replace(few, measure=D(14), measured_of=D(50))
    assert explain(low, CONTEXT).sentence.endswith(
        "NPS 28.0 in Q1 2026 from 50 answers is below the first step, so Closing DSL, €45.00, gets no uplift. "
        "From NPS 30 it would be 2%."
    )


def test_a_distributor_reads_whose_line_is_followed():
    assert explain(OVERRIDE, CONTEXT).sentence == "8% of the €90.00 that Süd GmbH earned: Closing DSL."
    assert (
        explain(PLUS_LINE, CONTEXT).sentence
        == "As its distributor you receive 12.5% of what Süd GmbH earned: Closing DSL, €90.00."
    )
    taken = explain(MINUS_LINE, CONTEXT)
    assert taken.sentence == "12.5% of Closing DSL, €90.00, goes to the distributor."
    assert taken.result == f"{MINUS}\u2060€11.25"


def test_what_follows_a_cancelled_line_says_so_without_a_share_of_its_own():
    less = replace(OVERRIDE, base=D(30), full=D("2.40"), entitled=D("2.40"), booked=D("7.20"), amount=D("-4.80"))
    told = explain(replace(less, previous_id=3, cause="cancelled", cancelled_on=date(2026, 11, 20)), CONTEXT).sentence
    assert told == (
        "8% of the €30.00 that Süd GmbH earned: Closing DSL. The order was cancelled, which made the line this one "
        "follows smaller. €7.20 had been booked; €2.40 is due."
    )


def test_only_a_line_of_the_same_partner_is_linked():
    context = replace(CONTEXT, followed_line=7, followed_statement="2026-000001")
    assert explain(UPLIFT, context).followed_own
    assert not explain(OVERRIDE, context).followed_own
    assert explain(OVERRIDE, context).followed_line == 7  # for the office


@pytest.mark.parametrize(
    ("mode", "n", "d", "said"),
    [
        ("months", 16, 24, "after 8 full months: 16 of 24 months are open"),
        ("started_months", 15, 24, "in month 9: 15 of 24 months had not begun"),
        ("days", 476, 731, "after 255 days: 476 of 731 days are open"),
        ("steps", 500000, 1000000, "at that time 50% is taken back"),
        ("full", 1, 1, "the whole commission is taken back"),
    ],
)
def test_each_way_of_taking_back_is_said_in_its_own_unit(mode, n, d, said):
    taken = line(replace(BY_ORDER, clawback_mode=mode), "120.00", base=D(1), rate=D(120), clawed_n=n, clawed_d=d)
    cents = (D(120) * n / d).quantize(D("0.01"))
    taken = replace(taken, clawed=cents, entitled=120 - cents, amount=120 - cents, cancelled_on=date(2026, 11, 20))
    assert differences(taken) == {}
    assert said in explain(replace(taken, reason="CUSTOMER_MOVED")).sentence
