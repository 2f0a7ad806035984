"""What is said about a line of a feed that was not taken in: the cause, and what would be right.

    issue_text("decimals_2", "annual_spend", "12.345")
    # "annual_spend has at most 2 decimals, for example 45.00."

Only the code is stored (FeedIssue.code, Parked.cause), so that one report reads in both languages.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sales.models import CustomerClass, EventType, FeedImport, Parked, Reason, Transaction
from sales.queries import report_rows
from sales.reading import COLUMNS, REQUIRED

# Place-holders: field, value, known. A test demands a text for every code that find_issues.sql can give.
ISSUES = {
    "columns": gettext_lazy("The row has another number of values than the header has columns."),
    "quote": gettext_lazy("A quotation mark is not closed on this line, or something follows it. A value cannot hold a line break."),
    "line_break": gettext_lazy("A value cannot hold a line break."),
    "json": gettext_lazy("The line is no JSON object with texts and numbers only."),
    "unknown_column": gettext_lazy("Unknown column: %(value)s."),
    "required": gettext_lazy("%(field)s is missing; this kind of event needs it."),
    "too_long": gettext_lazy("%(field)s is too long."),
    "formula": gettext_lazy("%(field)s begins like a formula (= + - @). Write the plain text."),
    "date": gettext_lazy("%(field)s is no date. Write it as 2026-07-31."),
    "future": gettext_lazy("The date lies in the future. Only endings, pauses and corrections may be announced."),
    "month": gettext_lazy("%(field)s is no month. Write it as 2026-07."),
    "number": gettext_lazy("%(field)s is no number. Write it with a point and without thousands separators: 1234.50."),
    "too_large": gettext_lazy("%(field)s is too large."),
    "whole": gettext_lazy("%(field)s must be a whole number."),
    "decimals_2": gettext_lazy("%(field)s has at most 2 decimals, for example 45.00."),
    "decimals_3": gettext_lazy("%(field)s has at most 3 decimals, for example 1.500."),
    "decimals_4": gettext_lazy("%(field)s has at most 4 decimals, for example 45.0000."),
    "positive": gettext_lazy("%(field)s must be greater than zero."),
    "negative": gettext_lazy("%(field)s cannot be negative."),
    "event_type": gettext_lazy("Unknown event. Known are: %(known)s."),
    "transaction": gettext_lazy("Unknown transaction. Known are: %(known)s."),
    "customer_class": gettext_lazy("Unknown customer class. Known are: %(known)s."),
    "reason": gettext_lazy("Unknown reason. Known are: %(known)s."),
    "reused": gettext_lazy("The event_id was used before with other content: %(field)s differs. A correction needs an event_id of its own."),
}  # fmt: skip
KNOWN = {
    "event_type": EventType.values,
    "transaction": Transaction.values,
    "customer_class": CustomerClass.values,
    "reason": Reason.values,
}
PARKED: dict[str, Any] = {
    Parked.Cause.ORDER_NOT_CAPTURED: gettext_lazy("The order is not captured yet. The event takes effect as soon as it is."),
    Parked.Cause.UNKNOWN_DEALER: gettext_lazy("Nobody has the dealer code %(value)s on that day. Add it to an outlet, then try again."),
    Parked.Cause.UNKNOWN_PRODUCT: gettext_lazy("The catalogue has no product %(value)s. Add it, then try again."),
    Parked.Cause.CLASS_MISSING: gettext_lazy("Only businesses buy %(value)s, and no row says the customer's class (soho, smb, enterprise). State it, or deliver a correction."),
    Parked.Cause.CAPTURED_TWICE: gettext_lazy("The order is captured already; of several captures the first one counts."),
}  # fmt: skip


# What the columns of a feed say, in the sequence of sales.reading.COLUMNS.
COLUMN_TEXTS = {
    "event_id": gettext_lazy("unique for ever; the same again is a duplicate"),
    "event_type": gettext_lazy("what happened: %(known)s"),
    "occurred_on": gettext_lazy("the day it happened"),
    "order_id": gettext_lazy("the order it happened to"),
    "dealer_code": gettext_lazy("who sold it"),
    "product": gettext_lazy("code of the catalogue"),
    "transaction": gettext_lazy("kind of sale: %(known)s"),
    "customer_no": gettext_lazy("the customer's number"),
    "customer_name": gettext_lazy("the customer's name"),
    "customer_class": gettext_lazy("for products only businesses buy: %(known)s"),
    "annual_spend": gettext_lazy("what the customer spends a year, EUR net"),
    "quantity": gettext_lazy("how many; 1 if nothing stands there"),
    "order_value": gettext_lazy("value of the order, EUR net"),
    "monthly_price": gettext_lazy("price a month, EUR net"),
    "term_months": gettext_lazy("length of the contract in months"),
    "campaign": gettext_lazy("code of a campaign"),
    "revenue_month": gettext_lazy("month of the revenue, like 2026-07"),
    "revenue": gettext_lazy("revenue of that month, EUR net"),
    "signed_on": gettext_lazy("corrects the day of the signature"),
    "activated_on": gettext_lazy("corrects the day of the activation"),
    "reason": gettext_lazy("why it ended: %(known)s"),
    "evidence": gettext_lazy("reference of the proof of a cancellation"),
}


def described_columns() -> list[tuple[str, bool, str]]:
    """Name, whether every file needs it, and what stands in it."""
    return [
        (name, name in REQUIRED, str(COLUMN_TEXTS[name]) % {"known": ", ".join(KNOWN.get(name, ()))})
        for name in COLUMNS
    ]


def issue_text(code: str, field: str = "", value: str = "") -> str:
    """The sentence for a rejected row."""
    text = ISSUES.get(code)
    if text is None:
        return code
    return str(text) % {"field": field, "value": value, "known": ", ".join(KNOWN.get(code, ()))}


def parked_text(cause: str, value: str = "") -> str:
    """The sentence for an event that waits or is an exception."""
    return str(PARKED[cause]) % {"value": value}


def report_header() -> list[str]:
    return [_("Line"), _("event_id"), _("Result"), _("Field"), _("Value"), _("Message")]


def report(feed_import: FeedImport) -> Iterator[list[str]]:
    """Every row of an import that was not accepted, with its sentence in the language of the reader."""
    for line, event_id, result, field, value, code in report_rows(feed_import):
        text = issue_text(code, field, value) if result == "rejected" else parked_text(code, value)
        yield [line, event_id, result, field, value, text]
