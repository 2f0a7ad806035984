"""The sentence for every cause of a rejected row: what stood there and what would be right."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

TEXTS = {
    "missing": gettext_lazy("The field is empty; every row needs it."),
    "score": gettext_lazy("A score is a whole number from 0 to 10, or empty if the question was not answered."),
    "date": gettext_lazy("A date is written 2026-07-31."),
    "future": gettext_lazy("The day lies in the future."),
    "customer_class": gettext_lazy("It is private or business, or empty for private."),
    "too_long": gettext_lazy("The text is longer than the field takes."),
    "known_id": gettext_lazy("This identifier was delivered before with other content. What is recorded stays."),
    "twice": gettext_lazy("This identifier stands in the file more than once, with different content."),
    "columns": gettext_lazy("The row has more or fewer values than the header row."),
    "quote": gettext_lazy("A quotation mark is not closed on this line."),
    "json": gettext_lazy("The line is no JSON object with text, numbers or null as values."),
    "unknown_column": gettext_lazy("These keys are not known."),
    "span": gettext_lazy("It is day or week, or empty for a day."),
    "monday": gettext_lazy("A week begins on a Monday; write that day."),
    "visits": gettext_lazy("Visits are a whole number from 0 to 1,000,000."),
    "outlet": gettext_lazy("No outlet of yours has this dealer code on that day."),
}


def issue_text(code: str) -> str:
    return str(TEXTS.get(code, code))


def header() -> list[str]:
    """Of the report: every rejected row as a line of CSV."""
    return [_("Line"), _("Identifier"), _("Field"), _("Value"), _("What would be right")]
