"""The objects that the pages of a walk are about, out of the small channel and beside it."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from commissions.actions import simulate, start_simulation
from commissions.models import Hold, ManualLine, ScheduleVersion
from sales.actions import save_campaign
from sales.models import FeedImport, Parked
from targets.actions import approve_adjustment, record_agreement
from tests.access.test_every_address import adjust
from tests.quality import make_quality
from training.models import Certificate


@pytest.fixture(scope="module")
def world(house) -> SimpleNamespace:
    """The objects that the table's addresses name, out of the channel."""
    channel, now = house.channel, house.channel.provisional.snapshot_at
    cast, run = channel.cast, channel.runs[-1]
    version = ScheduleVersion.objects.published().first()
    assert version
    feed = FeedImport.objects.first()
    statement = channel.statements(cast.sued)[-1]
    campaign = save_campaign(
        code="smart", valid_from=run.month, registration="required", by=cast.carla, now=now, approved_by=cast.hanna
    )
    draft = version.schedule.versions.create(
        valid_from="2027-01-01", document=version.document, created_at=now, created_by=cast.tom
    )
    simulation = start_simulation(draft, first=run.month, last=run.month, start=run.month, by=cast.carla, now=now)
    simulate(simulation, now=now)
    target = record_agreement(cast.sued, kpi="mobile", year=now.year, annual=Decimal(1000), now=now)
    announced = adjust(target, by=cast.hanna, now=now)
    approve_adjustment(announced, by=cast.finn, now=now)
    return SimpleNamespace(
        target=target,
        announced=announced,
        asked=adjust(target, by=None, now=now),
        cast=cast,
        simulation=simulation,
        provisional=channel.provisional,
        quality=make_quality(cast, now),
        feed=feed,
        run=run,
        version=version,
        statement=statement,
        line=statement.lines.first(),
        draft=draft,
        example=version.schedule.examples.create(title="Example", document="title: Example"),
        parked=Parked.objects.first() or SimpleNamespace(pk=0),
        certificate=Certificate.objects.first(),
        finding=run.findings.filter(waivable=True).first(),
        campaign=campaign,
        hold=Hold.objects.create(partner=cast.sued, reason="look again", placed_at=now, placed_by=cast.carla),
        manual=ManualLine.objects.create(
            partner=cast.sued, amount=5, reason="sorry", proposed_at=now, proposed_by=cast.carla
        ),
        named={"2026-000001": statement.number, "O-SUED": "O-0950"},
    )
