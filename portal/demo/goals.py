"""The targets of the invented channel: agreed in December, suspended in January, halved in July, and what waits today.

    before the year   five KPIs, an agreement for nearly every partner; one is only offered, one declined
    January           the first half of the mobile target is suspended for all but three partners
    July              the second half becomes 50 % of the original annual target
    September         some were rebuilding: their plan of May is taken out, though it was paid already
    last month        next year's agreements, an adjustment for a second person, one for the partner to confirm

Partner 1001 also has 2021, the year in which all this really happened to a channel like this one, and a later one;
all have the results of last year, which this year's targets are measured against.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal

from django.db.models import QuerySet

from core.periods import BERLIN, add_months, last_of_month
from partners.models import Partner
from portal.demo.catalogue import PRODUCTS
from portal.demo.past import SEASON, earlier_years, last_year
from portal.demo.people import Channel, Company
from portal.demo.stories import HOME, SECOND
from portal.demo.support import announce
from targets import actions
from targets.actions import bulk
from targets.actions.agreements import Goal
from targets.actions.alerts import raise_alerts
from targets.actions.attainment import take_snapshots
from targets.models import Agreement, Kpi, Proposal
from targets.wording import document

LAST = 11
POINTS = {"mobil-team": "1", "mobil-flat": "1.5", "dsl-50": "2", "dsl-250": "3", "internet-fest": "5"}
EXCEPTED = {2000: "Neueröffnung im Februar, eigenes Ziel", 4003: "eigene Vereinbarung", 6002: "Pilotshop"}


def make_kpis() -> None:
    """The KPIs and the operator's seasonal weights."""
    pieces = {"unit": "pieces", "measure": "units", "transactions": ["new"]}
    Kpi.objects.create(
        code="mobile-units", title_de="Mobilfunkverträge", title_en="Mobile contracts", families=["mobile"], **pieces
    )
    Kpi.objects.create(code="line-units", title_de="Anschlüsse", title_en="Lines", families=["isdn", "dsl"], **pieces)
    Kpi.objects.create(
        code="vpn-value", title_de="VPN-Auftragswert", title_en="VPN order value", unit="EUR", measure="turnover",
        families=["vpn"], partner_kinds=["system_partner"],
    )  # fmt: skip
    Kpi.objects.create(
        code="product-points", title_de="Produktpunkte", title_en="Product points", unit="points", measure="units",
        points=POINTS, partner_kinds=["exclusive", "agency"],
    )  # fmt: skip
    Kpi.objects.create(
        code="nps", title_de="Kundenurteil (NPS)", title_en="Customer satisfaction (NPS)", unit="points", measure="nps"
    )
    bulk.save_weights(kpi=None, partner_kind="", weights=SEASON, by=None)


class Goals:
    """Targets of the calendar year in which the demo ends, lived month by month."""

    def __init__(self, channel: Channel, start: date, now: datetime, orders: int) -> None:
        self.channel, self.start, self.now, self.orders = channel, start, now, orders
        self.year = now.astimezone(BERLIN).year
        self.hanna, self.finn, self.carla, self.petra = (
            channel.staff[name] for name in ("hanna", "finn", "carla", "petra")
        )

    def at(self, day: date, hour: int = 9) -> datetime:
        return min(self.now, datetime.combine(day, time(hour), BERLIN))

    # ---- before the year -------------------------------------------------------------------------------------------

    def agree(self) -> None:
        """Proposed by Carla, offered by Hanna, accepted by the owners."""
        asked = self.start.replace(day=3)
        make_kpis()
        for place, company in enumerate(self.channel.companies):
            partner = self.channel.partners[company.number]
            if partner.status not in ("active", "suspended"):
                continue
            agreement = actions.propose_agreement(
                partner,
                year=self.year,
                goals=self.goals(company),
                by=self.carla,
                operator_duties="Werbung zum Weihnachtsgeschäft, zwei Schulungstage, Antwort auf Reklamationen in zehn Tagen.",
                partner_duties="Verkaufsfläche für das Aktionsprodukt, Teilnahme an den Schulungstagen.",
                now=self.at(asked),
            )
            actions.offer_agreement(agreement, by=self.hanna, now=self.at(asked.replace(day=7)))
            owner = self.channel.people[company.number, "owner"]
            moment = self.at(asked.replace(day=8 + place % 16), 10 + place % 7)
            if company.number == 5003:
                actions.decline_agreement(
                    agreement, by=owner, reason="Das Mobilfunkziel ist für unsere Lage zu hoch.", now=moment
                )
            elif company.number != 3004:  # it never answered
                actions.accept_agreement(agreement, by=owner, document=document(agreement), now=moment)
            last_year(self, company, place)
        earlier_years(self)
        announce(self.year, by=self.hanna, at=self.at)

    def goals(self, company: Company) -> list[Goal]:
        """About what the generator will let the partner sell, a little more or less ambitious."""
        kpis = {kpi.code: kpi for kpi in Kpi.objects.all()}
        ambition = Decimal(85 + company.number * 7 % 40) / 100
        wanted = [
            ("mobile-units", "half_year"),
            ("line-units", "quarter"),
            ("vpn-value", "year"),
            ("product-points", "half_year"),
        ]
        found = [
            Goal(
                kpis[code],
                max(self.expected(company, kpis[code]) * ambition, Decimal(10)).quantize(Decimal(1)),
                period,
                SEASON,
            )
            for code, period in wanted
            if not kpis[code].partner_kinds or company.kind in kpis[code].partner_kinds
        ]
        return [*found, Goal(kpis["nps"], Decimal(45), "quarter")]

    def expected(self, company: Company, kpi: Kpi) -> Decimal:
        """Orders of the year × share of the partner × share of the products × what one adds; activated, new ones."""
        share = Decimal(company.weight) / sum(each.weight for each in self.channel.companies)
        weights = sum(product[4] for product in PRODUCTS)
        each = Decimal(0)
        for code, family, _de, _en, weight, _monthly, once, most in PRODUCTS:
            if kpi.families and family not in kpi.families:
                continue
            units = Decimal(most + 1) / 2
            value = Decimal(sum(once)) / 2 if once and kpi.unit == "EUR" else Decimal(0) if kpi.unit == "EUR" else units
            each += Decimal(weight) / weights * value * (Decimal(POINTS.get(code, 0)) if kpi.unit == "points" else 1)
        return self.orders * share * each * Decimal("0.97")

    # ---- the year --------------------------------------------------------------------------------------------------

    def happen(self, month: int) -> None:
        """What happens in the month, after its feed was taken in."""
        first = add_months(self.start, month)
        if first.year == self.year and first.month == 1:
            half = [{"kind": "suspend", "from": first, "until": add_months(first, 6)}]
            self.adjust("Erstes Halbjahr ausgesetzt", half, first, "force_majeure", "Die Läden mussten schließen.")
        if first.year == self.year and first.month == 7:
            scale = [{"kind": "scale", "factor": "0.5"}]
            self.adjust(
                "Zweites Halbjahr: 50 % des Jahresziels",
                scale,
                first,
                "force_majeure",
                "Seit Juli sind alle Läden wieder offen.",
            )
        if first.year == self.year and first.month == 9:
            # The second quarter is settled and paid by now: what it brought changes, with the cause "target".
            may = [{"kind": "exclude_plan", "from": date(self.year, 5, 1), "until": date(self.year, 6, 1)}]
            rebuilt = (1002, 1004, 1006, *range(4001, 4009))
            reason = "Im Mai wegen Umbau geschlossen."
            self.adjust("Umbau im Mai", may, first, "closed", reason, only=rebuilt, kpi="line-units")
        self.count(first)
        if month == LAST:
            self.open_ends()
            raise_alerts(now=self.now)

    def count(self, first: date) -> None:
        """Weekly snapshots: the real nights would be thirty a month."""
        for day in (7, 14, 21, last_of_month(first).day):
            evening = datetime.combine(first.replace(day=day), time(20), BERLIN)
            if evening < self.now:
                take_snapshots(now=evening)
        if first == add_months(self.start, LAST):
            take_snapshots(now=self.now)

    def adjust(
        self,
        title: str,
        steps: Sequence[Mapping[str, object]],
        day: date,
        code: str,
        reason: str,
        *,
        only: tuple[int, ...] = (),
        kpi: str = "mobile-units",
    ) -> None:
        """Asked for by Hanna, approved by Finn, confirmed by nearly everybody."""
        agreements = Agreement.objects.counting().filter(year=self.year)
        if only:
            agreements = agreements.filter(partner__in=[self.channel.partners[number] for number in only])
        left_out = {self.channel.partners[number].pk: why for number, why in EXCEPTED.items()}
        rows = list(agreements.select_related("partner"))
        proposal = actions.propose_adjustment(
            rows, year=self.year, title=title, steps=steps, reason_code=code, reason=reason, effective_on=day,
            by=self.hanna, kpis=[Kpi.objects.get(code=kpi)], now=self.at(day.replace(day=5)),
            exceptions={row.pk: left_out[row.partner_id] for row in rows if row.partner_id in left_out and not only},
        )  # fmt: skip
        actions.approve_adjustment(proposal, by=self.finn, now=self.at(day.replace(day=6)))
        self.confirm(proposal, day)

    def confirm(self, proposal: Proposal, day: date) -> None:
        numbers = {partner.pk: number for number, partner in self.channel.partners.items()}
        concerned = Agreement.objects.filter(pk__in=proposal.events.values("item__agreement"))
        for place, agreement in enumerate(concerned.order_by("pk")):
            number = numbers[agreement.partner_id]
            if number % 10 == 7:  # these never answer
                continue
            owner = self.channel.people[number, "owner"]
            moment = self.at(day.replace(day=7 + place % 14), 10 + place % 6)
            actions.confirm_adjustment(agreement, proposal, by=owner, now=moment)

    # ---- what waits today ------------------------------------------------------------------------------------------

    def open_ends(self) -> None:
        now, lines = self.now, [Kpi.objects.get(code="line-units")]
        mine = Agreement.objects.counting().filter(year=self.year)
        home, second = (mine.filter(partner=self.channel.partners[number]) for number in (HOME, SECOND))
        december = [{"kind": "exclude_plan", "from": date(self.year, 12, 1), "until": date(self.year + 1, 1, 1)}]
        changed = actions.propose_adjustment(
            home, year=self.year, title="Dezember: Anschlüsse ohne Plan", steps=december, reason_code="market",
            reason="Der Ausbau verzögert sich bis Januar.", effective_on=now.date(), by=self.hanna, kpis=lines, now=now,
        )  # fmt: skip
        actions.approve_adjustment(changed, by=self.finn, now=now)
        actions.propose_adjustment(
            second, year=self.year, title="Zweiter Standort übernommen", steps=[{"kind": "set", "value": "260"}],
            reason_code="territory", reason="Der Standort in Musterhausen kam im Herbst dazu.",
            effective_on=now.date(), by=self.petra if second.filter(partner__manager=self.petra).exists() else self.carla,
            kpis=lines, now=now,
        )  # fmt: skip
        wish = actions.propose_adjustment(
            home, year=self.year, title="Ziel halbieren", steps=[{"kind": "scale", "factor": "0.25"}], reason_code="other",
            reason="Der Partner hat darum gebeten.", effective_on=now.date(), by=self.carla, now=now,
        )  # fmt: skip
        actions.decline_adjustment(wish, by=self.hanna, reason="Dafür gibt es keinen Anlass.", now=now)
        self.mistake(second)
        self.next_year(
            Partner.objects.filter(kind__in=["system_partner", "exclusive"])
            .exclude(status="terminated")
            .order_by("number")
        )

    def mistake(self, agreements: QuerySet[Agreement]) -> None:
        """A slip of the pen, approved and confirmed, and taken back the same way."""
        agreement = agreements.get()
        owner = self.channel.people[SECOND, "owner"]
        wrong = actions.propose_adjustment(
            [agreement], year=self.year, title="Mobilfunk neu vereinbart", steps=[{"kind": "set", "value": "9000"}],
            reason_code="other", reason="Neue Vereinbarung vom Oktober.", effective_on=self.now.date(), by=self.carla,
            kpis=[Kpi.objects.get(code="mobile-units")], now=self.now,
        )  # fmt: skip
        actions.approve_adjustment(wrong, by=self.finn, now=self.now)
        actions.confirm_adjustment(agreement, wrong, by=owner, now=self.now)
        undo = actions.propose_undo(
            wrong,
            reason="Eine Null zu viel, gemeint waren 900.",
            effective_on=self.now.date(),
            by=self.carla,
            now=self.now,
        )
        actions.approve_adjustment(undo, by=self.hanna, now=self.now)
        actions.confirm_adjustment(agreement, undo, by=owner, now=self.now)

    def next_year(self, partners: Iterable[Partner]) -> None:
        """From this year's sales with 6 % growth; the first ones are offered, the others wait for a second person."""
        made = bulk.propose_from_actuals(
            partners, year=self.year + 1, kpis=Kpi.objects.exclude(measure="nps"), growth_percent=Decimal(6), by=self.carla,
            duties=("Werbung und Schulung wie bisher.", "Vorführgeräte im Laden."), now=self.now,
        )  # fmt: skip
        for agreement in made.proposed[:8]:
            actions.offer_agreement(agreement, by=self.hanna, now=self.now)
