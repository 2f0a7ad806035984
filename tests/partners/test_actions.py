"""What staff and owners do to partners: allowed people only, once only, with a trail."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied

from core.audit import history_of
from core.errors import Conflict, Refused
from partners import actions
from partners.models import Contract, Membership, Partner, User
from tests.cast import SCHEDULE, make_partner


@pytest.fixture
def draft(cast) -> Contract:
    fresh = make_partner("P-NEU", "Neu Gedacht OHG", contract=False, manager=cast.petra)
    return Contract.objects.create(
        partner=fresh, valid_from=date(2026, 3, 1), schedule=SCHEDULE, level="gold", parent=cast.nord
    )


def test_a_contract_comes_into_force_once_with_reason_and_trail(cast, draft):
    actions.put_contract_in_force(draft, by=cast.petra, reason="signed on paper")
    assert draft.status == "in_force"
    (entry,) = history_of(draft)
    assert (entry.actor, entry.verb, entry.reason) == (cast.petra, "put_contract_in_force", "signed on paper")
    with pytest.raises(Conflict):
        actions.put_contract_in_force(draft, by=cast.petra, reason="again")
    assert history_of(draft).count() == 1


def test_level_and_distributor_of_today_follow_the_contract(cast, draft):
    actions.put_contract_in_force(draft, by=cast.hanna, reason="signed")
    draft.partner.refresh_from_db()
    assert (draft.partner.level, draft.partner.parent) == ("gold", cast.nord)


def test_a_manager_without_assignment_cannot_touch_a_contract(cast, draft):
    for person in (cast.paul, cast.carla, cast.finn, cast.tom, cast.aud, cast.nora):
        with pytest.raises(PermissionDenied):
            actions.put_contract_in_force(draft, by=person, reason="mine")


def test_a_deputy_acts_while_the_manager_is_away(cast, draft):
    Partner.objects.filter(pk=draft.partner_id).update(deputy=cast.paul)
    draft.refresh_from_db()
    assert actions.put_contract_in_force(draft, by=cast.paul, reason="Petra is on holiday").status == "in_force"


def test_two_contracts_cannot_be_in_force_on_one_day(cast):
    second = Contract.objects.create(partner=cast.nord, valid_from=date(2026, 6, 1), schedule=SCHEDULE)
    with pytest.raises(Conflict):
        actions.put_contract_in_force(second, by=cast.petra, reason="new terms")
    actions.end_contract(cast.nord.contracts.earliest("pk"), until=date(2026, 6, 1), by=cast.petra, reason="new terms")
    assert actions.put_contract_in_force(second, by=cast.petra, reason="new terms").status == "in_force"


def test_a_contract_does_not_end_before_it_starts_nor_later_than_agreed(cast):
    contract = cast.nord.contracts.get()
    with pytest.raises(Refused):
        actions.end_contract(contract, until=contract.valid_from, by=cast.petra, reason="?")
    actions.end_contract(contract, until=date(2026, 9, 1), by=cast.petra, reason="notice given")
    with pytest.raises(Conflict):
        actions.end_contract(contract, until=date(2026, 12, 1), by=cast.petra, reason="longer")


def test_drafts_are_seen_by_those_who_negotiate_and_nobody_else(cast, draft):
    def sees(person) -> bool:
        return Contract.objects.visible_to(person).filter(pk=draft.pk).exists()

    assert all(sees(person) for person in (cast.petra, cast.hanna, cast.carla, cast.ada, cast.aud))
    assert not any(sees(person) for person in (cast.paul, cast.finn, cast.tom, cast.nora, cast.rita))
    actions.add_member(draft.partner, user=cast.rita, role="owner", valid_from=date(2026, 3, 1), by=cast.petra)
    assert not sees(cast.rita)
    actions.put_contract_in_force(draft, by=cast.petra, reason="signed")
    assert sees(cast.rita)


def test_owners_take_in_and_let_go_their_own_people(cast):
    fresh = User.objects.create_user("fritz@nord.example", name="Fritz Frisch")
    membership = actions.add_member(cast.nord, user=fresh, role="seller", valid_from=date(2026, 2, 1), by=cast.nora)
    actions.end_membership(membership, until=date(2026, 9, 1), by=cast.nora, reason="left")
    assert Membership.objects.on(date(2026, 8, 31)).filter(user=fresh).exists()
    assert not Membership.objects.on(date(2026, 9, 1)).filter(user=fresh).exists()
    for person in (cast.nils, cast.nele, cast.sina, cast.rita, cast.tom, cast.paul):
        with pytest.raises(PermissionDenied):
            actions.add_member(cast.nord, user=fresh, role="owner", valid_from=date(2026, 10, 1), by=person)


def test_nobody_is_a_member_twice_on_a_day_and_staff_never(cast):
    with pytest.raises(Conflict):
        actions.add_member(cast.nord, user=cast.nele, role="owner", valid_from=date(2026, 5, 1), by=cast.petra)
    with pytest.raises(Refused):
        actions.add_member(cast.nord, user=cast.tom, role="owner", valid_from=date(2026, 5, 1), by=cast.petra)


def test_the_head_of_channel_hands_partners_over(cast):
    actions.assign_manager(cast.nord, manager=cast.paul, deputy=cast.petra, by=cast.hanna, reason="team changed")
    assert (cast.nord.manager, cast.nord.deputy) == (cast.paul, cast.petra)
    with pytest.raises(PermissionDenied):
        actions.assign_manager(cast.nord, manager=cast.petra, by=cast.petra)
    with pytest.raises(Refused):
        actions.assign_manager(cast.nord, manager=cast.tom, by=cast.hanna)
    with pytest.raises(Refused):
        actions.assign_manager(cast.nord, manager=cast.paul, deputy=cast.paul, by=cast.hanna)


def test_a_contract_of_the_future_moves_level_and_distributor_on_its_day_and_not_before(cast, draft):
    actions.put_contract_in_force(draft, by=cast.hanna, reason="signed early", now=datetime(2026, 2, 20, 9, tzinfo=UTC))
    assert actions.follow_contracts(now=datetime(2026, 2, 28, 22, 59, tzinfo=UTC)) == []  # 23:59 in Berlin
    assert actions.follow_contracts(now=datetime(2026, 2, 28, 23, 5, tzinfo=UTC)) == [draft.partner]  # 1 March there
    draft.partner.refresh_from_db()
    assert (draft.partner.level, draft.partner.parent) == ("gold", cast.nord)
    entry = history_of(draft.partner).get()
    assert (entry.actor, entry.verb) == (None, "follow_contract")
    assert entry.detail == {
        "before": {"level": "", "parent": None},
        "after": {"level": "gold", "parent": cast.nord.pk},
    }


def test_following_contracts_again_or_days_late_changes_nothing_more(cast, draft):
    actions.put_contract_in_force(draft, by=cast.hanna, reason="signed early", now=datetime(2026, 2, 20, 9, tzinfo=UTC))
    late = datetime(2026, 3, 9, 9, tzinfo=UTC)
    assert actions.follow_contracts(now=late) == [draft.partner]
    assert actions.follow_contracts(now=late) == []


@pytest.mark.parametrize(
    ("old", "new", "goes"),
    [
        ("prospect", "onboarding", True),
        ("prospect", "active", False),
        ("onboarding", "active", True),
        ("active", "suspended", True),
        ("suspended", "active", True),
        ("active", "prospect", False),
        ("terminated", "active", False),
    ],
)
def test_a_partner_moves_only_along_its_life(cast, old, new, goes):
    cast.nord.status = old
    cast.nord.save()
    if goes:
        assert actions.change_status(cast.nord, status=new, by=cast.petra, reason="because").status == new
    else:
        with pytest.raises(Conflict):
            actions.change_status(cast.nord, status=new, by=cast.petra, reason="because")


def test_a_state_somebody_else_changed_meanwhile_is_a_conflict(cast):
    stale = Partner.objects.get(pk=cast.nord.pk)
    actions.change_status(cast.nord, status="suspended", by=cast.petra, reason="unpaid goods")
    with pytest.raises(Conflict):
        actions.change_status(stale, status="terminated", by=cast.hanna, reason="at once")


def test_every_weighty_change_needs_a_reason(cast, draft):
    with pytest.raises(Refused):
        actions.put_contract_in_force(draft, by=cast.petra, reason=" ")
    with pytest.raises(Refused):
        actions.change_status(cast.nord, status="suspended", by=cast.petra, reason="")
