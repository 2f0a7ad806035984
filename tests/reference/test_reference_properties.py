"""What must hold whatever happened: properties of the reference model over random histories."""

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction

from hypothesis import HealthCheck, given, settings

from tests.drawing import EVERYTHING, histories
from tests.histories import CALENDAR, Held, History, applied, expected, segments
from tests.reference.assessment import Identity
from tests.reference.facts import World
from tests.reference.ledger import Ledger, run

many = settings(max_examples=100, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


def final_world(history: History) -> World:
    world = replace(history.start, segments=segments(len(CALENDAR) - 1))
    for steps in history.slots:
        for step in steps:
            world = applied(world, step)
    return world


def booked(ledger: Ledger) -> dict[Identity, Fraction]:
    sums: dict[Identity, Fraction] = defaultdict(Fraction)
    for line in ledger.lines:
        sums[line.identity] += line.amount
    return {identity: amount for identity, amount in sums.items() if amount}


# What is settled depends on what was known by then; nothing else does.
UNSETTLED = EVERYTHING - {"tiers", "recurring_tiers", "window_bonus", "target_bonus"}


@many
@given(histories(UNSETTLED))
def test_what_is_booked_in_the_end_does_not_depend_on_when_it_became_known(history: History):
    ledger, world = expected(history), final_world(history)
    if not world.holds:  # a hold that is still there has stopped differences on the way
        assert booked(ledger) == booked(run(world, Ledger(), CALENDAR[-1]))


@many
@given(histories())
def test_a_run_over_unchanged_facts_posts_nothing_but_what_the_next_month_adds(history: History):
    ledger, world = expected(history), final_world(history)
    again = run(world, replace(ledger, posted=CALENDAR[-2]), CALENDAR[-1])
    assert again.lines == ledger.lines


@many
@given(histories())
def test_a_closing_line_is_never_taken_back_by_more_than_was_paid(history: History):
    sums: dict[Identity, Fraction] = defaultdict(Fraction)
    for line in expected(history).lines:
        sums[line.identity] += line.amount
        if line.kind in ("closing", "bundle"):
            assert sums[line.identity] >= 0, line


@many
@given(histories())
def test_statements_add_up_to_their_lines_and_carry_what_is_left(history: History):
    ledger = expected(history)
    assert sum(s.net for s in ledger.statements) == sum(line.amount for line in ledger.lines)
    last: dict[str, Fraction] = {}
    for statement in ledger.statements:
        assert statement.brought_forward == last.get(statement.partner, 0)
        reserves = statement.reserve_withheld - statement.reserve_released - statement.reserve_drawn
        assert statement.net + statement.brought_forward == (
            statement.payable - statement.vat + reserves + statement.carried_forward
        )
        assert statement.carried_forward <= 0 <= statement.payable
        last[statement.partner] = statement.carried_forward


@many
@given(histories())
def test_reserves_give_back_what_they_kept_and_no_more(history: History):
    ledger = expected(history)
    for partner in history.start.partners:
        own = [s for s in ledger.statements if s.partner == partner.number]
        left = sum(s.reserve_withheld - s.reserve_released - s.reserve_drawn for s in own)
        assert left == sum(c.balance for c in ledger.cohorts if c.partner == partner.number) >= 0


@many
@given(histories())
def test_a_split_moves_money_and_makes_none(history: History):
    if not any(isinstance(step, Held) for slot in history.slots for step in slot):
        ledger = expected(history)
        for month in CALENDAR:
            assert sum(line.amount for line in ledger.of_run(month) if line.kind == "split") == 0
