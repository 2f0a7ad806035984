"""Survey tools and door counters talk to the API with a token."""

import json
from datetime import date

import pytest
from knox.models import AuthToken

from targets import actions
from targets.issues import issue_text
from targets.models import Delivery, Footfall, Response

ROW = {
    "response_id": "R-1",
    "answered_on": "2026-05-04",
    "touchpoint": "partner",
    "dealer_code": "D-SUED",
    "score_touchpoint": 9,
}


@pytest.fixture
def send(client):
    def sent(person, path, data, content_type="application/json"):
        token = AuthToken.objects.create(person)[1]
        body = data if isinstance(data, (str, bytes)) else json.dumps(data)
        return client.post(path, body, content_type=content_type, headers={"authorization": f"Token {token}"})

    return sent


@pytest.fixture
def get(client):
    def got(person, path):
        return client.get(path, headers={"authorization": f"Token {AuthToken.objects.create(person)[1]}"})

    return got


def test_responses_are_taken_as_json_with_every_rejected_row_named(cast, send):
    answer = send(cast.carla, "/api/v1/responses/", [ROW, ROW | {"response_id": "R-2", "score_touchpoint": 8.5}])
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert [told[name] for name in ("rows", "accepted", "duplicate", "quarantined", "rejected")] == [2, 1, 0, 0, 1]
    (issue,) = told["issues"]
    assert issue["line"] == 2
    assert (issue["field"], issue["value"], issue["code"]) == ("score_touchpoint", "8.5", "score")
    assert issue["message"] == issue_text("score")  # what would be right, in the reader's language


def test_sending_again_is_a_no_op(cast, send):
    send(cast.carla, "/api/v1/responses/", ROW)
    assert send(cast.carla, "/api/v1/responses/", ROW).json()["duplicate"] == 1
    assert Response.objects.count() == 1


def test_csv_and_json_lines_are_taken_too(cast, send):
    csv = "response_id,answered_on,touchpoint,score_touchpoint\nR-7,2026-05-04,hotline,3\n"
    assert send(cast.ada, "/api/v1/responses/?filename=may.csv", csv, "text/csv").status_code == 201
    lines = json.dumps(ROW) + "\n" + json.dumps(ROW | {"response_id": "R-3", "dealer_code": "D-WHO"})
    told = send(cast.ada, "/api/v1/responses/", lines, "application/x-ndjson").json()
    assert (told["accepted"], told["quarantined"]) == (1, 1)
    assert Delivery.objects.filter(filename="may.csv").exists()


def test_what_is_no_delivery_is_refused_and_leaves_nothing(cast, send):
    for body, kind in (("", "text/csv"), ("%PDF-1.7", "text/csv"), ("a,b\n1,2", "text/csv"), ("", "application/json")):
        answer = send(cast.carla, "/api/v1/responses/", body, kind)
        assert answer.status_code == 422, answer.content
        assert answer.json()["errors"][0]["detail"]
    assert not Delivery.objects.exists()
    assert send(cast.carla, "/api/v1/responses/", "x", "image/png").status_code == 415


def test_only_who_delivers_may_send_responses(cast, send):
    for person in (cast.sina, cast.petra, cast.finn, cast.aud):
        assert send(person, "/api/v1/responses/", ROW).status_code == 403
    assert not Response.objects.exists()


def test_partners_read_their_released_answers(cast, send, get):
    send(cast.carla, "/api/v1/responses/", [ROW, ROW | {"response_id": "R-2", "dealer_code": "D-RIVAL"}])
    assert get(cast.sina, "/api/v1/responses/").json()["results"] == []
    actions.release_quarter(date(2026, 4, 1), on=date(2026, 7, 10), by=cast.hanna)
    assert [row["response_id"] for row in get(cast.sina, "/api/v1/responses/").json()["results"]] == ["R-1"]
    assert len(get(cast.aud, "/api/v1/responses/?quarter=2026-Q2").json()["results"]) == 2
    assert get(cast.aud, "/api/v1/responses/?quarter=2026-Q5").status_code == 400
    assert get(cast.aud, "/api/v1/responses/?quater=2026-Q2").status_code == 400


def test_a_shop_counts_its_own_visits(cast, send, get):
    rows = [
        {"dealer_code": "D-SUED", "date": "2026-06-01", "visits": 120},
        {"dealer_code": "D-RIVAL", "date": "2026-06-01", "visits": 5},
    ]
    told = send(cast.selma, "/api/v1/footfall/", rows).json()
    assert (told["accepted"], told["rejected"], told["issues"][0]["code"]) == (1, 1, "outlet")
    assert Footfall.objects.get().visits == 120
    assert [row["visits"] for row in get(cast.sina, "/api/v1/footfall/").json()["results"]] == [120]
    assert get(cast.rita, "/api/v1/footfall/").json()["results"] == []
    assert get(cast.selma, f"/api/v1/deliveries/{told['id']}/").status_code == 200
    assert get(cast.rita, f"/api/v1/deliveries/{told['id']}/").status_code == 404
