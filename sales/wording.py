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
