"""Who is told what about targets, once, and where they want it."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from core.periods import BERLIN
from targets.actions import alerts, approve_adjustment, confirm_adjustment, propose_adjustment, record_agreement
from targets.models import Alert, Snapshot

NOW = datetime(2026, 10, 10, 6, tzinfo=BERLIN)


@pytest.fixture
def item(cast, settings):
    settings.MAIL_NOTICES = True
    return record_agreement(cast.nord, kpi="mobile-units", year=2026, annual=Decimal(1000), now=NOW)


def evening(item, day: date, seasonal: str, **fields) -> None:
    period = {"period_from": date(2026, 7, 1), "period_until": date(2027, 1, 1)}
    Snapshot.objects.create(
        item=item, day=day, target=500, actual=200, seasonal=Decimal(seasonal), **{**period, **fields}
    )


def told(kind: str) -> set[str]:
    return set(Alert.objects.filter(kind=kind).values_list("user__email", flat=True))


def test_a_forecast_that_loses_a_band_is_told_once_to_partner_and_manager(cast, item) -> None:
    evening(item, NOW.date() - timedelta(days=7), "510")
    evening(item, NOW.date(), "480")
    assert alerts.raise_alerts(now=NOW) == 3
    assert told("below_band") == {"nora@nord.example", "nils@nord.example", "petra@funkelnetz.example"}
    assert "at today's pace 96 %, below the step of 100 %" in mail.outbox[0].body
    assert len(mail.outbox) == 3
    assert alerts.raise_alerts(now=NOW) == 0
    assert len(mail.outbox) == 3


def test_a_band_lost_is_told_though_the_evening_a_week_ago_was_not_counted(cast, item) -> None:
    evening(item, NOW.date() - timedelta(days=9), "510")
    evening(item, NOW.date() - timedelta(days=6), "485")
    evening(item, NOW.date(), "480")
    assert alerts.raise_alerts(now=NOW) == 3


def test_a_forecast_that_stays_in_its_band_is_no_news(cast, item) -> None:
    evening(item, NOW.date() - timedelta(days=7), "490")
    evening(item, NOW.date(), "480")
    assert alerts.raise_alerts(now=NOW) == 0


def test_an_unconfirmed_change_is_told_and_recalled_after_a_fortnight(cast, item) -> None:
    change = propose_adjustment(
        [item.agreement], year=2026, title="Half", steps=[{"kind": "scale", "factor": "0.5"}], reason_code="other",
        reason="closed", effective_on=NOW.date(), by=cast.hanna, now=NOW,
    )  # fmt: skip
    approve_adjustment(change, by=cast.finn, now=NOW)
    assert alerts.raise_alerts(now=NOW) == 3
    assert alerts.raise_alerts(now=NOW + timedelta(days=13)) == 0
    assert alerts.raise_alerts(now=NOW + timedelta(days=14)) == 3
    assert alerts.raise_alerts(now=NOW + timedelta(days=15)) == 0
    confirm_adjustment(item.agreement, change, by=cast.nora, now=NOW)
    assert alerts.raise_alerts(now=NOW + timedelta(days=30)) == 0


def test_a_settlement_is_announced_a_week_before(cast, item) -> None:
    first = {"period_from": date(2026, 1, 1), "period_until": date(2026, 7, 1)}
    for day, expected in ((date(2026, 8, 6), 0), (date(2026, 8, 8), 3)):
        evening(item, day, "500", **first)
        assert alerts.raise_alerts(now=datetime(2026, 8, day.day, 6, tzinfo=BERLIN)) == expected


def test_each_person_chooses_where(cast, item, sign_in) -> None:
    sign_in(cast.nora).post(reverse("targets:alerts"), {"step": "choose", "below_band-portal": "on"})
    alerts.choose(cast.petra, "below_band", portal=False, email=False)
    evening(item, timezone.localdate() - timedelta(days=7), "510", period_until=date(2099, 1, 1))
    evening(item, timezone.localdate(), "480", period_until=date(2099, 1, 1), period_from=date(2026, 7, 1))
    Snapshot.objects.update(period_from=date(2020, 1, 1), period_until=timezone.localdate() + timedelta(days=9))
    assert alerts.raise_alerts() == 2  # Nora in the portal, Nils in both; Petra wants none
    assert [message.to for message in mail.outbox] == [["nils@nord.example"]]
    page = sign_in(cast.nora).get(reverse("targets:alerts")).content.decode()
    assert "below the step of 100 %" in page
    sign_in(cast.nora).post(reverse("targets:alerts"), {"step": "read"})
    assert Alert.objects.get(user=cast.nora).read_at
