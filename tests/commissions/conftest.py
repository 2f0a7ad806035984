import re

import pytest
from django.db import connection

from commissions import calculate
from tests.channel import Channel, make_channel


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


@pytest.fixture
def channel(cast) -> Channel:
    return make_channel(cast)


@pytest.fixture
def read(sign_in):
    """The text of a page as somebody reads it, in English."""

    def page(user, path: str, status: int = 200) -> str:
        answer = sign_in(user).get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return re.sub(r"\s+", " ", answer.text)

    return page
