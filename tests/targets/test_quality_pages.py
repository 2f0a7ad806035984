"""What partners and staff read about satisfaction."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from targets import actions
from targets.arithmetic import Span
from targets.models import Response, SurveyQuarter
from targets.views.footfall import Goal, ahead

NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)
HEADER = "response_id,answered_on,touchpoint,dealer_code,customer_class,score_operator,score_product,score_touchpoint,comment"
Q2 = date(2026, 4, 1)


@pytest.fixture
def answers(cast):
    """Süd: 31 promoters, 11 passives, 6 detractors in Q2, 18 answers in Q1; both quarters released."""
    rows, number = [], 0
    for day, counts in (("2026-05-04", (31, 11, 6)), ("2026-02-03", (12, 4, 2))):
        for score, many in zip((9, 7, 3), counts, strict=True):
            for _each in range(many):
                number += 1
                rows.append(
                    f"R-{number},{day},partner,D-SUED,{'business' if number % 3 else 'private'},8,7,{score},Beratung {number}"
                )
    rows.append("R-900,2026-05-04,partner,D-RIVAL,private,1,1,1,Geheimnis des Fremden")
    rows.append("R-901,2026-05-04,kiosk,,private,1,1,1,")
    rows += [f"R-{1000 + n},2026-05-04,hotline,,private,1,1,{9 if n % 6 == 0 else 1}," for n in range(60)]
    actions.receive_responses("\n".join([HEADER, *rows]).encode(), source="upload", by=cast.carla, now=NOW)
    for quarter in (date(2026, 1, 1), Q2):
        actions.release_quarter(quarter, on=date(2026, 7, 10), by=cast.hanna)
    return Response.objects


def page(client, path):
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_a_partner_reads_score_interval_and_sample(cast, sign_in, answers):
    text = page(sign_in(cast.sina), "/quality/")
    assert "52.0" in text  # 52.0833, cut off
    assert "± 20.0" in text
    assert "32.1 to 72.1" in text
    assert ">48<" in text
    assert "not rated" in text  # the quarter before: 18 answers
    assert "hotline" in text.lower()
    assert "better" in text
    assert "Geheimnis" not in text


def test_the_effect_in_euros_is_for_those_who_may_see_money(cast, sign_in, answers):
    assert "Uplift posted for Q2 2026" in page(sign_in(cast.sina), "/quality/")
    assert "Uplift posted" not in page(sign_in(cast.selma), "/quality/")


def test_a_quarter_with_few_answers_says_so(cast, sign_in, answers):
    text = page(sign_in(cast.sina), "/quality/?quarter=2026-Q1")
    assert "12 short of 30" in text
    assert "has no effect" in text


def test_before_the_release_there_is_nothing(cast, sign_in, answers):
    actions.release_quarter(Q2, on=date(2030, 1, 1), by=cast.hanna)
    actions.release_quarter(date(2026, 1, 1), on=None, by=cast.hanna)
    text = page(sign_in(cast.sina), "/quality/")
    assert "1 Jan 2030" in text
    assert "52" not in text.split("</nav>")[-1]


def test_staff_who_see_as_a_partner_see_no_more(cast, sign_in, answers):
    actions.release_quarter(Q2, on=date(2030, 1, 1), by=cast.hanna)
    client = sign_in(cast.petra)
    client.post("/office/partners/P-SUED/view-as/")
    shown = client.get("/quality/")
    if shown.status_code == 200:
        assert "± 20.0" not in shown.content.decode()


def test_the_list_of_answers_filters_and_exports(cast, sign_in, answers):
    client = sign_in(cast.sina)
    assert "Beratung 45" in page(client, "/quality/answers/?side=detractors")
    csv = b"".join(client.get("/quality/answers/?export=csv&side=detractors").streaming_content).decode()
    assert len(csv.splitlines()) == 1 + 6 + 2
    assert "Geheimnis" not in csv


def test_a_partner_asks_for_an_answer_and_reads_how_it_ended(cast, sign_in, answers):
    this = answers.get(response_id="R-45")
    client = sign_in(cast.sina)
    path = f"/quality/answers/{this.pk}/"
    assert "Ask to take it out" in page(client, path)
    assert client.post(path, {"reason": "closed that day"}).status_code == 302
    assert "closed that day" in page(client, path)
    asked = this.reassignments.get()
    actions.approve_reassignment(asked, by=cast.hanna, reason="proven by the till")
    assert "proven by the till" in page(client, path)
    assert sign_in(cast.selma).get(path).status_code == 200
    assert sign_in(cast.rita).get(path).status_code == 404
    assert sign_in(cast.nora).get(path).status_code == 404


# ---- office ------------------------------------------------------------------------------------------------------
def test_channels_are_compared_with_a_mark(cast, sign_in, answers):
    text = page(sign_in(cast.hanna), "/office/quality/?quarter=2026-Q2")
    assert "hotline" in text
    assert "worse" in text  # the hotline against the system partners
    assert "193 answers" in text


def test_partners_are_listed_with_what_the_engine_counts(cast, sign_in, answers):
    actions.record_survey(cast.rival, Q2, 20, 6, 4, by=cast.carla)
    client = sign_in(cast.carla)
    text = page(client, "/office/quality/partners/?quarter=2026-Q2")
    assert "52.0" in text
    assert "48.3" in text  # Rival: 20 promoters, 6 passives, 4 + 1 detractors: 15 / 31 = 48.387
    csv = b"".join(client.get("/office/quality/partners/?quarter=2026-Q2&export=csv").streaming_content).decode()
    assert "P-SUED,Süd Erdacht KG,system partner,48,52.0,32.1 to 72.1,rated" in csv
    assert "P-RIVAL" not in page(sign_in(cast.petra), "/office/quality/partners/")
    actions.pool_quarter(Q2, pooled=True, by=cast.hanna)
    assert ">66<" in page(client, "/office/quality/partners/?quarter=2026-Q2")  # 48 + 18


def test_the_quarantine_shows_causes_and_is_tried_again(cast, sign_in, answers):
    client = sign_in(cast.carla)
    text = page(client, "/office/quality/answers/?status=quarantined")
    assert "unknown touchpoint" in text
    assert "R-901" in text
    assert client.post("/office/quality/deliveries/retry/").status_code == 302
    assert answers.get(response_id="R-901").status == "quarantined"


def test_an_answer_out_of_the_quarantine_takes_two_people(cast, sign_in, answers):
    this = answers.get(response_id="R-901")
    path = f"/office/quality/answers/{this.pk}/"
    client = sign_in(cast.carla)
    assert "Say exactly one thing" in client.post(path, {"reason": "hm"}).content.decode()
    assert "No outlet had this" in client.post(path, {"reason": "hm", "dealer_code": "D-NO"}).content.decode()
    assert client.post(path, {"reason": "kiosk in the mall", "dealer_code": "D-SUED"}).status_code == 302
    assert "Another person decides" in page(client, path)
    head = sign_in(cast.hanna)
    assert "kiosk in the mall" in page(head, path)
    head.post(f"/office/quality/requests/{this.reassignments.get().pk}/decide/", {"decision": "approve"})
    this.refresh_from_db()
    assert (this.status, this.partner) == ("counted", cast.sued)


def test_a_file_is_uploaded_and_its_rejected_rows_are_named(cast, sign_in):
    client = sign_in(cast.carla)
    data = f"{HEADER}\nR-1,2026-05-04,partner,D-SUED,private,,,11,\nR-2,2026-05-04,partner,D-SUED,private,,,9,"
    file = SimpleUploadedFile("may.csv", data.encode())
    answer = client.post("/office/quality/deliveries/upload/", {"kind": "responses", "file": file}, follow=True)
    text = answer.content.decode()
    assert "score_touchpoint" in text
    assert "whole number from 0 to 10" in text
    report = b"".join(client.get(answer.request["PATH_INFO"] + "report/").streaming_content).decode()
    assert report.splitlines()[1].startswith('2,R-1,score_touchpoint,11,"A score is')
    file = SimpleUploadedFile("x.pdf", b"%PDF-1.7")
    again = client.post("/office/quality/deliveries/upload/", {"kind": "responses", "file": file})
    assert "PDF" in again.content.decode()


def test_quarters_are_released_and_pooled_on_their_page(cast, sign_in, answers):
    client = sign_in(cast.hanna)
    client.post("/office/quality/quarters/", {"quarter": "2026-Q3", "released_on": "2026-10-10"})
    client.post("/office/quality/quarters/", {"quarter": "2026-Q2", "pooled": "1"})
    found = {each.quarter: (each.released_on, each.pooled) for each in SurveyQuarter.objects.all()}
    assert found[date(2026, 7, 1)] == (date(2026, 10, 10), False)
    assert found[Q2] == (date(2026, 7, 10), True)
    assert "Count alone" in page(client, "/office/quality/quarters/")


# ---- footfall ----------------------------------------------------------------------------------------------------
def test_the_base_year_changes_the_index(cast, sign_in):
    mondays = {2023: (2023, 27, 5000), 2024: (2024, 27, 4000), 2025: (2025, 27, 3200)}
    rows = [f"D-NEW,{date.fromisocalendar(y, w, 1)},week,{n}" for y, w, n in mondays.values()]
    cast.sued.outlets.get().dealer_codes.create(code="D-NEW", valid_from=date(2020, 1, 1))
    actions.receive_footfall(
        "\n".join(["dealer_code,date,span,visits", *rows]).encode(), source="api", by=cast.sina, now=NOW
    )
    client = sign_in(cast.sina)
    assert "80.0" in page(client, "/footfall/?year=2025&base=2024")
    assert "64.0" in page(client, "/footfall/?year=2025&base=2023")
    assert "\u221220.0%" in page(client, "/footfall/?year=2025&base=2024")
    assert "n/a" in page(client, "/footfall/?year=2023&base=2022")
    assert "80.0" in page(sign_in(cast.petra), "/office/footfall/?year=2025&base=2024")
    assert "80.0" not in page(sign_in(cast.paul), "/office/footfall/?year=2025&base=2024")


def test_what_a_target_needs_is_calculated(cast, sign_in):
    client = sign_in(cast.sina)
    text = page(client, "/footfall/?base_visits=4000&change=-20&conversion=12&target=480")
    assert ">3,200<" in text
    assert ">384<" in text
    assert "15.0%" in text
    cast.sina.language = "de"
    cast.sina.save()
    text = page(client, "/footfall/?base_visits=4000&change=-20&conversion=12,0&target=480")
    assert "15,0" in text
    assert page(client, "/footfall/?base_visits=zehn&target=1e99999")


def test_the_rest_of_a_target_is_asked_of_the_weeks_to_come():
    """Half-year target 500, 390 reached by 14 December with 4,000 visits; in 2024 weeks 51 and 52 had 600 and 400."""
    half = Span(date(2025, 7, 1), date(2026, 1, 1))
    goal = Goal(1, "Mobile", half, Decimal(390), Fraction(219, 2))
    counted = {
        (2025, 40): (2500, 7),
        (2025, 50): (1500, 7),
        (2024, 51): (600, 7),
        (2024, 52): (400, 7),
        (2024, 1): (9, 7),
    }
    needs = ahead(goal, counted, 2024, date(2025, 12, 14))
    assert needs == {
        "target": 110,  # 109.5 and no half contract
        "base_visits": 1000,  # week 1 begins on 29 December and is January's
        "conversion": Decimal("9.75"),  # 390 of 4,000
    }
    assert ahead(goal, {}, 2024, date(2025, 12, 14)) == {"target": 110}


def test_visits_are_entered_on_the_page(cast, sign_in):
    client = sign_in(cast.selma)
    outlet = cast.sued.outlets.get()
    today = timezone.localdate()
    answer = client.post("/footfall/", {"outlet": outlet.pk, f"day_{today:%Y%m%d}": "57"}, follow=True)
    assert "1 day recorded" in answer.content.decode()
    assert outlet.footfall.get().visits == 57
    strange = cast.rival.outlets.get()
    assert client.post("/footfall/", {"outlet": strange.pk, f"day_{today:%Y%m%d}": "57"}).status_code == 200
    assert not strange.footfall.exists()
