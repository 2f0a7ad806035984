"""Clawback modes, campaigns, bundles, uplift, override, split and reserve against arithmetic worked by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.reference.clawback import by_key
from tests.reference.facts import Campaign, Contract, Manual, Partner, Registration, Survey, Version
from tests.reference.schedules import Component, Match, Step
from tests.reference.stage import also, amount, closing, day, posted, sold, sums, through, world

LADDER = ((6, Decimal(100)), (12, Decimal(50)), (24, Decimal(25)))


def taken(mode: str, cancelled: str, steps: tuple = ()) -> object:
    share = by_key(closing(clawback=(mode, 24, steps)), date(2026, 3, 10), day(cancelled))
    return round(120 * share, 2)


@pytest.mark.parametrize(
    ("mode", "cancelled", "clawed"),
    [
        ("full", "2026-11-20", "120.00"),
        ("months", "2026-11-20", "80.00"),  # 16/24
        ("started_months", "2026-11-20", "75.00"),  # the ninth month has begun: 15/24
        ("days", "2026-11-20", "78.14"),  # 476/731
        ("steps", "2026-11-20", "60.00"),  # month 9: 50 %
        ("days", "2026-03-10", "120.00"),
        ("days", "2026-03-24", "117.70"),
        ("days", "2026-09-09", "89.96"),
        ("days", "2026-09-10", "89.79"),
        ("days", "2028-03-09", "0.16"),
        ("days", "2028-03-10", "0.00"),
        ("started_months", "2026-03-10", "120.00"),
        ("started_months", "2028-03-09", "0.00"),
        ("steps", "2026-09-10", "120.00"),  # six months, none begun beyond
        ("steps", "2026-09-11", "60.00"),
    ],
)
def test_tv_f_every_mode(mode: str, cancelled: str, clawed: str):
    assert taken(mode, cancelled, LADDER if mode == "steps" else ()) == amount(clawed)


def test_before_the_activation_counts_as_no_month():
    assert taken("days", "2026-02-01") == 120
    assert taken("months", "2026-02-01") == 120


# ---- one closing line and all that follows it ------------------------------------------------------------------------
UPLIFT = Component(
    "nps",
    "uplift",
    follows=("base",),
    steps=tuple(Step(Decimal(a), Decimal(b)) for a, b in ((30, 2), (50, 4), (70, 6))),
)
PACKAGE = (
    closing("base", "120.00", clawback=("months", 24)),
    Component("promo", "campaign", campaign="promo", follows=("base",), percent=Decimal(20)),
    UPLIFT,
    Component("over", "override", follows=("base",), percent=Decimal(8)),
)
NAMED = (
    sold().replace("product", "product,campaign").replace("isdn-basic", "isdn-basic,promo").replace("O-1,,", "O-1,,,")
)
CANCELLED = "event_id,event_type,occurred_on,order_id,reason\nc1,cancelled,2026-11-20,O-1,CUSTOMER_MOVED"


def sub_dealer(components: tuple[Component, ...], events: str = NAMED, **given: object):
    """P-1 sells below the distributor P-9."""
    stage = world(components, events)
    stage = replace(stage, partners=(*stage.partners, Partner("P-9", "distributor")))
    return replace(
        stage,
        contracts=(Contract("P-1", "sp", parent="P-9"), Contract("P-9", "sp")),
        campaigns=(Campaign("promo", day("2026-01-01")),),
        surveys=(Survey("P-1", day("2026-01"), 31, 11, 6),),
        **given,
    )


def test_tv_f_a_package_is_taken_back_by_the_same_share():
    stage = sub_dealer(PACKAGE)
    ledger = through(stage, "2026-03")
    assert posted(ledger, "2026-03") == [
        ("P-1", "base", 120, "earned", ""),
        ("P-1", "nps", amount("4.80"), "earned", ""),
        ("P-1", "promo", 24, "earned", ""),
        ("P-9", "over", amount("9.60"), "earned", ""),
    ]
    ledger = through(also(stage, CANCELLED), "2026-11", after=ledger)
    assert posted(ledger, "2026-11") == [
        ("P-1", "base", -80, "cancelled", ""),
        ("P-1", "nps", amount("-3.20"), "cancelled", ""),
        ("P-1", "promo", -16, "cancelled", ""),
        ("P-9", "over", amount("-6.40"), "cancelled", ""),
    ]


def test_tv_f_the_operators_fault_takes_nothing_back():
    stage = sub_dealer(PACKAGE)
    ledger = through(stage, "2026-03")
    stage = also(stage, CANCELLED.replace("CUSTOMER_MOVED", "PROVIDER_FAULT"))
    assert posted(through(stage, "2026-11", after=ledger), "2026-11") == []


@pytest.mark.parametrize(
    ("answers", "paid"),
    [
        ((31, 11, 6), "4.80"),  # 52.08: 4 % of 120.00
        ((20, 6, 4), "4.80"),  # 53.33, just enough answers
        ((12, 4, 2), None),  # 18 answers are too few
        ((0, 10, 0), None),
        ((30, 30, 12), None),  # 25.0
        ((39, 40, 21), None),  # 18.0
        ((60, 30, 30), None),  # 25.0
        ((60, 10, 30), "2.40"),  # 30.0 reaches the step
        ((599, 101, 300), None),  # 29.9 does not
    ],
)
def test_tv_i_the_score_decides_unrounded(answers: tuple[int, int, int], paid: str | None):
    stage = replace(sub_dealer((closing("base", "120.00"), UPLIFT)), surveys=(Survey("P-1", day("2026-01"), *answers),))
    lines = [line for line in posted(through(stage, "2026-03"), "2026-03") if line[1] == "nps"]
    assert lines == ([("P-1", "nps", amount(paid), "earned", "")] if paid else [])


def test_tv_i_uplift_is_rounded_by_line_and_a_corrected_survey_posts_the_difference():
    events = "\n".join([NAMED, *(line for n in (2, 3) for line in copies(n))])
    stage = sub_dealer((closing("base", "33.33"), UPLIFT), events)
    ledger = through(stage, "2026-03")
    assert sum(line.amount for line in ledger.lines if line.kind == "uplift") == amount("3.99")
    better = replace(stage, surveys=(*stage.surveys, Survey("P-1", day("2026-01"), 40, 6, 2)))
    # 79.2: 6 % are 2.00 each
    assert sums(through(better, "2026-04", after=ledger))["2026-04"] == 3 * (amount("2.00") - amount("1.33"))


def copies(n: int) -> list[str]:
    return [f"a{n},captured,2026-03-05,O-{n},D-1,isdn-basic,", f"b{n},activated,2026-03-10,O-{n},,,"]


def test_tv_i_money_only_from_the_day_on_which_it_begins():
    later = replace(UPLIFT, effective_from=day("2026-04-01"))
    assert len(posted(through(sub_dealer((closing("base", "120.00"), later)), "2026-06"), "2026-06")) == 1


def test_tv_j_bonuses_add_up_and_do_not_compound():
    uplift = replace(UPLIFT, steps=(Step(Decimal(0), Decimal(4)),))
    stage = sub_dealer((closing("base", "90.00"), PACKAGE[1], uplift))
    assert sums(through(stage, "2026-03"))["2026-03"] == amount("111.60")  # 90.00 + 18.00 + 3.60


SPIFF = Component("spiff", "campaign", campaign="promo", amount=Decimal("25.00"), match=Match(families=("isdn",)))


@pytest.mark.parametrize(
    ("campaign", "since", "paid"),
    [
        ({}, None, 25),
        ({"registration": True}, "2026-03-05", 25),
        ({"registration": True}, "2026-03-06", 0),
        ({"registration": True}, None, 0),
        ({"excluded": frozenset({("family", "isdn")})}, None, None),
        ({"valid_until": date(2026, 3, 5)}, None, None),
    ],
)
def test_tv_j_gates(campaign: dict, since: str | None, paid: int | None):
    stage = sub_dealer((closing("base", "1.00"), SPIFF))
    entries = (Registration("promo", "P-1", day(since)),) if since else ()
    stage = replace(stage, campaigns=(Campaign("promo", day("2026-01-01"), **campaign),), registrations=entries)
    lines = [line for line in posted(through(stage, "2026-03"), "2026-03") if line[1] == "spiff"]
    hold = "campaign_not_registered" if paid == 0 else ""
    assert lines == ([] if paid is None else [("P-1", "spiff", paid, "earned", hold)])


def test_tv_j_caps_are_filled_by_signature_and_then_order():
    events = "\n".join([NAMED, *(line.replace("basic,", "basic,promo") for n in (2, 3) for line in copies(n))])
    stage = sub_dealer((closing("base", "1.00"), SPIFF), events)
    for caps, expected in (({"cap_units": Decimal(2)}, 50), ({"cap_amount": Decimal(60)}, 60)):
        capped = replace(stage, campaigns=(Campaign("promo", day("2026-01-01"), **caps),))
        ledger = through(capped, "2026-03")
        assert sum(line.amount for line in ledger.lines if line.kind == "campaign") == expected
        # What is cancelled frees no room.
        more = also(capped, CANCELLED.replace("CUSTOMER_MOVED", "DUPLICATE"))
        ledger = through(more, "2026-11", after=ledger)
        assert sum(line.amount for line in ledger.lines if line.kind == "campaign") == expected - 25


def test_tv_j_of_campaigns_that_do_not_add_up_the_highest_counts():
    other = Component("other", "campaign", campaign="other", amount=Decimal("30.00"))
    stage = sub_dealer((closing("base", "1.00"), SPIFF, other), NAMED.replace("promo", "promo other"))
    alone = Campaign("other", day("2026-01-01"), stackable=False)
    for campaign, expected in ((replace(alone, stackable=True), 55), (alone, 30)):
        both = replace(stage, campaigns=(*stage.campaigns, campaign))
        ledger = through(both, "2026-03")
        assert sum(line.amount for line in ledger.lines if line.kind == "campaign") == expected


# ---- distributor ---------------------------------------------------------------------------------------------------
SPLIT = Component("keep", "split", follows=("base",), keep_percent=Decimal("12.5"))


def test_tv_k_override_on_top_and_split_inside():
    override = Component("over", "override", follows=("base",), percent=Decimal(8))
    stage = sub_dealer((closing("base", "90.00", clawback=("months", 24)), override, SPLIT))
    ledger = through(stage, "2026-03")
    assert posted(ledger, "2026-03") == [
        ("P-1", "base", 90, "earned", ""),
        ("P-1", "keep", amount("-11.25"), "earned", ""),
        ("P-9", "keep", amount("11.25"), "earned", ""),
        ("P-9", "over", amount("7.20"), "earned", ""),
    ]
    ledger = through(also(stage, CANCELLED), "2026-11", after=ledger)
    by_partner = {p: sum(x[2] for x in posted(ledger, "2026-11") if x[0] == p) for p in ("P-1", "P-9")}
    assert by_partner == {"P-1": amount("-52.50"), "P-9": amount("-12.30")}  # -60.00 + 7.50; -7.50 - 4.80


def test_tv_k_half_a_cent_goes_the_same_way_on_both_sides():
    stage = sub_dealer((closing("base", "45.01"), replace(SPLIT, keep_percent=Decimal(50))))
    assert [line[2] for line in posted(through(stage, "2026-03"), "2026-03")] == [
        amount("45.01"),
        amount("-22.51"),
        amount("22.51"),
    ]


def test_another_distributor_takes_over_from_the_first():
    override = Component("over", "override", follows=("base",), percent=Decimal(8))
    stage = sub_dealer((closing("base", "90.00"), override))
    ledger = through(stage, "2026-03")
    moved = replace(stage, contracts=(Contract("P-1", "sp", parent="P-2"), *stage.contracts[1:]))
    assert posted(through(moved, "2026-04", after=ledger), "2026-04") == [
        ("P-2", "over", amount("7.20"), "contract", ""),
        ("P-9", "over", amount("-7.20"), "contract", ""),
    ]


def test_tv_l_a_price_corrected_backwards_moves_the_uplift_with_it():
    dsl = closing("base", "70.00", clawback=("full", 24))
    uplift = replace(UPLIFT, steps=(Step(Decimal(0), Decimal(4)),))
    orders = "event_id,event_type,occurred_on,order_id,dealer_code,product\n" + "\n".join(
        f"a{n},captured,2026-07-01,O-{n},D-1,dsl-2000\nb{n},activated,2026-07-10,O-{n},," for n in range(10, 22)
    )
    stage = sub_dealer((dsl, uplift), orders)
    stage = replace(stage, surveys=(Survey("P-1", day("2026-07"), 31, 11, 6),))
    ledger = through(stage, "2026-07")
    for order in ("O-10", "O-11"):
        stage = also(stage, CANCELLED.replace("O-1", order).replace("c1", order).replace("2026-11-20", "2026-08-10"))
    ledger = through(stage, "2026-08", "2026-09", after=ledger)
    assert sums(ledger)["2026-09"] == 28  # 10 x 70.00 x 4 %
    corrected = Version("sp", day("2026-07-01"), (replace(dsl, amount=Decimal("75.00")), uplift))
    ledger = through(replace(stage, versions=(*stage.versions, corrected)), "2026-10", after=ledger)
    assert sums(ledger)["2026-10"] == 52  # 10 x 5.00 and 10 x 0.20
    assert {line[3] for line in posted(ledger, "2026-10")} == {"schedule_changed"}


# ---- bundle --------------------------------------------------------------------------------------------------------
PAIR = Component(
    "pair",
    "bundle",
    needs=(Match(families=("isdn",)), Match(families=("dsl",))),
    within_days=30,
    amount=Decimal("20.00"),
    clawback=("months", 24),
)
PARTS = """event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no
           a1,captured,2026-03-01,O-1,D-1,isdn-basic,C-1
           b1,activated,2026-03-05,O-1,,,
           a2,captured,2026-03-20,O-2,D-1,dsl-2000,C-1
           b2,activated,2026-04-04,O-2,,,"""


def test_a_bundle_is_paid_when_its_last_part_becomes_active():
    stage = world([PAIR, closing("base", "1.00")], PARTS)
    ledger = through(stage, "2026-03", "2026-04")
    assert [line for line in posted(ledger, "2026-04") if line[1] == "pair"] == [("P-1", "pair", 20, "earned", "")]
    too_late = world([replace(PAIR, within_days=29), closing("base", "1.00")], PARTS)
    assert not [line for line in through(too_late, "2026-04").lines if line.kind == "bundle"]


def test_a_bundle_loses_the_largest_share_and_goes_with_a_part_that_goes():
    stage = world([PAIR, closing("base", "1.00")], PARTS)
    ledger = through(stage, "2026-04")
    moved = also(stage, "event_id,event_type,occurred_on,order_id,reason\nc1,cancelled,2026-10-05,O-1,OTHER")
    after = through(moved, "2026-10", after=ledger)
    assert posted(after, "2026-10") == [("P-1", "pair", -15, "cancelled", "")]  # six months from 4 April: 18/24
    elsewhere = also(stage, "event_id,event_type,occurred_on,order_id,dealer_code\nn1,reattributed,2026-05-02,O-1,D-2")
    after = through(elsewhere, "2026-05", after=ledger)
    assert ("P-1", "pair", -20, "reattributed", "") in posted(after, "2026-05")


# ---- reserve -------------------------------------------------------------------------------------------------------
def reserved(*orders: tuple[str, str]):
    """Closing commission of 100 % of the order's value, of which 10 % are kept back for two years."""
    component = Component(
        "base",
        "closing",
        percent=Decimal(100),
        of="order_value",
        clawback=("full", 24),
        reserve_percent=Decimal(10),
    )
    rows = [
        f"a{n},captured,{on},O-{n},D-1,isdn-basic,{value}\nb{n},activated,{on},O-{n},,,"
        for n, (on, value) in enumerate(orders, start=1)
    ]
    return world(
        [component], "event_id,event_type,occurred_on,order_id,dealer_code,product,order_value\n" + "\n".join(rows)
    )


def test_tv_g_a_reserve_is_kept_back_drawn_from_the_oldest_and_released_after_a_year():
    stage = reserved(("2026-01-10", "1234.56"), ("2026-02-10", "987.65"), ("2026-03-10", "1500.00"))
    ledger = through(stage, "2026-01", "2026-02", "2026-03")
    january = ledger.statements[0]
    assert [s.reserve_withheld for s in ledger.statements] == [amount("123.46"), amount("98.77"), 150]
    assert (january.vat, january.payable) == (amount("234.57"), amount("1345.67"))
    debt = replace(stage, manuals=(Manual("m1", "P-1", Decimal("-80.00")),))
    ledger = through(debt, "2026-06", after=ledger)
    june = ledger.statements[-1]
    assert (june.reserve_drawn, june.carried_forward, june.vat, june.payable) == (80, 0, 0, 0)
    ledger = through(debt, "2027-01", "2027-02", "2027-03", after=ledger)
    released = [s.reserve_released for s in ledger.statements[-3:]]
    assert released == [amount("43.46"), amount("98.77"), 150]
    assert [s.vat for s in ledger.statements[-3:]] == [0, 0, 0]


def test_tv_g_what_exceeds_the_risk_is_released_at_once():
    stage = reserved(("2026-01-10", "1000.00"))
    ledger = through(stage, "2026-01")
    cancelled = also(stage, CANCELLED.replace("2026-11-20", "2026-02-10"))
    ledger = through(cancelled, "2026-02", after=ledger)
    statement = ledger.statements[-1]
    # Nothing is left that could be clawed back: 100.00 are released and pay for a tenth of the 1,000.00.
    assert (statement.net, statement.reserve_released, statement.carried_forward) == (-1000, 100, -900)


def test_tv_g_never_more_is_kept_back_than_would_be_paid():
    stage = reserved(("2026-01-10", "1000.00"))
    stage = replace(stage, manuals=(Manual("m1", "P-1", Decimal("-950.00")),))
    statement = through(stage, "2026-01").statements[0]
    assert (statement.gross, statement.reserve_withheld, statement.payable) == (amount("59.50"), amount("59.50"), 0)
