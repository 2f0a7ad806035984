"""The whole story: the head suspends the first half and scales the year to 50 %, finance approves, the partner confirms
and sees the new gauge, and the run pays the bonus of the target that is left."""

from datetime import UTC, date, datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import override

from commissions import actions as engine
from commissions.models import Line
from core.models import AuditEntry
from targets.actions import record_agreement
from targets.actions.attainment import record_result, take_snapshots
from targets.models import Proposal
from tests.cast import make_import, make_order, make_product

SCHEDULE = """
schedule: standard
valid_from: 2025-01-01
components:
  - {code: closing, kind: closing, match: {families: [mobile]}, rate: {amount: 1.00}}
  - code: bonus
    kind: target_bonus
    target: mobile-units
    mode: slab
    settle_after_days: 0
    steps: [{from: 80, amount_per_unit: 4.00}, {from: 90, amount_per_unit: 7.00}, {from: 100, amount_per_unit: 10.00}]
"""


def test_half_a_year_is_suspended_half_is_agreed_and_the_december_run_pays(cast, sign_in) -> None:
    cast.nord.contracts.update(valid_from=date(2025, 1, 1))
    make_import()
    make_product("mobile-flat", "mobile", portfolio_from=date(2020, 1, 1))
    moment = datetime(2025, 1, 2, 8, tzinfo=UTC)
    draft = engine.save_draft(SCHEDULE, by=cast.carla, now=moment)
    engine.publish_version(draft, by=cast.hanna, now=moment)
    record_agreement(cast.nord, kpi="mobile-units", year=2025, annual=Decimal(1000), families=["mobile"], now=moment)
    for number, day, units in (("a", date(2025, 3, 1), 310), ("b", date(2025, 9, 1), 432)):
        make_order(
            cast.nord, number, product="mobile-flat", quantity=units, signed_on=day, activated_on=day, last_event_on=day
        )
    take_snapshots(now=datetime(2025, 12, 31, 20, tzinfo=UTC))

    form = {
        "year": 2025, "title": "Half the year", "suspend_from": "2025-01", "suspend_until": "2025-06", "scale": "50",
        "reason_code": "force_majeure", "reason": "closed shops", "effective_on": "2025-01-01", "step": "propose",
    }  # fmt: skip
    sign_in(cast.hanna).post(reverse("targets:new_adjustment"), form)
    change = Proposal.objects.get(requested_by=cast.hanna)
    sign_in(cast.finn).post(reverse("targets:decide_adjustment", args=[change.pk]), {"decision": "approve"})
    partner, page = sign_in(cast.nora), reverse("targets:targets") + "?year=2025"
    assert "please confirm" in partner.get(page).content.decode()
    agreement = change.events.first().item.agreement_id
    partner.post(reverse("targets:confirm", args=[agreement, change.pk]))
    text = partner.get(page).content.decode()
    assert "432 pieces · 86.4%" in text
    assert "500 pieces" in text

    now = datetime(2026, 1, 2, 8, tzinfo=UTC)
    run = engine.create_run(month=date(2025, 12, 1), by=cast.carla, now=now)
    engine.request_calculation(run, by=cast.carla, now=now)
    assert engine.calculate_run(run, now=now)
    engine.approve_run(run, by=cast.finn, now=now)
    engine.post_run(run, by=cast.finn, now=now)
    assert [line.amount for line in Line.objects.filter(component_code="bonus")] == [Decimal("1728.00")]  # 432 × 4.00


def test_the_trail_of_a_result_names_the_target_and_its_period(cast) -> None:
    """Several of one agreement would otherwise read alike."""
    item = record_agreement(cast.nord, kpi="mobile-units", year=2025, annual=Decimal(1000))
    with override("en"):
        for start, actual in ((date(2025, 1, 1), 480), (date(2025, 7, 1), 520)):
            record_result(item, start, actual=Decimal(actual), by=cast.hanna)
    told = AuditEntry.objects.filter(verb="record_result").order_by("pk").values_list("object_label", flat=True)
    assert [label.partition(": ")[2] for label in told] == [
        f"{item.kpi}, first half 2025",
        f"{item.kpi}, second half 2025",
    ]
