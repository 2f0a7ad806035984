"""The reference model against arithmetic worked by hand, so that it is more than a second opinion."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.reference.facts import Certificate, Hold, Manual, Partner
from tests.reference.schedules import Match, Version
from tests.reference.stage import also, amount, closing, day, percent, posted, sold, through, world


def test_tv_a_flat_closing_and_an_order_that_is_not_activated_yet():
    stage = world(
        [
            closing("isdn-closing", "45.00", match=Match(families=("isdn",))),
            closing("dsl-closing", "70.00", match=Match(families=("dsl",))),
        ],
        """event_id,event_type,occurred_on,order_id,dealer_code,product
           a1,captured,2026-03-02,O-1,D-1,isdn-basic
           a2,captured,2026-03-03,O-2,D-1,isdn-basic
           a3,captured,2026-03-04,O-3,D-1,isdn-basic
           a4,captured,2026-03-05,O-4,D-1,dsl-2000
           a5,captured,2026-03-06,O-5,D-1,dsl-2000
           a6,captured,2026-03-07,O-6,D-1,isdn-basic
           b1,activated,2026-03-10,O-1,,
           b2,activated,2026-03-11,O-2,,
           b3,activated,2026-03-12,O-3,,
           b4,activated,2026-03-13,O-4,,
           b5,activated,2026-03-31,O-5,,
           b6,activated,2026-04-01,O-6,,""",
    )
    ledger = through(stage, "2026-03", "2026-04")
    assert sum(line.amount for line in ledger.of_run(day("2026-03"))) == 3 * 45 + 2 * 70
    assert posted(ledger, "2026-04") == [("P-1", "isdn-closing", 45, "earned", "")]
    assert ledger.statements[0].vat == amount("52.25")  # 275.00 x 19 %


def test_tv_b_airtime_is_rounded_by_line_and_ends_with_month_24():
    stage = world(
        [percent("airtime", "recurring", "4", "revenue", months=24)],
        """event_id,event_type,occurred_on,order_id,dealer_code,product,revenue_month,revenue
           a1,captured,2026-01-10,O-1,D-1,isdn-basic,,
           b1,activated,2026-01-15,O-1,,,,
           r0,revenue,2026-01-20,O-1,,,2025-12,50.00
           r1,revenue,2026-02-03,O-1,,,2026-01,87.43
           r2,revenue,2026-03-03,O-1,,,2026-02,112.90
           r3,revenue,2026-05-03,O-1,,,2026-04,95.55
           r4,revenue,2026-06-03,O-1,,,2026-05,-12.00
           r5,revenue,2026-07-03,O-1,,,2026-06,101.13
           r6,revenue,2028-01-03,O-1,,,2027-12,50.00
           r7,revenue,2028-02-03,O-1,,,2028-01,50.00""",
    )
    ledger = through(stage, "2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2028-01")
    amounts = [line.amount for line in ledger.lines]
    # 3.4972, 4.5160, 3.8220, -0.4800, 4.0452; month 24 is December 2027: 2.00
    assert amounts == [amount(a) for a in ("3.50", "4.52", "3.82", "-0.48", "4.05", "2.00")]
    assert {line.cause for line in ledger.lines} == {"earned"}


def test_tv_c_a_factor_of_the_monthly_price():
    stage = world(
        [percent("factor", "closing", "250", "monthly_price")],
        """event_id,event_type,occurred_on,order_id,dealer_code,product,monthly_price
           a1,captured,2026-03-05,O-1,D-1,vpn-flat,349.00
           b1,activated,2026-03-10,O-1,,,""",
    )
    assert posted(through(stage, "2026-03"), "2026-03") == [("P-1", "factor", amount("872.50"), "earned", "")]


@pytest.mark.parametrize(
    ("mode", "cancelled", "reason", "clawed"),
    [
        ("full", "2026-11-20", "CUSTOMER_MOVED", "120.00"),
        ("months", "2026-11-20", "CUSTOMER_MOVED", "80.00"),  # 8 full months: 120 x 16/24
        ("months", "2026-03-10", "CUSTOMER_MOVED", "120.00"),
        ("months", "2026-09-09", "CUSTOMER_MOVED", "95.00"),  # 5 full months
        ("months", "2026-09-10", "CUSTOMER_MOVED", "90.00"),  # 6 full months
        ("months", "2028-03-09", "CUSTOMER_MOVED", "5.00"),
        ("months", "2028-03-10", "CUSTOMER_MOVED", "0.00"),
        ("full", "2028-03-10", "CUSTOMER_MOVED", "0.00"),
        ("months", "2026-11-20", "FRAUD_CUSTOMER", "120.00"),
        ("months", "2029-11-20", "DUPLICATE", "120.00"),  # beyond the liability
        (None, "2026-11-20", "WITHDRAWAL", "120.00"),  # without a liability
        (None, "2026-11-20", "CUSTOMER_MOVED", "0.00"),
        ("full", "2026-11-20", "PROVIDER_FAULT", "0.00"),
    ],
)
def test_tv_f_clawback(mode: str | None, cancelled: str, reason: str, clawed: str):
    stage = world([closing(rate="120.00", clawback=mode and (mode, 24))], sold())
    ledger = through(stage, "2026-03")
    stage = also(stage, f"event_id,event_type,occurred_on,order_id,reason\nc1,cancelled,{cancelled},O-1,{reason}")
    ledger = through(stage, "2029-12", after=ledger)
    expected = [] if clawed == "0.00" else [("P-1", "closing", -amount(clawed), "cancelled", "")]
    assert posted(ledger, "2029-12") == expected


def test_a_revoked_cancellation_gives_back_exactly_the_clawed_cents():
    stage = world([closing(rate="100.01", clawback=("months", 7))], sold())
    ledger = through(stage, "2026-03")
    stage = also(stage, "event_id,event_type,occurred_on,order_id,reason\nc1,cancelled,2026-06-11,O-1,PORT_OUT")
    ledger = through(stage, "2026-06", after=ledger)
    assert posted(ledger, "2026-06")[0][2] == amount("-57.15")  # 100.01 x 4/7 = 57.1485...
    stage = also(stage, "event_id,event_type,occurred_on,order_id\nc2,cancellation_revoked,2026-07-01,O-1")
    assert posted(through(stage, "2026-07", after=ledger), "2026-07") == [
        ("P-1", "closing", amount("57.15"), "reinstated", "")
    ]


def test_non_payment_claws_back_only_with_evidence():
    stage = world([closing(rate="120.00", clawback=("months", 24))], sold())
    ledger = through(stage, "2026-03")
    stage = also(stage, "event_id,event_type,occurred_on,order_id,reason\nc1,cancelled,2026-11-20,O-1,NON_PAYMENT")
    ledger = through(stage, "2026-11", after=ledger)
    assert posted(ledger, "2026-11") == [("P-1", "closing", 0, "hold", "evidence_missing")]
    assert ledger.lines[-1].would_be == -80
    stage = also(
        stage,
        """event_id,event_type,occurred_on,order_id,revenue_month,revenue,evidence
           r1,revenue,2026-12-20,O-1,2026-12,5.00,dunning 7""",
    )
    assert posted(through(stage, "2026-12", after=ledger), "2026-12") == [("P-1", "closing", -80, "cancelled", "")]


def test_tv_l_a_price_corrected_backwards_posts_the_difference_and_nothing_for_what_was_clawed_back():
    dsl = closing("dsl-closing", "70.00", clawback=("full", 24))
    orders = "event_id,event_type,occurred_on,order_id,dealer_code,product\n" + "\n".join(
        f"a{i},captured,2026-07-0{i},O-{i},D-1,dsl-2000\nb{i},activated,2026-07-1{i},O-{i},," for i in (1, 2, 3)
    )
    stage = world([dsl], orders)
    ledger = through(stage, "2026-07")
    stage = also(stage, "event_id,event_type,occurred_on,order_id,reason\nc3,cancelled,2026-08-10,O-3,CUSTOMER_MOVED")
    ledger = through(stage, "2026-08", after=ledger)
    assert posted(ledger, "2026-08") == [("P-1", "dsl-closing", -70, "cancelled", "")]
    corrected = Version("sp", day("2026-07-01"), (replace(dsl, amount=Decimal("75.00")),))
    stage = replace(stage, versions=(*stage.versions, corrected))
    line = ("P-1", "dsl-closing", Fraction(5), "schedule_changed", "")
    assert posted(through(stage, "2026-09", after=ledger), "2026-09") == [line, line]


@pytest.mark.parametrize(
    ("value", "rate", "step", "expected"),
    [
        ("12.50", "3.5", "0.01", "0.44"),  # 0.4375
        ("2.50", "5", "0.01", "0.13"),  # 0.125 half up
        ("-2.50", "5", "0.01", "-0.13"),  # away from zero
        ("2.675", "100", "0.01", "2.68"),
        ("12.50", "3.5", "0.10", "0.40"),
        ("12.50", "3.6", "0.10", "0.50"),  # 0.45
        ("12.50", "12", "1.00", "2.00"),  # 1.50
    ],
)
def test_tv_m_rounding_once_half_up(value: str, rate: str, step: str, expected: str):
    stage = world(
        [percent("share", "recurring", rate, "revenue", round_to=Decimal(step))],
        f"""event_id,event_type,occurred_on,order_id,dealer_code,product,revenue_month,revenue
            a1,captured,2026-03-05,O-1,D-1,isdn-basic,,
            b1,activated,2026-03-10,O-1,,,,
            r1,revenue,2026-04-02,O-1,,,2026-03,{value}""",
    )
    assert posted(through(stage, "2026-03"), "2026-03")[0][2] == amount(expected)


@pytest.mark.parametrize(("vat", "tax"), [("regular", "472.60"), ("small_business", "0"), ("eu", "0"), ("none", "0")])
def test_tv_n_vat_on_the_total(vat: str, tax: str):
    stage = world([], partners=(Partner("P-1", vat=vat),), manuals=(Manual("m1", "P-1", Decimal("2487.35")),))
    (statement,) = through(stage, "2026-03").statements
    assert (statement.vat, statement.payable) == (amount(tax), amount("2487.35") + amount(tax))  # 472.5965


def test_tv_n_a_difference_keeps_the_vat_rate_of_the_day_of_service():
    stage = world([closing(rate="100.00", clawback=("full", 24))], sold(signed="2020-11-02", activated="2020-11-05"))
    ledger = through(stage, "2020-11")
    stage = also(stage, "event_id,event_type,occurred_on,order_id,reason\nc1,cancelled,2021-03-10,O-1,OTHER")
    stage = replace(stage, manuals=(Manual("m1", "P-1", Decimal("1000.00")),))
    ledger = through(stage, "2021-03", after=ledger)
    # 1,000.00 at 19 % = 190.00, -100.00 at 16 % = -16.00
    assert ledger.statements[-1].groups == ((16, -100, -16), (19, 1000, 190))
    assert ledger.statements[-1].payable == 1074


def test_tv_n_a_negative_month_is_carried_forward_without_vat():
    stage = world([], manuals=(Manual("m1", "P-1", Decimal("420.00")), Manual("m2", "P-1", Decimal("-730.00"))))
    ledger = through(stage, "2026-03", "2026-04")
    march, april = ledger.statements
    assert (march.net, march.vat, march.carried_forward, march.payable) == (-310, 0, -310, 0)
    assert (april.net, april.brought_forward, april.carried_forward) == (0, -310, -310)
    stage = replace(stage, manuals=(*stage.manuals, Manual("m3", "P-1", Decimal("1150.00"))))
    may = through(stage, "2026-05", after=ledger).statements[-1]
    assert (may.vat, may.payable) == (amount("159.60"), amount("999.60"))  # 840.00 x 19 %


@pytest.mark.parametrize(
    ("signed", "paid"), [("2026-02-28", False), ("2026-03-01", True), ("2028-02-29", True), ("2028-03-01", False)]
)
def test_tv_o_a_certificate_on_the_signature_date(signed: str, paid: bool):
    valid = Certificate("z1", "anna", "vpn", day("2026-03-01"), day("2028-03-01"))
    stage = world([closing("vpn", "850.00", certificate="vpn")], sold("vpn-flat", signed, "2028-03-05"))
    ledger = through(replace(stage, certificates=(valid,)), "2028-03")
    held = [("P-1", "vpn", 0, "earned", "certificate_missing")]
    assert posted(ledger, "2028-03") == ([("P-1", "vpn", 850, "earned", "")] if paid else held)


def test_tv_o_a_certificate_recorded_late_pays_and_a_revoked_one_takes_back():
    stage = world([closing("vpn", "850.00", certificate="vpn")], sold("vpn-flat", "2026-02-28", "2026-03-05"))
    ledger = through(stage, "2026-03", "2026-04")
    assert posted(ledger, "2026-03") == [("P-1", "vpn", 0, "earned", "certificate_missing")]
    assert ledger.lines[-1].would_be == 850
    assert posted(ledger, "2026-04") == []  # shown once
    late = Certificate("z1", "anna", "vpn", day("2026-02-25"), day("2026-03-01"))
    ledger = through(replace(stage, certificates=(late,)), "2026-05", after=ledger)
    assert posted(ledger, "2026-05") == [("P-1", "vpn", 850, "certificate", "")]
    revoked = replace(stage, certificates=(replace(late, revoked=True),))
    assert posted(through(revoked, "2026-06", after=ledger), "2026-06") == [
        ("P-1", "vpn", -850, "certificate", ""),
        ("P-1", "vpn", 0, "certificate", "certificate_missing"),
    ]


def test_a_hold_stops_the_difference_and_its_release_posts_it():
    stage = world([closing(clawback=("full", 12))], sold())
    held = replace(stage, holds=(Hold("h1", order="O-1"),))
    ledger = through(held, "2026-03", "2026-04")
    assert posted(ledger, "2026-03") == [("P-1", "closing", 0, "earned", "withheld")]
    assert posted(ledger, "2026-04") == []
    assert posted(through(stage, "2026-05", after=ledger), "2026-05") == [("P-1", "closing", 45, "hold", "")]
