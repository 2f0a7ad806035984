"""The engine on facts written straight into the tables: the life of one run, and what the next one finds to say."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from commissions import actions
from commissions.models import Hold, Line, Run, Statement
from core.errors import Conflict, FourEyes, Refused
from sales.models import FeedImport, Order, Product, ProductFamily, Revenue

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 5, 9, tzinfo=UTC)
SCHEDULE = """
schedule: standard
valid_from: 2026-01-01
components:
  - {code: isdn-closing, kind: closing, match: {families: [isdn]}, rate: {amount: 45.00}, clawback: {mode: months, months: 24}}
  - {code: isdn-airtime, kind: recurring, match: {families: [isdn]}, rate: {percent: 4, of: revenue}, months: 24}
"""


@pytest.fixture
def shop(cast):
    """An ISDN product in the portfolio and the schedule that pays for it."""
    family = ProductFamily.objects.create(code="isdn", title_de="ISDN", title_en="ISDN")
    Product.objects.create(
        code="isdn-basic",
        family=family,
        title_de="ISDN",
        title_en="ISDN",
        state="released",
        portfolio_from=date(2020, 1, 1),
    )
    draft = actions.save_draft(SCHEDULE, by=cast.carla, now=NOW)
    actions.publish_version(draft, by=cast.hanna, now=NOW)
    return cast


def order(number, partner, *, signed="2026-03-02", activated="2026-03-10", **fields):
    delivered = FeedImport.objects.create(source="api", filename="x", received_at=NOW, status="done")
    return Order.objects.create(
        order_no=number,
        partner=partner,
        dealer_code="D",
        status="active",
        signed_on=date.fromisoformat(signed),
        activated_on=activated and date.fromisoformat(activated),
        last_event_on=date.fromisoformat(fields.pop("last", activated or signed)),
        feed_import=delivered,
        **{"product": "isdn-basic", "transaction": "new", "customer_class": "consumer", "quantity": 1, **fields},
    )


def run_month(cast, month, **options):
    run = actions.create_run(month=date.fromisoformat(f"{month}-01"), by=cast.carla, now=NOW, **options)
    actions.request_calculation(run, by=cast.carla, now=NOW)
    assert actions.calculate_run(run, now=NOW)
    assert run.status == Run.Status.IN_REVIEW, list(run.findings.values("check_name", "count"))
    actions.approve_run(run, by=cast.finn, now=NOW)
    actions.post_run(run, by=cast.finn, now=NOW)
    return run


def posted(run):
    return [(line.component_code, line.cause, line.amount) for line in Line.objects.filter(run=run).order_by("pk")]


def test_an_activated_order_earns_its_closing_commission_once(shop):
    order("O-1", shop.sued)
    first = run_month(shop, "2026-03")
    assert posted(first) == [("isdn-closing", "earned", Decimal("45.00"))]
    assert posted(run_month(shop, "2026-04")) == []


def test_the_statement_adds_vat_and_gets_the_next_number(shop):
    order("O-1", shop.sued)
    order("O-2", shop.rival)
    run_month(shop, "2026-03")
    assert [(s.number, s.net, s.vat, s.payable) for s in Statement.objects.order_by("number")] == [
        ("2026-000001", Decimal("45.00"), Decimal("8.55"), Decimal("53.55")),  # 45.00 × 19 %
        ("2026-000002", Decimal("45.00"), Decimal("8.55"), Decimal("53.55")),
    ]


def test_a_cancellation_takes_back_the_open_months(shop):
    sold = order("O-1", shop.sued)
    run_month(shop, "2026-03")
    late = FeedImport.objects.create(source="api", filename="y", received_at=NOW, status="done")
    Order.objects.filter(pk=sold.pk).update(
        cancelled_on=date(2026, 11, 20), reason="CUSTOMER_MOVED", last_event_on=date(2026, 11, 20), feed_import=late
    )
    # 45.00 × 16 / 24 = 30.00: eight full months of twenty-four were held
    assert posted(run_month(shop, "2026-11")) == [("isdn-closing", "cancelled", Decimal("-30.00"))]
    # net −30.00 is carried forward untaxed
    carried = Statement.objects.get(month=date(2026, 11, 1))
    assert (carried.net, carried.vat, carried.payable, carried.carried_forward) == (-30, 0, 0, -30)


def test_revenue_earns_its_percent_rounded_per_line(shop):
    sold = order("O-1", shop.sued, activated="2026-01-15", signed="2026-01-10")
    for month, amount in [(1, "87.43"), (2, "112.90")]:
        Revenue.objects.create(order=sold, month=date(2026, month, 1), amount=amount, feed_import=sold.feed_import)
    amounts = [amount for code, _, amount in posted(run_month(shop, "2026-02")) if code == "isdn-airtime"]
    assert sorted(amounts) == [Decimal("3.50"), Decimal("4.52")]  # 3.4972 and 4.5160


def test_an_order_without_contract_is_held_until_there_is_one(shop):
    shop.sued.contracts.update(status="draft")
    order("O-1", shop.sued)
    held = run_month(shop, "2026-03")
    line = Line.objects.get(run=held)
    assert (line.is_notice, line.hold_reason, line.amount) == (True, "no_contract", 0)
    shop.sued.contracts.update(status="in_force")
    assert posted(run_month(shop, "2026-04")) == [("isdn-closing", "contract", Decimal("45.00"))]


def test_a_hold_on_a_component_has_orders_looked_at_whose_schedule_ever_had_it(shop, looked_at):
    other = SCHEDULE.replace("schedule: standard", "schedule: other").replace("isdn-", "other-")
    actions.publish_version(actions.save_draft(other, by=shop.carla, now=NOW), by=shop.hanna, now=NOW)
    shop.rival.contracts.update(schedule="other")
    order("O-1", shop.sued)
    order("O-2", shop.rival)
    run_month(shop, "2026-03")
    Hold.objects.create(component_code="isdn-closing", reason="checked", placed_at=NOW, placed_by=shop.carla)
    run_month(shop, "2026-04")
    assert looked_at["2026-04"] == ["O-1"]


def test_an_order_signed_before_its_product_came_into_the_portfolio_is_held(shop):
    isdn = ProductFamily.objects.get(code="isdn")
    for code, state, start in [("number", "released", date(2026, 7, 1)), ("preview", "announced", None)]:
        Product.objects.create(code=code, family=isdn, state=state, portfolio_from=start)
    order("O-1", shop.sued, product="number", signed="2026-06-30", activated="2026-07-02")
    order("O-2", shop.sued, product="number", signed="2026-07-01", activated="2026-07-02")
    order("O-3", shop.sued, product="preview", signed="2026-07-01", activated="2026-07-02")
    lines = Line.objects.filter(run=run_month(shop, "2026-07")).order_by("order__order_no")
    assert list(lines.values_list("order__order_no", "hold_reason", "amount")) == [
        ("O-1", "not_in_portfolio", 0),
        ("O-2", "", Decimal("45.00")),
        ("O-3", "not_in_portfolio", 0),
    ]


def test_a_withheld_order_waits_and_is_released(shop):
    sold = order("O-1", shop.sued)
    hold = actions.place_hold(by=shop.carla, now=NOW, reason="suspicious", order=sold)
    line = Line.objects.get(run=run_month(shop, "2026-03"))
    assert (line.is_notice, line.hold_reason, line.would_be) == (True, "withheld", Decimal("45.00"))
    actions.release_hold(hold, by=shop.carla, now=NOW)
    assert posted(run_month(shop, "2026-04")) == [("isdn-closing", "hold", Decimal("45.00"))]


def test_a_hold_on_a_partner_whose_orders_are_all_paid_says_nothing(shop):
    order("O-1", shop.sued)
    run_month(shop, "2026-03")
    actions.place_hold(by=shop.carla, now=NOW, reason="suspicious", partner=shop.sued)
    assert posted(run_month(shop, "2026-04")) == []


def test_a_price_corrected_backwards_posts_the_difference(shop):
    order("O-1", shop.sued)
    run_month(shop, "2026-03")
    draft = actions.save_draft(SCHEDULE.replace("45.00", "50.00"), by=shop.carla, now=NOW)
    actions.publish_version(draft, by=shop.hanna, now=NOW)
    assert posted(run_month(shop, "2026-04")) == [("isdn-closing", "schedule_changed", Decimal("5.00"))]


def test_a_reattributed_order_moves_with_its_cause(shop):
    sold = order("O-1", shop.sued)
    run_month(shop, "2026-03")
    late = FeedImport.objects.create(source="api", filename="y", received_at=NOW, status="done")
    Order.objects.filter(pk=sold.pk).update(partner=shop.rival, feed_import=late)
    run = run_month(shop, "2026-04")
    assert {(line.partner_id, line.cause, line.amount) for line in Line.objects.filter(run=run)} == {
        (shop.sued.pk, "reattributed", Decimal("-45.00")),
        (shop.rival.pk, "reattributed", Decimal("45.00")),
    }


def test_a_manual_line_is_posted_once(shop):
    line = actions.propose_manual_line(shop.sued, amount=Decimal("12.34"), reason="goodwill", by=shop.carla, now=NOW)
    with pytest.raises(FourEyes):
        actions.decide_manual_line(line, approve=True, by=shop.carla, now=NOW)
    actions.decide_manual_line(line, approve=True, by=shop.hanna, now=NOW)
    assert posted(run_month(shop, "2026-03")) == [("manual", "manual", Decimal("12.34"))]
    assert posted(run_month(shop, "2026-04")) == []


def test_whoever_calculated_cannot_approve(shop):
    run = actions.create_run(month=date(2026, 3, 1), by=shop.hanna, now=NOW)
    actions.request_calculation(run, by=shop.hanna, now=NOW)
    actions.calculate_run(run, now=NOW)
    with pytest.raises(FourEyes):
        actions.approve_run(run, by=shop.hanna, now=NOW)


def test_a_posted_month_is_never_run_again(shop):
    run_month(shop, "2026-03")
    with pytest.raises(Refused):
        actions.create_run(month=date(2026, 3, 1), by=shop.carla, now=NOW)


def test_a_run_calculated_before_another_was_posted_must_calculate_again(shop):
    order("O-1", shop.sued)
    april = actions.create_run(month=date(2026, 4, 1), by=shop.carla, now=NOW)
    actions.request_calculation(april, by=shop.carla, now=NOW)
    actions.calculate_run(april, now=NOW)
    actions.approve_run(april, by=shop.finn, now=NOW)
    run_month(shop, "2026-03")
    with pytest.raises(Conflict):
        actions.post_run(april, by=shop.finn, now=NOW)


def test_a_full_recompute_of_unchanged_facts_posts_nothing(shop):
    order("O-1", shop.sued)
    run_month(shop, "2026-03")
    assert posted(run_month(shop, "2026-04", full=True)) == []
