"""What the office states about an order: a feed of one row, which goes the way of every other row.

    state_class(parked, customer_class="smb", by=carla, now=now)     # a correction that says customer_class=smb

So it is a fact like any delivered one: append-only, part of every later fold, seen in the life of the order, and what
it changes in commission follows in the next run by itself.
"""

import json
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import Conflict, Refused
from partners.rights import require
from sales.actions import DELIVERS, take_facts_soon
from sales.importing import import_text
from sales.models import CustomerClass, EventType, FeedImport, Parked


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


def _correct(order_no: str, on: date, *, by: Any, now: datetime, **fields: str) -> FeedImport:
    """One correction of an order, dated `on`. The caller holds the facts."""
    key = {"event_id": f"office-{uuid4().hex}", "event_type": EventType.CORRECTED.value}
    row = json.dumps(key | {"occurred_on": on.isoformat(), "order_id": order_no} | fields)
    made = import_text(f"{row}\n", by=by, now=now, filename=order_no, source=FeedImport.Source.OFFICE)
    if made.status != FeedImport.Status.DONE or made.rejected:
        raise Refused(made.error or _("The statement was not accepted."))
    return made
