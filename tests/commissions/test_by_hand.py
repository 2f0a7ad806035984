"""What people add to a month by hand: holds with what they keep back, manual lines with their second person."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from commissions import actions
from commissions.holding import kept_back
from commissions.models import Hold, Line, ManualLine, Run
from core.errors import Conflict, FourEyes, Refused
from tests.cast import make_order, make_product, make_version

NOW = datetime(2026, 8, 5, 9, tzinfo=UTC)
BEFORE = datetime(2026, 8, 1, 9, tzinfo=UTC)
JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)


@pytest.fixture
def shop(cast):
    make_product()
    make_version()
    make_order(cast.sued, "O-1")
    make_order(cast.sued, "O-2", quantity=2)
    return cast


def calculated(cast, month: date = JULY) -> Run:
    run = actions.create_run(month=month, by=cast.carla, now=NOW)
    actions.request_calculation(run, by=cast.carla, now=NOW)
    actions.calculate_run(run, now=NOW)
    return run


def posted(cast, month: date = JULY) -> Run:
    run = calculated(cast, month)
    actions.approve_run(run, by=cast.finn, now=NOW)
    actions.post_run(run, by=cast.finn, now=NOW)
    return run


def propose(cast, amount: str = "100.00", *, by=None, reverses=None, partner=None) -> ManualLine:
    return actions.propose_manual_line(
        partner or cast.sued, amount=Decimal(amount), reason="goodwill", by=by or cast.carla, now=NOW, reverses=reverses
    )


def approved(cast, amount: str = "100.00", **fields) -> ManualLine:
    line = propose(cast, amount, **fields)
    actions.decide_manual_line(line, approve=True, by=cast.hanna, now=NOW)
    return line


class TestHolds:
    def test_a_hold_keeps_nothing_back_before_a_run_met_it(self, shop):
        hold = actions.place_hold(by=shop.carla, now=BEFORE, reason="papers", partner=shop.sued)
        assert kept_back([hold]) == {}

    def test_it_says_how_much_it_keeps_back_in_the_proposal(self, shop):
        partner = actions.place_hold(by=shop.carla, now=BEFORE, reason="papers", partner=shop.sued)
        component = actions.place_hold(by=shop.carla, now=BEFORE, reason="rate", component="closing")
        run = calculated(shop)
        kept = kept_back([partner, component])
        both = (2, Decimal("135.00"), run.pk)  # 45.00 + 2 × 45.00, under either hold
        assert [(kept[each.pk].lines, kept[each.pk].amount, kept[each.pk].run) for each in (partner, component)] == [
            both,
            both,
        ]

    def test_it_still_says_so_after_the_notice_is_posted(self, shop):
        order = shop.sued.orders.get(order_no="O-2")
        hold = actions.place_hold(by=shop.carla, now=BEFORE, reason="papers", order=order)
        posted(shop)
        kept = kept_back([hold])[hold.pk]
        assert (kept.lines, kept.amount, kept.run) == (1, Decimal("90.00"), None)

    def test_the_next_run_pays_what_was_released(self, shop):
        order = shop.sued.orders.get(order_no="O-2")
        hold = actions.place_hold(by=shop.carla, now=BEFORE, reason="papers", order=order)
        posted(shop)
        actions.release_hold(hold, by=shop.hanna, now=NOW, reason="papers came")
        posted(shop, AUGUST)
        assert Line.objects.filter(order=order).order_by("-pk").first().amount == Decimal("90.00")

    def test_the_same_is_not_withheld_twice(self, shop):
        actions.place_hold(by=shop.carla, now=NOW, reason="papers", partner=shop.sued)
        with pytest.raises(Conflict):
            actions.place_hold(by=shop.hanna, now=NOW, reason="papers", partner=shop.sued)

    def test_a_component_nobody_knows_is_no_hold(self, shop, sign_in):
        answer = sign_in(shop.carla).post("/office/runs/holds/new/", {"component": "closnig", "reason": "rate"})
        assert "No published schedule has such a component." in answer.text
        assert not Hold.objects.exists()

    def test_a_hold_needs_a_reason(self, shop):
        with pytest.raises(Refused):
            actions.place_hold(by=shop.carla, now=NOW, reason=" ", partner=shop.sued)

    @pytest.mark.parametrize("who", ["finn", "petra", "aud", "ada", "tom", "sina"])
    def test_only_controllers_withhold_and_release(self, shop, who):
        hold = actions.place_hold(by=shop.carla, now=NOW, reason="papers", partner=shop.sued)
        with pytest.raises(PermissionDenied):
            actions.place_hold(by=shop.people[who], now=NOW, reason="papers", partner=shop.nord)
        with pytest.raises(PermissionDenied):
            actions.release_hold(hold, by=shop.people[who], now=NOW, reason="fine")

    def test_the_list_shows_the_money_and_asks_why_it_is_released(self, shop, sign_in):
        hold = actions.place_hold(by=shop.carla, now=BEFORE, reason="papers", partner=shop.sued)
        run = calculated(shop)
        browser = sign_in(shop.carla)
        page = browser.get("/office/runs/holds/").text
        assert "€135.00" in page
        assert f"/office/runs/{run.pk}/lines/?hold_reason=withheld&amp;partner=P-SUED" in page
        csv = b"".join(browser.get("/office/runs/holds/?export=csv").streaming_content).decode("utf-8-sig")
        assert csv.splitlines()[1].endswith(",2,135.00")
        assert "Withheld because: papers." in browser.get(f"/office/runs/holds/{hold.pk}/release/").text
        assert browser.post(f"/office/runs/holds/{hold.pk}/release/", {"reason": ""}).status_code == 200
        browser.post(f"/office/runs/holds/{hold.pk}/release/", {"reason": "papers came"})
        hold.refresh_from_db()
        assert hold.released_by == shop.carla

    def test_partner_and_case_lead_to_withholding_them(self, shop, sign_in):
        browser = sign_in(shop.carla)
        assert "/office/runs/holds/new/?partner=P-SUED" in browser.get("/office/partners/P-SUED/").text
        assert "/office/runs/holds/new/?order=O-1" in browser.get("/office/orders/O-1/").text
        browser.post("/office/runs/holds/new/", {"order": "O-1", "reason": "papers"})
        assert Hold.objects.get().order.order_no == "O-1"


class TestManualLines:
    def test_who_proposed_cannot_decide(self, shop):
        line = propose(shop)
        with pytest.raises(FourEyes):
            actions.decide_manual_line(line, approve=True, by=shop.carla, now=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            ManualLine.objects.filter(pk=line.pk).update(decided_by=shop.carla)

    @pytest.mark.parametrize("amount", ["500.01", "-500.01"])
    def test_above_500_eur_only_the_head_of_channel_decides(self, shop, amount):
        line = propose(shop, amount, by=shop.hanna)
        with pytest.raises(PermissionDenied):
            actions.decide_manual_line(line, approve=True, by=shop.carla, now=NOW)
        with pytest.raises(FourEyes):
            actions.decide_manual_line(line, approve=True, by=shop.hanna, now=NOW)

    def test_up_to_500_eur_a_second_controller_decides(self, shop):
        line = propose(shop, "500.00", by=shop.hanna)
        actions.decide_manual_line(line, approve=True, by=shop.carla, now=NOW)
        assert line.status == "approved"

    @pytest.mark.parametrize("who", ["finn", "petra", "aud", "ada", "tom", "sina"])
    def test_other_roles_neither_propose_nor_decide(self, shop, who):
        line = propose(shop)
        with pytest.raises(PermissionDenied):
            propose(shop, by=shop.people[who])
        with pytest.raises(PermissionDenied):
            actions.decide_manual_line(line, approve=True, by=shop.people[who], now=NOW)

    def test_without_a_reason_or_an_amount_there_is_none(self, shop):
        for amount, reason in ((Decimal(5), " "), (Decimal(0), "goodwill")):
            with pytest.raises(Refused):
                actions.propose_manual_line(shop.sued, amount=amount, reason=reason, by=shop.carla, now=NOW)

    def test_declining_says_why(self, shop, sign_in):
        line = propose(shop)
        browser = sign_in(shop.hanna)
        browser.post(f"/office/runs/manual/{line.pk}/decide/", {"decision": "decline"})
        line.refresh_from_db()
        assert line.status == "proposed"
        browser.post(f"/office/runs/manual/{line.pk}/decide/", {"decision": "decline", "reason": "not agreed"})
        line.refresh_from_db()
        assert line.status == "declined"


class TestReversal:
    def test_a_second_line_takes_the_first_one_back_and_both_are_posted(self, shop, sign_in):
        first = approved(shop)
        posted(shop)
        approved(shop, "-100.00", reverses=first)
        posted(shop, AUGUST)
        line = Line.objects.get(manual=first.pk)
        assert "Manual line, July 2026" in sign_in(shop.carla).get(f"/office/lines/{line.pk}/").text
        amounts = Line.objects.filter(manual__isnull=False).order_by("pk").values_list("month", "amount")
        assert list(amounts) == [(JULY, Decimal("100.00")), (AUGUST, Decimal("-100.00"))]

    def test_one_click_fills_it_in_and_only_the_reason_can_be_changed(self, shop, sign_in):
        first = approved(shop)
        browser = sign_in(shop.carla)
        link = f"/office/runs/manual/new/?reverses={first.pk}"
        assert link in browser.get(f"/office/runs/manual/{first.pk}/").text
        page = browser.get(link).text
        assert 'value="-100.00"' in page
        assert "Reversal of the manual line of 5 Aug 2026: goodwill" in page
        browser.post(link, {"partner": "P-RIVAL", "amount": "-7", "reason": "agreed with the partner"})
        second = ManualLine.objects.get(reverses=first)
        assert (second.partner, second.amount, second.status) == (shop.sued, Decimal("-100.00"), "proposed")
        page = browser.get(f"/office/runs/manual/{first.pk}/").text
        assert "Taken back by" in page
        assert link not in page

    def test_only_what_was_approved_is_reversed_whole_and_once(self, shop):
        with pytest.raises(Refused):
            propose(shop, "-100.00", reverses=propose(shop))
        first = approved(shop)
        with pytest.raises(Refused):
            propose(shop, "-99.99", reverses=first)
        with pytest.raises(Refused):
            propose(shop, "-100.00", reverses=first, partner=shop.nord)
        second = propose(shop, "-100.00", reverses=first)
        with pytest.raises(Conflict):
            propose(shop, "-100.00", reverses=first)
        actions.decide_manual_line(second, approve=False, by=shop.hanna, now=NOW, reason="not agreed")
        propose(shop, "-100.00", reverses=first)
