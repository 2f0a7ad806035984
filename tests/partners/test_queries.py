"""Loads, counts and search, with a constant number of queries."""

from decimal import Decimal

import pytest

from partners.models import Contract, Membership, Outlet, Partner, Role, User
from partners.queries import Load, Loads, loads
from tests.cast import make_partner


def many(count: int, **fields) -> list[Partner]:
    return Partner.objects.bulk_create(
        Partner(number=f"B-{i}", legal_name=f"Bulk {i}", sort_key=str(i), kind="agency", **fields) for i in range(count)
    )


@pytest.mark.parametrize(("partners", "average"), [(500, "27.8"), (1000, "55.6")])
def test_eighteen_managers_share_the_channel(partners, average):
    share, rest = divmod(partners, 18)
    managers = [Load(User(name=str(i)), share + (i < rest), 0) for i in range(18)]
    assert Loads(managers, unassigned=0).average == Decimal(average)


def test_a_manager_with_more_than_sixty_partners_is_pointed_out(cast, django_assert_num_queries):
    many(59, manager=cast.petra)  # with Nord and Süd 61
    many_more = [Partner(number=f"X-{i}", legal_name=f"X {i}", sort_key=str(i), kind="agency") for i in range(3)]
    Partner.objects.bulk_create(many_more)
    with django_assert_num_queries(3):
        found = loads(Partner.objects.all(), User.objects.all())
    assert [(load.manager, load.partners, load.too_high) for load in found.managers] == [
        (cast.petra, 61, True),
        (cast.paul, 1, False),
    ]
    assert [load.manager for load in found.too_high] == [cast.petra]
    assert found.unassigned == 3


def test_a_deputy_sees_the_partners_of_a_manager_on_holiday(cast):
    cast.nord.deputy = cast.paul
    cast.nord.save()
    (petra, paul) = loads(Partner.objects.all(), User.objects.all()).managers
    assert (petra.deputising, paul.deputising) == (0, 1)
    assert cast.nord in Partner.objects.visible_to(cast.paul)


def test_terminated_partners_are_no_load(cast):
    Partner.objects.update(status="terminated")
    assert {load.partners for load in loads(Partner.objects.all(), User.objects.all()).managers} == {0}


def test_partners_are_counted_by_state(cast):
    make_partner("P-1", "Eins", status="prospect")
    make_partner("P-2", "Zwei", status="suspended")
    counts = Partner.objects.visible_to(cast.hanna).counts_by_status()
    assert counts == {"prospect": 1, "onboarding": 0, "active": 3, "suspended": 1, "terminated": 0}
    assert counts["active"] != Partner.objects.count()


def test_a_partner_is_found_by_the_town_of_its_shop(cast):
    phone = make_partner("P-7", "Telefon und mehr", city="Kleve")
    Outlet.objects.create(partner=phone, name="Laden", city="Wachtendonk")
    Outlet.objects.create(partner=phone, name="Zweiter Laden", city="Wachtendonk")

    def found(text: str) -> list[str]:
        return [partner.number for partner in Partner.objects.search(text)]

    assert found("wachtendonk") == ["P-7"]
    assert found("wachtendonk telefon") == ["P-7"]
    assert found("wachtendonk rival") == []
    assert found("D-SUED") == ["P-SUED"]
    assert len(found("")) == 4


def test_names_sort_as_germans_do(db):
    for number, name in enumerate(["Zebra", "Äpfel", "Apfel", "Ökonom", "Otto"]):
        make_partner(str(number), name)
    assert [p.legal_name for p in Partner.objects.all()] == ["Apfel", "Äpfel", "Ökonom", "Otto", "Zebra"]


def test_contracts_and_teams_are_the_own_partners_business(cast):
    def partners(rows) -> set[str]:
        return set(rows.values_list("partner__number", flat=True))

    assert partners(Contract.objects.visible_to(cast.nora)) == {"P-NORD"}
    assert partners(Contract.objects.visible_to(cast.nele)) == set()
    assert partners(Contract.objects.visible_to(cast.finn)) == {"P-NORD", "P-SUED", "P-RIVAL"}
    assert partners(Membership.objects.visible_to(cast.nora)) == {"P-NORD"}
    assert partners(Membership.objects.visible_to(cast.petra)) == {"P-NORD", "P-SUED"}
    assert partners(Outlet.objects.visible_to(cast.nora)) == {"P-NORD", "P-SUED"}
    User.objects.filter(pk=cast.nora.pk).update(is_active=False)
    cast.nora.refresh_from_db()
    assert not Contract.objects.visible_to(cast.nora).exists()
    assert cast.nora.role == Role.PARTNER
