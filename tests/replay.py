"""Replays many histories at once in one database, each under its own prefix, through the real import and real runs.

    replay = Replay({"h0": history, "h1": other})
    replay.build()
    for slot, month in enumerate(CALENDAR):
        replay.record(slot)
        run = replay.calculate(month)
        replay.post(run)

Master data is written as the administration writes it (rows), everything else by the actions that the screens call.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import NamedTuple

from django.db.models import QuerySet

from commissions.actions import (
    approve_run,
    calculate_run,
    create_run,
    decide_manual_line,
    discard_run,
    place_hold,
    post_run,
    propose_manual_line,
    publish_version,
    release_hold,
    request_calculation,
    save_draft,
    waive_findings,
)
from commissions.models import Hold, Run, Statement, StatementVat
from core.errors import Conflict
from partners.models import Contract, DealerCode, Membership, Outlet, Partner, Role, User
from sales.actions import save_campaign
from sales.importing import import_text
from sales.models import Campaign, CampaignRegistration, Order, Product, ProductFamily
from targets.actions import record_agreement, record_survey
from targets.models import AgreementItem
from tests import histories as steps
from tests.histories import History, applied
from tests.reference import facts, feed, schedules
from tests.reference.facts import World
from tests.reference.ledger import Ledger
from tests.reference.statements import vat_percent
from tests.reference.writing import schedule, yaml
from training.models import Certificate

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


def person(key: str, role: Role = Role.PARTNER) -> User:
    return User(email=f"{key}@replay.example".lower(), name=key, role=role, password="!")


class Replay:
    def __init__(self, batch: Mapping[str, History]) -> None:
        self.batch = dict(batch)
        self.worlds: dict[str, World] = {}
        self.dice = Random(20)
        self.told: list[str] = []  # rows of the feed so far, a few of which are delivered again
        self.holds: dict[str, Hold] = {}

    # ---- the stage ----
    def build(self) -> None:
        """Everything the histories start with."""
        self.carla, self.hanna, self.finn = User.objects.bulk_create(
            [
                person("carla-replay", Role.COMMISSION_CONTROLLER),
                person("hanna-replay", Role.HEAD_OF_CHANNEL),
                person("finn-replay", Role.FINANCE),
            ]
        )
        self.partners: dict[str, Partner] = {}
        self.people: dict[str, User] = {}
        self.families: dict[str, ProductFamily] = {}
        self.products: dict[str, Product] = {}
        self.certificates: dict[str, Certificate] = {}
        self._create_partners()
        self._create_products()
        self._create_people((p, m) for p, h in self.batch.items() for m in h.start.memberships)
        self._create_certificates((p, c) for p, h in self.batch.items() for c in h.start.certificates)
        self._create_contracts((p, c) for p, h in self.batch.items() for c in h.start.contracts)
        for prefix, history in self.batch.items():
            for campaign in history.start.campaigns:
                self._campaign(prefix, campaign)
            for target in history.start.targets:
                self._target(prefix, target)
        for prefix, history in self.batch.items():
            self.worlds[prefix] = history.start
            for version in history.start.versions:
                self._publish(prefix, version)

    def _create_partners(self) -> None:
        for prefix, history in self.batch.items():
            for p in history.start.partners:
                number = f"{prefix}-{p.number}"
                self.partners[number] = Partner(
                    number=number, kind=p.kind, vat_status=p.vat, legal_name=number, sort_key=number
                )
        Partner.objects.bulk_create(self.partners.values())
        outlets = {n: Outlet(partner=p, name=n) for n, p in self.partners.items()}
        Outlet.objects.bulk_create(outlets.values())
        DealerCode.objects.bulk_create(
            DealerCode(
                code=f"{prefix}-{c.code}",
                outlet=outlets[f"{prefix}-{c.partner}"],
                valid_from=c.valid_from,
                valid_until=c.valid_until,
            )
            for prefix, history in self.batch.items()
            for c in history.start.dealer_codes
        )

    def _create_products(self) -> None:
        for prefix, history in self.batch.items():
            for p in history.start.products:
                family = f"{prefix}-{p.family}"
                if family not in self.families:
                    self.families[family] = ProductFamily(code=family, title_de=family, title_en=family)
        ProductFamily.objects.bulk_create(self.families.values())
        for prefix, history in self.batch.items():
            for p in history.start.products:
                code = f"{prefix}-{p.code}"
                self.products[code] = Product(
                    code=code,
                    family=self.families[f"{prefix}-{p.family}"],
                    title_de=code,
                    title_en=code,
                    **_portfolio(p),
                )
        Product.objects.bulk_create(self.products.values())

    def _create_people(self, memberships: Iterable[tuple[str, facts.Membership]]) -> None:
        memberships = list(memberships)
        new = {f"{prefix}-{m.person}" for prefix, m in memberships} - self.people.keys()
        self.people |= {key: person(key) for key in sorted(new)}
        User.objects.bulk_create(self.people[key] for key in sorted(new))
        Membership.objects.bulk_create(
            Membership(
                user=self.people[f"{prefix}-{m.person}"],
                partner=self.partners[f"{prefix}-{m.partner}"],
                role=Membership.Role.SELLER,
                valid_from=m.valid_from,
                valid_until=m.valid_until,
            )
            for prefix, m in memberships
        )

    def _create_certificates(self, certificates: Iterable[tuple[str, facts.Certificate]]) -> None:
        new = {}
        for prefix, c in certificates:
            if f"{prefix}-{c.person}" not in self.people:  # belongs to nobody who sells
                self.people[f"{prefix}-{c.person}"] = person(f"{prefix}-{c.person}")
                self.people[f"{prefix}-{c.person}"].save()
            new[f"{prefix}-{c.key}"] = Certificate(
                holder=self.people[f"{prefix}-{c.person}"],
                family=self.families[f"{prefix}-{c.family}"],
                status=Certificate.Status.REVOKED if c.revoked else Certificate.Status.VALID,
                valid_from=c.valid_from,
                valid_until=c.valid_until,
                recorded_at=NOW,
            )
        Certificate.objects.bulk_create(new.values())
        self.certificates |= new

    def _create_contracts(self, contracts: Iterable[tuple[str, facts.Contract]]) -> None:
        Contract.objects.bulk_create(
            Contract(
                partner=self.partners[f"{prefix}-{c.partner}"],
                status=Contract.Status.IN_FORCE,
                schedule=f"{prefix}-{c.schedule}",
                level=c.level,
                parent=self.partners[f"{prefix}-{c.parent}"] if c.parent else None,
                valid_from=c.valid_from,
                valid_until=c.valid_until,
            )
            for prefix, c in contracts
        )

    # ---- what becomes known before a run ----
    def record(self, slot: int) -> None:
        """All steps of one slot: the feed of all histories in one shuffled file, the rest one by one."""
        events = []
        for prefix, history in self.batch.items():
            for step in history.slots[slot]:
                self.worlds[prefix] = applied(self.worlds[prefix], step)
                if isinstance(step, steps.Told):
                    events.append(_prefixed(prefix, step.event))
        if events:
            self._import(events)
        for prefix, history in self.batch.items():
            for step in history.slots[slot]:
                self._record(prefix, step)

    def _record(self, prefix: str, step: steps.Step) -> None:
        match step:
            case steps.Published(version):
                self._publish(prefix, version)
            case steps.Certified(certificate):
                self._create_certificates([(prefix, certificate)])
            case steps.Revoked(key):
                if f"{prefix}-{key}" in self.certificates:
                    pk = self.certificates[f"{prefix}-{key}"].pk
                    Certificate.objects.filter(pk=pk).update(status=Certificate.Status.REVOKED)
            case steps.Agreed(partner, contracts):
                Contract.objects.filter(partner=self.partners[f"{prefix}-{partner}"]).delete()
                self._create_contracts((prefix, c) for c in contracts)
            case steps.Joined(membership):
                self._create_people([(prefix, membership)])
            case steps.Offered(product):
                Product.objects.filter(code=f"{prefix}-{product.code}").update(**_portfolio(product))
            case steps.Held(hold):
                self._hold(prefix, hold)
            case steps.Released(key):
                self._release(prefix, key)
            case steps.Granted(manual):
                self._grant(prefix, manual)
            case steps.Registered(registration):
                self._register(prefix, registration)
            case steps.Targeted(target):
                self._target(prefix, target)
            case steps.Surveyed(survey):
                self._survey(prefix, survey)

    def _import(self, events: list[facts.Event]) -> None:
        """One file in random sequence, with some rows of earlier files once more."""
        again = self.dice.sample(self.told, min(len(self.told), 20))
        self.told += events
        rows = [*events, *again]
        self.dice.shuffle(rows)
        done = import_text(feed.write(rows), by=self.carla, now=NOW)
        assert (done.status, done.rejected) == ("done", 0), (
            done.error,
            done.issues.values("field", "value", "code")[:3],
        )

    def _publish(self, prefix: str, version: schedules.Version) -> None:
        document = schedule(version, lambda code: f"{prefix}-{code}")
        draft = save_draft(yaml(document), by=self.carla, now=NOW)
        publish_version(draft, by=self.hanna, now=NOW, reason="agreed with the partners")

    def _hold(self, prefix: str, hold: facts.Hold) -> None:
        wanted = {
            "partner": self.partners[f"{prefix}-{hold.partner}"] if hold.partner else None,
            "order": Order.objects.get(order_no=f"{prefix}-{hold.order}") if hold.order else None,
        }
        component = f"{prefix}-{hold.component}" if hold.component else ""
        try:
            placed = place_hold(by=self.carla, now=NOW, reason="checked", component=component, **wanted)
        except Conflict:  # the office refuses a second one of the same; the engine must not mind it
            placed = Hold.objects.create(component_code=component, reason="checked", placed_at=NOW, **wanted)
        self.holds[f"{prefix}-{hold.key}"] = placed

    def _release(self, prefix: str, key: str) -> None:
        if f"{prefix}-{key}" in self.holds:
            release_hold(self.holds[f"{prefix}-{key}"], by=self.carla, now=NOW, reason="replay")

    def _grant(self, prefix: str, manual: facts.Manual) -> None:
        partner = self.partners[f"{prefix}-{manual.partner}"]
        line = propose_manual_line(partner, amount=manual.amount, reason="replay", by=self.carla, now=NOW)
        decide_manual_line(line, approve=True, by=self.hanna, now=NOW)

    def _campaign(self, prefix: str, campaign: facts.Campaign) -> None:
        left_out: dict[str, list[str]] = {"products": [], "families": [], "partners": []}
        for kind, code in campaign.excluded:
            left_out[NAMED[kind]].append(f"{prefix}-{code}")
        save_campaign(
            code=f"{prefix}-{campaign.code}",
            valid_from=campaign.valid_from,
            valid_until=campaign.valid_until,
            registration="required" if campaign.registration else "none",
            cap_units=campaign.cap_units,
            cap_amount=campaign.cap_amount,
            exclude=left_out,
            stackable=campaign.stackable,
            by=self.carla,
            approved_by=self.hanna,
            now=NOW,
        )

    def _register(self, prefix: str, registration: facts.Registration) -> None:
        """As a row, since nobody may register for days that are over."""
        CampaignRegistration.objects.create(
            campaign=Campaign.objects.get(code=f"{prefix}-{registration.campaign}"),
            partner=self.partners[f"{prefix}-{registration.partner}"],
            registered_on=registration.since,
            registered_at=NOW,
        )

    def _target(self, prefix: str, target: facts.Target) -> None:
        item = record_agreement(
            self.partners[f"{prefix}-{target.partner}"],
            kpi=f"{prefix}-{target.kpi}",
            year=target.year,
            annual=target.annual,
            families=[f"{prefix}-{family}" for family in target.families or ()],
            measure=target.measure,
            period=target.period,
            weights=target.weights,
            adjustments=[_adjustment(a) for a in target.adjustments],
            now=NOW,
        )
        AgreementItem.objects.filter(pk=item.pk).update(transactions=list(target.transactions or ()))

    def _survey(self, prefix: str, survey: facts.Survey) -> None:
        counts = (survey.promoters, survey.passives, survey.detractors)
        partner = self.partners[f"{prefix}-{survey.partner}"]
        record_survey(partner, survey.quarter, *counts, by=self.carla, reason="replay", now=NOW)

    # ---- the run ----
    def calculate(self, month: date, *, full: bool = False) -> Run:
        run = create_run(month=month, by=self.carla, now=NOW, full=full)
        request_calculation(run, by=self.carla, now=NOW)
        calculate_run(run, now=NOW)
        run.refresh_from_db()
        return run

    def discard(self, run: Run) -> None:
        discard_run(run, by=self.carla, now=NOW, reason="replay")

    def post(self, run: Run) -> None:
        waive_findings(run, by=self.hanna, now=NOW, reason="replay")
        approve_run(run, by=self.hanna, now=NOW)
        post_run(run, by=self.finn, now=NOW)


# ---- what was posted, from both sides in the same words --------------------------------------------------------
class Row(NamedTuple):
    """A line without database keys and without prefix; manual lines are told apart by amount only."""

    partner: str
    order: str
    component: str
    month: date
    revenue_month: date | None
    followed: str
    followed_partner: str
    customer: str
    notice: bool
    amount: Decimal
    cause: str
    hold: str
    would_be: Decimal
    vat: Decimal


class Page(NamedTuple):
    """A statement with its VAT groups (percent, net and brought forward, VAT)."""

    partner: str
    net: Decimal
    brought_forward: Decimal
    vat: Decimal
    gross: Decimal
    carried_forward: Decimal
    payable: Decimal
    withheld: Decimal
    released: Decimal
    drawn: Decimal
    groups: tuple[tuple[Decimal, Decimal, Decimal], ...]


def cents(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    assert Fraction(exact) == value, value
    return exact


def expected_rows(ledger: Ledger, world: World, month: date) -> list[Row]:
    vat = {p.number: p.vat for p in world.partners}
    rows = []
    for line in ledger.of_run(month):
        i, manual = line.identity, line.identity.month is None
        rows.append(
            Row(
                i.partner,
                "" if manual else line.order,
                "manual" if manual else i.component,
                month if manual else i.month,
                i.revenue_month,
                i.followed,
                i.followed_partner,
                i.customer,
                line.notice,
                cents(line.amount),
                line.cause,
                line.hold,
                cents(line.would_be),
                Decimal(vat_percent(vat[i.partner], line.service_date)),
            )
        )
    return sorted(rows, key=str)


def expected_pages(ledger: Ledger, month: date) -> list[Page]:
    return sorted(
        Page(
            s.partner,
            *map(cents, (s.net, s.brought_forward, s.vat, s.gross, s.carried_forward, s.payable)),
            *map(cents, (s.reserve_withheld, s.reserve_released, s.reserve_drawn)),
            tuple((Decimal(percent), cents(base), cents(tax)) for percent, base, tax in s.groups if base),
        )
        for s in ledger.statements
        if s.run == month
    )


def found_rows(lines: QuerySet) -> dict[str, list[Row]]:
    """Posted or draft lines by prefix."""
    found = defaultdict(list)
    for line in lines.values(
        "partner__number",
        "order__order_no",
        "component_code",
        "month",
        "revenue_month",
        "followed_code",
        "followed_partner__number",
        "customer_no",
        "is_notice",
        "amount",
        "cause",
        "hold_reason",
        "would_be",
        "vat_percent",
    ):
        prefix, _, partner = line["partner__number"].partition("-")
        found[prefix].append(
            Row(
                partner,
                _bare(line["order__order_no"], prefix),
                _bare(line["component_code"], prefix),
                line["month"],
                line["revenue_month"],
                _bare(line["followed_code"], prefix),
                _bare(line["followed_partner__number"], prefix),
                _bare(line["customer_no"], prefix),
                line["is_notice"],
                _plain(line["amount"]),
                line["cause"],
                line["hold_reason"],
                _plain(line["would_be"] or Decimal(0)),
                _plain(line["vat_percent"]),
            )
        )
    return {prefix: sorted(rows, key=str) for prefix, rows in found.items()}


def found_pages(run: Run) -> dict[str, list[Page]]:
    groups = defaultdict(list)
    for group in StatementVat.objects.filter(statement__run=run).order_by("percent"):
        base = group.net + group.brought_forward
        if base and not group.carried_forward:
            groups[group.statement_id].append((_plain(group.percent), _plain(base), _plain(group.vat)))
    found = defaultdict(list)
    for s in Statement.objects.filter(run=run).select_related("partner"):
        prefix, _, partner = s.partner.number.partition("-")
        amounts = (s.net, s.brought_forward, s.vat, s.gross, s.carried_forward, s.payable)
        reserves = (s.reserve_withheld, s.reserve_released, s.reserve_drawn)
        taxed = groups[s.pk] if s.net + s.brought_forward >= 0 else ()  # what is carried shows in the next statement
        found[prefix].append(Page(partner, *map(_plain, amounts + reserves), tuple(taxed)))
    return {prefix: sorted(pages) for prefix, pages in found.items()}


def _bare(code: str | None, prefix: str) -> str:
    return (code or "").removeprefix(f"{prefix}-")


def _plain(value: Decimal) -> Decimal:
    """One spelling a value: 16.00 and 16 print alike in a difference."""
    return value.normalize() + Decimal(0)


def _portfolio(product: facts.Product) -> dict:
    state = Product.State.ANNOUNCED if product.portfolio_from is None else Product.State.RELEASED
    return {"state": state, "portfolio_from": product.portfolio_from, "portfolio_until": product.portfolio_until}


NAMED = {"product": "products", "family": "families", "partner": "partners"}


def _adjustment(said: facts.Adjustment) -> dict:
    if said.kind in ("set", "scale"):
        return {"kind": said.kind, {"set": "value", "scale": "factor"}[said.kind]: str(said.value)}
    return {"kind": said.kind, "from": said.since, "until": said.until}


def _prefixed(prefix: str, event: facts.Event) -> facts.Event:
    codes = ("dealer_code", "product", "customer_no")
    named = {f: f"{prefix}-{getattr(event, f)}" for f in codes if getattr(event, f) is not None}
    if event.campaign is not None:
        named["campaign"] = " ".join(f"{prefix}-{code}" for code in event.campaign.split())
    return replace(event, event_id=f"{event.event_id}-{prefix}", order=f"{prefix}-{event.order}", **named)
