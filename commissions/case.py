"""One order's whole life as one partner may see it: what was reported, what every statement said, what comes next.

    life = life_of(events, lines, own_codes, products)
    life[0].when, life[0].title, life[0].amount, life[0].balance

Reports and lines are put in one order by date; on one day what was reported comes before what was posted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from commissions.explain import explain
from commissions.models import Cause, DraftLine, Line
from commissions.queries import contexts
from core.formats import day, money
from core.formats import month as in_words
from sales.models import Event, EventType, Reason

ZERO = Decimal("0.00")
TONES = {
    EventType.ACTIVATED: "earned",
    EventType.CANCELLATION_REVOKED: "earned",
    EventType.RESUMED: "earned",
    EventType.CANCELLED: "taken",
    EventType.WITHDRAWN: "taken",
    EventType.REJECTED: "taken",
    EventType.SUSPENDED: "held",
    EventType.CORRECTED: "coming",
    EventType.REATTRIBUTED: "held",
}


@dataclass(frozen=True)
class Moment:
    """Something that happened. Lines carry an amount, their explanation and where they stand; reports do not."""

    on: date
    title: str
    tone: str
    note: str = ""
    amount: Decimal | None = None
    balance: Decimal | None = None
    line: Any = None
    why: Any = None
    statement: str = ""

    @property
    def when(self) -> str:
        return day(self.on)

    @property
    def held(self) -> bool:
        return bool(self.line and self.line.is_notice)


def life_of(events: Iterable[Event], lines: list[Line], own_codes: set[str], products: dict[str, str]) -> list[Moment]:
    """`lines` in the order of their posting, with their statement loaded; `products` are titles by code.

    Revenue that a line has been paid on is said there, with its arithmetic; on its own it would only repeat.
    """
    paid_on = {line.revenue_month for line in lines if line.revenue_month}
    events = [event for event in events if event.event_type != EventType.REVENUE or event.revenue_month not in paid_on]
    reported = [
        Moment(event.occurred_on, capfirst(event.get_event_type_display()), TONES.get(EventType(event.event_type), "neutral"), _said(event, own_codes, products))
        for event in events
    ]  # fmt: skip
    return sorted([*reported, *_posted(lines)], key=lambda moment: (moment.on, moment.line is not None))


def _posted(lines: list[Line]) -> list[Moment]:
    known, balance, found = contexts(lines), ZERO, []
    for line in lines:
        balance += line.amount
        context = known[line.pk]
        title = context.component or str(line.get_kind_display() or _("Order"))
        if line.revenue_month:
            title = f"{title}, {in_words(line.revenue_month)}"
        tone = "held" if line.is_notice else "taken" if line.amount < 0 else Cause(line.cause).tone
        why = explain(line, context)
        found.append(
            Moment(
                line.statement.issued_on, title, tone, capfirst(line.get_cause_display()),
                line.amount, balance, line, why, line.statement.number,
            )
        )  # fmt: skip
    return found


def proposed(lines: list[DraftLine]) -> list[tuple[DraftLine, str, Any]]:
    """What the open month proposes for the order: line, title, explanation."""
    known = contexts(lines)
    return [
        (line, known[line.pk].component or str(line.get_kind_display()), explain(line, known[line.pk]))
        for line in lines
    ]


def _said(event: Event, own_codes: set[str], products: dict[str, str]) -> str:
    """What the report told beyond its date. The code of somebody else's outlet is not ours to show."""
    parts = [
        event.dealer_code if event.dealer_code in own_codes else "",
        products.get(event.product or "", event.product),
        _("quantity %(quantity)s") % {"quantity": event.quantity.normalize()} if event.quantity else "",
        money(event.order_value) if event.order_value is not None else "",
        f"{in_words(event.revenue_month)}: {money(event.revenue)}" if event.revenue_month else "",
        str(Reason(event.reason).label) if event.reason in Reason.values else "",
        _("signed %(date)s") % {"date": day(event.signed_on)} if event.signed_on else "",
        _("activated %(date)s") % {"date": day(event.activated_on)} if event.activated_on else "",
        _("proof %(proof)s") % {"proof": event.evidence} if event.evidence else "",
    ]
    return " · ".join(str(part) for part in parts if part)
