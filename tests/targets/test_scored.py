"""Scores as targets: settled with their period, released to partners, told of, read by machines; what is planned."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from core.errors import Conflict, Refused
from core.periods import add_months, first_of_quarter
from targets import actions
from targets.actions.alerts import raise_alerts, words
from targets.actions.attainment import take_snapshots
from targets.models import AgreementItem, Alert, Kpi, PlanTask, Settlement, SurveyResult
from targets.scored import score_standings
from targets.standing import with_changes
from tests.cast import make_import, make_order, make_product

Q2 = date(2026, 4, 1)


def evening(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 20, tzinfo=UTC)


@pytest.fixture
def agreed(cast):
    """Units and a score in one agreement, by quarter: 40 contracts and 50 points."""
    make_import()
    make_product("mobile-flat", "mobile")
    units = actions.record_agreement(
        cast.nord, kpi="mobile-units", year=2026, annual=Decimal(160), families=["mobile"], period="quarter",
        now=evening(1, 2),
    )  # fmt: skip
    kpi = Kpi.objects.create(code="nps", title_de="Urteil", title_en="Score", unit="points", measure="nps")
    AgreementItem.objects.create(
        agreement=units.agreement, kpi=kpi, annual=50, period="quarter", weights=[1] * 12, unit="points", measure="nps"
    )
    return units.agreement


def record(cast, *counts: int, quarter: date = Q2) -> SurveyResult:
    return actions.record_survey(cast.nord, quarter, *counts, by=cast.carla, reason="counted")


def settled(agreement, kpi: str) -> list[tuple[Decimal | None, Decimal]]:
    rows = Settlement.objects.filter(item__agreement=agreement, item__kpi__code=kpi, period_from=Q2)
    return [(row.target, row.actual) for row in rows]


def test_one_agreement_settles_units_and_a_score(cast, agreed) -> None:
    day = date(2026, 5, 4)
    make_order(cast.nord, "a", product="mobile-flat", quantity=41, signed_on=day, activated_on=day, feed_import_id=1)
    record(cast, 31, 11, 6)
    take_snapshots(now=evening(8, 13))
    assert (settled(agreed, "mobile-units"), settled(agreed, "nps")) == ([], [])
    take_snapshots(now=evening(8, 14))  # 30 June + 45 days
    assert settled(agreed, "mobile-units") == [(40, 41)]
    assert settled(agreed, "nps") == [(50, Decimal("52.0833"))]  # (31 − 6) / 48 × 100
    record(cast, 1, 1, 48)
    take_snapshots(now=evening(8, 15))
    assert settled(agreed, "nps") == [(50, Decimal("52.0833"))]  # frozen
    found = score_standings(with_changes(AgreementItem.objects.filter(agreement=agreed)), date(2026, 6, 30))[0]
    assert (found.answers, found.count.answers) == (48, 50)  # what it was settled with, whatever came after


def test_a_result_recorded_after_the_settlement_says_so_where_it_is_shown(cast, agreed, sign_in) -> None:
    record(cast, 31, 11, 6)
    actions.release_quarter(Q2, on=date(2026, 7, 10), by=cast.carla)
    take_snapshots(now=evening(8, 14))
    nora, quality, targets = sign_in(cast.nora), "/quality/?quarter=2026-Q2", reverse("targets:targets") + "?year=2026"
    assert "settled" not in nora.get(quality).content.decode().split("</nav>")[-1]
    record(cast, 60, 4, 2)  # 87.8 = (60 − 2) / 66, cut off
    text = nora.get(quality).content.decode()
    assert "was settled on 14 Aug 2026 with 52.0 from 48 answers" in text
    assert "today 87.8 from 66 answers" in nora.get(targets).content.decode()


def test_too_few_answers_settle_as_not_rated_never_as_missed(cast, agreed) -> None:
    record(cast, 12, 4, 2)
    take_snapshots(now=evening(8, 14))
    assert settled(agreed, "nps") == [(None, 0)]
    items = with_changes(AgreementItem.objects.filter(agreement=agreed))
    found = score_standings(items, date(2026, 6, 30))[0]  # the latest that has begun
    assert (found.rated, found.reached, found.shown) == (False, None, None)


def test_a_pooled_quarter_counts_with_the_one_before(cast, agreed) -> None:
    record(cast, 20, 4, 2, quarter=date(2026, 1, 1))
    record(cast, 12, 4, 2)
    actions.pool_quarter(Q2, pooled=True, by=cast.hanna)
    items = with_changes(AgreementItem.objects.filter(agreement=agreed))
    found = score_standings(items, date(2026, 6, 30))[0]  # the latest that has begun
    assert (found.count.answers, found.shown) == (44, Decimal("63.6"))  # (32 − 4) / 44


def test_an_agreement_is_settled_when_its_last_score_is(cast, agreed) -> None:
    for each in (date(2026, 1, 1), Q2, date(2026, 7, 1), date(2026, 10, 1)):
        record(cast, 31, 11, 6, quarter=each)
    take_snapshots(now=datetime(2027, 2, 14, 20, tzinfo=UTC))
    agreed.refresh_from_db()
    assert agreed.status == "settled"
    assert Settlement.objects.filter(item__agreement=agreed, item__kpi__code="nps").count() == 4


def test_the_partner_sees_the_score_of_a_target_from_its_release_on(cast, agreed, sign_in) -> None:
    this = first_of_quarter(timezone.localdate())
    record(cast, 31, 11, 6, quarter=this)
    page = reverse("targets:targets") + "?year=2026"
    if this.year == 2026:
        assert "52.0" not in sign_in(cast.nora).get(page).content.decode()
        office = reverse("targets:office_agreement", args=[agreed.pk])
        assert "52.0" in sign_in(cast.finn).get(office).content.decode()
        actions.release_quarter(this, on=timezone.localdate(), by=cast.carla)
        text = sign_in(cast.nora).get(page).content.decode()
        assert "52.0" in text
        assert "reached" in text


def test_a_released_score_is_told_once_and_a_fall_by_its_name(cast) -> None:
    record(cast, 90, 6, 4, quarter=date(2026, 1, 1))
    record(cast, 30, 30, 40)
    now = evening(7, 20)
    actions.release_quarter(Q2, on=date(2026, 7, 20), by=cast.carla)
    assert raise_alerts(now=now - timedelta(days=1)) == 0
    assert raise_alerts(now=now) == 3
    assert raise_alerts(now=now + timedelta(days=1)) == 0
    told = Alert.objects.get(user=cast.nora, kind="score")
    with override("en"):
        assert "significantly below the quarter before" in words(told)
    assert "Nord" in words(told)


def test_machines_read_scores_of_partners_they_may_see(cast, sign_in) -> None:
    record(cast, 31, 11, 6)
    address = reverse("api:scores") + "?quarter=2026-Q2"
    (row,) = sign_in(cast.carla).get(address).json()["results"]
    assert (row["partner"], row["answers"], row["score"], row["rated"]) == ("P-NORD", 48, "52.0833", True)
    assert sign_in(cast.nora).get(address).json()["results"] == []  # not released
    actions.release_quarter(Q2, on=timezone.localdate(), by=cast.carla)
    assert len(sign_in(cast.nora).get(address).json()["results"]) == 1
    assert sign_in(cast.rita).get(address).json()["results"] == []
    assert sign_in(cast.carla).get(reverse("api:scores") + "?quarter=Q9").status_code == 400


def test_a_counted_result_is_recorded_by_hand_and_a_correction_follows_it(cast, sign_in) -> None:
    browser, address = sign_in(cast.carla), reverse("targets:record_result")
    form = {"partner": "P-NORD", "quarter": "2026-Q2", "promoters": 31, "passives": 11, "detractors": 6}
    wrong = browser.post(address, {**form, "quarter": "spring", "reason": "list of 3 July"})
    assert "Write a quarter such as 2026-Q2." in wrong.content.decode()
    browser.post(address, {**form, "reason": "list of 3 July"})
    browser.post(address, {**form, "promoters": 30, "reason": "one was counted twice"})
    assert [result.count.answers for result in SurveyResult.objects.latest()] == [47]
    page = browser.get(reverse("targets:results")).content.decode()
    assert "52.0 ± 20.0" in page  # what was replaced can still be read
    assert "one was counted twice" in page


def test_what_follows_from_a_quarter_is_planned_and_closed_with_what_came_of_it(cast, sign_in) -> None:
    browser = sign_in(cast.sina)
    due = timezone.localdate() + timedelta(days=40)
    form = {"what": "Second counter on Saturdays", "driver": "waiting", "who": "Sven", "due_on": str(due)}
    browser.post(reverse("targets:plan"), form)
    task = PlanTask.objects.get()
    assert (task.partner, task.quarter) == (cast.sued, add_months(first_of_quarter(timezone.localdate()), -3))
    with pytest.raises(Refused):
        actions.close_task(task, outcome=" ", by=cast.sina)
    browser.post(reverse("targets:close_task", args=[task.pk]), {"outcome": "Half the waiting time"})
    task.refresh_from_db()
    assert (task.status, task.outcome) == ("done", "Half the waiting time")
    with pytest.raises(Conflict):
        actions.close_task(task, outcome="again", by=cast.petra)
    assert "Half the waiting time" in sign_in(cast.petra).get(reverse("targets:plans")).content.decode()
    assert "Half the waiting time" not in sign_in(cast.paul).get(reverse("targets:plans")).content.decode()
    assert sign_in(cast.rita).post(reverse("targets:close_task", args=[task.pk]), {"outcome": "x"}).status_code == 404
