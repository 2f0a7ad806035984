"""The cast stands as the brief of every access test assumes."""

from datetime import date

from partners.models import Partner
from sales.models import Order
from tests.cast import make_order, make_run, make_statement, make_version


def numbers(partners) -> set[str]:
    return {partner.number for partner in partners}


def test_a_distributor_sees_its_sub_partner_and_nobody_sees_a_sibling(cast):
    assert numbers(Partner.objects.visible_to(cast.nora)) == {"P-NORD", "P-SUED"}
    assert numbers(Partner.objects.visible_to(cast.sina)) == {"P-SUED"}
    assert numbers(Partner.objects.visible_to(cast.rita)) == {"P-RIVAL"}


def test_money_is_the_own_partners_owners_and_accountings_business(cast):
    assert numbers(Partner.objects.money_visible_to(cast.nora)) == {"P-NORD"}
    assert numbers(Partner.objects.money_visible_to(cast.sven)) == {"P-SUED"}
    assert not Partner.objects.money_visible_to(cast.nele).exists()
    assert not Partner.objects.money_visible_to(cast.tom).exists()
    assert not Partner.objects.money_visible_to(cast.ada).exists()


def test_a_manager_sees_the_partners_he_manages_or_stands_in_for(cast):
    assert numbers(Partner.objects.visible_to(cast.petra)) == {"P-NORD", "P-SUED"}
    Partner.objects.filter(pk=cast.rival.pk).update(deputy=cast.petra)
    assert numbers(Partner.objects.visible_to(cast.petra)) == {"P-NORD", "P-SUED", "P-RIVAL"}
    assert numbers(Partner.objects.visible_to(cast.hanna)) == {"P-NORD", "P-SUED", "P-RIVAL"}


def test_builders_make_rows_that_the_queries_find(cast):
    make_version()
    order = make_order(cast.nord, "O-1")
    statement = make_statement(make_run(date(2026, 7, 1)), cast.nord, "2026-000001", orders=[order])
    assert list(Order.objects.visible_to(cast.nora)) == [order]
    assert statement.lines.visible_to(cast.nils).get().amount == 45
