"""How much of a commission a cancellation leaves open, counted from the days alone."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from commissions.explain.liability import open_share

LIABLE = SimpleNamespace(clawback_mode="months", clawback_months=24, clawback_until=None, clawback_percent=None)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("months", (16, 24)),  # 8 full months from 10 March to 20 November
        ("started_months", (15, 24)),  # the ninth has begun
        ("days", (476, 731)),  # of 10 March 2026 to 10 March 2028
        ("full", (1, 1)),
        ("steps", (250_000, 1_000_000)),  # the ninth month lies in the second step
    ],
)
def test_the_open_share_is_counted_from_the_days_alone(mode: str, expected: tuple[int, int]) -> None:
    component = SimpleNamespace(**vars(LIABLE) | {"clawback_mode": mode})
    component.clawback_until, component.clawback_percent = [6, 12], [Decimal(50), Decimal(25)]
    found = open_share(component, date(2026, 3, 10), date(2026, 11, 20))
    assert found
    assert (found.n, found.d) == expected
    assert open_share(component, date(2026, 3, 10), date(2028, 3, 10)) is None  # the liability is over
    component.clawback_mode = None
    assert open_share(component, date(2026, 3, 10), date(2026, 3, 11)) is None
