"""The API shows what its caller may see, says no in one shape, and asks the database a constant number of questions."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from knox.models import AuthToken

from core.models import AuditEntry
from tests.cast import PASSWORD, make_order, make_run, make_statement


@pytest.fixture
def api():
    """Asks the API with a token of the person."""

    def ask(user, path: str):
        _, token = AuthToken.objects.create(user=user)
        return Client().get(f"/api/v1/{path}", headers={"Authorization": f"Token {token}"})

    return ask


@pytest.fixture
def july(cast):
    run = make_run(date(2026, 7, 1))
    return {
        partner.number: make_statement(
            run,
            partner,
            f"2026-{partner.pk:06d}",
            orders=[make_order(partner, f"O-{partner.number}-{i}") for i in range(3)],
        )
        for partner in (cast.nord, cast.sued, cast.rival)
    }


def partners(answer) -> set[str]:
    assert answer.status_code == 200, answer.json()
    return {row["partner"] for row in answer.json()["results"]}


def test_statements_are_the_own_partners_business(cast, july, api):
    for path in ("statements/", "lines/"):
        assert partners(api(cast.nora, path)) == {"P-NORD"}
        assert partners(api(cast.sven, path)) == {"P-SUED"}
        assert partners(api(cast.nele, path)) == set()
        assert partners(api(cast.petra, path)) == {"P-NORD", "P-SUED"}
        assert partners(api(cast.finn, path)) == {"P-NORD", "P-SUED", "P-RIVAL"}
        assert partners(api(cast.tom, path)) == partners(api(cast.ada, path)) == set()


def test_a_distributor_sees_the_orders_of_its_sub_partner(cast, july, api):
    assert partners(api(cast.nele, "orders/")) == {"P-NORD", "P-SUED"}
    assert partners(api(cast.selma, "orders/")) == {"P-SUED"}


def test_what_belongs_to_others_is_not_there(cast, july, api):
    strange = july["P-RIVAL"].number
    for path in (f"statements/{strange}/", f"statements/{strange}/lines/", "orders/O-P-RIVAL-0/"):
        assert api(cast.nora, path).status_code == 404
        assert api(cast.rita, path).status_code == 200
    assert api(cast.nora, f"statements/{july['P-SUED'].number}/").status_code == 404
    assert api(cast.nora, "orders/O-P-SUED-0/").status_code == 200


def test_a_statement_says_its_sums_as_text_and_its_tax_by_rate(cast, july, api):
    statement = api(cast.nils, f"statements/{july['P-NORD'].number}/").json()
    assert statement["month"] == "2026-07"
    assert (statement["net"], statement["vat"], statement["payable"]) == ("135.00", "25.65", "160.65")  # 3 x 45, 19 %
    assert [group["percent"] for group in statement["vat_groups"]] == ["19.00"]
    line = api(cast.nils, f"statements/{july['P-NORD'].number}/lines/").json()["results"][0]
    assert (line["amount"], line["order"], line["cause"]) == ("45.00", "O-P-NORD-2", "earned")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("statements/?month=2026-07", 3),
        ("statements/?from_month=2026-08", 0),
        ("statements/?until_month=2026-08&partner=P-NORD", 1),
        ("lines/?order=O-P-SUED-1", 1),
        ("lines/?component=closing&cause=earned", 9),
        ("lines/?held=no_contract", 0),
        ("orders/?status=active&signed_from=2026-07-02", 9),
        ("orders/?signed_until=2026-07-02", 0),
        ("orders/?customer_no=C-O-P-NORD-0", 1),
    ],
)
def test_filters_narrow(cast, july, api, path, found):
    assert len(api(cast.finn, path).json()["results"]) == found


@pytest.mark.parametrize("path", ["statements/?month=July", "statements/?monht=2026-07", "lines/?cause=luck"])
def test_a_wrong_filter_is_refused_instead_of_answering_with_everything(cast, july, api, path):
    answer = api(cast.finn, path)
    assert answer.status_code == 400
    assert answer.json()["type"] == "validation_error"


def test_a_cursor_walks_through_all_rows_once(cast, july, api):
    seen, path = [], "lines/?page_size=4"
    while path:
        page = api(cast.finn, path).json()
        seen += [row["id"] for row in page["results"]]
        path = page["next"] and page["next"].split("/api/v1/")[1]
    assert len(seen) == len(set(seen)) == 9


@pytest.mark.parametrize("path", ["statements/", "lines/", "orders/"])
def test_the_number_of_queries_does_not_grow_with_the_rows(cast, july, api, django_assert_max_num_queries, path):
    with django_assert_max_num_queries(12) as few:
        api(cast.nora, path)
    run = make_run(date(2026, 8, 1))
    make_statement(run, cast.nord, "2026-000900", orders=[make_order(cast.nord, f"M-{i}") for i in range(60)])
    with django_assert_max_num_queries(len(few)):
        assert api(cast.nora, path).status_code == 200


def test_without_a_token_or_session_nothing_is_shown(db):
    answer = Client().get("/api/v1/statements/")
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "not_authenticated"


def test_nothing_financial_can_be_written(cast, july, sign_in):
    browser = sign_in(cast.finn)
    for path in ("statements/", f"statements/{july['P-NORD'].number}/", "lines/", "orders/", "orders/O-P-NORD-0/"):
        for method in (browser.post, browser.put, browser.patch, browser.delete):
            assert method(f"/api/v1/{path}", {}, content_type="application/json").status_code == 405


def test_a_token_is_made_in_a_session_shown_once_and_revoked(cast, july, sign_in):
    browser = sign_in(cast.nils)
    made = browser.post("/api/v1/tokens/", {"days": 30}, content_type="application/json")
    assert made.status_code == 201
    token, key = made.json()["token"], made.json()["key"]
    with_token = {"Authorization": f"Token {token}"}
    assert Client().get("/api/v1/statements/", headers=with_token).status_code == 200
    (listed,) = browser.get("/api/v1/tokens/").json()["results"]
    assert listed["key"] == key
    assert token not in str(listed)
    assert not AuthToken.objects.filter(digest=token).exists()
    # No token begets tokens, and nobody else's can be revoked.
    assert Client().post("/api/v1/tokens/", {}, content_type="application/json", headers=with_token).status_code == 403
    assert sign_in(cast.rita).delete(f"/api/v1/tokens/{key}/").status_code == 404
    assert browser.delete(f"/api/v1/tokens/{key}/").status_code == 204
    assert Client().get("/api/v1/statements/", headers=with_token).status_code == 401
    assert [entry.verb for entry in AuditEntry.objects.order_by("id")] == ["create_token", "revoke_token"]


def test_a_password_alone_makes_no_token(cast, client):
    import base64

    basic = base64.b64encode(f"{cast.carla.email}:{PASSWORD}".encode()).decode()
    answer = client.post(
        "/api/v1/tokens/", {}, content_type="application/json", headers={"Authorization": f"Basic {basic}"}
    )
    assert answer.status_code == 403


def test_an_expired_token_and_one_of_somebody_who_left_open_nothing(cast, july):
    _, expired = AuthToken.objects.create(user=cast.nora, expiry=timedelta(seconds=-1))
    assert Client().get("/api/v1/orders/", headers={"Authorization": f"Token {expired}"}).status_code == 401
    _, left = AuthToken.objects.create(user=cast.nils)
    cast.nils.is_active = False
    cast.nils.save()
    assert Client().get("/api/v1/orders/", headers={"Authorization": f"Token {left}"}).status_code == 401


def test_a_session_cannot_post_without_the_csrf_token(cast):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.nora)
    assert browser.post("/api/v1/tokens/", {}, content_type="application/json").status_code == 403


def test_too_many_requests_are_slowed_down(cast, api, monkeypatch):
    from rest_framework.throttling import UserRateThrottle

    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "2/min"})
    answers = [api(cast.nora, "orders/").status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_the_description_is_valid_without_a_warning(db):
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert "/api/v1/statements/{number}/lines/" in out.getvalue()


def test_the_page_to_try_it_needs_no_inline_script_or_style(cast, sign_in, client):
    assert client.get("/api/v1/docs/").status_code in {401, 403}
    browser = sign_in(cast.nora)
    page = browser.get("/api/v1/docs/")
    assert page.status_code == 200
    html = page.content.decode()
    assert "<style" not in html
    assert 'style="' not in html
    assert "<script>" not in html
    assert browser.get("/api/v1/docs/?script=").headers["Content-Type"].startswith("application/javascript")
    assert browser.get("/api/v1/schema/").status_code == 200


def test_tokens_are_made_and_revoked_on_a_page_too(cast, sign_in):
    browser = sign_in(cast.nora)
    page = browser.post("/account/tokens/", {"days": "30"})
    secret = page.context["secret"]
    assert secret in page.content.decode()
    assert page.headers["Cache-Control"].startswith("max-age=0")
    assert Client().get("/api/v1/orders/", headers={"Authorization": f"Token {secret}"}).status_code == 200
    again = browser.get("/account/tokens/").content.decode()
    assert secret not in again
    key = AuthToken.objects.get().token_key
    assert key in again
    assert sign_in(cast.rita).post(f"/account/tokens/{key}/revoke/").status_code == 404
    browser.post(f"/account/tokens/{key}/revoke/")
    assert not AuthToken.objects.exists()
    assert browser.post("/account/tokens/", {"days": "9999"}).context["form"].errors
