"""Twelve months of the invented channel: each month its file is imported, something happens, and a run is posted.

    1st, 06:00 of the month after   the file is imported
    2nd                             Carla calculates, Finn approves on the 3rd and posts on the 4th
    last month                      imported up to today, provisional figures only

Every step goes through the same actions as in the office; their rules, second persons included, hold here too.
"""

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from schwifty import IBAN

from commissions import actions
from commissions.models import Run, ScheduleVersion
from core.periods import BERLIN, add_months
from partners.actions import propose_bank_account, put_contract_in_force
from partners.models import Contract
from portal.demo.catalogue import example, schedule
from portal.demo.goals import Goals
from portal.demo.people import Channel
from portal.demo.stories import HOME, NEW, SECOND, SUMMER
from sales.actions import register_for_campaign, save_campaign
from sales.importing import import_file, import_text
from sales.models import FeedImport, Order, ProductFamily, Route, SegmentBand
from sales.spending import record_bill
from sales.stating import refer
from training.actions import approve_certificate, approve_revocation, propose_revocation, record_certificate
from training.models import Certificate

LAST = 11  # the open month


class Year:
    """The year that begins in the month `start`, lived by `channel` up to the moment `now`."""

    def __init__(self, channel: Channel, start: date, now: datetime, orders: int = 0) -> None:
        self.channel, self.start, self.now = channel, start, now
        self.carla, self.hanna, self.finn = (channel.staff[name] for name in ("carla", "hanna", "finn"))
        self.tom = channel.staff["tom"]
        self.goals = Goals(channel, start, now, orders)

    def day(self, month: int, day: int, hour: int = 9) -> datetime:
        """A working hour in Berlin, never later than now."""
        return min(self.now, datetime.combine(add_months(self.start, month).replace(day=day), time(hour), BERLIN))

    # ---- before the year begins --------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Schedules published, certificates given."""
        began = add_months(self.start, -24)
        self.publish(self.system_partner(began, dsl="70.00"), -1)
        self.publish(schedule("fachhandel", began, mobile="24.00"), -1)
        self.publish(schedule("distribution", began), -1)
        self.publish(schedule("eigene-shops", began), -1)
        self.goals.agree()
        vpn = ProductFamily.objects.get(code="vpn")
        for company in self.channel.companies:
            if company.certified and company.number != SECOND:
                seller = self.channel.people[company.number, "seller"]
                early = company.number % 6 != 5  # the others pass their exam in the fourth month
                since = add_months(self.start, -12 if early else 3)
                given = datetime.combine(since, time(9), BERLIN)
                until = add_months(since, 13 if company.number % 5 == 3 else 26)
                record_certificate(seller, vpn, valid_from=since, valid_until=until, by=self.tom, now=given)

    def system_partner(self, valid_from: date, *, dsl: str, mobile: str = "32.50") -> str:
        """The schedule most partners have, by its two prices that change."""
        rated_from = add_months(self.start, -24).isoformat()
        return schedule("systempartner", valid_from, dsl=dsl, mobile=mobile, rated_from=rated_from)

    def publish(self, document: str, month: int, reason: str = "") -> ScheduleVersion:
        """Written by Carla on the 20th, published by Hanna on the 24th."""
        draft = actions.save_draft(document, by=self.carla, now=self.day(month, 20))
        return actions.publish_version(draft, by=self.hanna, now=self.day(month, 24), reason=reason)

    # ---- one month after the other -----------------------------------------------------------------------------

    def take_in(self, file: Path, month: int) -> None:
        if FeedImport.objects.filter(filename=file.name, status=FeedImport.Status.DONE).exists():
            return
        result = import_file(file, by=self.carla, now=self.day(month + 1, 1, 6))
        if result.status != FeedImport.Status.DONE:
            raise RuntimeError(f"{file}: {result.error}")

    def settle(self, month: int) -> None:
        """Calculated, approved by another person, posted; the open month's figures stay provisional."""
        if month == LAST:
            actions.refresh_provisional(now=self.now)
            return
        first = add_months(self.start, month)
        run = Run.objects.filter(kind=Run.Kind.MONTHLY, month=first).exclude(status=Run.Status.DISCARDED).first()
        if run is None:
            run = actions.create_run(month=first, by=self.carla, now=self.day(month + 1, 2))
        if run.status == Run.Status.POSTED:
            return
        if run.status != Run.Status.APPROVED:
            actions.request_calculation(run, by=self.carla, now=self.day(month + 1, 2))
            actions.calculate_run(run, now=self.day(month + 1, 2))
            run.refresh_from_db()
            if run.status != Run.Status.IN_REVIEW:
                raise RuntimeError(f"{run}: {list(run.findings.values_list('check_name', 'count', 'detail'))}")
            # A channel that grows out of nothing is far from the mean of its first months.
            actions.waive_findings(run, by=self.finn, now=self.day(month + 1, 3), reason="Geprüft: Kanal im Aufbau")
            actions.approve_run(run, by=self.finn, now=self.day(month + 1, 3))
        actions.post_run(run, by=self.finn, now=self.day(month + 1, 4))

    # ---- what happens besides sales ----------------------------------------------------------------------------

    def happen(self, month: int) -> None:
        happening = getattr(self, f"month_{month}", None)
        if happening:
            happening(self.day(month, 25))
        self.goals.happen(month)

    def month_4(self, now: datetime) -> None:
        """The dearer DSL commission, from the sixth month on."""
        self.publish(self.system_partner(add_months(self.start, 5), dsl="75.00"), 4, "Jahresgespräch")

    def month_5(self, now: datetime) -> None:
        """A campaign for the next two months; one partner says in time that it takes part."""
        begins = add_months(self.start, 6)
        summer = save_campaign(
            code=SUMMER,
            title_de="Sommeraktion",
            title_en="Summer campaign",
            valid_from=begins,
            valid_until=add_months(begins, 2),
            registration="required",
            by=self.carla,
            now=self.day(5, 20),
            approved_by=self.hanna,
        )
        register_for_campaign(summer, self.channel.partners[HOME], on=begins, by=self.carla, now=now)

    def month_6(self, now: datetime) -> None:
        """A certificate recorded late opens orders that were held; the new partner's contract is signed at last."""
        vpn = ProductFamily.objects.get(code="vpn")
        late = record_certificate(
            self.channel.people[SECOND, "seller"],
            vpn,
            valid_from=add_months(self.start, 1),
            valid_until=add_months(self.start, 25),
            by=self.tom,
            reason="Prüfung bestanden, Urkunde kam verspätet",
            now=now,
        )
        approve_certificate(late, by=self.carla, now=now)
        draft = Contract.objects.filter(partner=self.channel.partners[NEW], status=Contract.Status.DRAFT).first()
        if draft:
            put_contract_in_force(draft, by=self.hanna, reason="Unterschrift lag beim Partner", now=now)

    def month_7(self, now: datetime) -> None:
        """A certificate revoked, and a goodwill payment agreed by two people."""
        self.goodwill(Decimal("85.00"), "Kulanz: Auftrag wegen Systemausfall verloren", now, approve=True)
        taken = Certificate.objects.filter(holder=self.channel.people[4002, "seller"], status="valid").first()
        if taken:
            propose_revocation(taken, by=self.tom, reason="Prüfung wurde angefochten", now=now)
            approve_revocation(taken, by=self.carla, now=now)

    def month_8(self, now: datetime) -> None:
        """The price list is corrected backwards: 78.00 instead of 75.00 since the sixth month."""
        corrected = self.system_partner(add_months(self.start, 5), dsl="78.00")
        self.publish(corrected, 8, "Schreibfehler in der Preisliste")

    def month_9(self, now: datetime) -> None:
        self.publish(schedule("fachhandel", add_months(self.start, 10), mobile="26.00"), 9, "Marktanpassung")

    def month_10(self, now: datetime) -> None:
        """A controller's hold of an order that looks odd."""
        order = Order.objects.filter(order_no="S-EINBEHALTEN").first()
        if order:
            actions.place_hold(by=self.carla, now=now, reason="Kundenunterschrift wird geprüft", order=order)

    def month_11(self, now: datetime) -> None:
        """What waits for a second person today, and a file that was no feed."""
        self.campaigns()
        self.customers()
        import_text("Kunde;Umsatz\nMuster;12,50\n", by=self.carla, now=self.now, filename="umsatzliste.csv")
        self.goodwill(Decimal("-40.00"), "Messestand anteilig", self.now, approve=False)
        # Dearer lines, cheaper mobile: a simulation of it has winners and losers, and an example that agrees.
        next_year = self.system_partner(add_months(self.start, 13), dsl="82.00", mobile="32.00")
        draft = actions.save_draft(next_year, by=self.carla, now=self.now)
        actions.add_example(draft.schedule, text=example(self.start), by=self.carla, now=self.now)
        vpn = ProductFamily.objects.get(code="vpn")
        seller = self.channel.people[1003, "seller"]
        since = add_months(self.start, 8)
        record_certificate(
            seller, vpn, valid_from=since, by=self.tom, reason="Kurs in Beispielheim besucht", now=self.now
        )
        disputed = Certificate.objects.filter(holder=self.channel.people[2002, "seller"], status="valid").first()
        if disputed:
            propose_revocation(disputed, by=self.tom, reason="Identität bei der Prüfung unklar", now=self.now)

    def campaigns(self) -> None:
        """One that runs and partners register for, with a change that waits, and one nobody has approved yet."""
        begins = add_months(self.start, 11)
        terms: dict[str, Any] = {
            "code": "wechselwochen",
            "title_de": "Wechselwochen",
            "title_en": "Switch weeks",
            "description_de": "Für jeden Kunden, der von einem anderen Anbieter kommt.",
            "description_en": "For every customer who comes from another operator.",
            "valid_from": begins,
            "valid_until": add_months(begins, 2),
            "registration": "required",
            "exclude": {"families": ["vpn"]},
        }
        running = save_campaign(**terms, by=self.carla, now=self.day(10, 20), approved_by=self.hanna)
        for number in (HOME, SECOND):
            register_for_campaign(
                running, self.channel.partners[number], on=begins, by=self.carla, now=self.day(10, 26)
            )
        save_campaign(**terms, cap_units=Decimal(2000), by=self.carla, now=self.now)
        save_campaign(
            code="business-smart",
            title_de="Business Smart",
            title_en="Business Smart",
            valid_from=add_months(begins, 1),
            valid_until=add_months(begins, 3),
            cap_amount=Decimal("15000.00"),
            stackable=False,
            by=self.carla,
            now=self.now,
        )

    def customers(self) -> None:
        """Customers who spend more than estimated, one handed over to direct sales, a new account to be confirmed."""
        estimated = Order.objects.filter(annual_spend__range=(2000, 3000))
        numbers = estimated.order_by("order_no").values_list("customer_no", flat=True)[:3]
        customers = sorted({number or "" for number in numbers})
        for place, number in enumerate(customers):
            bill = Decimal(3400 + 150 * place)
            record_bill(number, amount=bill, as_of=self.day(10, 15).date(), by=self.carla, now=self.now)
        direct = SegmentBand.objects.filter(route=Route.DIRECT_SALES)
        mine = Order.objects.spending_in(direct).filter(signed_on__gte=add_months(self.start, LAST))
        if order := mine.order_by("order_no").first():
            refer(order, by=self.carla, reason="Großkunde, wird vom Direktvertrieb betreut", now=self.now)
        home = self.channel.partners[HOME]
        iban = str(IBAN.generate("DE", bank_code="99999999", account_code="0000009001"))  # no bank has this code
        propose_bank_account(
            home, iban=iban, account_holder=home.legal_name, by=self.finn, reason="Neue Hausbank", now=self.now
        )

    def goodwill(self, amount: Decimal, reason: str, now: datetime, *, approve: bool) -> None:
        partner = self.channel.partners[HOME]
        line = actions.propose_manual_line(partner, amount=amount, reason=reason, by=self.carla, now=now)
        if approve:
            actions.decide_manual_line(line, approve=True, by=self.hanna, now=now)


def first_month(now: datetime) -> date:
    """The first of the twelve months whose last is today's in Berlin."""
    return add_months(now.astimezone(BERLIN).date().replace(day=1), -LAST)
