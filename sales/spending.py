"""What customers really spend in a year, and the segment that follows from it (F0-14).

    measure_spend(now=now)                                                          # nightly
    # estimate 2,000 with the order of June 2025, billed 3,400.00 from July 2025 to June 2026:
    # CustomerSpend(amount=3400.00, source="actual", as_of=2026-07-01, before=2000.00, status="suggested")
    decide_segment(spend, follow=True, by=carla, now=now)

The new amount counts for what comes. Orders keep the spend they were reported with and their segment, so a decision
here never moves a cent that was paid.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core import audit, sql
from core.errors import Conflict, Refused
from core.periods import add_months, berlin_date, first_of_month
from partners.models import Role
from partners.rights import require
from sales.models import CustomerSpend, Order, SegmentBand

Source, Status = CustomerSpend.Source, CustomerSpend.Status
DECIDES = (Role.COMMISSION_CONTROLLER, Role.HEAD_OF_CHANNEL)
# Bills of a month, and their first corrections, are there a month after it has ended.
BILLING_MONTHS = 1


def measure_spend(*, now: datetime) -> int:
    """Replaces estimates by what was billed in twelve full months; returns how many customers. May run at any time."""
    today = berlin_date(now)
    billed_until = add_months(first_of_month(today), -BILLING_MONTHS)
    with transaction.atomic():
        return sql.execute("sales/measure_spend", today=today, now=now, billed_until=billed_until)


def record_bill(customer_no: str, *, amount: Decimal, as_of: date, by: Any, now: datetime) -> CustomerSpend:
    """The yearly spend, EUR net, that a bill of the customer shows.

    Refused for a customer without orders, a negative amount or a bill of the future; Conflict: that bill is known.
    """
    require(by, *DECIDES)
    today = berlin_date(now)
    estimate = Order.objects.filter(customer_no=customer_no, annual_spend__isnull=False).order_by("-signed_on").first()
    if not estimate and not Order.objects.filter(customer_no=customer_no).exists():
        raise Refused(_("No order names this customer."))
    if amount < 0 or as_of > today:
        raise Refused(_("A bill shows an amount of zero or more, and is not of the future."))
    before = CustomerSpend.objects.latest_of(customer_no)
    known: dict[str, Any] = {"before": None}
    if before:
        known = {"before": before.amount, "before_source": before.source, "before_as_of": before.as_of}
    elif estimate:
        known = {"before": estimate.annual_spend, "before_source": Source.ESTIMATE, "before_as_of": estimate.signed_on}
    bands = SegmentBand.objects
    same = bands.route_for(known["before"], today) == bands.route_for(amount, today)
    try:
        with transaction.atomic():
            spend = CustomerSpend.objects.create(
                customer_no=customer_no, amount=amount, source=Source.BILL, as_of=as_of, recorded_at=now,
                recorded_by=by, status=Status.SAME if same else Status.SUGGESTED, **known,
            )  # fmt: skip
            audit.record(by=by, verb="record_bill", obj=spend, now=now, amount=str(amount))
    except IntegrityError as error:
        raise Conflict(_("A bill of that day is recorded already.")) from error
    return spend


def decide_segment(spend: CustomerSpend, *, follow: bool, by: Any, now: datetime) -> CustomerSpend:
    """The customer moves to the segment of the new amount from now on, or stays. Conflict: decided already."""
    require(by, *DECIDES)
    status = Status.FOLLOWED if follow else Status.KEPT
    with transaction.atomic():
        waiting = CustomerSpend.objects.suggested().filter(pk=spend.pk)
        if not waiting.update(status=status, decided_by=by, decided_at=now):
            raise Conflict(_("Somebody else has decided this already."))
        spend.refresh_from_db()
        audit.record(by=by, verb="decide_segment", obj=spend, now=now, status=status.value)
    return spend
