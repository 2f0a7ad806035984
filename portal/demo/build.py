"""From an empty database to the demo channel, in steps that are each done once.

The audit trail keeps what was done (`demo_started`, `demo_happened` for each month, `demo_finished`), so an interrupted
build goes on, with the `now` it began with, and a finished one is recognised.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path

from django.conf import settings
from django.db import transaction

from commissions.models import Schedule
from core.audit import record
from core.errors import Refused
from core.models import AuditEntry
from core.periods import berlin_date
from partners.models import Partner
from portal.demo.catalogue import make_catalogue, offers
from portal.demo.people import PASSWORD, dealers, demo_people, load_channel, make_channel
from portal.demo.quality import customers_answer
from portal.demo.stories import stories
from portal.demo.year import LAST, Year, first_month
from sales import synthetic
from sales.models import Event, ProductFamily

ORDERS = 25_000
SEED = 20_261_122
Say = Callable[[str], None]


def silent(_text: str) -> None:
    """For callers nobody watches."""


def is_there() -> bool:
    """Whether the whole demo channel is in the database."""
    return AuditEntry.objects.filter(verb="demo_finished").exists()


def demo_logins() -> list[tuple[str, str, str, str]]:
    """E-mail, password, role, what each can do; nothing while the demo is not there."""
    return [(email, PASSWORD, role, what) for email, role, what in demo_people()] if is_there() else []


def build(*, now: datetime, orders: int = ORDERS, seed: int = SEED, say: Say = silent) -> bool:
    """Makes the demo channel; False if it is there already. Refused in a database that holds anything else."""
    if is_there():
        return False
    begun = AuditEntry.objects.filter(verb="demo_started").first()
    if begun:
        now = datetime.fromisoformat(begun.detail["moment"])
        orders, seed = begun.detail["orders"], begun.detail["seed"]
        say("going on with an interrupted demo")
    else:
        _refuse_strangers()
        _begin(now, orders, seed)
        say("partners, products and schedules are there")
    year = Year(load_channel(), first_month(now), now, orders)
    for month, file in enumerate(_feed(year, orders, seed)):
        year.take_in(file, month)
        if not _happened(month):
            with transaction.atomic():
                year.happen(month)
                customers_answer(year, month)
                record(by=None, verb="demo_happened", obj=_home(), now=now, month=month)
        year.settle(month)
        say(f"{month + 1:2d} of {LAST + 1} months")
    record(by=None, verb="demo_finished", obj=_home(), now=now)
    return True


def _refuse_strangers() -> None:
    for model in (Partner, ProductFamily, Schedule, Event):
        if model.objects.exists():
            raise Refused(
                f"The database holds {model._meta.verbose_name_plural} that are no demo data; nothing was changed. "
                "The demo needs an empty database."
            )


def _begin(now: datetime, orders: int, seed: int) -> None:
    start = first_month(now)
    with transaction.atomic():
        make_catalogue(start)
        channel = make_channel(start)
        Year(channel, start, now, orders).prepare()
        home, moment = _home(), now.isoformat()
        record(by=None, verb="demo_started", obj=home, now=now, orders=orders, seed=seed, moment=moment)


def _happened(month: int) -> bool:
    return AuditEntry.objects.filter(verb="demo_happened", detail__month=month).exists()


def _home() -> Partner:
    return Partner.objects.get(number="P-1001")


def _feed(year: Year, orders: int, seed: int) -> Iterator[Path]:
    """The year's feed files, written once; they stay, so that everybody can look into one."""
    until = berlin_date(year.now)
    feed = synthetic.Feed(
        seed=seed,
        first=year.start,
        until=until,
        orders=orders,
        dealers=dealers(year.channel, year.start),
        offers=offers(year.start),
    )
    reported = chain(synthetic.rows(feed), stories(year.start))
    return iter(synthetic.write(reported, Path(settings.DATA_DIR) / "demo-feed", until=until))
