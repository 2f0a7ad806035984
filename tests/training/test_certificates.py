"""A certificate from today on counts at once; the past takes two people."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from core.audit import history_of
from core.errors import Conflict, FourEyes, Refused
from partners.models import User
from tests.cast import make_product
from training import actions
from training.models import Certificate

# 23:30 in London is already the next day in Berlin.
NOW = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)


@pytest.fixture
def family(db):
    return make_product().family


@pytest.fixture
def backdated(cast, family) -> Certificate:
    return actions.record_certificate(
        cast.nele, family, valid_from=date(2026, 5, 1), by=cast.tom, reason="exam of April", now=NOW
    )


def test_a_certificate_from_today_on_counts_at_once(cast, family):
    given = actions.record_certificate(cast.nele, family, valid_from=date(2026, 7, 1), by=cast.tom, now=NOW)
    assert given.status == "valid"
    assert list(Certificate.objects.counting()) == [given]
    assert history_of(given).get().actor == cast.tom


def test_yesterday_in_berlin_is_backdated(cast, family):
    given = actions.record_certificate(
        cast.nele, family, valid_from=date(2026, 6, 30), by=cast.tom, reason="late paper", now=NOW
    )
    assert given.status == "proposed"


def test_a_backdated_one_waits_for_the_controller(cast, backdated):
    assert not Certificate.objects.counting().exists()
    actions.approve_certificate(backdated, by=cast.carla)
    assert (backdated.status, backdated.approved_by) == ("valid", cast.carla)
    with pytest.raises(Conflict):
        actions.approve_certificate(backdated, by=cast.hanna)


def test_backdating_needs_a_reason(cast, family):
    with pytest.raises(Refused):
        actions.record_certificate(cast.nele, family, valid_from=date(2026, 5, 1), by=cast.tom, now=NOW)


def test_nobody_approves_the_own_proposal(cast, family, backdated):
    User.objects.filter(pk=cast.tom.pk).update(role="commission_controller")  # changed jobs meanwhile
    cast.tom.refresh_from_db()
    with pytest.raises(FourEyes):
        actions.approve_certificate(backdated, by=cast.tom)
    assert Certificate.objects.get().status == "proposed"


def test_the_database_itself_wants_four_eyes(cast, backdated):
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.filter(pk=backdated.pk).update(approved_by=cast.tom)


def test_revoking_takes_two_people_and_a_reason(cast, family):
    given = actions.record_certificate(cast.nele, family, valid_from=date(2026, 7, 1), by=cast.tom, now=NOW)
    with pytest.raises(Refused):
        actions.propose_revocation(given, by=cast.carla, reason="")
    actions.propose_revocation(given, by=cast.carla, reason="exam was taken by somebody else")
    assert given.status == "valid"  # it counts until somebody agrees
    with pytest.raises(FourEyes):
        actions.approve_revocation(given, by=cast.carla)
    with pytest.raises(Conflict):
        actions.propose_revocation(given, by=cast.tom, reason="again")
    actions.approve_revocation(given, by=cast.hanna)
    assert (given.status, given.revoked_by) == ("revoked", cast.hanna)
    assert [entry.verb for entry in history_of(given)] == [
        "approve_revocation",
        "propose_revocation",
        "record_certificate",
    ]


def test_a_revocation_nobody_proposed_cannot_be_approved(cast, family):
    given = actions.record_certificate(cast.nele, family, valid_from=date(2026, 7, 1), by=cast.tom, now=NOW)
    with pytest.raises(Conflict):
        actions.approve_revocation(given, by=cast.hanna)


def test_a_declined_revocation_leaves_the_certificate(cast, family):
    given = actions.record_certificate(cast.nele, family, valid_from=date(2026, 7, 1), by=cast.tom, now=NOW)
    actions.propose_revocation(given, by=cast.tom, reason="rumour")
    actions.decline_revocation(given, by=cast.carla, reason="no proof")
    assert (given.status, given.revocation_proposed_by) == ("valid", None)


def test_a_declined_proposal_never_counts(cast, backdated):
    actions.decline_certificate(backdated, by=cast.carla, reason="no exam on record")
    assert backdated.status == "revoked"


def test_only_trainers_record_and_only_controllers_and_the_head_approve(cast, family, backdated):
    for person in (cast.petra, cast.carla, cast.finn, cast.aud, cast.nora, cast.nele):
        with pytest.raises(PermissionDenied):
            actions.record_certificate(cast.nele, family, valid_from=date(2026, 7, 1), by=person, now=NOW)
    for person in (cast.petra, cast.finn, cast.tom, cast.aud, cast.ada, cast.nora):
        with pytest.raises(PermissionDenied):
            actions.approve_certificate(backdated, by=person)


def test_certificates_are_seen_by_the_team_and_its_distributor(cast, family):
    given = actions.record_certificate(cast.selma, family, valid_from=date(2026, 7, 1), by=cast.tom, now=NOW)

    def sees(person) -> bool:
        return given in Certificate.objects.visible_to(person)

    assert all(sees(person) for person in (cast.selma, cast.sina, cast.nora, cast.petra, cast.tom, cast.carla))
    assert not any(sees(person) for person in (cast.rita, cast.ruth, cast.paul))


def test_one_that_has_run_out_is_called_expired_wherever_it_stands(cast, family, sign_in):
    """The last day it holds is the one before `valid_until`."""
    over = Certificate.objects.create(
        holder=cast.nele, family=family, valid_from=date(2024, 1, 1), valid_until=date(2025, 1, 1), status="valid",
        recorded_at=NOW, recorded_by=cast.tom,
    )  # fmt: skip
    assert over.standing_on(date(2024, 12, 31)) == "valid"
    assert over.standing_on(date(2025, 1, 1)) == "expired"
    browser = sign_in(cast.tom)
    for path in ("/office/certificates/", f"/office/certificates/{over.pk}/", "/office/partners/P-NORD/"):
        page = browser.get(path).text
        assert '<span class="badge neutral">expired</span>' in page, path
        assert '<span class="badge earned">valid</span>' not in page, path
    assert "Nele" in browser.get("/office/certificates/?status=expired").text
    assert "Nele" not in browser.get("/office/certificates/?status=valid").text


def test_the_list_names_the_company_and_finds_people_by_it(cast, family, sign_in):
    actions.record_certificate(cast.selma, family, valid_from=date(2026, 7, 1), by=cast.tom, now=NOW)
    browser = sign_in(cast.tom)
    assert "Süd Erdacht KG" in browser.get("/office/certificates/").text
    assert "Selma" in browser.get("/office/certificates/?q=erdacht").text
    assert "Selma" not in browser.get("/office/certificates/?q=nord").text


def test_a_revoked_one_stays_revoked_when_its_time_is_over():
    revoked = Certificate(valid_from=date(2024, 1, 1), valid_until=date(2025, 1, 1), status="revoked")
    assert revoked.standing_on(date(2026, 1, 1)) == "revoked"
