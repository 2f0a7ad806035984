"""`manage.py recheck [--month 2026-09] [--partner P-1001]`: the whole ledger again; exit code 1 if anything differs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from commissions.models import Line, Statement
from commissions.recheck import recheck
from core.periods import parse_month
from partners.models import Partner

SHOWN = 200


class Command(BaseCommand):
    help = "Recompute every posted line from its inputs and every statement from its lines; report differences"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--month", help="only what the run of this month posted, for example 2026-09")
        parser.add_argument("--partner", help="only this partner number")

    def handle(self, *_args: Any, month: str | None, partner: str | None, **_options: Any) -> None:
        try:
            of_month = parse_month(month) if month else None
        except ValueError as error:
            raise CommandError(str(error)) from error
        of_partner = Partner.objects.filter(number=partner).first() if partner else None
        if partner and of_partner is None:
            raise CommandError(f"There is no partner {partner}.")
        shown = found = 0
        for found, difference in enumerate(recheck(month=of_month, partner=of_partner), start=1):
            if found == 1:
                self.row("where", "column", "stored", "expected")
            if found <= SHOWN:
                self.row(difference.where, difference.column, difference.stored, difference.expected)
                shown = found
        if found:
            raise CommandError(f"{found} differences" + (f", the first {shown} above" if found > shown else ""))
        scope: dict[str, Any] = {"run__month": of_month} if of_month else {}
        scope |= {"partner": of_partner} if of_partner else {}
        lines, statements = Line.objects.filter(**scope).count(), Statement.objects.filter(**scope).count()
        self.stdout.write(f"{lines} lines and {statements} statements are what their inputs give.")

    def row(self, *cells: str) -> None:
        self.stdout.write(
            "  ".join(cell.ljust(width) for cell, width in zip(cells, (34, 18, 34, 34), strict=True)).rstrip()
        )
