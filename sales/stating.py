"""What the office states about an order: a feed of one row, which goes the way of every other row.

    state_class(parked, customer_class="smb", by=carla, now=now)     # a correction that says customer_class=smb
    refer(order, by=carla, reason="big customer", now=now)           # a correction that says transaction=referral

So it is a fact like any delivered one: append-only, part of every later fold, seen in the life of the order, and what
it changes in commission follows in the next run by itself.
"""

import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core import audit
from core.errors import Conflict, Refused
from partners.models import Role
from partners.rights import require
from sales.actions import DELIVERS, take_facts_soon
from sales.importing import import_text
from sales.models import CustomerClass, Event, EventType, FeedImport, Order, Parked, SegmentBand, Transaction

REFERS = (Role.COMMISSION_CONTROLLER, Role.HEAD_OF_CHANNEL)


def state_class(parked: Parked, *, customer_class: str, by: Any, now: datetime) -> FeedImport:
    """Says which class the customer of a parked business order has; the order takes effect from its signature on.

    Conflict: somebody else has said it, or a feed is being merged.
    """
    require(by, *DELIVERS)
    if parked.cause != Parked.Cause.CLASS_MISSING:
        raise Refused(_("Of this event the customer class is not what is missing."))
    if customer_class not in CustomerClass.values:
        raise Refused(_("Please choose a customer class."))
    with transaction.atomic():
        take_facts_soon()
        if not Parked.objects.filter(pk=parked.pk).exists():
            raise Conflict(_("Somebody else has stated it already."))
        event = parked.event
        made = _correct(event.order_no, event.occurred_on, by=by, now=now, customer_class=customer_class)
        audit.record(by=by, verb="state_class", obj=made, now=now, order=event.order_no, customer_class=customer_class)
    return made


def refer(order: Order, *, by: Any, reason: str, now: datetime) -> FeedImport:
    """Hands an order over to the channel that serves the customer; for the partner it is a referral from then on.

    What a referral earns is said by the schedule's components for `transactions: [referral]`; without one it earns
    nothing (held: not in schedule), and what was posted for the sale comes back with the next run (F0-11, F0-12).
    Refused where partners may sell; Conflict: handed over already, or a feed is being merged.
    """
    require(by, *REFERS)
    band = SegmentBand.objects.route_for(order.annual_spend, order.signed_on)
    if band is None or not band.closed_to_partners:
        raise Refused(_("Partners may sell to this customer: there is nobody to hand the order over to."))
    if not reason.strip():
        raise Refused(_("Please give a reason: it is what the partner will ask for."))
    with transaction.atomic():
        take_facts_soon()
        order.refresh_from_db()
        if order.transaction == Transaction.REFERRAL:
            raise Conflict(_("The order is a referral already."))
        made = _correct(order.order_no, _last_word(order), by=by, now=now, transaction=Transaction.REFERRAL.value)
        audit.record(by=by, verb="refer_order", obj=order, reason=reason, now=now, route=band.route)
    return made


def _last_word(order: Order) -> date:
    """From when a statement about the transaction counts: the signature, so that every run knows it, or the day after
    the last correction that said something else about it."""
    said = Event.objects.filter(order_no=order.order_no, event_type=EventType.CORRECTED, transaction__isnull=False)
    last = said.aggregate(last=Max("occurred_on"))["last"]
    return max(order.signed_on, last + timedelta(days=1)) if last else order.signed_on


def _correct(order_no: str, on: date, *, by: Any, now: datetime, **fields: str) -> FeedImport:
    """One correction of an order, dated `on`. The caller holds the facts."""
    key = {"event_id": f"office-{uuid4().hex}", "event_type": EventType.CORRECTED.value}
    row = json.dumps(key | {"occurred_on": on.isoformat(), "order_id": order_no} | fields)
    made = import_text(f"{row}\n", by=by, now=now, filename=order_no, source=FeedImport.Source.OFFICE)
    if made.status != FeedImport.Status.DONE or made.rejected:
        raise Refused(made.error or _("The statement was not accepted."))
    return made
