"""What a person has to have seen before a month is paid, and who may say that it is right.

Süd sells in the month before and Süd and Rival in July; one unit pays 45.00 EUR. Limits stand in commissions/firewall.py.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from commissions import actions
from commissions.firewall import LIMITS, Check
from commissions.models import Finding, Run
from commissions.views.office.findings import shown_findings
from core.errors import Conflict, FourEyes, Refused
from core.models import AuditEntry
from sales.models import Product
from tests.cast import make_order, make_partner, make_product, make_version

NOW = datetime(2026, 8, 5, 9, tzinfo=UTC)
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


@pytest.fixture
def shop(cast):
    make_product()
    make_version()
    return cast


def sell(partner, number: str, day: date, units: int = 1, **fields: Any):
    """An order signed and activated on `day`; `units` × 45.00 EUR."""
    days = {"signed_on": day, "activated_on": day, "last_event_on": day}
    return make_order(partner, number, quantity=units, **days | fields)


def calculated(cast, month: date) -> Run:
    run = actions.create_run(month=month, by=cast.carla, now=NOW, full=True)
    actions.request_calculation(run, by=cast.carla, now=NOW)
    actions.calculate_run(run, now=NOW)
    return run


def posted(cast, month: date) -> Run:
    run = calculated(cast, month)
    actions.waive_findings(run, by=cast.finn, now=NOW, reason="seen")
    actions.approve_run(run, by=cast.finn, now=NOW)
    actions.post_run(run, by=cast.finn, now=NOW)
    return run


def found(run: Run, check: str) -> Finding | None:
    return run.findings.filter(check_name=check).first()


@pytest.fixture
def grown(shop) -> Run:
    """June 100 units, July 400: 18,000.00 against a mean of 4,500.00 is 300 % more."""
    sell(shop.sued, "O-JUNE", date(2026, 6, 10), 100)
    posted(shop, JUNE)
    sell(shop.sued, "O-JULY", date(2026, 7, 10), 400)
    return calculated(shop, JULY)


class TestTotal:
    def test_a_total_far_from_the_mean_blocks(self, grown):
        finding = found(grown, Check.TOTAL)
        assert (finding.blocking, Decimal(finding.detail["measure"])) == (True, Decimal(300))
        assert Decimal(finding.detail["amount"]) == Decimal("13500.00")
        assert grown.status == Run.Status.IN_REVIEW

    def test_between_the_limits_it_only_warns(self, shop):
        sell(shop.sued, "O-JUNE", date(2026, 6, 10), 100)
        posted(shop, JUNE)
        sell(shop.sued, "O-JULY", date(2026, 7, 10), 130)  # 5,850.00 is 30 % more: above 20, below 50
        assert not found(calculated(shop, JULY), Check.TOTAL).blocking

    def test_small_sums_disturb_nobody(self, shop):
        sell(shop.sued, "O-JUNE", date(2026, 6, 10), 1)
        posted(shop, JUNE)
        sell(shop.sued, "O-JULY", date(2026, 7, 10), 3)  # 90.00 EUR more is below the floor of 1,000
        run = calculated(shop, JULY)
        assert not run.findings.in_the_way().exists()
        assert found(run, Check.TOTAL) is None

    def test_the_first_month_has_no_mean(self, shop):
        sell(shop.sued, "O-JULY", date(2026, 7, 10), 300)
        assert found(calculated(shop, JULY), Check.TOTAL) is None


class TestWaiving:
    def test_nobody_approves_before_a_second_person_waived_what_blocks(self, shop, grown):
        with pytest.raises(Refused):
            actions.approve_run(grown, by=shop.finn, now=NOW)
        for finding in grown.findings.in_the_way():
            actions.waive_finding(finding, by=shop.finn, now=NOW, reason="new shop opened")
        actions.approve_run(grown, by=shop.finn, now=NOW)
        finding = found(grown, Check.TOTAL)
        assert (finding.waived_by, finding.waived_at, finding.reason) == (shop.finn, NOW, "new shop opened")
        entry = AuditEntry.objects.filter(verb="waive_finding", detail__finding=Check.TOTAL).get()
        assert (entry.actor, entry.reason, entry.object_id) == (shop.finn, "new shop opened", str(grown.pk))

    def test_who_had_it_calculated_cannot_waive_what_blocks(self, shop, grown):
        with pytest.raises(FourEyes):
            actions.waive_finding(found(grown, Check.TOTAL), by=shop.carla, now=NOW, reason="mine")
        warning = found(grown, Check.UNTESTED)
        actions.waive_finding(warning, by=shop.carla, now=NOW, reason="examples follow")
        assert warning.waived_by == shop.carla

    @pytest.mark.parametrize("who", ["petra", "tom", "aud", "ada", "nora"])
    def test_other_roles_cannot(self, shop, grown, who):
        with pytest.raises(PermissionDenied):
            actions.waive_finding(found(grown, Check.TOTAL), by=shop.people[who], now=NOW, reason="please")

    def test_a_reason_is_needed(self, shop, grown):
        finding = found(grown, Check.TOTAL)
        with pytest.raises(Refused):
            actions.waive_finding(finding, by=shop.finn, now=NOW, reason="  ")
        with pytest.raises(IntegrityError), transaction.atomic():
            Finding.objects.filter(pk=finding.pk).update(waived_at=NOW)

    def test_once(self, shop, grown):
        actions.waive_finding(found(grown, Check.TOTAL), by=shop.finn, now=NOW, reason="seen")
        with pytest.raises(Conflict):
            actions.waive_finding(found(grown, Check.TOTAL), by=shop.hanna, now=NOW, reason="seen too")

    def test_a_contradiction_cannot_be_waived_by_anybody(self, shop, grown):
        contradiction = Finding.objects.create(run=grown, check_name="no_cause", count=1)
        with pytest.raises(Refused):
            actions.waive_finding(contradiction, by=shop.hanna, now=NOW, reason="never mind")
        actions.waive_findings(grown, by=shop.finn, now=NOW, reason="all of it")
        with pytest.raises(Refused):
            actions.approve_run(grown, by=shop.finn, now=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            Finding.objects.filter(pk=contradiction.pk).update(waived_at=NOW, reason="never mind")

    def test_calculating_again_forgets_what_was_waived_for_other_figures(self, shop, grown):
        actions.waive_findings(grown, by=shop.finn, now=NOW, reason="seen")
        actions.request_calculation(grown, by=shop.carla, now=NOW)
        actions.calculate_run(grown, now=NOW)
        assert grown.findings.in_the_way().filter(check_name=Check.TOTAL).exists()


class TestQuestions:
    def test_a_component_that_always_was_and_is_missing_now_blocks(self, shop):
        sell(shop.sued, "O-JUNE", date(2026, 6, 10), 100)
        posted(shop, JUNE)
        finding = found(calculated(shop, JULY), Check.COMPONENT)
        assert (finding.blocking, finding.count) == (True, 1)
        assert finding.detail["sample"][0]["code"] == "closing"

    def test_customer_and_product_twice_within_a_month_names_the_later_order(self, shop):
        for number, day in (("O-1", date(2026, 6, 20)), ("O-2", date(2026, 7, 15)), ("O-FAR", date(2026, 5, 1))):
            sell(shop.sued, number, day, 30, customer_no="C-TWICE")
        sell(shop.rival, "O-OTHER", date(2026, 7, 15), customer_no="C-ONCE")
        finding = found(calculated(shop, JULY), Check.DUPLICATES)
        assert (finding.count, finding.blocking) == (1, True)  # 30 × 45.00 = 1,350.00
        row = finding.detail["sample"][0]
        assert (row["order_no"], row["other"], row["customer"]) == ("O-2", "O-1", "C-TWICE")
        assert Decimal(row["amount"]) == Decimal("1350.00")

    def test_nothing_is_called_paid_before_the_month_is_posted(self, shop, sign_in):
        for number, day in (("O-1", date(2026, 6, 20)), ("O-2", date(2026, 7, 15))):
            sell(shop.sued, number, day, customer_no="C-TWICE")
        run = calculated(shop, JULY)
        finding = found(run, Check.DUPLICATES)

        def titles() -> list[str]:
            answer = sign_in(shop.finn).get(f"/office/runs/{run.pk}/findings/{finding.pk}/?export=csv")
            return b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()[0].split(",")

        assert titles()[-1] == "Would be paid"
        actions.waive_findings(run, by=shop.finn, now=NOW, reason="seen")
        actions.approve_run(run, by=shop.finn, now=NOW)
        actions.post_run(run, by=shop.finn, now=NOW)
        assert titles()[-1] == "Paid"

    def test_a_renewal_is_no_duplicate(self, shop):
        sell(shop.sued, "O-1", date(2026, 7, 1), customer_no="C")
        sell(shop.sued, "O-2", date(2026, 7, 9), customer_no="C", transaction="renewal")
        assert found(calculated(shop, JULY), Check.DUPLICATES) is None

    def test_an_order_nobody_can_price_shows_no_amount_instead_of_zero(self, shop, sign_in):
        without = make_partner("P-NONE", "Ohne Vertrag Erdacht GmbH", contract=False)
        sell(without, "O-NONE", date(2026, 7, 5))  # no contract, no schedule, no rate
        finding = found(calculated(shop, JULY), Check.UNPAID)
        page = sign_in(shop.finn).get(f"/office/runs/{finding.run_id}/findings/{finding.pk}/").text
        assert "O-NONE" in page
        assert "€0.00" not in page

    def test_orders_nobody_pays_warn_until_they_are_many(self, shop):
        without = make_partner("P-NONE", "Ohne Vertrag Erdacht GmbH", contract=False)
        sell(without, "O-NONE", date(2026, 7, 5))
        sell(shop.sued, "O-1", date(2026, 7, 5))
        run = calculated(shop, JULY)
        finding = found(run, Check.UNPAID)
        assert (finding.blocking, finding.count, finding.detail["sample"][0]["code"]) == (False, 1, "no_contract")
        for number in range(20):
            sell(without, f"O-N{number}", date(2026, 7, 5))
        actions.request_calculation(run, by=shop.carla, now=NOW)
        actions.calculate_run(run, now=NOW)
        assert found(run, Check.UNPAID).blocking  # 21 of 22 lines, and more than 20 orders

    def test_partners_far_from_their_own_mean_block_above_the_limit(self, shop):
        sell(shop.sued, "O-JUNE", date(2026, 6, 10), 100)
        sell(shop.rival, "O-STEADY", date(2026, 6, 10), 100)
        posted(shop, JUNE)
        sell(shop.sued, "O-JULY", date(2026, 7, 10), 700)  # 31,500.00 against 4,500.00
        sell(shop.rival, "O-STEADY-2", date(2026, 7, 10), 110)
        finding = found(calculated(shop, JULY), Check.MOVERS)
        assert (finding.blocking, finding.count, finding.detail["sample"][0]["number"]) == (True, 1, "P-SUED")

    def test_partners_newly_negative_are_named(self, shop):
        sell(shop.sued, "O-JUNE", date(2026, 6, 10))
        posted(shop, JUNE)
        line = actions.propose_manual_line(
            shop.sued, amount=Decimal("-600.00"), reason="booked twice", by=shop.carla, now=NOW
        )
        actions.decide_manual_line(line, approve=True, by=shop.hanna, now=NOW)
        finding = found(calculated(shop, JULY), Check.NEGATIVES)
        assert (finding.blocking, finding.detail["sample"][0]["number"]) == (False, "P-SUED")
        assert Decimal(finding.detail["measure"]) == Decimal("600.00")

    def test_partners_with_a_contract_and_without_a_line_are_named(self, shop):
        sell(shop.sued, "O-JULY", date(2026, 7, 10))
        finding = found(calculated(shop, JULY), Check.WITHOUT)
        assert sorted(row["number"] for row in finding.detail["sample"]) == ["P-NORD", "P-RIVAL"]
        assert not finding.blocking  # two partners are below the floor, however large a share

    def test_orders_that_name_a_campaign_nobody_approved_are_counted(self, shop):
        sell(shop.sued, "O-JULY", date(2026, 7, 10), campaign="no-such")
        finding = found(calculated(shop, JULY), Check.CAMPAIGNS)
        assert (finding.blocking, finding.detail["sample"][0]["code"]) == (False, "no-such")

    def test_a_schedule_without_an_example_is_named_until_it_has_one(self, shop):
        sell(shop.sued, "O-JULY", date(2026, 7, 10))
        run = calculated(shop, JULY)
        assert found(run, Check.UNTESTED).detail["sample"][0]["code"] == "standard"

    def test_every_question_has_its_limits(self):
        assert set(LIMITS) == set(Check.values)


class TestPages:
    def test_review_shows_the_findings_and_why_nobody_can_approve(self, shop, sign_in, grown):
        page = sign_in(shop.finn).get(f"/office/runs/{grown.pk}/").text
        assert "Total far from the mean of the last months" in page
        assert "A finding holds this month up" in page

    def test_a_finding_is_read_taken_along_and_waived(self, shop, sign_in, grown):
        finding = found(grown, Check.MOVERS)
        address = f"/office/runs/{grown.pk}/findings/{finding.pk}/"
        browser = sign_in(shop.finn)
        page = browser.get(address).text
        assert "P-SUED" in page
        assert "Blocks at €25,000.00 or more." in page
        csv = b"".join(browser.get(f"{address}?export=csv").streaming_content).decode("utf-8-sig")
        assert "P-SUED,Süd Erdacht KG,4500.00,18000.00,13500.00" in csv
        browser.post(f"{address}waive/", {"reason": "new shop"})
        assert "Waived by Finn Fiktiv" in browser.get(f"/office/runs/{grown.pk}/").text

    def test_partners_of_a_finding_are_counted_and_no_euros(self, shop, sign_in):
        sell(shop.sued, "O-JULY", date(2026, 7, 10))
        run = calculated(shop, JULY)
        finding = found(run, Check.UNTESTED)
        table = sign_in(shop.finn).get(f"/office/runs/{run.pk}/findings/{finding.pk}/").text.partition("<tbody")[2]
        assert "Standard" in table
        assert "€" not in table.partition("</tbody>")[0]

    @pytest.mark.parametrize("check", Check.values)
    def test_every_kind_of_finding_has_a_page(self, shop, sign_in, grown, check):
        finding = found(grown, check) or Finding.objects.create(
            run=grown, check_name=check, waivable=True, detail={"measure": "1", "sample": []}
        )
        answer = sign_in(shop.hanna).get(f"/office/runs/{grown.pk}/findings/{finding.pk}/")
        assert answer.status_code == 200
        assert "commissions" not in answer.text.partition("<main")[2].partition("<h1")[2].partition("</h1>")[0]


def test_a_finding_names_partners_products_and_schedules_not_their_codes(grown, sign_in, cast):
    page = sign_in(cast.finn).get(f"/office/runs/{grown.pk}/").text
    movers = found(grown, Check.MOVERS)
    assert movers
    row = next(each for each in shown_findings(grown) if each.finding == movers)
    assert row.named == ["Süd Erdacht KG"]
    assert "look at it" not in page
    Product.objects.update(title_en="DSL Basic")
    sell(cast.rival, "O-A", date(2026, 8, 3), customer_no="C-1")
    sell(cast.rival, "O-B", date(2026, 8, 4), customer_no="C-1")
    twice = found(calculated(cast, date(2026, 8, 1)), Check.DUPLICATES)
    assert twice
    listed = sign_in(cast.finn).get(f"/office/runs/{twice.run_id}/findings/{twice.pk}/").text
    assert ">DSL Basic</td>" in listed
