"""The line of a bundle names the orders it is made of, and nobody else's."""

from datetime import date

import pytest

from commissions import actions
from commissions.models import Line
from commissions.queries import contexts
from sales.models import Order
from tests.cast import make_product
from tests.commissions.test_calculate import NOW, order, run_month

pytestmark = pytest.mark.django_db

DUO = """
schedule: standard
valid_from: 2026-01-01
components:
  - code: duo
    kind: bundle
    needs: [{families: [dsl]}, {families: [mobile], transactions: [new]}]
    within_days: 30
    rate: {amount: 30.00}
"""


@pytest.fixture
def bundle(cast) -> Line:
    """C-1 has both parts by 9 April, thirty days after the first."""
    make_product("dsl-50", "dsl")
    make_product("sim", "mobile")
    actions.publish_version(actions.save_draft(DUO, by=cast.carla, now=NOW), by=cast.hanna, now=NOW)
    first = {"product": "dsl-50", "activated": "2026-03-10"}
    order("O-1", cast.sued, customer_no="C-1", **first)
    order("O-2", cast.sued, customer_no="C-1", product="sim", activated="2026-04-09")
    order("O-TOO-EARLY", cast.sued, customer_no="C-1", product="dsl-50", activated="2026-03-09")
    order("O-SECOND", cast.sued, customer_no="C-1", product="dsl-50", activated="2026-03-11")
    order("O-LATER", cast.sued, customer_no="C-1", product="dsl-50", activated="2026-04-10")
    order("O-RENEWED", cast.sued, customer_no="C-1", product="sim", transaction="renewal", activated="2026-03-10")
    order("O-OTHER-CUSTOMER", cast.sued, customer_no="C-2", **first)
    order("O-OTHER-PARTNER", cast.rival, customer_no="C-1", **first)
    run_month(cast, "2026-04")
    return Line.objects.get(component_code="duo")


def parts(line: Line) -> tuple[str, ...]:
    return contexts([Line.objects.get(pk=line.pk)])[line.pk].parts


def test_the_parts_are_those_the_run_found(bundle):
    assert bundle.order.order_no == "O-2"
    assert parts(bundle) == ("O-1",)


def test_a_part_that_had_ended_by_then_was_none(bundle):
    Order.objects.filter(order_no="O-1").update(cancelled_on=date(2026, 4, 9))
    assert parts(bundle) == ("O-SECOND",)


def test_a_part_that_left_later_is_still_named(bundle):
    Order.objects.filter(order_no="O-1").update(cancelled_on=date(2026, 4, 10))
    assert parts(bundle) == ("O-1",)


def test_a_part_that_was_given_to_another_partner_is_not_shown(bundle, cast):
    Order.objects.filter(order_no__in=["O-1", "O-SECOND"]).update(partner=cast.rival)
    assert parts(bundle) == ()


def test_partner_and_office_reach_the_part_from_the_line(bundle, cast, sign_in):
    statement = f"/statements/{bundle.statement.number}/?line={bundle.pk}"
    assert '<a href="/orders/O-1/">O-1</a>' in sign_in(cast.sina).get(statement).text
    assert '<a href="/orders/O-1/">O-1</a>' in sign_in(cast.sina).get("/orders/O-2/").text
    assert '<a href="/office/orders/O-1/">O-1</a>' in sign_in(cast.carla).get(f"/office/lines/{bundle.pk}/").text
