"""The reference model where a fact moves: corrections, re-attributions, contracts, order of arrival."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import pytest

from tests.reference import feed
from tests.reference.facts import Contract, Product
from tests.reference.ledger import run
from tests.reference.orders import fold
from tests.reference.schedules import Component, Match, Version
from tests.reference.stage import also, amount, closing, day, percent, posted, sold, through, world

ISDN_AND_DSL = [
    closing("isdn-closing", "45.00", match=Match(families=("isdn",))),
    closing("dsl-closing", "70.00", match=Match(families=("dsl",))),
]


def test_a_corrected_product_takes_back_the_old_line_and_posts_the_new_one():
    stage = world(ISDN_AND_DSL, sold())
    ledger = through(stage, "2026-03")
    stage = also(stage, "event_id,event_type,occurred_on,order_id,product\nk1,corrected,2026-04-02,O-1,dsl-2000")
    assert posted(through(stage, "2026-04", after=ledger), "2026-04") == [
        ("P-1", "dsl-closing", 70, "corrected", ""),
        ("P-1", "isdn-closing", -45, "corrected", ""),
    ]


def test_a_corrected_activation_moves_the_line_to_the_other_month():
    stage = world(ISDN_AND_DSL, sold())
    ledger = through(stage, "2026-03")
    stage = also(stage, "event_id,event_type,occurred_on,order_id,activated_on\nk1,corrected,2026-04-02,O-1,2026-02-27")
    assert posted(through(stage, "2026-04", after=ledger), "2026-04") == [
        ("P-1", "isdn-closing", -45, "corrected", ""),
        ("P-1", "isdn-closing", 45, "corrected", ""),
    ]


def test_a_re_attributed_order_moves_for_its_whole_life():
    airtime = percent("airtime", "recurring", "10", "revenue")
    stage = also(
        world([*ISDN_AND_DSL, airtime], sold()),
        "event_id,event_type,occurred_on,order_id,revenue_month,revenue\nr1,revenue,2026-04-03,O-1,2026-03,20.00",
    )
    ledger = through(stage, "2026-03")
    stage = also(
        stage,
        """event_id,event_type,occurred_on,order_id,dealer_code,revenue_month,revenue
           n1,reattributed,2026-04-10,O-1,D-2,,
           r2,revenue,2026-05-03,O-1,,2026-04,30.00""",
    )
    assert posted(through(stage, "2026-04", after=ledger), "2026-04") == [
        ("P-1", "airtime", -2, "reattributed", ""),
        ("P-1", "isdn-closing", -45, "reattributed", ""),
        ("P-2", "airtime", 2, "reattributed", ""),
        ("P-2", "airtime", 3, "earned", ""),
        ("P-2", "isdn-closing", 45, "reattributed", ""),
    ]


def test_a_contract_recorded_late_pays_what_was_held():
    stage = world([closing()], sold(), contracts=())
    ledger = through(stage, "2026-03")
    assert posted(ledger, "2026-03") == [("P-1", "", 0, "earned", "no_contract")]
    stage = replace(stage, contracts=(Contract("P-1", "sp", day("2026-03-01")),))
    assert posted(through(stage, "2026-04", after=ledger), "2026-04") == [("P-1", "closing", 45, "contract", "")]


def test_an_order_that_no_component_matches_is_held_until_a_version_pays_it():
    stage = world(ISDN_AND_DSL[1:], sold())
    ledger = through(stage, "2026-03")
    assert posted(ledger, "2026-03") == [("P-1", "", 0, "earned", "not_in_schedule")]
    stage = replace(stage, versions=(*stage.versions, Version("sp", day("2026-03-01"), tuple(ISDN_AND_DSL))))
    assert posted(through(stage, "2026-04", after=ledger), "2026-04") == [
        ("P-1", "isdn-closing", 45, "schedule_changed", "")
    ]


def test_a_product_outside_the_portfolio_is_held_per_component():
    stage = world([closing()], sold(), products=(Product("isdn-basic", "isdn", day("2026-03-06")),))
    ledger = through(stage, "2026-03")
    assert posted(ledger, "2026-03") == [("P-1", "closing", 0, "earned", "not_in_portfolio")]


def test_late_is_what_belongs_to_a_month_already_posted_except_airtime():
    stage = also(
        world([closing(), percent("airtime", "recurring", "10", "revenue")], sold()),
        "event_id,event_type,occurred_on,order_id,revenue_month,revenue\nr1,revenue,2026-04-03,O-1,2026-03,20.00",
    )
    ledger = through(replace(stage, events=frozenset()), "2026-03")
    assert posted(through(stage, "2026-04", after=ledger), "2026-04") == [
        ("P-1", "airtime", 2, "earned", ""),
        ("P-1", "closing", 45, "late_event", ""),
    ]


def test_further_revenue_rows_add_up_and_correct_the_line():
    stage = also(
        world([percent("airtime", "recurring", "4", "revenue")], sold()),
        "event_id,event_type,occurred_on,order_id,revenue_month,revenue\nr1,revenue,2026-04-03,O-1,2026-03,95.55",
    )
    ledger = through(stage, "2026-03")
    stage = also(
        stage, "event_id,event_type,occurred_on,order_id,revenue_month,revenue\nr2,revenue,2026-05-03,O-1,2026-03,10.00"
    )
    assert posted(through(stage, "2026-04", after=ledger), "2026-04") == [
        ("P-1", "airtime", amount("0.40"), "corrected", "")
    ]


def test_of_alternatives_the_first_in_the_document_applies():
    high = closing("gold", "60.00", group="g", match=Match(levels=("gold",)))
    stage = world([high, closing("plain", "45.00", group="g"), closing("extra", "1.00")], sold())
    assert [line[1] for line in posted(through(stage, "2026-03"), "2026-03")] == ["extra", "plain"]
    gold = replace(stage, contracts=(Contract("P-1", "sp", level="gold"),))
    assert [line[1] for line in posted(through(gold, "2026-03"), "2026-03")] == ["extra", "gold"]


def test_a_cancellation_known_long_before_takes_effect_in_its_month():
    stage = world([closing(clawback=("full", 24))], sold())
    stage = also(stage, "event_id,event_type,occurred_on,order_id,reason\nc1,cancelled,2026-06-30,O-1,CUSTOMER_MOVED")
    ledger = through(stage, "2026-03", "2026-05")
    assert [line.amount for line in ledger.lines] == [45]
    assert posted(through(stage, "2026-06", after=ledger), "2026-06") == [("P-1", "closing", -45, "cancelled", "")]


def test_a_fixed_monthly_amount_pays_for_months_on_whose_last_day_the_order_is_active():
    stage = also(
        world([Component("care", "recurring", amount=Decimal("5.00"), months=6)], sold()),
        """event_id,event_type,occurred_on,order_id,reason
           s1,suspended,2026-04-20,O-1,
           s2,resumed,2026-05-20,O-1,
           c1,cancelled,2026-07-31,O-1,PORT_OUT""",
    )
    ledger = through(stage, "2026-12")
    # months 1, 3, 4; month 2 was suspended on its last day, month 5 ended on it
    assert [f"{line.identity.month:%m}" for line in ledger.lines] == ["03", "05", "06"]


def test_runs_over_unchanged_facts_post_nothing_and_skipped_months_are_caught_up():
    stage = world([closing()], sold())
    ledger = through(stage, "2026-05")
    assert posted(ledger, "2026-05") == [("P-1", "closing", 45, "earned", "")]
    assert posted(through(stage, "2026-06", after=ledger), "2026-06") == []
    with pytest.raises(ValueError, match="not after the last posted run"):
        run(stage, ledger, day("2026-05"))


def test_the_sequence_in_which_events_arrive_does_not_matter():
    events = feed.read(
        """event_id,event_type,occurred_on,order_id,dealer_code,product,order_value,signed_on,reason,evidence
           a1,captured,2026-03-05,O-1,D-1,isdn-basic,100.00,,,
           k1,corrected,2026-03-05,O-1,,dsl-2000,,2026-03-01,,
           k2,corrected,2026-03-07,O-1,,,90.00,,,
           n1,reattributed,2026-03-07,O-1,D-2,,,,,
           c1,cancelled,2026-03-09,O-1,,,,,PORT_OUT,letter"""
    )
    codes = world([]).dealer_codes
    states = {fold(list(p), codes, day("2026-12-31")) for p in permutations(events)}
    assert len(states) == 1
    (order,) = states
    assert (order.product, order.order_value, order.partner) == ("dsl-2000", Fraction(90), "P-2")
    assert (order.signed_on, order.evidence) == (day("2026-03-01"), "letter")
