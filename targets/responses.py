"""From a row of text to an answer, and from an answer to the partner it is about.

    parse(row, today=…)        # the fields of a Response, or the Issues that say what is wrong with the row
    directory.assign(answer)   # {"status": "counted", "partner_id": 7, …} or {"status": "quarantined", "cause": …}

What is wrong in itself (a score of 11) is rejected: whoever sent it repairs it. What is right in itself and fits nobody
(a dealer code we do not know) is kept in quarantine, where it waits for master data or for two people.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.periods import first_of_quarter
from partners.models import DealerCode, Partner
from targets.masking import drivers, mask
from targets.models.quality import Response, SurveyClass, Touchpoint
from targets.reading import Row

COLUMNS = (
    "response_id", "answered_on", "touchpoint", "dealer_code", "partner", "customer_class", "score_operator",
    "score_product", "score_touchpoint", "comment",
)  # fmt: skip
REQUIRED = ("response_id", "answered_on", "touchpoint")
SCORES = ("score_operator", "score_product", "score_touchpoint")
LENGTHS = {"response_id": 80, "touchpoint": 40, "dealer_code": 40, "partner": 20}
# What an answer is recognised by. Not the comment: what is masked may become more with a later version.
IDENTITY = ("answered_on", "place", "dealer_code", "partner_no", "customer_class", *SCORES)

Status, Cause = Response.Status, Response.Cause
_SCORE = re.compile(r"10|\d", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Issue:
    """Why a row was rejected; the sentence for `code` stands in issues.py."""

    line: int
    key: str
    field: str
    value: str
    code: str


def parse(row: Row, *, today: date) -> dict[str, Any] | list[Issue]:
    """The answer as fields of `Response`, not yet assigned; or everything that is wrong with the row."""
    values = row.values
    key = values.get("response_id", "")[:80]
    issues = list(_wrong(row, key, today))
    if issues:
        return issues
    answered_on = date.fromisoformat(values["answered_on"])
    comment = values.get("comment", "")
    return {
        "response_id": key,
        "line": row.line,
        "answered_on": answered_on,
        "quarter": first_of_quarter(answered_on),
        "place": values["touchpoint"],
        "dealer_code": values.get("dealer_code", ""),
        "partner_no": values.get("partner", ""),
        "customer_class": values.get("customer_class", "").lower() or SurveyClass.PRIVATE.value,
        "comment": mask(comment),
        "drivers": drivers(comment),
        **{name: int(values[name]) if values.get(name) else None for name in SCORES},
    }


def _wrong(row: Row, key: str, today: date) -> Iterator[Issue]:
    if row.problem:
        yield Issue(row.line, "", "", row.raw[:200], row.problem)
        return
    values = row.values
    for name in REQUIRED:
        if not values.get(name):
            yield Issue(row.line, key, name, "", "missing")
    for name, longest in LENGTHS.items():
        if len(values.get(name, "")) > longest:
            yield Issue(row.line, key, name, values[name][:200], "too_long")
    if (day := values.get("answered_on", "")) and (code := day_problem(day, today)):
        yield Issue(row.line, key, "answered_on", day[:200], code)
    if (customers := values.get("customer_class", "")) and customers.lower() not in SurveyClass.values:
        yield Issue(row.line, key, "customer_class", customers[:200], "customer_class")
    for name in SCORES:
        if (score := values.get(name, "")) and not _SCORE.fullmatch(score):
            yield Issue(row.line, key, name, score[:200], "score")


def day_problem(text: str, today: date) -> str:
    """`date` if it is none, `future` if it has not come yet, else nothing."""
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    return "date" if day is None else "future" if day > today else ""


@dataclass(frozen=True)
class Seat:
    """Where a dealer code belonged on some days."""

    valid_from: date
    valid_until: date | None
    outlet: int
    partner: int
    number: str
    kind: str


@dataclass
class Directory:
    """Dealer codes and partner numbers in memory: a file asks for the same few thousand again and again."""

    codes: dict[str, list[Seat]] = field(default_factory=dict)
    partners: dict[str, tuple[int, str]] = field(default_factory=dict)  # number -> key, kind

    @classmethod
    def load(cls) -> "Directory":
        here = cls()
        names = (
            "code",
            "valid_from",
            "valid_until",
            "outlet",
            "outlet__partner",
            "outlet__partner__number",
            "outlet__partner__kind",
        )
        for code, *seat in DealerCode.objects.values_list(*names):
            here.codes.setdefault(code, []).append(Seat(*seat))
        for pk, number, kind in Partner.objects.values_list("pk", "number", "kind"):
            here.partners[number] = (pk, kind)
        return here

    def seat(self, code: str, day: date) -> Seat | None:
        fitting = (
            seat
            for seat in self.codes.get(code, [])
            if seat.valid_from <= day and (seat.valid_until is None or day < seat.valid_until)
        )
        return next(fitting, None)

    def assign(self, answer: dict[str, Any]) -> dict[str, Any]:
        """To whom the answer belongs on its day, or the cause why to nobody."""
        place = answer["place"].lower()
        code, number = answer["dealer_code"], answer["partner_no"]
        if place not in Touchpoint.values:
            return _quarantine(Cause.UNKNOWN_TOUCHPOINT)
        if place in (Touchpoint.HOTLINE, Touchpoint.ONLINE):
            # Counting it for the partner would hold a bad hotline against a shop.
            return _quarantine(Cause.NOT_THERE) if code or number else _counted(place)
        if not code and not number:
            return _quarantine(Cause.NO_PLACE)
        if number and number not in self.partners:
            return _quarantine(Cause.UNKNOWN_PARTNER)
        if not code:
            partner, kind = self.partners[number]
            return _counted(_place_of(kind), partner)
        seat = self.seat(code, answer["answered_on"])
        if seat is None:
            return _quarantine(Cause.NOT_ON_DAY if code in self.codes else Cause.UNKNOWN_DEALER)
        if number and seat.number != number:
            return _quarantine(Cause.CONTRADICTION)
        return _counted(_place_of(seat.kind), seat.partner, seat.outlet)


def _place_of(kind: str) -> str:
    """The operator's own stores are a channel of their own, whatever the survey tool calls them."""
    return (Touchpoint.SHOP if kind == Partner.Kind.OWN_BRANCH else Touchpoint.PARTNER).value


def _counted(touchpoint: str, partner: int | None = None, outlet: int | None = None) -> dict[str, Any]:
    where = {"touchpoint": touchpoint, "partner_id": partner, "outlet_id": outlet}
    return {"status": Status.COUNTED.value, "cause": "", **where}


def _quarantine(cause: Response.Cause) -> dict[str, Any]:
    where = {"touchpoint": "", "partner_id": None, "outlet_id": None}
    return {"status": Status.QUARANTINED.value, "cause": cause.value, **where}
