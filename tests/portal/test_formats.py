"""How amounts and days are written for German and English readers."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils.translation import override

from core import formats
from core.choices import ToneChoices
from core.templatetags.formats import aligned, decimals


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        ("1234.56", "1.234,56\u00a0€", "€1,234.56"),
        ("-80", "\u221280,00\u00a0€", "\u2212\u2060€80.00"),
        ("0", "0,00\u00a0€", "€0.00"),
        ("0.005", "0,01\u00a0€", "€0.01"),  # half away from zero, as the engine rounds
        ("-0.004", "0,00\u00a0€", "€0.00"),  # rounds to nothing: no sign
        ("4182930.11", "4.182.930,11\u00a0€", "€4,182,930.11"),
    ],
)
def test_money_reads_as_each_language_writes_it(value, german, english):
    with override("de"):
        assert formats.money(Decimal(value)) == german
    with override("en"):
        assert formats.money(Decimal(value)) == english


def test_a_difference_carries_its_sign_and_zero_carries_none():
    with override("de"):
        assert formats.money(Decimal(52), signed=True) == "+52,00\u00a0€"
        assert formats.money(Decimal(-52), signed=True) == "\u221252,00\u00a0€"
        assert formats.money(Decimal(0), signed=True) == "0,00\u00a0€"


def test_nothing_is_written_for_nothing():
    assert formats.money(None) == formats.day(None) == formats.until(None) == formats.percent(None) == ""


def test_numbers_keep_the_decimals_they_have():
    with override("de"):
        assert formats.number(Decimal("86.40")) == "86,4"
        assert formats.number(118204) == "118.204"
        assert formats.percent(Decimal("4.00")) == "4\u00a0%"
    with override("en"):
        assert formats.percent(Decimal("86.4")) == "86.4%"


def test_days_months_and_moments():
    day = date(2026, 3, 1)
    with override("de"):
        assert (formats.day(day), formats.month(day), formats.month_short(day)) == ("01.03.2026", "März 2026", "Mär")
        assert formats.moment(datetime(2026, 11, 22, 1, 14, tzinfo=UTC)) == "22.11.2026, 02:14\u00a0Uhr"  # Berlin
    with override("en"):
        assert (formats.day(day), formats.month(day)) == ("1 Mar 2026", "March 2026")


def test_until_is_read_inclusive():
    with override("de"):
        assert formats.until(date(2026, 7, 1)) == "30.06.2026"


def test_an_amount_shows_its_meaning_by_colour_and_by_sign():
    page = Template("{% load formats %}{% amount a %}|{% amount b signed=True %}|{% amount c %}")
    with override("en"):
        html = page.render(Context({"a": Decimal(-80), "b": Decimal(52), "c": Decimal(52)}))
    assert html == (
        '<span class="nowrap taken">\u2212\u2060€80.00</span>|<span class="nowrap earned">+\u2060€52.00</span>'
        '|<span class="nowrap">€52.00</span>'
    )


def test_a_badge_takes_word_and_tone_from_the_choices():
    class Light(ToneChoices):
        ON = "on", "earned", "switched on"

    page = Template("{% load formats %}{% badge choices 'on' %}{% badge choices 'gone' %}{% badge choices '' %}")
    assert page.render(Context({"choices": Light})) == (
        '<span class="badge earned">switched on</span><span class="badge neutral">gone</span>'
    )


def test_points_of_amounts_with_two_and_four_decimals_stand_below_each_other():
    rows = [("revenue", "", "5,78\xa0€"), ("rate", "", "4\xa0%"), ("exactly", "", "0,2312\xa0€")]
    places = decimals(rows)
    room = '<span class="room">00</span>'
    assert places == 4
    assert [aligned(text, places) for *_, text in rows] == [f"5,78\xa0€{room}", "4\xa0%", "0,2312\xa0€"]
    assert aligned("€1,234.50", 4) == f"€1,234.50{room}"
    assert decimals(rows[:2]) == 2
    assert aligned("5,78\xa0€", 2) == "5,78\xa0€"


def test_a_sign_and_its_euro_stay_on_one_line():
    """Both are prefixes for a browser, which may end a line between them."""
    with override("en"):
        assert formats.money(Decimal(-80), signed=True) == f"{formats.MINUS}{formats.JOINER}€80.00"
        assert formats.money(Decimal(80)) == "€80.00"
