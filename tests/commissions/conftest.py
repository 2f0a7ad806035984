import pytest
from django.db import connection

from commissions import calculate


@pytest.fixture
def looked_at(monkeypatch):
    """By month, the orders that its run looked at, counted before its workspace goes."""
    found = {}
    control = calculate._control

    def count(run):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT o.order_no FROM sales_order o WHERE o.id IN ("
                f"SELECT order_id FROM calc_{run.pk}.scope_order UNION SELECT order_id FROM calc_{run.pk}.scope_reach)"
            )
            found[f"{run.month:%Y-%m}"] = sorted(number for (number,) in cursor.fetchall())
        control(run)

    monkeypatch.setattr(calculate, "_control", count)
    return found
