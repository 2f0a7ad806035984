"""Every posted line from its own inputs again, every statement from its lines; what differs is reported.

    for difference in recheck(month=date(2026, 9, 1)): ...
    Difference("line 4711", "full", stored="45.01", expected="45.00")

Reads in one pass with server-side cursors, so memory does not grow with the ledger. The arithmetic is `explain`'s and
this file's, never the SQL that posted; a column that enters no arithmetic is covered by the seal.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import Count, Prefetch, Sum

from commissions.explain import differences
from commissions.models import Line, Statement, StatementVat
from core import sql
from core.models import Counter
from core.money import cents
from core.periods import add_months, berlin_date, last_of_month
from partners.models import Partner

CHUNK = 2000
ZERO = Decimal("0.00")
# What `explain` reads; the rest of a line is covered by its seal.
INPUTS = [
    *("id", "statement__number", "kind", "basis", "base", "rate", "round_to", "clawed_n", "clawed_d", "hold_reason"),
    *("is_notice", "component_id", "full", "clawed", "entitled", "booked", "amount", "would_be"),
]


@dataclass(frozen=True)
class Difference:
    """A stored value that is not what it must be; `where` names a line or a statement."""

    where: str
    column: str
    stored: str
    expected: str


def recheck(*, month: date | None = None, partner: Partner | None = None) -> Iterator[Difference]:
    """Differences in what was posted with the run of `month` (all months if None) for `partner` (all if None).

    Statement numbers are a matter of the whole ledger and are checked whenever no partner is named.
    """
    yield from _lines(month, partner)
    yield from _seals(month, partner)
    yield from _chains(month, partner)
    yield from _statements(month, partner)
    if partner is None:
        yield from _numbers()


def _lines(month: date | None, partner: Partner | None) -> Iterator[Difference]:
    for line in _of(Line.objects.all(), month, partner).values_list(*INPUTS, named=True).iterator(CHUNK):
        for column, (stored, expected) in differences(line).items():
            yield Difference(_place(line.statement__number, line.id), column, str(stored), str(expected))


def _seals(month: date | None, partner: Partner | None) -> Iterator[Difference]:
    """The digest a line or statement got when it was posted covers all of its columns."""
    broken = [row.id for row in sql.rows("commissions/broken_seals")]
    for pk, number in _of(Line.objects.filter(pk__in=broken), month, partner).values_list("pk", "statement__number"):
        yield Difference(_place(number, pk), "seal", "broken", "intact")
    for row in sql.rows("commissions/broken_statement_seals"):
        if month in (None, row.month) and (partner is None or row.partner_id == partner.pk):
            yield Difference(row.number, "seal", "broken", "intact")


def _chains(month: date | None, partner: Partner | None) -> Iterator[Difference]:
    for row in sql.rows("commissions/unchained_lines", month=month, partner=partner and partner.pk):
        yield Difference(_place(row.number, row.id), row.column_name, row.stored or "–", row.expected or "–")


def _of(found: Any, month: date | None, partner: Partner | None) -> Any:
    if month:
        found = found.filter(run__month=month)
    return found.filter(partner=partner) if partner else found


def _place(number: str | None, line: int) -> str:
    return f"{number or 'no statement'}, line {line}"


# ---- statements ----------------------------------------------------------------------------------------------


def _statements(month: date | None, partner: Partner | None) -> Iterator[Difference]:
    """All statements of each partner in turn, since each stands on the one before; reported are those asked for."""
    found = _of(Statement.objects.all(), None, partner).select_related("run").order_by("partner_id", "month", "pk")
    found = found.prefetch_related(Prefetch("vat_groups", StatementVat.objects.order_by("percent")))
    before: Statement | None = None
    for chunk in _chunks(found.iterator(CHUNK)):
        wanted = [statement.pk for statement in chunk if month in (None, statement.month, statement.run.month)]
        sums: dict[int, dict[Decimal, tuple[Decimal, int]]] = {pk: {} for pk in wanted}
        lines = Line.objects.filter(statement__in=wanted).values_list("statement", "vat_percent")
        for pk, percent, net, count in lines.annotate(Sum("amount"), Count("pk")).order_by():
            sums[pk][percent] = (net, count)
        for statement in chunk:
            same = before if before is not None and before.partner_id == statement.partner_id else None
            if statement.pk in sums:
                yield from _statement(statement, same, sums[statement.pk])
            before = statement


def _chunks(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
    rest = iter(statements)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _statement(
    statement: Statement, before: Statement | None, sums: dict[Decimal, tuple[Decimal, int]]
) -> Iterator[Difference]:
    """Rules 19 and 20, once more and slowly."""
    carried = {group.percent: group.carried_forward for group in before.vat_groups.all()} if before else {}
    groups = {
        percent: (sums.get(percent, (ZERO, 0))[0], carried.get(percent, ZERO))
        for percent in {*sums, *(percent for percent, amount in carried.items() if amount)}
    }
    net = sum((group[0] for group in groups.values()), ZERO)
    brought = before.carried_forward if before else ZERO
    negative = net + brought < 0
    vat = {p: ZERO if negative else cents((n + b) * p / 100) for p, (n, b) in groups.items()}
    gross = ZERO if negative else net + brought + sum(vat.values(), ZERO)
    run = statement.run
    expected: dict[str, Any] = {
        "month": run.month,
        "previous_id": before and before.pk,
        "issued_on": berlin_date(run.posted_at) if run.posted_at else None,
        "due_on": last_of_month(add_months(run.month, 1)),
        "lines_count": sum(count for _net, count in sums.values()),
        "net": net,
        "brought_forward": brought,
        "vat": sum(vat.values(), ZERO),
        "gross": gross,
        "reserve_withheld": ZERO,
        "reserve_released": ZERO,
        "reserve_drawn": ZERO,
        "carried_forward": net + brought if negative else ZERO,
        "payable": gross,
    }
    for column, value in expected.items():
        if getattr(statement, column) != value:
            yield Difference(statement.number, column, str(getattr(statement, column)), str(value))
    stored = {g.percent: (g.net, g.brought_forward, g.vat, g.carried_forward) for g in statement.vat_groups.all()}
    for percent in sorted({*stored, *groups}):
        wanted = None
        if percent in groups:
            own, forward = groups[percent]
            wanted = (own, forward, vat[percent], own + forward if negative else ZERO)
        if stored.get(percent) != wanted:
            yield Difference(statement.number, f"VAT {percent} %", _sums(stored.get(percent)), _sums(wanted))


def _sums(group: tuple[Decimal, ...] | None) -> str:
    """Net, brought forward, VAT, carried forward."""
    return " / ".join(str(amount) for amount in group) if group else "–"


def _numbers() -> Iterator[Difference]:
    """Numbers of a year run from 1 without gap, in the year in which the statement was issued."""
    last: dict[str, int] = {}
    for number, issued_on in Statement.objects.order_by("number").values_list("number", "issued_on").iterator(CHUNK):
        year, _, text = number.partition("-")
        expected = f"{issued_on:%Y}-{last.get(year, 0) + 1:06d}"
        if number != expected:
            yield Difference(number, "number", number, expected)
        last[year] = int(text) if text.isdigit() else last.get(year, 0) + 1
    # The counter knows how many were given out, so the last ones cannot vanish either.
    for name, given in Counter.objects.filter(series__startswith="statement ").values_list("series", "last"):
        found = last.get(name.removeprefix("statement "), 0)
        if found != given:
            yield Difference(name, "number", str(found), str(given))
