"""The fixed cast of every test that asks who may do what.

Nord is a distributor, Süd its sub-partner, Rival a stranger to both. Petra manages Nord and Süd, Paul manages Rival.
All contracts, dealer codes and memberships hold from 2026-01-01 without end. Everybody signs in with `PASSWORD`.

    def test_a_stranger_sees_nothing(cast, sign_in):
        assert sign_in(cast.rita).get(f"/orders/{...}").status_code == 404
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client

from commissions.models import Component, Line, Run, Schedule, ScheduleVersion, Statement, StatementVat
from core.periods import add_months, last_of_month
from partners.models import Contract, DealerCode, Membership, Outlet, Partner, Role, User
from sales.models import FeedImport, Order, Product, ProductFamily

PASSWORD = "gruen-7-Fahrrad-Wolke"
START = date(2026, 1, 1)
SCHEDULE = "standard"


@dataclass
class Cast:
    """People and partners by first name. `office` and `partner_people` list them for walks over everybody."""

    nord: Partner
    sued: Partner
    rival: Partner
    nora: User  # owner of Nord
    nils: User  # accounting of Nord
    nele: User  # seller of Nord
    sina: User  # owner of Süd
    sven: User  # accounting of Süd
    selma: User  # seller of Süd
    rita: User  # owner of Rival
    rolf: User  # accounting of Rival
    ruth: User  # seller of Rival
    petra: User  # channel manager of Nord and Süd
    paul: User  # channel manager of Rival
    hanna: User  # head of channel
    carla: User  # commission controller
    finn: User  # finance
    tom: User  # trainer
    aud: User  # auditor
    ada: User  # administrator
    codes: dict[str, str] = field(default_factory=lambda: {"nord": "D-NORD", "sued": "D-SUED", "rival": "D-RIVAL"})

    @property
    def people(self) -> dict[str, User]:
        return {each.name: user for each in fields(self) if isinstance(user := getattr(self, each.name), User)}

    @property
    def office(self) -> list[User]:
        return [user for user in self.people.values() if user.is_office]

    @property
    def partner_people(self) -> list[User]:
        return [user for user in self.people.values() if not user.is_office]


OFFICE = {
    "petra": ("Petra Probe", Role.CHANNEL_MANAGER),
    "paul": ("Paul Planke", Role.CHANNEL_MANAGER),
    "hanna": ("Hanna Haupt", Role.HEAD_OF_CHANNEL),
    "carla": ("Carla Cent", Role.COMMISSION_CONTROLLER),
    "finn": ("Finn Fiktiv", Role.FINANCE),
    "tom": ("Tom Tafel", Role.TRAINER),
    "aud": ("Aud Auge", Role.AUDITOR),
    "ada": ("Ada Admin", Role.ADMINISTRATOR),
}
MEMBERS = {
    "nora": ("nord", "owner"),
    "nils": ("nord", "accounting"),
    "nele": ("nord", "seller"),
    "sina": ("sued", "owner"),
    "sven": ("sued", "accounting"),
    "selma": ("sued", "seller"),
    "rita": ("rival", "owner"),
    "rolf": ("rival", "accounting"),
    "ruth": ("rival", "seller"),
}


def people() -> dict[str, User]:
    """All people with one password hash, office people with the second factor the portal demands of them."""
    password = make_password(PASSWORD)
    made = {
        key: User(
            email=f"{key}@funkelnetz.example", name=name, role=role, password=password, language="en", is_staff=True
        )
        for key, (name, role) in OFFICE.items()
    }
    for key, (partner, _role) in MEMBERS.items():
        made[key] = User(email=f"{key}@{partner}.example", name=key.title(), password=password, language="en")
    made["ada"].is_superuser = True
    User.objects.bulk_create(made.values())
    second_factor(*(made[key] for key in OFFICE))
    return made


def second_factor(*users: User) -> None:
    """Gives people an authenticator app, as if they had set it up."""
    data = {"secret": encrypt("JBSWY3DPEHPK3PXP")}
    Authenticator.objects.bulk_create(
        Authenticator(user=user, type=Authenticator.Type.TOTP, data=data) for user in users
    )


def make_partner(number: str, legal_name: str, *, code: str = "", contract: bool = True, **fields: object) -> Partner:
    """A partner with one outlet, its dealer code and a contract in force, all from 2026-01-01."""
    partner = Partner.objects.create(
        number=number, legal_name=legal_name, **{"kind": Partner.Kind.SYSTEM_PARTNER, **fields}
    )
    outlet = Outlet.objects.create(partner=partner, name=f"{legal_name} Mitte", city=partner.city)
    DealerCode.objects.create(code=code or f"D-{number}", outlet=outlet, valid_from=START)
    if contract:
        Contract.objects.create(
            partner=partner,
            valid_from=START,
            status=Contract.Status.IN_FORCE,
            schedule=SCHEDULE,
            parent=partner.parent,
            self_billing_accepted_on=START,
            self_billing_accepted_by="Owner",
        )
    return partner


def make_cast() -> Cast:
    who = people()
    nord = make_partner(
        "P-NORD",
        "Nord Erfunden GmbH",
        code="D-NORD",
        kind=Partner.Kind.DISTRIBUTOR,
        manager=who["petra"],
        city="Nordhausen",
    )
    sued = make_partner("P-SUED", "Süd Erdacht KG", code="D-SUED", parent=nord, manager=who["petra"], city="Süderende")
    rival = make_partner("P-RIVAL", "Rival Ausgedacht AG", code="D-RIVAL", manager=who["paul"], city="Rivalhausen")
    partners = {"nord": nord, "sued": sued, "rival": rival}
    Membership.objects.bulk_create(
        Membership(user=who[key], partner=partners[partner], role=role, valid_from=START)
        for key, (partner, role) in MEMBERS.items()
    )
    return Cast(**partners, **who)


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def sign_in() -> Callable[..., Client]:
    """A browser in which the person is signed in (password and second factor done)."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


# ---- small builders --------------------------------------------------------------------------------------------
def make_product(code: str = "dsl-basic", family: str = "dsl", **fields: object) -> Product:
    """A released product and its family; an existing one is returned."""
    of, _ = ProductFamily.objects.get_or_create(code=family, defaults={"title_de": family, "title_en": family})
    defaults = {"family": of, "title_de": code, "title_en": code, "state": "released", "portfolio_from": START}
    return Product.objects.get_or_create(code=code, defaults=defaults | fields)[0]


def make_import(**fields: object) -> FeedImport:
    """A finished feed import without rows."""
    moment = datetime(2026, 7, 11, 6, tzinfo=UTC)
    defaults = {"source": "upload", "filename": "feed.csv", "status": "done", "received_at": moment}
    return FeedImport.objects.create(**defaults | {"finished_at": moment} | fields)


def make_order(partner: Partner, order_no: str, **fields: object) -> Order:
    """An order activated in July 2026, as if its events had been imported. No event stands behind it."""
    defaults = {
        "feed_import": FeedImport.objects.first() or make_import(),
        "dealer_code": partner.number.replace("P-", "D-"),
        "status": Order.Status.ACTIVE,
        "product": "dsl-basic",
        "transaction": "new",
        "customer_no": f"C-{order_no}",
        "customer_class": "soho",
        "quantity": 1,
        "signed_on": date(2026, 7, 2),
        "activated_on": date(2026, 7, 10),
        "last_event_on": date(2026, 7, 10),
        "feed_import_id": 0,
    }
    return Order.objects.create(partner=partner, order_no=order_no, **defaults | fields)


def make_version(
    by: User | None = None, *, schedule: str = SCHEDULE, valid_from: date = START, rate: str = "45.00"
) -> ScheduleVersion:
    """A published version with one component that pays `rate` EUR for each order."""
    moment = datetime(2026, 1, 1, 8, tzinfo=UTC)
    named, _ = Schedule.objects.get_or_create(code=schedule, defaults={"title_de": "Standard", "title_en": "Standard"})
    version = ScheduleVersion.objects.create(
        schedule=named,
        sequence=named.versions.count() + 1,
        status=ScheduleVersion.Status.PUBLISHED,
        valid_from=valid_from,
        document=f"schedule: {schedule}\nvalid_from: {valid_from}\ncomponents:\n"
        f"  - {{code: closing, kind: closing, rate: {{amount: {rate}}}}}\n",
        created_at=moment,
        created_by=by,
        published_at=moment,
    )
    Component.objects.create(
        version=version,
        position=1,
        code="closing",
        title_de="Abschlussprovision",
        title_en="Closing commission",
        kind="closing",
        basis="units",
        rate=Decimal(rate),
        round_to=Decimal("0.01"),
        digest=UUID(int=version.pk),
    )
    return version


def make_run(month: date, **fields: object) -> Run:
    """A posted monthly run without a line of its own."""
    moment = datetime(month.year, month.month, 28, 12, tzinfo=UTC)
    defaults = {"status": Run.Status.POSTED, "created_at": moment, "calculated_at": moment, "posted_at": moment}
    return Run.objects.create(month=month, **defaults | fields)


def make_statement(run: Run, partner: Partner, number: str, *, lines: int = 1, orders: list[Order] = ()) -> Statement:
    """A posted statement whose lines pay 45.00 EUR each, with 19 % VAT; one line for each of `orders`, if given."""
    month, count = run.month, len(orders) or lines
    net = Decimal("45.00") * count
    vat = (net * 19 / 100).quantize(Decimal("0.01"))
    sums = {"net": net, "brought_forward": 0, "vat": vat, "carried_forward": 0}
    statement = Statement.objects.create(
        number=number,
        run=run,
        partner=partner,
        month=month,
        issued_on=last_of_month(month),
        due_on=last_of_month(add_months(month, 1)),
        vat_status=partner.vat_status,
        self_billed=True,
        payee={"name": partner.legal_name},
        seal=UUID(int=0),
        lines_count=count,
        gross=net + vat,
        payable=net + vat,
        **sums,
    )
    percent = Decimal("19.00" if partner.vat_status == "regular" else "0.00")
    StatementVat.objects.create(statement=statement, percent=percent, **sums)
    with connection.cursor() as cursor:  # where a real run's proposal would have become the table of its lines
        values = f"PARTITION OF commissions_line FOR VALUES FROM ({run.pk}, MINVALUE) TO ({run.pk}, MAXVALUE)"
        cursor.execute(f"CREATE TABLE IF NOT EXISTS commissions_line_{run.pk} {values}")
    Line.objects.bulk_create(
        Line(
            id=statement.pk * 1000 + index,
            run=run,
            partner=partner,
            statement=statement,
            order=orders[index] if orders else None,
            month=month,
            service_date=month,
            component_code="closing",
            kind="closing",
            cause="earned",
            schedule=SCHEDULE,
            basis="units",
            base=1,
            rate=45,
            full=45,
            entitled=45,
            amount=45,
            vat_percent=19,
            seal=UUID(int=index),
        )
        for index in range(count)
    )
    return statement
