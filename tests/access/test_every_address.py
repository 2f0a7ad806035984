"""Walks every address with everybody of the cast, a stranger among them, and a guest, against the checked-in table."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from commissions.actions import start_simulation
from commissions.models import Hold, ManualLine, Run
from partners.models import User
from sales.actions import register_for_campaign, save_campaign
from sales.models import CustomerSpend, Event, FeedImport, Parked
from targets.actions import announce_measure, approve_adjustment, propose_adjustment, record_agreement
from targets.models import AgreementItem, Proposal
from tests.access.table import ADMIN, TABLE, Line
from tests.cast import make_import, make_order, make_product, make_run, make_statement, make_version
from tests.quality import make_quality
from training.actions import record_certificate

REFUSED = {401, 403, 404}
SIGN_IN = ("/accounts/login/", "/admin/login/")
# The administration has ten times the addresses and rights by role only: one person a role walks there.
ONE_A_ROLE = ["guest", "nora", "nele", "petra", "hanna", "carla", "finn", "tom", "aud", "ada"]


def addresses(resolver: URLResolver | None = None, space: str = "", route: str = "") -> Iterator[str]:
    """Names of all addresses; the route itself for one without a name."""
    for each in (resolver or get_resolver()).url_patterns:
        here = route + str(each.pattern)
        if isinstance(each, URLPattern):
            yield space + each.name if each.name else here
        else:
            yield from addresses(each, f"{space}{each.namespace}:" if each.namespace else space, here)


def is_of_a_model(name: str) -> bool:
    return name.startswith("admin:") and name.rpartition("_")[0].removeprefix("admin:") in ADMIN


def is_the_administrations_rest(name: str) -> bool:
    """Its catch-all and the short form of change addresses, which only redirect."""
    return name.startswith("admin/")


OURS = sorted({name for name in addresses() if not is_of_a_model(name) and not is_the_administrations_rest(name)})


@pytest.fixture
def world(cast) -> SimpleNamespace:
    """Something of everything, all of it Süd's."""
    now = timezone.now()
    version = make_version(cast.carla)
    feed = make_import()
    order = make_order(cast.sued, "O-SUED", feed_import=feed)
    run = make_run(date(2026, 7, 1))
    statement = make_statement(run, cast.sued, "2026-000001", orders=[order])
    certificate = record_certificate(
        cast.selma, make_product().family, valid_from=date(2026, 1, 1), by=cast.tom, reason="exam", now=now
    )
    terms = {"valid_from": date(2026, 1, 1), "registration": "required", "now": now}
    campaign = save_campaign(code="smart", by=None, approved_by=cast.hanna, **terms)
    target = record_agreement(cast.sued, kpi="mobile", year=now.year, annual=Decimal(1000), now=now)
    announced = adjust(target, by=cast.hanna, now=now)
    approve_adjustment(announced, by=cast.finn, now=now)
    by_tom = {"proposed_at": now, "proposed_by": cast.tom}
    draft = version.schedule.versions.create(
        valid_from=date(2027, 1, 1), document=version.document, created_at=now, created_by=cast.tom
    )
    july = date(2026, 7, 1)
    simulation = start_simulation(draft, first=july, last=july, start=july, by=cast.carla, now=now)
    Run.objects.filter(kind=Run.Kind.SIMULATION).update(status=Run.Status.IN_REVIEW)
    return SimpleNamespace(
        cast=cast,
        quality=make_quality(cast, now),
        version=version,
        draft=draft,
        simulation=simulation,
        parked=park(feed),
        spend=CustomerSpend.objects.create(
            customer_no="C-1", amount=3400, source="bill", as_of=date(2026, 7, 1), status="suggested", recorded_at=now
        ),
        example=version.schedule.examples.create(title="Example", document="title: Example"),
        feed=feed,
        order=order,
        run=run,
        statement=statement,
        line=statement.lines.get(),
        certificate=certificate,
        campaign=campaign,
        target=target,
        announced=announced,
        asked=adjust(target, by=None, now=now),
        measure=announce_measure(
            title_de="Schulung", title_en="Training", starts_on=july, until=date(2026, 8, 1), by=cast.hanna, now=now
        ),
        registration=register_for_campaign(campaign, cast.sued, on=date(2026, 1, 1), by=None, now=now),
        finding=run.findings.create(check_name="untested", waivable=True, blocking=False, detail={"measure": "1"}),
        hold=Hold.objects.create(partner=cast.sued, reason="look again", placed_at=now, placed_by=cast.tom),
        manual=ManualLine.objects.create(partner=cast.sued, amount=5, reason="sorry", **by_tom),
    )


def adjust(target: AgreementItem, *, by: User | None, now: datetime) -> Proposal:
    """Somebody asks for the half of the year's target."""
    return propose_adjustment(
        [target.agreement],
        year=now.year,
        title="Half the year",
        steps=[{"kind": "scale", "factor": "0.5"}],
        reason_code="force_majeure",
        reason="closed",
        effective_on=now.date(),
        by=by,
        now=now,
    )


def park(feed: FeedImport) -> Parked:
    """A second capture of an order, waiting for the office."""
    twice = Event.objects.create(
        event_id="twice",
        event_type="captured",
        occurred_on=date(2026, 7, 3),
        order_no="O-SUED",
        feed_import=feed,
        line=2,
    )
    return Parked.objects.create(event=twice, feed_import=feed, cause=Parked.Cause.CAPTURED_TWICE)


def browser_of(person: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if person:
        client.force_login(person)
    return client


def entered(answer) -> bool:
    """Whether the door opened: anything but a refusal or the way to the sign-in page. A form error is inside."""
    to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith(SIGN_IN)
    assert answer.status_code < 500, answer.content[:2000]
    return answer.status_code not in REFUSED and not to_sign_in


def outcomes(world, address: str, method: str, data: dict, names: list[str]) -> dict[str, tuple[bool, int]]:
    """Who entered and with which status; whatever a visit changed is rolled back before the next person comes."""
    found = {}
    for name in names:
        with transaction.atomic():
            answer = getattr(browser_of(world.cast.people.get(name)), method)(address, data)
            found[name] = (entered(answer), answer.status_code)
            transaction.set_rollback(True)
    return found


def test_every_address_has_a_line_and_every_line_an_address():
    assert set(OURS) - set(TABLE) == set(), "no line in tests/access/table.py"
    assert set(TABLE) - set(OURS) == set(), "line without an address"
    models = {name.removeprefix("admin:").rpartition("_")[0] for name in addresses() if is_of_a_model(name)}
    strangers = {name for name in addresses() if name.startswith("admin:")} - set(TABLE)
    assert models == set(ADMIN)
    assert not {name for name in strangers if not is_of_a_model(name)}, "a model without a line"


@pytest.mark.parametrize("name", OURS)
def test_only_those_enter_whom_the_table_names(world, name):
    line: Line = TABLE[name]
    kwargs = line.kwargs(world) if callable(line.kwargs) else line.kwargs
    address = f"/{name}" if "/" in name else reverse(name, kwargs=kwargs)
    names = ["guest", *world.cast.people]
    for method, allowed, data in (("get", line.get, {}), ("post", line.post, line.data)):
        found = outcomes(world, address, method, data, names if allowed is not None else ONE_A_ROLE)
        inside = {who for who, (entered_, status) in found.items() if entered_ and status != 405}
        if allowed is None:  # not meant for this method; a page that answers it all the same opens to nobody else
            assert inside <= set(line.get or line.post or ()), f"{method} {address} is not in the table: {found}"
            continue
        assert inside == set(allowed), f"{method} {address}: {found}"
        if method == "get":
            assert {found[who][1] for who in line.unseen} <= {404}, f"{address} tells that it exists: {found}"
        if line.hidden:
            others = {status for who, (entered_, status) in found.items() if not entered_ and who != "guest"}
            assert others <= {404}, f"{method} {address} tells strangers that it exists: {found}"


def test_staff_with_a_partners_eyes_read_its_pages_and_post_nowhere(world):
    browser = browser_of(world.cast.petra)
    assert browser.post("/office/partners/P-SUED/view-as/").status_code == 302
    for name, line in TABLE.items():
        kwargs = line.kwargs(world) if callable(line.kwargs) else line.kwargs
        if line.get and "sina" in line.get and name.startswith(("portal:", "partners:", "commissions:", "sales:")):
            assert browser.get(reverse(name, kwargs=kwargs), follow=True).status_code == 200, name
        if line.post and name not in {"partners:stop_viewing_as", "account_logout", "admin:logout"}:
            address = reverse(name, kwargs=kwargs)
            assert browser.post(address, line.data).status_code in {403, 404}, name
    assert browser.post("/office/stop-viewing-as/").status_code == 302


@pytest.mark.parametrize("model", sorted(ADMIN))
def test_the_administration_opens_by_role_and_deletes_for_nobody(world, model):
    readers, editors = ADMIN[model]
    listing, add = reverse(f"admin:{model}_changelist"), reverse(f"admin:{model}_add")
    for address, allowed in ((listing, readers), (add, editors)):
        found = outcomes(world, address, "get", {}, ONE_A_ROLE)
        assert {who for who, (inside, _status) in found.items() if inside} == set(allowed), f"{address}: {found}"
    options = __import__("django.contrib.admin", fromlist=["site"]).site._registry
    row = next(each for each in options if f"{each._meta.app_label}_{each._meta.model_name}" == model)
    if (obj := row._default_manager.first()) is None:
        return
    for what in ("change", "history"):
        found = outcomes(world, reverse(f"admin:{model}_{what}", args=[obj.pk]), "get", {}, ONE_A_ROLE)
        assert {who for who, (inside, _status) in found.items() if inside} == set(readers), f"{what}: {found}"
    found = outcomes(world, reverse(f"admin:{model}_delete", args=[obj.pk]), "post", {"post": "yes"}, ONE_A_ROLE)
    assert not any(inside for inside, _status in found.values()), found
