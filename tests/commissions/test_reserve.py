"""The reserve on pages and in files, and what still reaches a partner whose contract has ended."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from commissions import actions
from commissions.management.commands.check_examples import SHIPPED
from commissions.models import Line, ReserveMovement, Statement
from commissions.recheck import recheck
from commissions.statement import proposed_statements
from commissions.worked_example import parse_example
from commissions.worked_example.play import play
from partners.models import Membership, Partner, User
from tests.cast import second_factor

pytestmark = pytest.mark.django_db
ENDED = """
title: A partner whose contract has ended
products: [{code: fibre, family: dsl}]
schedules:
  - schedule: sp
    valid_from: 2026-01-01
    components:
      - {code: closing, kind: closing, match: {families: [dsl]}, rate: {amount: 120.00}, clawback: {mode: months, months: 24},
         reserve_percent: 10}
      - {code: airtime, kind: recurring, match: {families: [dsl]}, rate: {percent: 4, of: revenue}, months: 24}
partners:
  - {number: P-1, schedule: sp, dealer_code: D-1, contract_from: 2026-01-01, contract_until: 2026-03-01, vat: regular}
steps:
  - feed: |
      event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no,revenue_month,revenue,reason
      s1,captured,2026-02-02,O-1,D-1,fibre,C-1,,,
      t1,activated,2026-02-10,O-1,,,,,,
      s2,captured,2026-02-02,O-2,D-1,fibre,C-2,,,
      t2,activated,2026-02-10,O-2,,,,,,
      s3,captured,2026-03-02,O-3,D-1,fibre,C-3,,,
      t3,activated,2026-03-10,O-3,,,,,,
      r1,revenue,2026-06-30,O-1,,,,2026-06,95.55,
      c2,cancelled,2026-06-20,O-2,,,,,,CUSTOMER_MOVED
  - run: 2026-02
  - run: 2026-06
  - run: 2027-02
expect: [{run: 2026-06, partner: P-1, component: airtime, amount: 3.82}]
"""


def statement(month: date, **who: object) -> Statement:
    return Statement.objects.get(month=month, **who)


@pytest.fixture
def kept(db, sign_in):
    """The example of the reserve as posted, read by the partner's owner and by the head of channel."""
    play(parse_example((SHIPPED / "tv_g_reserve.yaml").read_text(encoding="utf-8")))
    owner = User.objects.create_user("owner@partner.example", name="Olga Owner", language="en")
    partner = Partner.objects.get(number="P-1")
    Membership.objects.create(user=owner, partner=partner, role=Membership.Role.OWNER, valid_from=date(2026, 1, 1))
    head = User.objects.get(name="Example head")
    second_factor(head)

    def read(user: User, path: str) -> str:
        answer = sign_in(user).get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        text = answer.text if not answer.streaming else b"".join(answer.streaming_content).decode("utf-8-sig")
        return re.sub(r"[ \t]+", " ", text)

    return lambda path, who="owner": read({"owner": owner, "head": head}[who], path)


def test_a_statement_says_what_was_withheld_and_ends_at_what_is_paid(kept):
    html = kept(f"/statements/{statement(date(2026, 1, 1)).number}/")
    assert "Reserve withheld" in html
    assert "€123.46" in html
    assert "€1,345.67" in html


def test_a_debt_paid_by_the_reserve_leaves_nothing_to_carry(kept):
    html = kept(f"/statements/{statement(date(2026, 6, 1)).number}/")
    assert "Reserve drawn" in html
    assert "To the next statement" not in html


def test_a_statement_without_a_line_reads_too(kept):
    html = kept(f"/statements/{statement(date(2027, 1, 1)).number}/")
    assert "Reserve released" in html
    assert "€43.46" in html


def test_the_partner_sees_each_month_s_reserve_and_its_last_month(kept):
    html = kept("/statements/reserve/")
    assert "January 2026" in html
    assert "January 2027" in html
    assert kept("/statements/reserve/?export=csv").splitlines()[0] == (
        "Withheld in,Withheld,Released,Drawn,Could be taken back,Released at the latest,Balance"
    )
    assert "2026-01,123.46,43.46,80.00,,2027-01,0.00" in kept("/statements/reserve/?export=csv")


def test_the_office_sees_all_reserves_and_what_is_left(kept):
    assert "P-1" in kept("/office/statements/reserve/", "head")
    assert "P-1" not in kept("/office/statements/reserve/?open=true", "head")
    html = kept(f"/office/statements/{statement(date(2026, 1, 1)).number}/", "head")
    assert "€123.46" in html


def test_terminated_partners_still_get_recurring_commission_clawbacks_and_their_reserve():
    play(parse_example(ENDED))
    # June: 4 % of 95.55; 120.00 × 20 / 24 go back (4 full months); what was sold after the end is held
    june = statement(date(2026, 6, 1))
    lines = Line.objects.filter(statement=june)
    assert lines.get(kind="recurring").amount == Decimal("3.82")
    assert lines.get(cause="cancelled").amount == Decimal("-100.00")
    assert lines.get(is_notice=True).hold_reason == "no_contract"
    assert (june.reserve_drawn, june.carried_forward) == (Decimal("24.00"), Decimal("-72.18"))
    assert not ReserveMovement.objects.filter(statement=june, withheld__gt=0).exists()
    assert list(recheck()) == []


def test_before_posting_the_statements_can_be_seen_as_they_will_be(sign_in):
    play(parse_example(ENDED.replace("  - run: 2027-02\n", "")))
    people = {role: User.objects.get(name=f"Example {role}") for role in ("controller", "finance", "head")}
    moment = {"now": timezone.now()}
    run = actions.create_run(month=date(2027, 2, 1), by=people["controller"], **moment)
    actions.request_calculation(run, by=people["controller"], **moment)
    actions.calculate_run(run, **moment)
    run.refresh_from_db()
    (ahead,) = proposed_statements(run)
    second_factor(people["head"])
    page = sign_in(people["head"]).get(f"/office/runs/{run.pk}/statements/")
    assert "P-1" in page.text
    actions.waive_findings(run, by=people["finance"], reason="seen", **moment)
    actions.approve_run(run, by=people["finance"], **moment)
    actions.post_run(run, by=people["finance"], **moment)
    posted = statement(date(2027, 2, 1))
    assert (ahead.brought_forward, ahead.carried_forward) == (posted.brought_forward, posted.carried_forward)
    assert (ahead.released, ahead.drawn, ahead.payable) == (
        posted.reserve_released,
        posted.reserve_drawn,
        posted.payable,
    )


def test_a_terminated_partner_s_reserve_is_released_when_its_year_is_over():
    ended = ENDED.replace("      c2,cancelled,2026-06-20,O-2,,,,,,CUSTOMER_MOVED\n", "")
    play(parse_example(ended))
    last = statement(date(2027, 2, 1))
    assert (last.net, last.reserve_released, last.payable) == (0, Decimal("24.00"), Decimal("24.00"))
