"""Staff see what a partner sees: reading only, written down, and only where they may see its money."""

import pytest
from django.http import JsonResponse
from django.urls import path
from django.views import View

import config.urls
from core.models import AuditEntry
from partners.access import OfficeRequired, PartnerRequired, office_required, partner_required
from partners.models import Membership, Partner
from tests.cast import START


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))


def looks_at(client, partner: Partner) -> int:
    return client.post(f"/office/partners/{partner.number}/view-as/").status_code


@pytest.fixture
def shown(settings, client):
    """Which partner the pages show to a browser, asked through a page made for the purpose."""

    def whose(request):
        partner, viewing = request.partner, request.viewing_as
        return JsonResponse(
            {"partner": partner and partner.number, "viewing": bool(viewing), "role": request.member_role}
        )

    class Office(OfficeRequired, View):
        def get(self, request):
            return JsonResponse({})

    class Money(PartnerRequired, View):
        roles = {"owner", "accounting"}

        def get(self, request):
            return JsonResponse({})

        post = get

    class Addresses:
        urlpatterns = [
            path("whose/", whose),
            path("test-office/", Office.as_view()),
            path("test-money/", Money.as_view()),
            path("test-head/", office_required("head_of_channel")(whose)),
            path("test-seller/", partner_required("seller")(whose)),
            *config.urls.urlpatterns,
        ]

    settings.ROOT_URLCONF = Addresses
    return lambda browser: browser.get("/whose/").json()


def test_a_member_sees_the_own_partner(cast, sign_in, shown):
    assert shown(sign_in(cast.nora)) == {"partner": "P-NORD", "viewing": False, "role": "owner"}


def test_a_person_of_two_partners_chooses_one_of_them_and_no_other(cast, sign_in, shown):
    Membership.objects.create(user=cast.nora, partner=cast.rival, role="seller", valid_from=START)
    browser = sign_in(cast.nora)
    assert browser.post("/switch-partner/", {"partner": "P-RIVAL"}).status_code == 302
    assert shown(browser) == {"partner": "P-RIVAL", "viewing": False, "role": "seller"}
    assert browser.post("/switch-partner/", {"partner": "P-SUED"}).status_code == 404


def test_staff_look_through_a_partners_eyes_until_they_stop(cast, sign_in, shown):
    browser = sign_in(cast.petra)
    assert shown(browser)["partner"] is None
    assert looks_at(browser, cast.nord) == 302
    assert shown(browser) == {"partner": "P-NORD", "viewing": True, "role": ""}
    assert browser.post("/office/stop-viewing-as/").status_code == 302
    assert shown(browser)["partner"] is None
    assert verbs() == ["view_as_partner", "stop_view_as_partner"]
    assert AuditEntry.objects.first().actor == cast.petra


def test_nothing_can_be_posted_while_looking(cast, sign_in, shown):
    browser = sign_in(cast.carla)
    looks_at(browser, cast.nord)
    assert browser.get("/test-money/").status_code == 200
    assert browser.post("/test-money/").status_code == 403
    assert browser.post("/admin/").status_code == 403
    assert looks_at(browser, cast.rival) == 403  # also another look has to wait until this one is over


def test_only_staff_who_may_see_the_money_may_look(cast, sign_in, shown):
    assert looks_at(sign_in(cast.petra), cast.rival) == 404  # not hers: she does not learn that it exists
    assert looks_at(sign_in(cast.tom), cast.nord) == 403
    assert looks_at(sign_in(cast.ada), cast.nord) == 403
    assert looks_at(sign_in(cast.nora), cast.sued) == 403
    assert sign_in(cast.hanna).get("/office/partners/P-NORD/view-as/").status_code == 405


def test_a_manager_who_loses_the_partner_loses_the_view_at_once(cast, sign_in, shown):
    browser = sign_in(cast.petra)
    looks_at(browser, cast.nord)
    Partner.objects.filter(pk=cast.nord.pk).update(manager=cast.paul)
    assert shown(browser)["partner"] is None


def test_doors_let_in_whom_they_name(cast, sign_in, shown, client):
    assert client.get("/test-office/").status_code == 302
    assert client.get("/test-money/").status_code == 302
    assert client.get("/test-head/").status_code == 302
    assert sign_in(cast.tom).get("/test-office/").status_code == 200
    assert sign_in(cast.nora).get("/test-office/").status_code == 403
    assert sign_in(cast.hanna).get("/test-head/").status_code == 200
    assert sign_in(cast.carla).get("/test-head/").status_code == 403
    assert sign_in(cast.nils).get("/test-money/").status_code == 200
    assert sign_in(cast.nele).get("/test-money/").status_code == 403
    assert sign_in(cast.nele).get("/test-seller/").status_code == 200
    assert sign_in(cast.finn).get("/test-money/").status_code == 403


def test_a_membership_that_ended_opens_nothing(cast, sign_in, shown):
    Membership.objects.filter(user=cast.rita).update(valid_until=START.replace(day=2))
    assert shown(sign_in(cast.rita))["partner"] is None
    assert sign_in(cast.rita).get("/test-money/").status_code == 403


def test_an_anonymous_request_has_no_partner(cast, shown, client):
    assert shown(client) == {"partner": None, "viewing": False, "role": ""}
