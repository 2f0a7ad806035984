"""What partners and staff read about satisfaction."""

from datetime import UTC, date, datetime

import pytest

from targets import actions
from targets.models import Response

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
