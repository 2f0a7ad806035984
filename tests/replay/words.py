"""What was posted, from both sides in the same words: lines and statements without database keys and without prefix."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.db.models import QuerySet

from commissions.models import Run, Statement, StatementVat
from tests.reference.facts import World
from tests.reference.ledger import Ledger
from tests.reference.statements import vat_percent


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
    partners = {p.number: p for p in world.partners}
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
                Decimal(vat_percent(partners[i.partner].vat_on(line.service_date), line.service_date)),
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
