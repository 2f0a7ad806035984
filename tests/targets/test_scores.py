"""What the engine is told about a partner's quarter, and that partners see no score before its release."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from core import sql
from core.errors import Conflict, FourEyes, Refused
from targets import actions
from targets.models import Delivery, Question, Response, SurveyQuarter, SurveyResult
from targets.nps import Count
from targets.scores import merge, pool

NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)
Q1, Q2, Q3 = date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1)


@pytest.fixture
def answer(cast):
    """answer(9): one about Süd in May 2026; keywords change it."""
    delivery = Delivery.objects.create(kind="responses", source="upload", received_at=NOW)
    made = []

    def make(score, **fields):
        made.append(1)
        day = fields.pop("answered_on", date(2026, 5, 4))
        defaults = {
            "response_id": f"R-{len(made)}", "answered_on": day, "quarter": date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
            "place": "partner", "touchpoint": "partner", "customer_class": "private", "partner": cast.sued,
            "score_touchpoint": score, "status": "counted", "delivery": delivery, "line": len(made),
        }  # fmt: skip
        return Response.objects.create(**defaults | fields)

    return make


def scores(cutoff=date(2026, 12, 31)):
    """{(partner number, quarter): counts} as the engine gets them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS score")
        sql.execute("targets/scores", cutoff=cutoff)
        cursor.execute(
            "SELECT number, quarter, promoters, passives, detractors FROM score "
            "JOIN partners_partner partner ON partner.id = partner_id"
        )
        return {(number, quarter): Count(*counts) for number, quarter, *counts in cursor.fetchall()}


def test_answers_are_counted_by_partner_and_quarter(cast, answer):
    for score in (10, 9, 8, 7, 6, 0):
        answer(score)
    answer(9, answered_on=date(2026, 7, 1))
    answer(3, partner=cast.rival)
    assert scores() == {
        ("P-SUED", Q2): Count(2, 2, 2),
        ("P-SUED", Q3): Count(1, 0, 0),
        ("P-RIVAL", Q2): Count(0, 0, 1),
    }


def test_only_the_question_about_the_touchpoint_pays(answer):
    answer(None, score_operator=10, score_product=10)
    assert scores() == {}


def test_quarantined_excluded_and_unassigned_answers_do_not_count(answer):
    answer(9, status="quarantined", cause="unknown_dealer", partner=None)
    answer(9, status="excluded")
    answer(9, partner=None, touchpoint="hotline")
    assert scores() == {}


def test_answers_after_the_cutoff_wait(answer):
    answer(9, answered_on=date(2026, 5, 31))
    answer(9, answered_on=date(2026, 6, 1))
    assert scores(date(2026, 5, 31)) == {("P-SUED", Q2): Count(1, 0, 0)}


def test_a_recorded_result_counts_and_the_latest_replaces_it(cast, answer):
    actions.record_survey(cast.sued, Q2, 12, 4, 2, by=cast.carla, now=NOW)
    actions.record_survey(cast.sued, Q2, 31, 11, 6, by=cast.carla, now=NOW)
    assert scores() == {("P-SUED", Q2): Count(31, 11, 6)}
    answer(9)
    assert scores() == {("P-SUED", Q2): Count(32, 11, 6)}
    assert scores(date(2026, 3, 31)) == {}


def test_recording_the_same_result_again_changes_nothing(cast):
    first = actions.record_survey(cast.sued, Q2, 31, 11, 6, by=None)
    assert actions.record_survey(cast.sued, Q2, 31, 11, 6, by=None) == first
    actions.record_survey(cast.sued, Q2, 12, 4, 2, by=None)
    assert actions.record_survey(cast.sued, Q2, 31, 11, 6, by=None) != first
    assert SurveyResult.objects.latest().get().promoters == 31


def test_a_pooled_quarter_counts_the_one_before_as_well(cast):
    actions.record_survey(cast.sued, Q1, 12, 4, 2, by=None)
    actions.record_survey(cast.sued, Q2, 20, 6, 4, by=None)
    actions.record_survey(cast.rival, Q1, 5, 0, 0, by=None)
    actions.pool_quarter(Q2, pooled=True, by=cast.hanna)
    assert scores() == {
        ("P-SUED", Q1): Count(12, 4, 2),
        ("P-SUED", Q2): Count(32, 10, 6),
        ("P-RIVAL", Q1): Count(5, 0, 0),
        ("P-RIVAL", Q2): Count(5, 0, 0),
    }
    own = {Q1: Count(12, 4, 2), Q2: Count(20, 6, 4)}
    assert pool(own, SurveyQuarter.objects.pooled()) == {Q1: Count(12, 4, 2), Q2: Count(32, 10, 6)}


def test_the_pages_count_what_the_engine_counts(cast, answer):
    for score, day in [(9, 1), (10, 2), (7, 3), (0, 4)]:
        answer(score, answered_on=date(2026, 6, day), score_product=10)
    answer(9, answered_on=date(2026, 3, 31))
    answers = Response.objects.counted().filter(partner=cast.sued)
    assert answers.tally(Question.TOUCHPOINT, "quarter") == {q: count for (_p, q), count in scores().items()}
    assert answers.tally(Question.PRODUCT, "customer_class", "quarter") == {("private", Q2): Count(4, 0, 0)}
    assert merge({"a": Count(1, 0, 0)}, {"a": Count(0, 2, 0)}) == {"a": Count(1, 2, 0)}


# ---- who sees, from when ---------------------------------------------------------------------------------------
def test_partners_see_a_quarter_from_its_day_of_release(cast):
    actions.release_quarter(date(2022, 10, 1), on=date(2023, 1, 1), by=cast.carla)
    quarters = SurveyQuarter.objects
    assert not quarters.released(date(2022, 12, 31)).exists()
    assert quarters.released(date(2023, 1, 1)).exists()


def test_who_sees_which_answers(cast, answer):
    mine, strange, hotline = answer(9), answer(3, partner=cast.rival), answer(5, partner=None, touchpoint="hotline")
    actions.release_quarter(Q2, on=date(2026, 7, 10), by=cast.hanna)
    seen = {name: set(Response.objects.visible_to(user)) for name, user in cast.people.items()}
    assert seen["sina"] == seen["selma"] == {mine}
    assert seen["petra"] == {mine}
    assert seen["paul"] == seen["rita"] == {strange}
    assert seen["nora"] == set()  # a distributor does not see what customers say about its sub-partner
    assert seen["hanna"] == seen["tom"] == {mine, strange, hotline}


def test_before_the_release_partners_see_nothing(cast, answer):
    answer(9)
    assert not Response.objects.visible_to(cast.sina).exists()


def test_only_the_head_of_channel_pools(cast):
    with pytest.raises(PermissionDenied):
        actions.pool_quarter(Q2, pooled=True, by=cast.carla)


# ---- two people move an answer ---------------------------------------------------------------------------------
def test_an_answer_moves_when_a_second_person_agrees(cast, answer):
    this = answer(2)
    outlet = cast.rival.outlets.get()
    asked = actions.request_reassignment(this, by=cast.carla, reason="wrong code on the form", outlet=outlet)
    assert scores() == {("P-SUED", Q2): Count(0, 0, 1)}
    actions.approve_reassignment(asked, by=cast.hanna)
    this.refresh_from_db()
    assert (this.partner, this.outlet, this.touchpoint) == (cast.rival, outlet, "partner")
    assert scores() == {("P-RIVAL", Q2): Count(0, 0, 1)}


def test_a_partner_says_that_an_answer_is_not_theirs(cast, answer):
    this = answer(0)
    actions.release_quarter(Q2, on=date(2026, 7, 10), by=cast.hanna)
    asked = actions.request_reassignment(this, by=cast.sina, reason="we were closed that day", exclude=True)
    with pytest.raises(PermissionDenied):
        actions.approve_reassignment(asked, by=cast.carla)
    actions.approve_reassignment(asked, by=cast.hanna, reason="proven")
    assert scores() == {}
    with pytest.raises(Conflict):
        actions.approve_reassignment(asked, by=cast.hanna)


def test_strangers_and_sellers_cannot_ask(cast, answer):
    this = answer(0)
    actions.release_quarter(Q2, on=date(2026, 7, 10), by=cast.hanna)
    for person in (cast.rita, cast.selma, cast.nora, cast.aud, cast.hanna):
        with pytest.raises(PermissionDenied):
            actions.request_reassignment(this, by=person, reason="not mine", exclude=True)
    with pytest.raises(PermissionDenied):  # a partner cannot give an answer to somebody else
        actions.request_reassignment(this, by=cast.sina, reason="theirs", partner=cast.rival)


def test_a_request_needs_a_reason_a_place_and_waits_alone(cast, answer):
    this = answer(0)
    with pytest.raises(Refused):
        actions.request_reassignment(this, by=cast.carla, reason=" ", exclude=True)
    with pytest.raises(Refused):
        actions.request_reassignment(this, by=cast.carla, reason="somewhere else")
    asked = actions.request_reassignment(this, by=cast.carla, reason="it was the hotline", touchpoint="hotline")
    with pytest.raises(Conflict):
        actions.request_reassignment(this, by=cast.petra, reason="no, mine", partner=cast.nord)
    actions.decline_reassignment(asked, by=cast.hanna, reason="no proof")
    assert scores() == {("P-SUED", Q2): Count(0, 0, 1)}


def test_nobody_decides_on_what_they_asked_for(cast, answer):
    asked = actions.request_reassignment(answer(0), by=cast.carla, reason="not proven", exclude=True)
    cast.carla.role = "head_of_channel"
    with pytest.raises(FourEyes):
        actions.approve_reassignment(asked, by=cast.carla)


# ---- what was said stays ---------------------------------------------------------------------------------------
def test_what_a_customer_said_cannot_be_changed(answer):
    this = answer(2)
    with pytest.raises(DatabaseError, match="targets_response"), transaction.atomic():
        Response.objects.filter(pk=this.pk).update(score_touchpoint=10)
    with pytest.raises(DatabaseError, match="targets_response"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM targets_response")


def test_a_recorded_result_cannot_be_changed(cast):
    actions.record_survey(cast.sued, Q2, 1, 0, 0, by=None)
    with pytest.raises(DatabaseError, match="targets_surveyresult"), transaction.atomic():
        SurveyResult.objects.update(promoters=100)
