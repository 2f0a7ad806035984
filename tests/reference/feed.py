"""Events as rows of a feed file and back, so that tests and failure reports speak the public format."""

import csv
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from tests.reference.facts import Event

COLUMNS = {
    "event_id": "event_id",
    "event_type": "event_type",
    "occurred_on": "occurred_on",
    "order_id": "order",
    "dealer_code": "dealer_code",
    "product": "product",
    "transaction": "transaction",
    "customer_no": "customer_no",
    "customer_class": "customer_class",
    "annual_spend": "annual_spend",
    "campaign": "campaign",
    "quantity": "quantity",
    "order_value": "order_value",
    "monthly_price": "monthly_price",
    "revenue_month": "revenue_month",
    "revenue": "revenue",
    "signed_on": "signed_on",
    "activated_on": "activated_on",
    "reason": "reason",
    "evidence": "evidence",
}
UNUSED = {"customer_name", "term_months"}
DATES = {"occurred_on", "signed_on", "activated_on"}
NUMBERS = {"annual_spend", "quantity", "order_value", "monthly_price", "revenue"}


def write(events: Iterable[Event]) -> str:
    """A CSV file with the columns that any of the events needs."""
    rows = [{column: _text(event, column) for column in COLUMNS} for event in events]
    used = [c for c in COLUMNS if any(row[c] for row in rows)]
    out = io.StringIO()
    writer = csv.DictWriter(out, used, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _text(event: Event, column: str) -> str:
    value = getattr(event, COLUMNS[column])
    if column == "customer_no" and event.event_type == "captured":
        return value or f"C-{event.order}"
    if value is None:
        return ""
    return f"{value:%Y-%m}" if column == "revenue_month" else str(value)


def read(text: str) -> frozenset[Event]:
    """The events of a CSV text whose values are all well formed."""
    return frozenset(
        Event(**{COLUMNS[c]: _value(c, v.strip()) for c, v in row.items() if v and v.strip() and c not in UNUSED})
        for row in csv.DictReader(io.StringIO("\n".join(line.strip() for line in text.strip().splitlines())))
    )


def _value(column: str, text: str) -> object:
    if column in DATES:
        return date.fromisoformat(text)
    if column == "revenue_month":
        return date.fromisoformat(text + "-01")
    return Decimal(text) if column in NUMBERS else text
