"""Every posted line from its own inputs again, every statement from its lines; what differs is reported.

    for difference in recheck(month=date(2026, 9, 1)): ...
    Difference("line 4711", "full", stored="45.01", expected="45.00")

Reads in one pass with server-side cursors, so memory does not grow with the ledger. The arithmetic is that of `explain`
and `recheck_statements`, never the SQL that posted; a column that enters no arithmetic is covered by the seal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from commissions.explain import differences, recompute
from commissions.models import Component, Line, Statement
from commissions.recheck_statements import statement_differences
from core import sql
from core.models import Counter
from partners.models import Partner

CHUNK = 2000
# What `explain` reads; the rest of a line is covered by its seal.
INPUTS = [
    *("id", "statement__number", "kind", "basis", "base", "rate", "round_to", "clawed_n", "clawed_d", "hold_reason"),
    *("is_notice", "component_id", "full", "clawed", "entitled", "booked", "amount", "would_be"),
    *("measure", "measured_of", "previous_id"),
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
    for number, column, stored, expected in statement_differences(_of(Statement.objects.all(), None, partner), month):
        yield Difference(number, column, stored, expected)
    if partner is None:
        yield from _numbers()


def _lines(month: date | None, partner: Partner | None) -> Iterator[Difference]:
    components = Component.objects.in_bulk()
    for line in _of(Line.objects.all(), month, partner).values_list(*INPUTS, named=True).iterator(CHUNK):
        computed = recompute(line, components.get(line.component_id))
        for column, (stored, expected) in differences(line, computed).items():
            yield Difference(_place(line.statement__number, line.id), column, str(stored), str(expected))


def _seals(month: date | None, partner: Partner | None) -> Iterator[Difference]:
    """The digest a line or statement got when it was posted covers all of its columns."""
    broken = [row.id for row in sql.rows("commissions/broken_seals")]
    for pk, number in _of(Line.objects.filter(pk__in=broken), month, partner).values_list("pk", "statement__number"):
        yield Difference(_place(number, pk), "seal", "broken", "intact")
    for row in sql.rows("commissions/broken_statement_seals"):
        if month in (None, row.month) and (partner is None or row.partner_id == partner.pk):
            yield Difference(row.number, "seal", "broken", "intact")
    for row in sql.rows("commissions/broken_reserve_seals"):
        for statement in _of(Statement.objects.filter(pk=row.statement_id), month, partner):
            yield Difference(f"{statement.number}, reserve", "seal", "broken", "intact")
    for row in sql.rows("commissions/broken_reserve_lines"):
        posted = Statement.objects.filter(run=row.run_id, partner=row.partner_id)
        for number in _of(posted, month, partner).values_list("number", flat=True):
            yield Difference(f"{number}, reserve", "line", "broken", "as posted")


def _chains(month: date | None, partner: Partner | None) -> Iterator[Difference]:
    for row in sql.rows("commissions/unchained_lines", month=month, partner=partner and partner.pk):
        yield Difference(_place(row.number, row.id), row.column_name, row.stored or "–", row.expected or "–")


def _of(found: Any, month: date | None, partner: Partner | None) -> Any:
    if month:
        found = found.filter(run__month=month)
    return found.filter(partner=partner) if partner else found


def _place(number: str | None, line: int) -> str:
    return f"{number or 'no statement'}, line {line}"


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
