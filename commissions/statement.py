"""What a statement says at a glance, from one aggregate over its lines and one over those of the statement before.

    summary = summary_of(statement)
    summary.positions     one row a component and cause: "ISDN closing, earned, 3 lines, 135.00"
    summary.changes       by cause, against the statement before; adds up to the difference of the two nets
    summary.steps         earned, corrections, cancellations, net, VAT, payable: the waterfall

Worked example: earned 1,201.41, corrections +52.00, cancelled −80.00 give net 1,173.41 and 19 % VAT 222.95.
The number of queries does not depend on the number of lines.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from commissions.models import Cause, Component, HoldReason, Kind, Run, Statement
from core import sql
from core.charts import Step
from core.choices import ToneChoices
from core.formats import month
from core.periods import last_of_month

ZERO = Decimal("0.00")
KEPT_SECONDS = 24 * 60 * 60
HELD_MONTHS = 12  # how long a cohort of the reserve is kept back at most
# From a proposal to the figures of every partner's statement, in tables of the transaction (formats, rules 19 to 21).
STATEMENT = ("commissions/statement_groups", "commissions/statement_reserve", "commissions/statement_totals")


@dataclass(frozen=True)
class Proposed:
    """What a partner's statement would say if the run were posted now; all EUR."""

    number: str
    name: str
    lines: int
    net: Decimal
    brought_forward: Decimal
    vat: Decimal
    withheld: Decimal
    released: Decimal
    drawn: Decimal
    carried_forward: Decimal
    payable: Decimal


def proposed_statements(run: Run) -> list[Proposed]:
    """The statements a calculated run would make, by partner number, computed as posting does; nothing is stored.

    From the cache if somebody looked since the calculation: over a large month it takes as long as posting does.
    """
    key = f"statements-{run.pk}-{run.calculated_at and run.calculated_at.timestamp()}-{run.since_id}"
    kept: list[Proposed] | None = cache.get(key)
    if kept is None:
        with transaction.atomic():
            for step in STATEMENT:
                sql.execute(step, run=run.pk, month=run.month, cutoff=last_of_month(run.month))
            kept = [Proposed(*row) for row in sql.rows("commissions/statement_preview")]
            sql.execute("commissions/statement_close")
        cache.set(key, kept, KEPT_SECONDS)
    return kept


class State(ToneChoices):
    """What follows from a statement; whether money has left the bank is not known here."""

    PAYABLE = "payable", "earned", pgettext_lazy("state of a statement", "payable")
    DUE = "due", "neutral", pgettext_lazy("state of a statement", "was due")
    CARRIED = "carried", "held", pgettext_lazy("state of a statement", "carried forward")
    NOTHING = "nothing", "neutral", gettext_lazy("nothing to pay")


def state_of(statement: Statement, today: date) -> State:
    """Payable up to its due day and on it; after it no more than that it was due, since no bank reports here."""
    if statement.payable > 0:
        return State.DUE if statement.due_on < today else State.PAYABLE
    return State.CARRIED if statement.carried_forward < 0 else State.NOTHING


@dataclass(frozen=True)
class Position:
    """Lines of one component that are there for one cause; `key` names it in an address."""

    code: str
    title: str
    cause: str
    lines: int
    amount: Decimal

    @property
    def key(self) -> str:
        return f"{self.code}.{self.cause}"

    @property
    def earned(self) -> bool:
        return self.cause == Cause.EARNED


@dataclass(frozen=True)
class Change:
    """What one cause contributes to the difference between two statements."""

    label: str
    lines: int
    now: Decimal
    before: Decimal

    @property
    def amount(self) -> Decimal:
        return self.now - self.before


@dataclass(frozen=True)
class Notices:
    """Facts that one hold reason keeps back; `amount` is what they would be, negative for what would be taken back."""

    reason: str
    label: str
    lines: int
    amount: Decimal


@dataclass(frozen=True)
class Summary:
    statement: Statement
    positions: tuple[Position, ...]
    notices: tuple[Notices, ...]
    changes: tuple[Change, ...]

    @property
    def lines(self) -> int:
        return sum(position.lines for position in self.positions)

    @property
    def noted(self) -> int:
        """Lines that only note what is held: they stand on the statement and are no part of its sum."""
        return sum(notice.lines for notice in self.notices)

    @property
    def risks(self) -> bool:
        """Whether something that would be taken back is among what is held."""
        return any(notice.amount < 0 for notice in self.notices)

    @property
    def change(self) -> Decimal | None:
        """Net against the statement before; None for the first one."""
        before = self.statement.previous
        return None if before is None else self.statement.net - before.net

    @property
    def steps(self) -> list[Step]:
        """From earned to payable; a step that is zero is left out."""
        this = self.statement
        earned, late = self._sum(Cause.EARNED), self._sum(Cause.LATE_EVENT)
        cancelled = self._sum(Cause.CANCELLED)
        manual = self._sum(Cause.MANUAL)
        moved = [
            (_("Reported late"), late, ""),
            (_("Corrections"), this.net - earned - late - cancelled - manual, ""),
            (_("Cancellations"), cancelled, ""),
            (_("Agreed by hand"), manual, ""),
        ]
        tax = [
            (_("Brought forward"), this.brought_forward, "held"),
            (_("VAT"), this.vat, "neutral"),
            (_("Reserve withheld"), -this.reserve_withheld, "held"),
            (_("Reserve released"), this.reserve_released, "earned"),
            (_("Reserve drawn"), this.reserve_drawn, "held"),
            (_("To the next statement"), -this.carried_forward, "held"),
        ]
        return [
            Step(_("Earned in %(month)s") % {"month": month(this.month)}, earned),
            *(Step(label, amount, tone) for label, amount, tone in moved if amount),
            Step(_("Net"), None),
            *(Step(label, amount, tone) for label, amount, tone in tax if amount),
            Step(_("Payable"), None, "brand"),
        ]

    def _sum(self, cause: str) -> Decimal:
        return sum((p.amount for p in self.positions if p.cause == cause), ZERO)


def summary_of(statement: Statement) -> Summary:
    """Three queries: sums of this and the previous statement, titles of the components."""
    wanted = [pk for pk in (statement.pk, statement.previous_id) if pk]
    rows = sql.rows("commissions/statement_sums", statements=wanted)
    mine = [row for row in rows if row.statement_id == statement.pk]
    known = Component.objects.in_bulk({row.component_id for row in mine if row.component_id})
    return Summary(
        statement,
        tuple(_positions(mine, known)),
        tuple(_notices(mine)),
        tuple(_changes(mine, [row for row in rows if row.statement_id != statement.pk])),
    )


def _positions(rows: list[Any], known: dict[int, Component]) -> list[Position]:
    """Earned ones first in the order of the schedule, then what changed."""
    sums: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows:
        if not row.is_notice:
            sums[row.component_code, row.cause].append(row)
    order = list(Cause.values)
    found = []
    for (code, cause), parts in sums.items():
        component = known.get(max(part.component_id or 0 for part in parts))
        title = component.title if component else str(Kind(parts[0].kind).label) if parts[0].kind else code
        place = (order.index(cause), component.position if component else 0, code)
        amount = sum((part.amount for part in parts), ZERO)
        found.append((place, Position(code, title, cause, sum(part.lines for part in parts), amount)))
    return [position for _place, position in sorted(found, key=lambda pair: pair[0])]


def _notices(rows: list[Any]) -> list[Notices]:
    sums: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row.is_notice:
            sums[row.hold_reason].append(row)
    return [
        Notices(
            reason,
            str(HoldReason(reason).label),
            sum(part.lines for part in parts),
            sum((part.would_be for part in parts), ZERO),
        )
        for reason, parts in sorted(sums.items())
    ]


def _changes(mine: list[Any], before: list[Any]) -> list[Change]:
    """By cause; earned is split by kind, because new deals and running revenue move for different reasons."""
    now, then = _by_cause(mine), _by_cause(before)
    keys = sorted({*now, *then}, key=lambda key: (list(Cause.values).index(key[0]), key[1]))
    found = []
    for key in keys:
        cause, kind = key
        label = capfirst(str(Cause(cause).label))
        if kind:
            label = f"{label}, {Kind(kind).label}"
        lines, amount = now.get(key, (0, ZERO))
        found.append(Change(label, lines, amount, then.get(key, (0, ZERO))[1]))
    return [change for change in found if change.amount or change.now]


def _by_cause(rows: list[Any]) -> dict[tuple[str, str], tuple[int, Decimal]]:
    sums: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for row in rows:
        if row.is_notice:
            continue
        key = (row.cause, row.kind if row.cause == Cause.EARNED else "")
        lines, amount = sums.get(key, (0, ZERO))
        sums[key] = (lines + row.lines, amount + row.amount)
    return sums
