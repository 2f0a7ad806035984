"""What the invented customers say, and how many come: a file of answers a month, a file of visits, and what goes wrong.

Specialist dealers and own stores are liked best, hotline and online far less. Partner 1001 is rated in every quarter,
small ones never are. There is a row for every cause of the quarantine, a rejected score, an answer moved by two people,
one a partner asks to take out, a pooled quarter, and a quarter that is not released yet.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from core.periods import add_months, berlin_date, first_of_quarter
from partners.models import Outlet, User
from portal.demo.stories import HOME
from targets import actions
from targets.models import Delivery, Response

if TYPE_CHECKING:
    from portal.demo.year import Year

UPLOAD, API = Delivery.Source.UPLOAD, Delivery.Source.API
# Of a hundred answers so many promote, so many stand aside; the others detract.
LIKED = {
    "own_branch": (66, 22),
    "specialist_dealer": (64, 22),
    "system_partner": (58, 24),
    "exclusive": (48, 28),
    "distributor": (46, 28),
    "agency": (40, 26),
    "hotline": (31, 25),
    "online": (30, 27),
}
ANSWERS = {"hotline": 90, "online": 60, "own_branch": 16, "specialist_dealer": 9, "exclusive": 8}
GLAD = [
    "Sehr freundlich und kompetent beraten.",
    "Frau Beispiel hat sich viel Zeit genommen und alles erklärt.",
    "Der Anschluss lief am Tag danach, danke an den Techniker!",
    "Schöner Laden, Parkplatz vor der Tür.",
    "Guter Preis und ehrliche Beratung. Viele Grüße, Max Muster",
    "Telefon war vorrätig, Vertrag in zehn Minuten fertig.",
]
SO_SO = ["Etwas lange gewartet, sonst in Ordnung.", "Der Tarif ist gut, das Netz könnte besser sein.", "War okay."]
CROSS = [
    "Eine halbe Stunde in der Schlange gewartet, dann war der Verkäufer unfreundlich.",
    "Rechnung stimmt nicht, bitte rufen Sie mich an: 030 23125 017",
    "Keiner hatte Ahnung vom Tarif. Schreiben Sie an kunde@beispiel.example",
    "Zu teuer, und das Internet fällt ständig aus.",
    "Herr Muster hat mir einen Vertrag verkauft, den ich nicht brauche.",
    "Gerät nicht lieferbar, niemand sagt wann.",
]
HEADER = "response_id,answered_on,touchpoint,dealer_code,customer_class,score_operator,score_product,score_touchpoint,comment"
# Partner 1001 up to the quarter in which the year begins: promoters, passives, detractors.
BEFORE = [(26, 12, 10), (27, 13, 9), (24, 14, 11), (29, 12, 8), (30, 11, 8), (28, 13, 8)]
FOOTFALL_MONTHS = 14  # before the year: a base year for most weeks, and dealer codes that hold


def customers_answer(year: "Year", month: int) -> None:
    """One month: the file of answers; in the first one also what was known before."""
    if month == 0:
        _before(year)
    rows = list(_answers(year, month))
    data = "\n".join([HEADER, *rows]).encode()
    first = add_months(year.start, month)
    now = year.day(month, 28)
    actions.receive_responses(data, source=UPLOAD, by=year.carla, now=now, filename=f"kundenstimmen-{first:%Y-%m}.csv")
    quarter = first_of_quarter(first)
    if month == 6:
        _moved(year, quarter)
    if month == 8:
        # Long after that quarter was paid: the next run posts the difference, with cause `survey`.
        paid, home = add_months(quarter, -6), year.channel.partners[HOME]
        reason = "Papierbögen nacherfasst"
        actions.record_survey(home, paid, 60, 4, 2, by=year.carla, reason=reason, now=year.day(8, 27))
    if first.month % 3 == 0 and month < 11:
        # Partners see a quarter from the tenth of the month after; the last one is still to be released.
        on = add_months(first, 1).replace(day=10)
        actions.release_quarter(quarter, on=on, by=year.carla, now=now)
    if month == 5:
        actions.pool_quarter(quarter, pooled=True, by=year.hanna, reason="Kleine Partner", now=now)
    if month == 11:
        _visits(year)
        _asked(year)


def _before(year: "Year") -> None:
    home = year.channel.partners[HOME]
    for back, counts in enumerate(reversed(BEFORE)):
        quarter = first_of_quarter(add_months(year.start, -3 * back))
        now = year.day(0, 2)
        actions.record_survey(home, quarter, *counts, by=year.carla, reason="aus dem alten Bericht", now=now)
        actions.release_quarter(quarter, on=berlin_date(now), by=year.carla, now=now)


def _answers(year: "Year", month: int) -> Iterator[str]:
    chance = Random(f"answers {month}")  # noqa: S311 - invented customers, the same in every demo
    first = add_months(year.start, month)
    last = min(add_months(first, 1) - timedelta(days=1), berlin_date(year.day(month, 28)))
    number = 0

    def row(place: str, code: str, kind: str, mood: int = 0) -> str:
        nonlocal number
        number += 1
        day = first + timedelta(days=chance.randrange((last - first).days + 1))
        promoters, passives = LIKED[kind]
        drawn = chance.randrange(100) - mood
        side, score = (GLAD, chance.choice([9, 10])) if drawn < promoters else (
            (SO_SO, chance.choice([7, 8])) if drawn < promoters + passives else (CROSS, chance.randrange(7))
        )  # fmt: skip
        comment = chance.choice(side) if chance.random() < 0.3 else ""
        customers = "business" if chance.random() < 0.35 else "private"
        operator, product = (
            max(0, score - chance.randrange(4)),
            "" if chance.random() < 0.1 else chance.randrange(5, 11),
        )
        return f'K{first:%y%m}-{number:05d},{day},{place},{code},{customers},{operator},{product},{score},"{comment}"'

    for place in ("hotline", "online"):
        for _each in range(ANSWERS[place]):
            yield row(place, "", place)
    for company in year.channel.companies:
        if company.ends is not None and month >= company.ends:
            continue
        count = 18 if company.number == HOME else ANSWERS.get(company.kind, 4) + company.number % 4
        place = "shop" if company.kind == "own_branch" else "partner"
        for _each in range(count):
            code = chance.choice(company.dealer_codes)
            yield row(
                place, code, company.kind, (company.number * 7) % 17 - 8 + (month if company.number == HOME else 0)
            )
    if month == 9:
        day = first + timedelta(days=4)
        yield f'K-MESSE-1,{day},messe,,private,8,8,9,"Am Stand sehr gut beraten"'
        yield f"K-UNBEKANNT-1,{day},partner,VO-9999A,private,8,8,9,"
        yield f"K-UNBEKANNT-2,{day},partner,VO-9999A,business,3,8,2,"
        yield f'K-HOTLINE-1,{day},hotline,VO-1001A,private,2,8,1,"Vierzig Minuten Warteschleife"'
        yield f"K-OHNE-1,{day},partner,,private,8,8,9,"
        yield f"K-FALSCH-1,{day},partner,VO-1001A,private,8,8,11,"
        yield f"K-FALSCH-2,{day},partner,VO-1001A,private,8.5,8,9,"


def _moved(year: "Year", quarter: date) -> None:
    """An answer given to the wrong partner: asked by Carla, agreed by Hanna; another one is declined."""
    mine = Response.objects.counted().filter(partner=year.channel.partners[HOME], quarter=quarter)
    wrong, kept = mine.filter(score_touchpoint__lte=6).order_by("response_id")[:2]
    outlet = Outlet.objects.filter(partner=year.channel.partners[1002]).order_by("pk").first()
    now = year.day(6, 27)
    asked = actions.request_reassignment(
        wrong, by=year.carla, outlet=outlet, reason="Falsche Nummer auf dem Bogen", now=now
    )
    actions.approve_reassignment(asked, by=year.hanna, now=year.day(6, 28))
    asked = actions.request_reassignment(
        kept, by=year.carla, exclude=True, reason="Kunde sei nie dort gewesen", now=now
    )
    actions.decline_reassignment(
        asked, by=year.hanna, reason="Der Auftrag vom selben Tag liegt vor", now=year.day(6, 28)
    )


def _asked(year: "Year") -> None:
    """A partner says of an answer that it is not theirs; nobody has decided yet."""
    owner = year.channel.people[HOME, "owner"]
    seen = Response.objects.visible_to(owner).filter(status=Response.Status.COUNTED, score_touchpoint__lte=3)
    if wrong := seen.order_by("-answered_on", "response_id").first():
        reason = "An diesem Tag war wegen Inventur geschlossen"
        actions.request_reassignment(wrong, by=owner, exclude=True, reason=reason, now=year.now)
    _planned(year, owner)


def _planned(year: "Year", owner: User) -> None:
    """An action plan with one task of each kind: done, overdue, open, dropped."""
    home, quarter, begun = year.channel.partners[HOME], first_of_quarter(add_months(year.start, 6)), year.day(8, 15)
    tasks = [
        ("Zweite Kasse am Samstag", "waiting", "Ladenleitung", "Halb so lange Schlangen, 40 Kunden mehr."),
        ("Rechnungen im Laden erklären", "contract", "alle im Verkauf", ""),
        ("Jede Woche eine Stunde Tarifkunde", "advice", "Inhaber", ""),
        ("Eigener Lieferdienst", "", "Inhaber", "dropped"),
    ]
    for what, driver, who, outcome in tasks:
        overdue = what.startswith("Rechnungen")
        due = berlin_date(begun) + timedelta(days=20) if overdue else berlin_date(year.now) + timedelta(days=21)
        task = actions.plan_task(
            home, quarter=quarter, what=what, who=who, due_on=due, driver=driver, by=owner, now=begun
        )
        if outcome:
            dropped = outcome == "dropped"
            text = "Zu teuer für unsere Lage." if dropped else outcome
            actions.close_task(task, outcome=text, dropped=dropped, by=owner, now=year.day(10, 5))


def _visits(year: "Year") -> None:
    """Weeks of some outlets: below the year before in its first half, above it in the second; the last days day by day."""
    chance = Random("visits")  # noqa: S311 - invented visitors, the same in every demo
    today = berlin_date(year.now)
    begin = add_months(year.start, -FOOTFALL_MONTHS)
    begin += timedelta(days=-begin.weekday() % 7)
    rows = []
    for company in year.channel.companies:
        if company.kind not in ("own_branch", "specialist_dealer", "exclusive") and company.number != HOME:
            continue
        for place, code in enumerate(company.dealer_codes):
            size = 220 + company.number * 37 % 400 - 60 * place
            week = begin
            while week + timedelta(days=7) <= today:
                season = 100 + (35 if week.month in (11, 12) else 10 if week.month in (7, 8) else 0)
                course = 100 if week < year.start else 82 + (week - year.start).days // 12
                visits = size * season * course * chance.randrange(92, 108) // 1_000_000
                rows.append(f"{code},{week},week,{visits}")
                week += timedelta(days=7)
            if company.number == HOME:
                while week <= today:
                    rows.append(f"{code},{week},day,{size // 6 + chance.randrange(12)}")
                    week += timedelta(days=1)
    data = "\n".join(["dealer_code,date,span,visits", *rows]).encode()
    actions.receive_footfall(data, source=API, by=year.carla, now=year.now, filename="besucherzaehler.csv")
