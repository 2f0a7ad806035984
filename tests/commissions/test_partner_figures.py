"""What a partner is shown to have earned, to have held and to expect: the sums behind the pages."""

from datetime import date
from decimal import Decimal

from django.utils.translation import override

from commissions.earnings import figures_of, since_last_statement, waiting_for_certificates
from commissions.models import Statement
from commissions.review import review_of
from commissions.statement import State, state_of, summary_of
from tests.cast import make_run, make_statement

MONEY = ["/statements/", "/statements/{number}/", "/statements/{number}/lines/", "/company/schedules/standard/"]


# ---- sums ------------------------------------------------------------------------------------------------------
def test_positions_add_up_to_the_net_and_changes_to_the_difference_of_two_nets(channel):
    for statement in Statement.objects.select_related("previous"):
        summary = summary_of(statement)
        assert sum(each.amount for each in summary.positions) == statement.net
        assert summary.lines + sum(each.lines for each in summary.notices) == statement.lines_count
        assert sum(each.amount for each in summary.changes) == (
            summary.change if summary.change is not None else statement.net
        )


def test_the_waterfall_goes_from_earned_to_payable(channel):
    with override("en"):
        steps = summary_of(channel.statement).steps
    assert [step.label for step in steps] == [
        "Earned in October 2026",
        "Corrections",
        "Cancellations",
        "Net",
        "VAT",
        "Payable",
    ]
    running = sum(step.value for step in steps if step.value is not None)
    assert running == channel.statement.payable


def test_a_negative_statement_ends_at_zero_and_says_what_goes_on(cast):
    statement = make_statement(make_run(date(2026, 7, 1)), cast.nord, "2026-000001")
    negative = Statement(net=Decimal("-45.00"), carried_forward=Decimal("-45.00"), payable=Decimal("0.00"))
    assert state_of(statement, date(2026, 8, 31)) == State.PAYABLE
    assert state_of(negative, date(2026, 8, 31)) == State.CARRIED


def test_after_its_due_day_a_statement_says_that_it_was_due_and_no_more(cast, sign_in, read):
    statement = make_statement(make_run(date(2020, 7, 1)), cast.nord, "2020-000001")
    assert state_of(statement, date(2020, 8, 31)) == State.PAYABLE
    assert state_of(statement, date(2020, 9, 1)) == State.DUE
    page = read(cast.nora, f"/statements/{statement.number}/")
    assert "Was payable on 31 Aug 2020" in page
    assert "Payable on" not in page.partition('class="paper only-print"')[0].replace("Was payable on", "")
    assert ">was due<" in read(cast.nora, "/statements/")
    assert "were due on 31 Aug 2020" in read(cast.nora, "/")
    assert "was due 31 Aug 2020" in read(cast.finn, f"/office/statements/{statement.number}/")


def test_what_is_held_looks_alike_in_the_review_and_on_the_statements(channel):
    """O-0401 left without proof: what would be taken back stands there with its minus, for both."""
    at_risk = Decimal(0)
    for run in channel.runs:
        reviewed = {each.key: (each.held_lines, each.would_be) for each in review_of(run).holds if each.held_lines}
        noted: dict[str, tuple[int, Decimal]] = {}
        for statement in Statement.objects.filter(run=run):
            for notice in summary_of(statement).notices:
                lines, amount = noted.get(notice.reason, (0, Decimal(0)))
                noted[notice.reason] = (lines + notice.lines, amount + notice.amount)
        assert reviewed == noted
        at_risk += reviewed.get("evidence_missing", (0, Decimal(0)))[1]
    assert at_risk < 0


# ---- home figures ----------------------------------------------------------------------------------------------
def test_home_knows_what_is_held_and_why_from_books_and_proposal(channel):
    figures = figures_of(channel.cast.nord, Statement.objects.all())
    held = {each.reason: (each.orders, each.amount, each.at_risk) for each in figures.held}
    # O-0970 (10 % of 8,500.00) is noted on September's statement, O-1170 (10 % of 4,200.00) in November's proposal.
    assert held["certificate_missing"] == (2, Decimal("1270.00"), Decimal(0))
    # 70.00 for 24 months, cancelled for non-payment after three full months: 70.00 × 21 / 24 = 61.25, without proof.
    assert held["evidence_missing"] == (1, Decimal(0), Decimal("-61.25"))
    waiting = waiting_for_certificates(channel.cast.nord, channel.provisional, channel.provisional.month)
    assert [(w.family, w.orders, w.amount) for w in waiting] == [("VPN", 2, Decimal("1270.00"))]


def test_each_cause_is_named_once_in_what_is_new(channel):
    labels = [each.label for each in since_last_statement(channel.cast.nord, channel.provisional)]
    assert labels
    assert len(labels) == len(set(labels))


def test_what_is_coming_is_the_proposal_of_the_own_company_only(channel):
    nord = figures_of(channel.cast.nord, Statement.objects.all()).coming
    rival = figures_of(channel.cast.rival, Statement.objects.all()).coming
    assert nord
    assert rival
    assert nord.net + rival.net < channel.provisional.net  # Süd has a part too
    assert nord.expected_on == date(2026, 12, 31)
