"""Where each order of a partner stands with its money: paid, partly, held, not yet, nothing due, and why.

    rows = with_money(Order.objects.visible_to(user), partner)
    rows.filter(standing=Standing.HELD)
    row.paid, row.held, row.coming      EUR net: on statements, kept back, proposed for the next one
    why_of(row, outlook)                "Certificate missing on the signature date"

Everything is decided in SQL, so that filters, counts and pages work on any number of orders. Only what the partner
itself was paid counts: what an order earned for somebody else is nobody's business here.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commissions.earnings import posted_notices, proposed_notices, provisional_run
from commissions.models import DraftLine, HoldReason, Line, Run
from core.choices import ToneChoices
from core.fields import MoneyField
from core.formats import day, month
from core.periods import add_months, last_of_month
from partners.models import Partner
from sales.models import Order, Reason

ZERO = Decimal("0.00")
ENDED = [Order.Status.REJECTED, Order.Status.CANCELLED, Order.Status.WITHDRAWN]


class Standing(ToneChoices):
    PAID = "paid", "earned", gettext_lazy("paid")
    PARTLY = "partly", "held", gettext_lazy("partly paid")
    HELD = "held", "held", gettext_lazy("held")
    NOT_YET = "not_yet", "coming", gettext_lazy("not yet")
    NOTHING_DUE = "nothing_due", "neutral", gettext_lazy("nothing due")


@dataclass(frozen=True)
class Outlook:
    """Which month is proposed, and by when its statement has to be there (§ 87c (1) HGB: end of the month after)."""

    run: Run | None

    @property
    def month(self) -> date | None:
        return self.run.month if self.run else None

    @property
    def expected_on(self) -> date | None:
        return last_of_month(add_months(self.run.month, 1)) if self.run else None


def outlook() -> Outlook:
    return Outlook(provisional_run())


def with_money(orders: QuerySet[Order], partner: Partner, run: Run | None) -> QuerySet[Any]:
    """The orders with `paid`, `held`, `held_reason`, `coming`, `noted` and `standing`, all about `partner`."""
    here = OuterRef("pk")
    posted = Line.objects.filter(order=here, partner=partner)
    drafts = DraftLine.objects.filter(order=here, partner=partner, run=run) if run else DraftLine.objects.none()
    posted_held = posted_notices(partner, run).filter(order=here)
    draft_held = proposed_notices(partner, run).filter(order=here)
    found: QuerySet[Any] = orders.annotate(
        paid=Coalesce(_total(posted, "amount"), ZERO),
        coming=Coalesce(_total(drafts, "amount"), ZERO) if run else Value(ZERO, MoneyField()),
        held=_held(posted_held) + (_held(draft_held) if run else Value(ZERO, MoneyField())),
        noted=Coalesce(_reason(posted_held), _reason(draft_held) if run else Value(""), Value("")),
    )
    return found.annotate(standing=STANDING)


STANDING = Case(
    # Asked once: each of these values is a search of its own for every order that is counted.
    When(held__gt=0, then=Case(When(paid__gt=0, then=Value(Standing.PARTLY)), default=Value(Standing.HELD))),
    When(paid__gt=0, then=Value(Standing.PAID)),
    When(coming__gt=0, then=Value(Standing.NOT_YET)),
    When(Q(status__in=ENDED) | ~Q(noted=""), then=Value(Standing.NOTHING_DUE)),
    default=Value(Standing.NOT_YET),
    output_field=CharField(),
)


def _total(lines: QuerySet[Any], column: str) -> Subquery:
    return Subquery(
        lines.order_by().values("order").annotate(total=Sum(column)).values("total"), output_field=MoneyField()
    )


def _held(notices: QuerySet[Any]) -> Coalesce:
    return Coalesce(_total(notices.filter(would_be__gt=0), "would_be"), ZERO)


def _reason(notices: QuerySet[Any]) -> Subquery:
    """Of several reasons the one with the most money on it."""
    return Subquery(notices.order_by(F("would_be").desc(nulls_last=True)).values("hold_reason")[:1])


def why_of(order: Any, ahead: Outlook) -> str:
    """One sentence for a list: what an order waits for, or why nothing is due."""
    match order.standing:
        case Standing.HELD | Standing.PARTLY:
            return capfirst(str(HoldReason(order.noted).label))
        case Standing.NOT_YET:
            return _not_yet(order, ahead)
        case Standing.NOTHING_DUE:
            return _nothing(order)
    return capfirst(str(HoldReason(order.noted).label)) if order.noted else ""


def _not_yet(order: Any, ahead: Outlook) -> str:
    if order.coming and ahead.run:
        values = {"month": month(ahead.month), "date": day(ahead.expected_on)}
        return _("On the statement of %(month)s, by %(date)s") % values
    if order.activated_on is None:
        return _("Waits for its activation")
    return _("Activated on %(date)s; the next run decides") % {"date": day(order.activated_on)}


def _nothing(order: Any) -> str:
    if order.status in ENDED:
        words = {"status": order.get_status_display(), "date": day(order.cancelled_on), "reason": reason_of(order)}
        if order.cancelled_on and order.reason:
            return _("%(status)s on %(date)s: %(reason)s") % words
        return capfirst(_("%(status)s: %(reason)s") % words if order.reason else str(words["status"]))
    return capfirst(str(HoldReason(order.noted).label)) if order.noted else ""


def reason_of(order: Any) -> str:
    return str(Reason(order.reason).label) if order.reason in Reason.values else ""
