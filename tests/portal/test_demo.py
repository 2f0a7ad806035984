"""The demo channel: everything the screens show happens in it, and it is made once, by the rules."""

from collections import Counter
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command

from commissions.models import Cause, DraftLine, HoldReason, Kind, Line, ManualLine, Run, ScheduleVersion, Statement
from commissions.recheck import recheck
from core.errors import Refused
from partners.models import Contract, Membership, Partner, Role, User
from portal.demo import build, demo_logins
from portal.demo.year import Year
from sales.models import FeedImport, Order, Parked
from tests.cast import make_partner
from training.models import Certificate

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
ORDERS = 300


@pytest.fixture(autouse=True)
def own_data_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def demo():
    assert build(now=NOW, orders=ORDERS)


def test_the_demo_shows_every_state_there_is(demo):
    """One long test, because building takes seconds."""
    # eleven months posted by two people, the open one provisional
    assert list(Run.objects.order_by("month").values_list("kind", "status")) == [
        *[("monthly", "posted")] * 11,
        ("provisional", "in_review"),
    ]
    assert Run.objects.earliest("month").month == date(2025, 12, 1)
    assert not Run.objects.filter(kind="monthly", calculated_by__email__startswith="finn").exists()
    assert DraftLine.objects.filter(run__kind="provisional").exists()
    assert list(recheck()) == []

    # every kind, cause and reason to hold
    assert set(Line.objects.exclude(kind="").values_list("kind", flat=True)) == set(Kind.values)
    assert set(Line.objects.values_list("cause", flat=True)) == set(Cause.values)
    assert set(Line.objects.filter(is_notice=True).values_list("hold_reason", flat=True)) == set(HoldReason.values)

    # a negative statement carried forward over a month, and brought forward in the next
    small = Statement.objects.filter(partner__number="P-1010").order_by("month")
    assert any(statement.carried_forward < 0 for statement in small)
    assert any(statement.brought_forward < 0 for statement in small)

    # imports balance; waiting, rejected and unreadable things are there to be looked at
    for done in FeedImport.objects.filter(status="done"):
        assert done.rows == done.accepted + done.duplicate + done.waiting + done.exception + done.rejected
    assert FeedImport.objects.filter(status="refused").get().error
    assert Parked.objects.filter(cause="order_not_captured").exists()
    assert {"active", "captured", "cancelled", "withdrawn"} <= set(Order.objects.values_list("status", flat=True))

    # who: eighty partners of all kinds, eighteen managers with deputies, every role
    partners = Counter(Partner.objects.values_list("kind", flat=True))
    assert set(partners) == set(Partner.Kind.values)
    assert 75 <= partners.total() <= 85
    managers = Partner.objects.values_list("manager", "deputy")
    assert len({manager for manager, _deputy in managers}) == 18
    assert all(deputy and deputy != manager for manager, deputy in managers)
    assert set(User.objects.values_list("role", flat=True)) == set(Role.values)
    assert set(Membership.objects.values_list("role", flat=True)) == set(Membership.Role.values)
    assert set(Partner.objects.values_list("vat_status", flat=True)) == set(Partner.Vat.values)
    assert Contract.objects.filter(self_billing_accepted_on=None).exists()
    assert {"active", "terminated", "suspended"} <= set(Partner.objects.values_list("status", flat=True))
    for partner in Partner.objects.all():
        partner.full_clean()

    # what waits for a second person
    assert ManualLine.objects.filter(status="proposed").exists()
    assert ScheduleVersion.objects.filter(status="draft").exists()
    assert set(Certificate.objects.values_list("status", flat=True)) == set(Certificate.Status.values)
    assert not ScheduleVersion.objects.filter(status="published", created_by__email__startswith="hanna").exists()

    # everybody of the printed table can sign in
    for email, password, _role, what in demo_logins():
        assert check_password(password, User.objects.get(email=email).password), email
        assert what
        assert email.endswith(".example")

    # a second build says so and changes nothing
    told, lines = StringIO(), Line.objects.count()
    call_command("demo", stdout=told)
    assert "already" in told.getvalue()
    assert Line.objects.count() == lines


def test_an_interrupted_build_goes_on_to_the_same_end(monkeypatch, settings, tmp_path):
    settle = Year.settle

    def break_in_the_third_month(self, month):
        if month == 2:
            raise KeyboardInterrupt
        settle(self, month)

    monkeypatch.setattr(Year, "settle", break_in_the_third_month)
    with pytest.raises(KeyboardInterrupt):
        build(now=NOW, orders=40)
    assert demo_logins() == []
    monkeypatch.undo()
    settings.DATA_DIR = tmp_path
    assert build(now=datetime(2026, 12, 24, tzinfo=UTC), orders=5)  # the moment and the size it began with count
    assert Run.objects.filter(status="posted").count() == 11
    assert Run.objects.latest("month").month == date(2026, 11, 1)
    assert Contract.objects.filter(status="draft").count() == 0
    assert ManualLine.objects.count() == 2
    assert list(recheck()) == []


@pytest.mark.parametrize("now", ["2027-03-01T00:30+01:00", "2028-02-29T23:50+01:00"])
def test_it_can_be_built_on_any_day(now):
    assert build(now=datetime.fromisoformat(now), orders=40)
    assert Run.objects.latest("month").month == datetime.fromisoformat(now).date().replace(day=1)


def test_other_data_is_left_alone():
    make_partner("P-REAL", "Echt GmbH")
    with pytest.raises(Refused, match="no demo data"):
        build(now=NOW, orders=10)
    with pytest.raises(CommandError, match="no demo data"):
        call_command("demo")
    assert Partner.objects.count() == 1
