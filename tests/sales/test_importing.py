"""Feed files become events and orders; the counts always balance."""

from datetime import UTC, date, datetime

from sales.importing import import_text
from sales.models import FeedImport, Order, Parked, Revenue

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HEADER = "event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no,quantity,revenue_month,revenue,reason,signed_on"


def feed(*rows: str, header: str = HEADER) -> str:
    width = header.count(",")
    return "\n".join([header, *(row + "," * (width - row.count(",")) for row in rows)]) + "\n"


def take(*rows: str, **options) -> FeedImport:
    return import_text(feed(*rows), now=NOW, **options)


def counts(done: FeedImport) -> dict[str, int]:
    assert done.status == "done", done.error
    names = ("accepted", "duplicate", "waiting", "exception", "rejected")
    assert done.rows == sum(getattr(done, name) for name in names)
    return {name: value for name in names if (value := getattr(done, name))}


CAPTURED = "e1,captured,2026-03-05,O-1,D-A,isdn,C-1"
ACTIVATED = "e2,activated,2026-03-10,O-1"


def test_a_file_becomes_an_order(channel):
    assert counts(take(CAPTURED, ACTIVATED)) == {"accepted": 2}
    order = Order.objects.get()
    assert (order.status, order.activated_on, order.partner) == ("active", date(2026, 3, 10), channel["A"])


def test_an_event_before_its_capture_waits_and_then_counts(channel):
    first = take(ACTIVATED, "e3,revenue,2026-04-30,O-1,,,,,2026-04,12.50")
    assert counts(first) == {"waiting": 2}
    assert not Order.objects.exists()
    assert counts(take(CAPTURED)) == {"accepted": 1}
    assert Order.objects.get().status == "active"
    assert Revenue.objects.get().amount == 12.5
    assert not Parked.objects.exists()
