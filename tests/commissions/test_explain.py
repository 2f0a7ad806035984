"""Every kind of line is explained in a sentence, with its arithmetic, and recomputed to the cent."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from django.utils import translation

from commissions.explain import Context, Explanation, differences, explain
from commissions.models import Line
from commissions.queries import contexts
from tests.cast import make_order, make_product, make_run, make_statement, make_version
from tests.commissions.test_liability import LIABLE

NB = "\u00a0"
MINUS = "\u2212"


@dataclass(frozen=True)
class Stored:
    """A line as plain attributes: explaining needs neither Django's models nor a database."""

    kind: str = "closing"
    component_id: int | None = 1
    component_code: str = "dsl-closing"
    cause: str = "earned"
    hold_reason: str = ""
    is_notice: bool = False
    previous_id: int | None = None
    basis: str = "units"
    base: Decimal = Decimal(3)
    rate: Decimal = Decimal("45.0000")
    round_to: Decimal = Decimal("0.01")
    clawed_n: int = 0
    clawed_d: int = 1
    full: Decimal = Decimal("135.00")
    clawed: Decimal = Decimal("0.00")
    entitled: Decimal = Decimal("135.00")
    booked: Decimal = Decimal("0.00")
    amount: Decimal = Decimal("135.00")
    would_be: Decimal | None = None
    month: date = date(2026, 3, 1)
    revenue_month: date | None = None
    signed_on: date = date(2026, 3, 1)
    activated_on: date = date(2026, 3, 10)
    cancelled_on: date | None = None
    reason: str = ""
    product: str = "dsl-basic"
    schedule: str = "sp"
    partner_id: int = 1
    followed_partner_id: int | None = None
    followed_code: str = ""
    customer_no: str = ""
    measure: Decimal | None = None
    measured_of: Decimal | None = None
    component: object = None


CLOSING = Stored()
RECURRING = Stored(
    kind="recurring",
    basis="revenue",
    base=Decimal("95.5500"),
    rate=Decimal("4.0000"),
    revenue_month=date(2026, 8, 1),
    month=date(2026, 8, 1),
    activated_on=date(2026, 1, 15),
    full=Decimal("3.82"),
    entitled=Decimal("3.82"),
    amount=Decimal("3.82"),
)
# 120.00 × 16 / 24 = 80.00
CLAWBACK = Stored(
    base=Decimal(1),
    rate=Decimal(120),
    cancelled_on=date(2026, 11, 20),
    reason="CUSTOMER_MOVED",
    clawed_n=16,
    clawed_d=24,
    full=Decimal("120.00"),
    clawed=Decimal("80.00"),
    entitled=Decimal("40.00"),
    booked=Decimal("120.00"),
    amount=Decimal("-80.00"),
    cause="cancelled",
    previous_id=7,
)
HELD = Stored(
    base=Decimal(1),
    rate=Decimal(850),
    hold_reason="certificate_missing",
    is_notice=True,
    full=Decimal("850.00"),
    entitled=Decimal("0.00"),
    amount=Decimal("0.00"),
    would_be=Decimal("850.00"),
)
CONTEXT = Context(
    component="Closing commission DSL",
    schedule="System partner",
    version=2,
    version_from=date(2026, 7, 1),
    months=24,
    customer_no="KD-20117",
    product="DSL Basic",
    certificate_family="VPN",
    previous_statement="GS-2026-000042",
)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def say(line, **context) -> Explanation:
    explanation = explain(line, replace(CONTEXT, **context))
    assert explanation.agrees
    return explanation


def test_a_closing_line_names_units_rate_schedule_and_product():
    explanation = say(CLOSING)
    assert explanation.question == "Why €135.00?"
    assert explanation.sentence == "3 × €45.00 for DSL Basic, activated on 10 Mar 2026."
    assert explanation.table == [
        ("quantity", "", "3"),
        ("rate", "schedule System partner, version 2, for orders signed from 1 Jul 2026", "€45.00"),
    ]
    assert explanation.result == "€135.00"


def test_a_certificate_that_was_needed_is_named_with_its_last_day():
    told = say(CLOSING, certificate_holder="Mia Muster", certificate_last_day=date(2028, 2, 29))
    assert "Mia Muster held the certificate VPN, valid to 29 Feb 2028." in told.sentence


def test_a_recurring_line_shows_the_amount_before_rounding():
    explanation = say(RECURRING)
    assert explanation.sentence == (
        "4% of the revenue of €95.55 that customer KD-20117 had in August 2026. The order is in month 8 of 24."
    )
    assert explanation.exact == Decimal("3.8220")  # 95.55 × 4 %
    assert [row[2] for row in explanation.table] == ["€95.55", "4%", "€3.8220", "€3.82"]


def test_a_recurring_line_without_end_counts_its_months_only():
    assert "The order is in its month 8." in say(RECURRING, months=None).sentence


def test_german_is_written_as_germans_write():
    with translation.override("de"):
        assert [row[2] for row in say(RECURRING).table] == [
            f"95,55{NB}€",
            f"4{NB}%",
            f"3,8220{NB}€",
            f"3,82{NB}€",
        ]


def test_a_clawback_says_how_many_months_were_open():
    explanation = say(CLAWBACK)
    assert explanation.sentence == (
        "1 × €120.00 for DSL Basic, activated on 10 Mar 2026. "
        "Cancelled on 20 Nov 2026 (customer moved) after 8 full months: 16 of 24 months are open. "
        "€120.00 had been booked by statement GS-2026-000042; €40.00 is due."
    )
    assert [(row.label, row.note, row.text) for row in explanation.rows[-3:]] == [
        ("taken back", "16 of 24", f"{MINUS}\u2060€80.00"),
        ("due", "", "€40.00"),
        ("booked before", "GS-2026-000042", f"{MINUS}\u2060€120.00"),
    ]


def test_one_full_month_is_written_in_the_singular():
    # 120.00 × 23 / 24 = 115.00
    line = replace(CLAWBACK, clawed_n=23, clawed=Decimal("115.00"), entitled=Decimal("5.00"), amount=Decimal("-115.00"))
    assert "after 1 full month: 23 of 24 months are open" in say(line).sentence


def test_a_withdrawal_takes_back_the_whole():
    whole = {
        "clawed_n": 1,
        "clawed_d": 1,
        "clawed": Decimal("120.00"),
        "entitled": Decimal("0.00"),
        "amount": Decimal("-120.00"),
    }
    told = say(replace(CLAWBACK, reason="WITHDRAWAL", **whole))
    assert "Cancelled on 20 Nov 2026 (withdrawn by the customer); the whole commission is taken back." in told.sentence


def test_a_cancellation_by_the_operator_takes_nothing_back():
    line = replace(CLOSING, cancelled_on=date(2026, 11, 20), reason="PROVIDER_FAULT")
    assert "Cancelled on 20 Nov 2026 (operator's fault); nothing is taken back for it." in say(line).sentence


def test_a_changed_schedule_says_what_was_booked_and_what_is_due():
    # booked 70.00, version 2 pays 75.00
    changed = replace(
        CLOSING,
        base=Decimal(1),
        rate=Decimal(75),
        full=Decimal("75.00"),
        entitled=Decimal("75.00"),
        booked=Decimal("70.00"),
    )
    explanation = say(replace(changed, amount=Decimal("5.00"), cause="schedule_changed", previous_id=3))
    assert explanation.sentence.endswith(
        "The schedule for the signature date has been changed. "
        "€70.00 had been booked by statement GS-2026-000042; €75.00 is due."
    )


def test_what_is_due_no_more_is_taken_back_and_says_why():
    gone = Stored(
        base=Decimal(0),
        full=Decimal("0.00"),
        entitled=Decimal("0.00"),
        booked=Decimal("135.00"),
    )
    explanation = say(replace(gone, amount=Decimal("-135.00"), cause="reattributed", previous_id=9))
    assert explanation.sentence == (
        "The order has been attributed to another partner. Nothing is due here any more; €135.00 had been booked."
    )
    assert explanation.table == [("due", "", "€0.00"), ("booked before", "GS-2026-000042", f"{MINUS}\u2060€135.00")]


def test_the_new_partner_of_an_order_reads_that_it_is_his_now():
    told = say(replace(CLOSING, cause="reattributed")).sentence
    assert told.endswith("The order has been attributed to this partner; before, it belonged to another.")


def test_what_was_held_before_is_not_said_to_be_booked():
    told = say(replace(CLOSING, cause="certificate", previous_id=4)).sentence
    assert told.endswith("Nothing had been booked for it so far; €135.00 is due.")


def test_a_notice_says_why_what_it_is_worth_and_what_to_do():
    explanation = say(HELD)
    assert explanation.question == "Why is €850.00 held?"
    assert explanation.sentence.startswith(
        "Nobody at the company held a valid certificate (VPN) on the signature date 1 Mar 2026. "
        "Without that, €850.00 would be paid."
    )
    assert explanation.todo == "If somebody did, have the certificate recorded; the next run then pays the amount."
    assert (explanation.result_label, explanation.result) == ("held", "€850.00")


@pytest.mark.parametrize("reason", ["no_contract", "not_in_schedule", "not_in_portfolio", "withheld"])
def test_every_reason_has_its_own_words(reason):
    explanation = explain(replace(HELD, hold_reason=reason), CONTEXT)
    assert explanation.todo
    assert explanation.sentence.split(".")[0] not in explain(HELD, CONTEXT).sentence


def test_withheld_stops_the_difference_and_announces_it():
    # entitled 850.00, booked 100.00: the hold stops 750.00
    line = replace(
        HELD, hold_reason="withheld", entitled=Decimal("850.00"), booked=Decimal("100.00"), would_be=Decimal("750.00")
    )
    assert say(line).computed.amount == 0


def test_missing_proof_leaves_the_amount_and_says_what_proof_would_take_back():
    line = replace(
        HELD,
        hold_reason="evidence_missing",
        entitled=Decimal("850.00"),
        booked=Decimal("850.00"),
        would_be=Decimal("-566.67"),
    )
    explanation = say(replace(line, cancelled_on=date(2026, 11, 20), reason="NON_PAYMENT"))
    assert explanation.question == "Why is €566.67 not taken back yet?"
    assert "With proof, €566.67 would be taken back." in explanation.sentence
    assert explanation.computed.entitled == Decimal("850.00")
    # 850.00 × 16 / 24 = 566.67, from 10 March on; the share is said where it explains the amount, and only there.
    proven = SimpleNamespace(**vars(LIABLE), steps_from=None, window="", mode="", reserve_percent=None)
    line = replace(line, cancelled_on=date(2026, 11, 20), reason="NON_PAYMENT", full=Decimal(850), component=proven)
    assert "open are 16 of 24 months" in say(line).sentence
    assert ("to be taken back", "16 of 24 months", f"{MINUS}\u2060€566.67") in say(line).table
    assert "open are" not in say(replace(line, would_be=Decimal(-500))).sentence


def test_what_feeds_the_reserve_says_so() -> None:
    component = SimpleNamespace(steps_from=None, window="", mode="", reserve_percent=Decimal(10))
    said = "10% of it count towards the reserve that the statement keeps back."
    assert said in say(replace(CLOSING, component=component)).sentence
    assert said not in say(replace(CLOSING, component=component, previous_id=4)).sentence


def test_a_revoked_certificate_takes_back_what_was_paid():
    line = replace(
        HELD, is_notice=False, would_be=None, booked=Decimal("850.00"), amount=Decimal("-850.00"), previous_id=1
    )
    assert say(replace(line, cause="certificate")).computed.amount == Decimal("-850.00")


def test_a_month_without_the_order_pays_nothing():
    line = replace(
        RECURRING,
        basis="units",
        base=Decimal(1),
        rate=Decimal(3),
        clawed_n=1,
        full=Decimal("3.00"),
        clawed=Decimal("3.00"),
        entitled=Decimal("0.00"),
        amount=Decimal("0.00"),
        would_be=None,
    )
    assert "The order was not active on the last day of August 2026." in say(line).sentence


def test_a_manual_line_gives_its_reason():
    line = replace(CLOSING, kind="manual", component_id=None, cause="manual", base=Decimal(135), rate=Decimal(0))
    assert say(line, manual_reason="Goodwill").sentence == "Agreed outside the schedules by two people: Goodwill"


@pytest.mark.parametrize(
    ("base", "rate", "step", "full"),
    [
        ("12.5", "3.5", "0.01", "0.44"),  # 0.4375
        ("62.50", "3.5", "0.01", "2.19"),  # 2.1875
        ("5", "2.5", "0.01", "0.13"),  # 0.125, half away from zero
        ("-5", "2.5", "0.01", "-0.13"),
        ("123.45", "10", "0.10", "12.30"),  # 12.345
        ("123.45", "10", "1.00", "12.00"),
    ],
)
def test_percent_is_rounded_once_and_half_away_from_zero(base, rate, step, full):
    amounts = {name: Decimal(full) for name in ("full", "entitled", "amount")}
    line = replace(RECURRING, base=Decimal(base), rate=Decimal(rate), round_to=Decimal(step), **amounts)
    assert say(line).computed.full == Decimal(full)


def test_clawing_back_multiplies_first_and_divides_last():
    # 100.00 × 7 / 24 = 29.1666… -> 29.17; 100.00 × round(7/24, 2) would be 29.00
    line = replace(
        CLAWBACK,
        rate=Decimal(100),
        clawed_n=7,
        full=Decimal("100.00"),
        clawed=Decimal("29.17"),
        entitled=Decimal("70.83"),
    )
    assert say(replace(line, booked=Decimal("100.00"), amount=Decimal("-29.17"))).computed.clawed == Decimal("29.17")


@pytest.mark.parametrize("column", ["full", "clawed", "entitled", "amount"])
def test_a_cent_more_in_any_result_is_noticed(column):
    line = replace(CLAWBACK, **{column: getattr(CLAWBACK, column) + Decimal("0.01")})
    assert differences(line) == {column: (getattr(line, column), getattr(CLAWBACK, column))}
    assert not explain(line).agrees


def test_the_largest_numbers_stay_exact():
    # 18 digits × 14 digits need 32, more than Decimal's default of 28
    line = replace(RECURRING, base=Decimal("99999999999999.9999"), rate=Decimal("9999999999.9999"))
    assert Fraction(explain(line).exact) == Fraction(line.base) * Fraction(line.rate) / 100


def test_contexts_are_read_in_bulk(cast, django_assert_max_num_queries):
    make_product("dsl-basic")
    version = make_version(cast.ada)
    orders = [make_order(cast.nord, f"O-{n}") for n in range(5)]
    statement = make_statement(make_run(date(2026, 7, 1)), cast.nord, "GS-1", orders=orders)
    lines = list(Line.objects.filter(statement=statement))
    for line in lines:
        line.component_id, line.product = version.components.get().pk, "dsl-basic"
    lines[1].previous_id = lines[0].pk
    with django_assert_max_num_queries(9):
        found = contexts(lines)
    assert found[lines[0].pk].customer_no == "C-O-0"
    assert found[lines[1].pk].previous_statement == "GS-1"
    assert found[lines[0].pk].version == 1
    assert found[lines[0].pk].component == "Closing commission"
