"""Target and actual as the database computes them: what the engine pays by, and what an example expects."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import sql
from core.errors import Refused
from targets.actions import record_agreement
from targets.arithmetic import period_target, periods
from targets.models import Agreement
from targets.queries import attainment
from tests.cast import make_order, make_product
from tests.targets.test_arithmetic import change, step, weight

SUSPEND = {"kind": "suspend", "from": "2021-01-01", "until": "2021-07-01"}
SCALE = {"kind": "scale", "factor": "0.5"}


@pytest.fixture
def mobile(db):
    return make_product("mobile-flat", "mobile")


def sold(partner, number, units, day, **fields):
    return make_order(
        partner, number, product="mobile-flat", quantity=units, signed_on=day, activated_on=day,
        **{"last_event_on": day, **fields},
    )  # fmt: skip


def agreed(partner, **fields):
    entry = {"kpi": "mobile-units", "year": 2021, "annual": Decimal(1000), "families": ["mobile"], "measure": "units"}
    return record_agreement(partner, **{**entry, **fields})


def attained(cutoff):
    """Runs the statement as the engine does: in a schema of its own, with its own view of the orders."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA engine; CREATE VIEW engine.order_as_of AS SELECT * FROM sales_order")
        cursor.execute("CREATE TABLE engine.attained_final (partner_id bigint, kpi text, period_from date)")
        cursor.execute("SET LOCAL search_path = engine, public")
        sql.execute("targets/attained", cutoff=cutoff)
        cursor.execute(
            "SELECT partner_id, kpi, period_from, period_until, target, actual, digest FROM attained ORDER BY 1, 2, 3"
        )
        rows = cursor.fetchall()
        cursor.execute("DROP SCHEMA engine CASCADE; SET LOCAL search_path = public")
    return rows


def test_the_year_with_a_suspended_half_is_measured_from_july(cast, mobile) -> None:
    agreed(cast.nord, adjustments=[SUSPEND, SCALE])
    sold(cast.nord, "before", 310, date(2021, 6, 30))
    sold(cast.nord, "first", 232, date(2021, 7, 1))
    sold(cast.nord, "last", 200, date(2021, 12, 31))
    sold(cast.nord, "next-year", 50, date(2022, 1, 1))
    suspended, row = attained(date(2022, 1, 31))
    assert suspended[2:6] == (date(2021, 1, 1), date(2021, 7, 1), 0, 0)  # nothing asked, nothing counted
    assert row[:6] == (cast.nord.pk, "mobile-units", date(2021, 7, 1), date(2022, 1, 1), 500, 432)
    found = attainment(cast.nord, "mobile-units", date(2021, 12, 31))
    assert (found.target, found.actual, found.shown) == (500, 432, Decimal("86.4"))


def test_a_suspended_half_says_so_instead_of_zero_percent(cast, mobile) -> None:
    agreed(cast.nord, adjustments=[SUSPEND, SCALE])
    sold(cast.nord, "before", 310, date(2021, 3, 30))
    assert attainment(cast.nord, "mobile-units", date(2021, 6, 30)) == (None, 0, None)
    assert [row[4:6] for row in attained(date(2021, 6, 30))] == [(0, 0)]


def test_a_period_appears_when_its_last_day_is_reached(cast, mobile) -> None:
    agreed(cast.nord)
    assert attained(date(2021, 6, 29)) == []
    assert [row[2] for row in attained(date(2021, 6, 30))] == [date(2021, 1, 1)]
    assert [row[2] for row in attained(date(2021, 12, 31))] == [date(2021, 1, 1), date(2021, 7, 1)]
    # Fifteen months later only what ended since is looked at.
    assert [row[2] for row in attained(date(2022, 11, 30))] == [date(2021, 7, 1)]


def test_cancellations_lower_the_actual_unless_the_operator_is_at_fault(cast, mobile) -> None:
    agreed(cast.nord)
    day = date(2021, 8, 10)
    sold(cast.nord, "kept", 100, day)
    sold(cast.nord, "moved", 10, day, cancelled_on=date(2021, 10, 1), reason="CUSTOMER_MOVED")
    sold(cast.nord, "fault", 20, day, cancelled_on=date(2021, 10, 1), reason="PROVIDER_FAULT")
    sold(cast.nord, "later", 5, day, cancelled_on=date(2022, 1, 10), reason="CUSTOMER_MOVED")
    assert [row[5] for row in attained(date(2021, 12, 31))] == [0, 125]  # 100 + 20 + 5
    assert [row[5] for row in attained(date(2022, 1, 31))] == [0, 120]  # the later one is gone as well


def test_only_what_the_kpi_names_counts(cast, mobile) -> None:
    make_product("dsl-basic", "dsl")
    agreed(cast.nord)
    agreed(cast.nord, kpi="all-value", families=[], measure="turnover", annual=Decimal(5000), period="year")
    sold(cast.nord, "mobile", 3, date(2021, 8, 1), order_value=Decimal("100.50"))
    make_order(cast.nord, "dsl", activated_on=date(2021, 8, 2), last_event_on=date(2021, 8, 2), order_value=Decimal(40))
    sold(cast.rival, "stranger", 7, date(2021, 8, 1))
    rows = attained(date(2021, 12, 31))
    assert [(row[1], row[4], row[5]) for row in rows] == [
        ("all-value", 5000, Decimal("140.50")), ("mobile-units", 500, 0), ("mobile-units", 500, 3)
    ]  # fmt: skip


def test_what_is_only_offered_is_not_measured(cast, mobile) -> None:
    item = agreed(cast.nord)
    Agreement.objects.filter(pk=item.agreement_id).update(status="offered")
    assert attained(date(2021, 12, 31)) == []
    assert attainment(cast.nord, "mobile-units", date(2021, 12, 31)) is None


def test_said_again_a_target_is_changed_by_events(cast, mobile) -> None:
    first = agreed(cast.nord)
    before = {row[2]: row[6] for row in attained(date(2021, 12, 31))}
    again = agreed(cast.nord, annual=Decimal(800), adjustments=[SUSPEND])
    assert again.pk == first.pk
    again.refresh_from_db()
    assert again.annual == 1000  # agreed once, never edited
    suspended, (_p, _k, start, _u, target, _a, digest) = attained(date(2021, 12, 31))
    assert suspended[4:6] == (0, 0)
    assert (start, target) == (date(2021, 7, 1), 400)
    assert digest != before[start]
    agreed(cast.nord, annual=Decimal(800), adjustments=[SUSPEND])
    assert again.adjustments.count() == 2


def test_windows_run_over_whole_months(cast, mobile) -> None:
    with pytest.raises(Refused):
        agreed(cast.nord, adjustments=[{**SUSPEND, "from": "2021-01-15"}])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    annual=st.decimals(min_value=0, max_value=9999, places=1),
    weights=st.lists(weight, min_size=12, max_size=12).filter(any),
    steps=st.lists(step, max_size=4),
    length=st.sampled_from(["year", "half_year", "quarter"]),
)
def test_the_database_computes_the_same_targets(cast, annual, weights, steps, length) -> None:
    changes = [change(*each) for each in steps]
    entries = [
        {"kind": c.kind, "from": c.window_from, "until": c.window_until, "factor": c.factor, "value": c.value}
        for c in changes
    ]
    number = f"k{len(annual.as_tuple().digits)}-{Agreement.objects.count()}"
    Agreement.objects.update(status="withdrawn")
    item = agreed(cast.nord, kpi=number, annual=annual, weights=weights, period=length, adjustments=entries)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT period_from, target FROM targets_periods('2021-12-31', 2021, 2021) WHERE item_id = %s", [item.pk]
        )
        found = dict(cursor.fetchall())
    for span in periods(2021, length):
        expected = period_target(annual, weights, changes, span)
        got = found[span.start]
        assert (got is None) == (expected is None)
        if expected is not None:
            assert abs(float(got) - float(expected)) < 1e-9
