"""Every statement from its lines again, slowly and in Python: VAT, what is carried forward, and the reserve.

The statements of a partner stand on each other, so they are gone through in their order; memory holds one partner.
Worked example: 1,234.56 earned, 19 % VAT 234.57, 10 % kept back 123.46, payable 1,345.67.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import Count, Prefetch, Sum

from commissions.models import Line, ReserveMovement, Statement, StatementVat
from commissions.statement import HELD_MONTHS
from core import sql
from core.money import cents
from core.periods import add_months, berlin_date, last_of_month

CHUNK = 2000
ZERO = Decimal("0.00")


@dataclass
class Account:
    """What the statements so far left behind: the last of them, and EUR kept back by cohort."""

    partner: int
    last: Statement | None = None
    cohorts: dict[date, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Sums:
    """What the lines of one statement come to: EUR net and lines by VAT rate, first postings by reserve percent."""

    groups: dict[Decimal, tuple[Decimal, int]]
    first: dict[Decimal, Decimal]


def statement_differences(found: Any, month: date | None) -> Iterator[tuple[str, str, str, str]]:
    """Number, column, stored and expected value of what differs in `found`; reported are only those of `month`."""
    movements = Prefetch("reserve_movements", ReserveMovement.objects.order_by("cohort"))
    found = found.select_related("run").order_by("partner_id", "month", "pk")
    found = found.prefetch_related(Prefetch("vat_groups", StatementVat.objects.order_by("percent")), movements)
    account = Account(0)
    for chunk in _chunks(found.iterator(CHUNK)):
        sums = _sums_of([statement for statement in chunk if month in (None, statement.month, statement.run.month)])
        for statement in chunk:
            if statement.partner_id != account.partner:
                account = Account(statement.partner_id)
            if statement.pk in sums:
                yield from _differences(statement, account, sums[statement.pk])
            _keep(account, statement)


def _chunks(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
    rest = iter(statements)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _sums_of(wanted: list[Statement]) -> dict[int, Sums]:
    sums = {statement.pk: Sums({}, {}) for statement in wanted}
    lines = Line.objects.of(wanted).values_list("statement", "vat_percent")
    for pk, percent, net, count in lines.annotate(Sum("amount"), Count("pk")).order_by():
        sums[pk].groups[percent] = (net, count)
    for row in sql.rows("commissions/first_postings", statements=list(sums)):
        sums[row.statement_id].first[row.percent] = row.amount
    return sums


def _keep(account: Account, statement: Statement) -> None:
    """The stored movements count for the next statement: one wrong cent is reported once, not in every month after."""
    account.last = statement
    for each in statement.reserve_movements.all():
        left = account.cohorts.get(each.cohort, ZERO) + each.withheld - each.released - each.drawn
        account.cohorts[each.cohort] = left


def _differences(statement: Statement, account: Account, sums: Sums) -> Iterator[tuple[str, str, str, str]]:
    """Rules 19 to 21, once more and slowly."""
    before = account.last
    carried = {group.percent: group.carried_forward for group in before.vat_groups.all()} if before else {}
    groups = {
        percent: (sums.groups.get(percent, (ZERO, 0))[0], carried.get(percent, ZERO))
        for percent in {*sums.groups, *(percent for percent, amount in carried.items() if amount)}
    }
    net = sum((group[0] for group in groups.values()), ZERO)
    brought = before.carried_forward if before else ZERO
    debt = max(ZERO, -net - brought)
    vat = {p: ZERO if debt else cents((n + b) * p / 100) for p, (n, b) in groups.items()}
    gross = ZERO if debt else net + brought + sum(vat.values(), ZERO)
    released = _released(statement, account)
    freed = sum(released.values(), ZERO)
    used = min(freed, debt)
    drawn = _drawn(account, released, debt - used)
    taken = sum(drawn.values(), ZERO)
    wanted = sum((cents(amount * percent / 100) for percent, amount in sums.first.items()), ZERO)
    withheld = ZERO if debt else max(ZERO, min(wanted, gross + freed))
    run = statement.run
    expected: dict[str, Any] = {
        "month": run.month,
        "previous_id": before and before.pk,
        "issued_on": berlin_date(run.posted_at) if run.posted_at else None,
        "due_on": last_of_month(add_months(run.month, 1)),
        "lines_count": sum(count for _net, count in sums.groups.values()),
        "net": net,
        "brought_forward": brought,
        "vat": sum(vat.values(), ZERO),
        "gross": gross,
        "reserve_withheld": withheld,
        "reserve_released": freed,
        "reserve_drawn": taken,
        "carried_forward": used + taken - debt,
        "payable": gross - withheld + freed - used,
    }
    for column, value in expected.items():
        if getattr(statement, column) != value:
            yield statement.number, column, str(getattr(statement, column)), str(value)
    left = _set_off({p: n + b for p, (n, b) in groups.items()}, used + taken) if debt else {}
    yield from _vat_differences(statement, {p: (n, b, vat[p], left.get(p, ZERO)) for p, (n, b) in groups.items()})
    moved = {cohort: (ZERO, released[cohort], drawn[cohort]) for cohort in released}
    if withheld:
        moved[statement.month] = (withheld, ZERO, ZERO)
    yield from _reserve_differences(statement, moved)


def _released(statement: Statement, account: Account) -> dict[date, Decimal]:
    """Of each open cohort: all of it after twelve months, before that what exceeds the exposure."""
    exposure = {each.cohort: each.exposure for each in statement.reserve_movements.all()}
    found = {}
    for cohort, balance in sorted(account.cohorts.items()):
        if balance:
            risk = ZERO if statement.month >= add_months(cohort, HELD_MONTHS) else exposure.get(cohort) or ZERO
            found[cohort] = max(ZERO, balance - risk)
    return found


def _drawn(account: Account, released: dict[date, Decimal], need: Decimal) -> dict[date, Decimal]:
    """Oldest cohort first."""
    found = {}
    for cohort, freed in released.items():
        found[cohort] = min(account.cohorts[cohort] - freed, need)
        need -= found[cohort]
    return found


def _set_off(groups: dict[Decimal, Decimal], paid: Decimal) -> dict[Decimal, Decimal]:
    """What is carried forward after the reserve paid some of it: the highest rate first."""
    left = dict(groups)
    for percent in sorted(groups, reverse=True):
        part = min(paid, max(ZERO, -left[percent]))
        left[percent] += part
        paid -= part
    return left


def _vat_differences(
    statement: Statement, groups: Mapping[Decimal, tuple[Decimal, ...]]
) -> Iterator[tuple[str, str, str, str]]:
    stored = {g.percent: (g.net, g.brought_forward, g.vat, g.carried_forward) for g in statement.vat_groups.all()}
    for percent in sorted({*stored, *groups}):
        if stored.get(percent) != groups.get(percent):
            yield statement.number, f"VAT {percent} %", _listed(stored.get(percent)), _listed(groups.get(percent))


def _reserve_differences(
    statement: Statement, moved: Mapping[date, tuple[Decimal, ...]]
) -> Iterator[tuple[str, str, str, str]]:
    stored = defaultdict(list)
    for each in statement.reserve_movements.all():
        stored[each.cohort].append((each.withheld, each.released, each.drawn))
        if each.partner_id != statement.partner_id:
            yield (
                statement.number,
                f"reserve {each.cohort:%Y-%m}",
                f"partner {each.partner_id}",
                "partner of the statement",
            )
    for cohort in sorted({*stored, *moved}):
        wanted = [moved[cohort]] if cohort in moved else []
        if stored.get(cohort, []) != wanted:
            told = " and ".join(_listed(each) for each in stored.get(cohort, [])) or "–"
            yield statement.number, f"reserve {cohort:%Y-%m}", told, _listed(moved.get(cohort))


def _listed(amounts: tuple[Decimal, ...] | None) -> str:
    """Net, brought forward, VAT, carried forward; or withheld, released, drawn."""
    return " / ".join(str(amount) for amount in amounts) if amounts else "–"
