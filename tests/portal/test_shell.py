"""Navigation, brand colour, language and refusals: what surrounds every page."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.test import Client, RequestFactory

from core.errors import Conflict, FourEyes
from partners.models import User
from portal import navigation
from portal.brand import PAPER_DARK, PAPER_LIGHT, WASH_DARK, WASH_LIGHT, brand, contrast
from portal.middleware import Refusals
from portal.templatetags.shell import page_numbers
from sales.actions import save_campaign
from targets.models import Response
from tests.quality import make_quality


@pytest.mark.parametrize("colour", ["#0b5c6b", "#ffdd00", "#ff0000", "#ffffff", "#000000", "#e20074", "#7f7f7f"])
def test_any_brand_colour_stays_readable_in_both_themes(colour):
    made = brand(colour)
    assert contrast(made.fill, made.ink) >= 4.5
    assert contrast(made.line_light, PAPER_LIGHT) >= 3
    assert contrast(made.line_dark, PAPER_DARK) >= 3
    assert contrast(made.text_light, WASH_LIGHT) >= 4.5
    assert contrast(made.text_dark, WASH_DARK) >= 4.5


def test_a_brand_colour_that_is_none_cannot_smuggle_css():
    assert "}" not in brand("red;}body{display:none").fill


def test_the_style_sheet_with_the_brand_colour_needs_no_sign_in(client: Client):
    answer = client.get("/brand.css")
    assert answer.status_code == 200
    assert b"--brand:#" in answer.content


@pytest.mark.parametrize(
    ("here", "last", "numbers"),
    [
        (1, 1, [1]),
        (1, 5, [1, 2, 3, 4, 5]),
        (5, 9, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (6, 20, [1, None, 4, 5, 6, 7, 8, None, 20]),
    ],
)
def test_page_numbers_leave_gaps_only_where_more_than_one_is_missing(here, last, numbers):
    assert page_numbers(Paginator(range(last), 1).page(here)) == numbers


@pytest.fixture
def nav(rf: RequestFactory, monkeypatch):
    entries = [
        navigation.Item("Home", "portal:style_guide"),
        navigation.Item("Money", "portal:brand", frozenset({"owner"})),
        navigation.Item("Later", "portal:not_built_yet"),
    ]
    monkeypatch.setitem(navigation.SHELLS, "partner", entries)

    def labels(path: str = "/", **about):
        request = rf.get(path)
        request.user = User(role="partner")
        request.member_role, request.viewing_as = about.get("member_role", ""), about.get("viewing_as")
        return [(item.label, item.current) for item in navigation.items("partner", request)]

    return labels


def test_navigation_shows_what_exists_and_what_the_role_may_open(nav):
    assert nav(member_role="owner") == [("Home", False), ("Money", False)]
    assert nav(member_role="seller") == [("Home", False)]


def test_staff_who_look_through_a_partners_eyes_see_the_owners_navigation(nav):
    assert nav(viewing_as=object()) == [("Home", False), ("Money", False)]


def test_the_number_at_quality_is_what_the_person_can_do_something_about(cast):
    """Carla clears up the quarantine and decides on no re-assignment, so one that waits is not hers."""
    world = make_quality(cast, datetime(2026, 11, 3, 9, tzinfo=UTC))
    assert world.asked.status == "requested"

    kept = Response.objects.quarantined().count()
    assert kept
    for person, number in ((cast.carla, kept), (cast.hanna, kept + 1), (cast.aud, 0)):
        assert navigation._quality(SimpleNamespace(user=person)) == number


def test_a_page_below_an_entry_marks_it_as_current(nav):
    assert nav("/style-guide/more/", member_role="seller") == [("Home", True)]


def test_the_sign_in_page_speaks_the_browsers_language_and_later_that_of_the_profile(client: Client, db):
    assert "Anmelden" in client.get("/accounts/login/", headers={"Accept-Language": "de-DE,de;q=0.9"}).content.decode()
    user = User.objects.create_user("nora@nord.example", "x", name="Nora", language="de")
    client.force_login(user)
    kept = client.get("/").cookies["django_language"].value
    later = Client()
    later.cookies["django_language"] = kept
    assert "Anmelden" in later.get("/accounts/login/", headers={"Accept-Language": "en"}).content.decode()


def test_the_language_is_kept_in_the_profile_and_never_leads_to_another_site(client: Client, db):
    user = User.objects.create_user("nora@nord.example", "x", name="Nora", language="de")
    client.force_login(user)
    answer = client.post("/language/", {"language": "en", "next": "https://elsewhere.example/"})
    user.refresh_from_db()
    assert user.language == "en"
    assert "elsewhere" not in answer["Location"]


def refuse(rf: RequestFactory, error: Exception, referer: str = "") -> HttpResponse:
    request = rf.post("/office/runs/1/approve/", headers={"referer": referer} if referer else {})
    request.user, request._messages = User(), _Messages()
    answer = Refusals(lambda _request: HttpResponse()).process_exception(request, error)
    answer.said = [str(m) for m in request._messages.queued]
    return answer


class _Messages:
    def __init__(self):
        self.queued = []

    def __iter__(self):
        return iter(())

    def add(self, level, message, extra_tags=""):
        self.queued.append(message)


def test_a_conflict_is_a_page_that_says_nothing_was_done(rf):
    answer = refuse(rf, Conflict("Finn has approved it already."))
    assert answer.status_code == 409
    assert "Finn has approved it already." in answer.text


def test_any_other_refusal_leads_back_with_the_reason(rf):
    answer = refuse(rf, FourEyes("You calculated it yourself."), "http://testserver/office/runs/1/")
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/office/runs/1/")
    assert answer.said == ["You calculated it yourself."]


def test_a_refusal_never_sends_anybody_to_another_site(rf):
    assert refuse(rf, FourEyes("No."), "https://elsewhere.example/").status_code == 409


def test_faults_are_left_to_the_error_page(rf):
    assert Refusals(lambda _r: HttpResponse()).process_exception(rf.get("/"), ValueError("x")) is None


def test_a_number_in_the_navigation_is_nobodys_who_can_do_nothing_about_it(cast):
    """Carla wrote the campaign, so Hanna decides on it; an auditor only reads."""
    save_campaign(code="smart", valid_from=date(2026, 7, 1), by=cast.carla, now=datetime(2026, 7, 1, 9, tzinfo=UTC))
    for person, number in ((cast.carla, 0), (cast.hanna, 1), (cast.aud, 0)):
        assert navigation._campaigns_waiting(SimpleNamespace(user=person)) == number
