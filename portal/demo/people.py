"""The invented channel: staff, about eighty partners with their outlets, dealer codes, contracts and people."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.hashers import make_password
from django.utils.translation import override
from schwifty import IBAN
from stdnum.eu import vat
from stdnum.iso7064 import mod_11_10

from core.periods import add_months
from partners.models import Contract, DealerCode, Membership, Outlet, Partner, Role, User
from sales.synthetic import Dealer

PASSWORD = "bunte-Leitung-42"  # noqa: S105 - it is printed for everybody to see
STAFF_DOMAIN = "funkelnetz.example"
# Staff who can sign in: e-mail name, name, role, what to look at.
STAFF = [
    ("hanna", "Hanna Haupt", Role.HEAD_OF_CHANNEL, "all partners and money; publishes schedules, approves runs"),
    ("carla", "Carla Cent", Role.COMMISSION_CONTROLLER, "calculates runs, holds, schedules, feed exceptions"),
    ("finn", "Finn Fiktiv", Role.FINANCE, "approves and posts runs, statements"),
    ("petra", "Petra Probe", Role.CHANNEL_MANAGER, "her partners and those she deputises for"),
    ("tom", "Tom Tafel", Role.TRAINER, "certificates"),
    ("aud", "Aud Auge", Role.AUDITOR, "reads everything, changes nothing"),
    ("ada", "Ada Admin", Role.ADMINISTRATOR, "master data in the administration, no money"),
]
FIRST = ["Anna", "Bernd", "Cem", "Dora", "Emil", "Frida", "Georg", "Heike", "Ivo", "Jana", "Kurt", "Lena", "Milan"]
FIRST += ["Nina", "Olaf", "Paula", "Rosa", "Sven", "Tina", "Ugur", "Vera", "Wim", "Yara", "Zoe"]
LAST = ["Muster", "Beispiel", "Erfunden", "Erdacht", "Fiktiv", "Probe", "Ausgedacht", "Vorlage", "Platzhalter"]
TOWNS = ["Musterstadt", "Beispielheim", "Erfundenburg", "Probeort", "Fiktivhausen", "Erdachtal", "Vorlagenau"]
MANAGERS = 18
# Membership role and the e-mail name of whoever has it.
MEMBERS = [("owner", "chef"), ("accounting", "buchhaltung"), ("seller", "verkauf")]


@dataclass(frozen=True)
class Company:
    """A partner to be made; months count from the year's first, which is 0."""

    number: int
    name: str
    kind: str
    schedule: str
    weight: int  # how much it sells
    parent: int | None = None
    level: str = ""
    vat: str = Partner.Vat.REGULAR
    self_billing: bool = True
    certified: bool = True
    status: str = Partner.Status.ACTIVE
    ends: int | None = None  # month in which contract and dealer code end
    contract: str = Contract.Status.IN_FORCE
    outlets: int = 1

    @property
    def code(self) -> str:
        return f"P-{self.number}"

    @property
    def dealer_codes(self) -> list[str]:
        return [f"VO-{self.number}{letter}" for letter in "ABC"[: self.outlets]]


@dataclass
class Channel:
    """What was made, for the modules that let the year happen."""

    companies: list[Company]
    staff: dict[str, User]
    partners: dict[int, Partner] = field(default_factory=dict)
    people: dict[tuple[int, str], User] = field(default_factory=dict)  # by partner and role


def companies() -> list[Company]:
    """79 partners. The first of a kind is the one to look at; the stories of stories.py happen to them."""
    return [*_system_partners(), *_distributors(), *_dealers(), *_others()]


def _system_partners() -> Iterator[Company]:
    odd: dict[int, dict[str, object]] = {
        1003: {"certified": False},
        1005: {"vat": Partner.Vat.SMALL_BUSINESS},
        1007: {"self_billing": False},
        1009: {"vat": Partner.Vat.EU},
        1010: {"weight": 1},  # sells little, so that a large clawback stays
        1012: {"status": Partner.Status.TERMINATED, "ends": 6},
        1014: {"status": Partner.Status.ONBOARDING, "contract": Contract.Status.DRAFT, "weight": 4},
        1016: {"vat": Partner.Vat.SMALL_BUSINESS, "certified": False},
        1018: {"certified": False},
        1020: {"status": Partner.Status.SUSPENDED},
    }
    for number in range(1001, 1023):
        level = "gold" if number % 4 == 1 else "silber" if number % 4 == 2 else ""
        plain = {"weight": 30 if number == 1001 else 8 + number % 7, "level": level, "outlets": 1 + (number % 5 == 1)}
        name = f"Systemhaus Beispiel {number - 1000:02d} GmbH"
        yield Company(number, name, "system_partner", "systempartner", **(plain | odd.get(number, {})))  # type: ignore[arg-type]


def _distributors() -> Iterator[Company]:
    for place, region in enumerate(["Nord", "Süd", "West", "Ost"]):
        top = 2000 + place * 100
        yield Company(top, f"Distribution Muster {region} GmbH", "distributor", "distribution", 20, outlets=3)
        for number in range(top + 1, top + 7):
            kind = "system_partner" if number % 2 else "specialist_dealer"
            schedule = "systempartner" if number % 2 else "fachhandel"
            name = f"{'Systemhaus' if number % 2 else 'Telefonladen'} Erdacht {region} {number - top} GmbH"
            small = number % 10 == 6
            yield Company(
                number,
                name,
                kind,
                schedule,
                5 + number % 4,
                parent=top,
                certified=number % 3 != 0,
                vat=Partner.Vat.SMALL_BUSINESS if small else Partner.Vat.REGULAR,
                self_billing=number % 50 != 4,
                ends=9 if number == 2305 else None,
                status=Partner.Status.TERMINATED if number == 2305 else Partner.Status.ACTIVE,
            )


def _dealers() -> Iterator[Company]:
    for number in range(3001, 3013):
        yield Company(
            number,
            f"Fachhandel Fiktiv {number - 3000:02d} e. K.",
            "specialist_dealer",
            "fachhandel",
            6 + number % 5,
            certified=number % 2 == 0,
            vat=Partner.Vat.SMALL_BUSINESS if number % 4 == 0 else Partner.Vat.REGULAR,
            self_billing=number != 3005,
            outlets=2 if number % 6 == 0 else 1,
            ends=4 if number == 3011 else None,
            status=Partner.Status.TERMINATED if number == 3011 else Partner.Status.ACTIVE,
        )


def _others() -> Iterator[Company]:
    for number in range(4001, 4009):
        certified = number % 3 != 1
        yield Company(
            number,
            f"Exklusivpartner Probe {number - 4000:02d} GmbH",
            "exclusive",
            "fachhandel",
            11,
            certified=certified,
        )
    for number in range(5001, 5006):
        odd = Partner.Vat.EU if number == 5002 else Partner.Vat.NONE if number == 5005 else Partner.Vat.REGULAR
        name = f"Agentur Ausgedacht {number - 5000:02d}"
        yield Company(number, name, "agency", "fachhandel", 5, vat=odd, certified=False, self_billing=number != 5005)
    for number in range(6001, 6005):
        yield Company(
            number,
            f"Funkelnetz Shop {TOWNS[number % 7]}",
            "own_branch",
            "eigene-shops",
            9,
            certified=False,
            self_billing=False,
        )


# ---- making them ---------------------------------------------------------------------------------------------------


def make_channel(start: date) -> Channel:
    """Everybody, with contracts and dealer codes from two years before the month `start`."""
    secret = make_password(PASSWORD)
    channel = Channel(companies(), {})
    for email, name, role, _what in STAFF:
        channel.staff[email] = _person(f"{email}@{STAFF_DOMAIN}", name, secret, role)
    admin = channel.staff["ada"]
    admin.is_staff = admin.is_superuser = True
    admin.save()
    managers = [channel.staff["petra"]]
    for place in range(1, MANAGERS):
        name = f"{FIRST[place]} {LAST[place % len(LAST)]}"
        managers.append(_person(f"betreuung{place + 1:02d}@{STAFF_DOMAIN}", name, secret, Role.CHANNEL_MANAGER))
    for place, company in enumerate(channel.companies):
        _make_partner(channel, company, managers[place % MANAGERS], managers[(place + 5) % MANAGERS], start, secret)
    return channel


def _person(email: str, name: str, password: str, role: str = Role.PARTNER, *, language: str = "de") -> User:
    return User.objects.create(email=email, name=name, role=role, password=password, language=language)


def _make_partner(channel: Channel, company: Company, manager: User, deputy: User, start: date, secret: str) -> None:
    number, began = company.number, add_months(start, -24 + company.number % 9)
    domain = f"partner-{number}.example"
    owner_name = f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"
    ends = add_months(start, company.ends) if company.ends is not None else None
    foreign = company.vat == Partner.Vat.EU
    partner = channel.partners[number] = Partner.objects.create(
        number=company.code,
        kind=company.kind,
        level=company.level,
        parent=channel.partners[company.parent] if company.parent else None,
        status=company.status,
        legal_name=company.name,
        street=f"Erfundene Straße {number % 90 + 1}",
        postcode=f"{number % 1000:04d}" if foreign else f"00{number % 1000:03d}",  # no town has it
        city=TOWNS[number % len(TOWNS)],
        country="AT" if foreign else "DE",
        contact_name=owner_name,
        contact_phone=f"+49 30 23125 {number % 1000:03d}",  # block for invented numbers
        contact_email=f"post@{domain}",
        vat_status=company.vat,
        vat_id=_vat_id(number, foreign=foreign) if company.vat in (Partner.Vat.REGULAR, Partner.Vat.EU) else "",
        tax_number="" if foreign else f"999/815/{number:05d}",
        iban=str(IBAN.generate("DE", bank_code="99999999", account_code=f"{number:010d}")),  # no bank has this code
        account_holder=company.name[:70],
        manager=manager,
        deputy=deputy,
    )
    for place, code in enumerate(company.dealer_codes):
        town = TOWNS[(number + place) % len(TOWNS)]
        outlet = Outlet.objects.create(
            partner=partner, name=f"{town} {place + 1}", city=town, postcode=partner.postcode
        )
        DealerCode.objects.create(code=code, outlet=outlet, valid_from=began, valid_until=ends)
    Contract.objects.create(
        partner=partner,
        status=company.contract,
        schedule=company.schedule,
        level=company.level,
        parent=partner.parent,
        valid_from=began,
        valid_until=ends,
        self_billing_accepted_on=began if company.self_billing else None,
        self_billing_accepted_by=owner_name if company.self_billing else "",
    )
    for place, (role, local) in enumerate(MEMBERS):
        name = (
            owner_name
            if role == "owner"
            else f"{FIRST[(number * 5 + place * 7) % len(FIRST)]} {LAST[(number + place) % 9]}"
        )
        user = _person(f"{local}@{domain}", name, secret)
        channel.people[number, role] = user
        Membership.objects.create(partner=partner, user=user, role=role, valid_from=began)


def _vat_id(number: int, *, foreign: bool) -> str:
    """Right in form and check digit, and in a range nobody has been given."""
    if not foreign:
        digits = f"9990{number}"
        return f"DE{digits}{mod_11_10.calc_check_digit(digits)}"
    return next(text for digit in range(10) if vat.is_valid(text := f"ATU990{number}{digit}"))


def load_channel() -> Channel:
    """The channel as `make_channel` left it in the database."""
    users = {user.email: user for user in User.objects.all()}
    channel = Channel(companies(), {name: users[f"{name}@{STAFF_DOMAIN}"] for name, *_rest in STAFF})
    numbers = Partner.objects.in_bulk(field_name="number")
    for company in channel.companies:
        channel.partners[company.number] = numbers[company.code]
        for role, local in MEMBERS:
            channel.people[company.number, role] = users[f"{local}@partner-{company.number}.example"]
    return channel


def dealers(channel: Channel, start: date) -> list[Dealer]:
    """The dealer codes as the feed's generator draws from them; a partner's outlets share its weight."""
    return [
        Dealer(
            code, max(1, company.weight // company.outlets), add_months(start, company.ends) if company.ends else None
        )
        for company in channel.companies
        for code in company.dealer_codes
    ]


def demo_people() -> list[tuple[str, str, str]]:
    """E-mail, role, what each can do: those worth signing in as."""
    with override("en"):  # the terminal is spoken to in English, whatever the language of the installation
        staff = [(f"{email}@{STAFF_DOMAIN}", str(role.label), what) for email, _name, role, what in STAFF]
    return [
        ("chef@partner-1001.example", "owner", "Systemhaus Beispiel 01: statements, why each cent, orders"),
        ("buchhaltung@partner-1001.example", "accounting", "the same company: statements and lines"),
        ("verkauf@partner-1001.example", "seller", "the same company: orders, no money"),
        ("chef@partner-2000.example", "owner", "distributor Nord: own statements, sub-partners' orders"),
        ("chef@partner-2001.example", "owner", "sub-partner of Nord: sees itself only"),
        ("chef@partner-1010.example", "owner", "a negative statement carried forward"),
        *staff,
    ]
