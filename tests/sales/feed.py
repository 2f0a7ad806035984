"""Feeds as text, and what became of them."""

from datetime import UTC, datetime

from sales.importing import import_text
from sales.models import FeedImport, Order, Parked, Revenue

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HEADER = (
    "event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no,quantity,revenue_month,revenue,"
    "reason,signed_on,annual_spend,order_value,transaction,customer_name"
)
CAPTURED = "e1,captured,2026-03-05,O-1,D-A,isdn,C-1"
ACTIVATED = "e2,activated,2026-03-10,O-1"
HISTORY = [
    "a1,captured,2026-03-05,O-1,D-MOVE,isdn,C-1,2",
    "a2,activated,2026-03-10,O-1",
    "a3,corrected,2026-03-20,O-1,,vpn",
    "a4,cancelled,2026-07-01,O-1,,,,,,,PORT_OUT",
    "a5,cancellation_revoked,2026-07-02,O-1",
    "a6,revenue,2026-04-30,O-1,,,,,2026-04,10.00",
    "a7,revenue,2026-05-31,O-1,,,,,2026-04,-1.00",
    "b1,captured,2026-06-05,O-2,D-MOVE,isdn,C-2",
    "b2,captured,2026-06-04,O-2,D-A,vpn,C-2",
    "b3,reattributed,2026-06-20,O-2,D-C",
    "b4,activated,2026-06-09,O-2",
    "b5,withdrawn,2026-06-12,O-2",
    "c1,activated,2026-06-12,O-3",
    "c2,revenue,2026-06-30,O-3,,,,,2026-06,7.00",
    "d1,captured,2026-06-12,O-4,D-X,isdn,C-4",
    "d2,activated,2026-06-13,O-4",
    "e1,captured,2026-06-12,O-5,D-A,isdn,C-5",
    "e2,rejected,2026-06-13,O-5,,,,,,,NO_AVAILABILITY",
]


def csv(*rows: str, header: str = HEADER) -> str:
    width = header.count(",")
    return "\n".join([header, *(row + "," * (width - row.count(",")) for row in rows)]) + "\n"


def take(*rows: str, **options) -> FeedImport:
    return import_text(csv(*rows), now=NOW, **options)


def counts(done: FeedImport) -> dict[str, int]:
    """The counts that are not zero, after making sure that they balance."""
    assert done.status == "done", done.error
    names = ("accepted", "duplicate", "waiting", "exception", "rejected")
    assert done.rows == sum(getattr(done, name) for name in names)
    return {name: value for name in names if (value := getattr(done, name))}


def issues(done: FeedImport) -> list[tuple[int, str, str]]:
    return list(done.issues.order_by("line", "field").values_list("line", "field", "code"))


def row(**values: object) -> str:
    """A correct capture with some values replaced, as a row below HEADER."""
    fields = {
        "event_id": "x", "event_type": "captured", "occurred_on": "2026-03-05", "order_id": "O-9", "dealer_code": "D-A",
        "product": "isdn", "customer_no": "C-9",
    }  # fmt: skip
    fields |= values
    return ",".join(str(fields.get(name, "")) for name in HEADER.split(","))


def everything() -> dict[str, list[tuple]]:
    """Orders, revenues and parked events as they stand, without the keys the database gave them."""
    orders = Order.objects.order_by("order_no")
    fields = [f.attname for f in Order._meta.fields if f.name not in ("id", "feed_import")]
    return {
        "orders": list(orders.values_list(*fields)),
        "revenues": list(Revenue.objects.order_by("order__order_no", "month").values_list("order__order_no", "month", "amount")),
        "parked": list(Parked.objects.order_by("event__event_id").values_list("event__event_id", "cause", "value")),
    }  # fmt: skip
