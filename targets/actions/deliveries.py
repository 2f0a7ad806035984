"""Takes in files of survey responses and of visits: checked row by row, stored in one transaction, told on one row.

    delivery = receive_responses(data, source=Delivery.Source.UPLOAD, by=user, now=now, filename="april.csv")
    delivery.rows == delivery.accepted + delivery.duplicate + delivery.quarantined + delivery.rejected

The same file again is a no-op: every row is a duplicate.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import Refused
from core.locks import Lock, take
from core.periods import berlin_date
from partners.models import Role, User
from partners.rights import require
from sales.reading import Unreadable
from targets import reading, responses
from targets.models.footfall import Footfall
from targets.models.quality import Delivery, DeliveryIssue, Response
from targets.responses import Directory, Issue
from targets.visits import outlets_of

DELIVERS = (Role.COMMISSION_CONTROLLER, Role.HEAD_OF_CHANNEL, Role.ADMINISTRATOR)
# Bytes of a file: about 30,000 answers. They are taken in while the sender waits, which a web server allows half a minute.
LARGEST = 4 * 1024 * 1024
CHUNK = 2000


class TooLarge(Refused):
    """The file is larger than LARGEST."""


def receive_responses(data: bytes, *, source: str, by: User | None, now: datetime, filename: str = "") -> Delivery:
    """Survey responses. Raises Unreadable if the data is no such file at all; then nothing is stored."""
    require(by, *DELIVERS)
    rows = _read(data, responses.COLUMNS, responses.REQUIRED)
    today = berlin_date(now)
    with transaction.atomic():
        take(Lock.DELIVERIES)
        delivery = _begin(Delivery.Kind.RESPONSES, source, by, now, filename)
        directory = Directory.load()
        known: dict[str, tuple[Any, ...]] = {}
        for chunk in _chunks(rows, CHUNK):
            parsed = [responses.parse(row, today=today) for row in chunk]
            answers = _good(delivery, parsed)
            known |= _recorded([answer["response_id"] for answer in answers])
            fresh = list(_fresh(delivery, answers, known))
            for answer in fresh:
                answer |= directory.assign(answer)
            Response.objects.bulk_create(Response(delivery=delivery, **answer) for answer in fresh)
            waiting = sum(answer["status"] == Response.Status.QUARANTINED for answer in fresh)
            delivery.rows += len(chunk)
            delivery.quarantined += waiting
            delivery.accepted += len(fresh) - waiting
        _end(delivery, "receive_responses", now)
    return delivery


def _recorded(keys: list[str]) -> dict[str, tuple[Any, ...]]:
    rows = Response.objects.filter(response_id__in=keys).values_list("response_id", *responses.IDENTITY)
    return {key: tuple(identity) for key, *identity in rows}


def _fresh(
    delivery: Delivery, answers: list[dict[str, Any]], known: dict[str, tuple[Any, ...]]
) -> Iterator[dict[str, Any]]:
    """Answers not met before, in this file or any other; an identifier with other content is an issue."""
    issues = []
    for answer in answers:
        key = answer["response_id"]
        identity = tuple(answer[name] for name in responses.IDENTITY)
        if key not in known:
            known[key] = identity
            yield answer
        elif known[key] == identity:
            delivery.duplicate += 1
        else:
            issues.append(Issue(answer["line"], key, "response_id", key, "known_id"))
    _reject(delivery, issues)


def retry_quarantine(*, by: User | None, now: datetime, cause: str = "") -> Delivery:
    """Looks again at quarantined answers, all or those of one cause, after master data was added."""
    require(by, *DELIVERS)
    with transaction.atomic():
        take(Lock.DELIVERIES)
        delivery = _begin(Delivery.Kind.RESPONSES, Delivery.Source.RETRY, by, now, cause)
        directory = Directory.load()
        waiting = Response.objects.quarantined().select_for_update()
        moved = []
        for response in waiting.filter(cause=cause) if cause else waiting:
            delivery.rows += 1
            names = ("place", "dealer_code", "partner_no", "answered_on")
            assigned = directory.assign({name: getattr(response, name) for name in names})
            for name, value in assigned.items():
                setattr(response, name, value)
            moved.append(response)
            counted = response.status == Response.Status.COUNTED
            delivery.accepted += counted
            delivery.quarantined += not counted
        where = ["status", "cause", "touchpoint", "partner", "outlet"]
        Response.objects.bulk_update(moved, where, batch_size=CHUNK)
        _end(delivery, "retry_quarantine", now)
    return delivery


# ---- visits --------------------------------------------------------------------------------------------------------
FOOTFALL_COLUMNS = ("dealer_code", "date", "span", "visits")
FOOTFALL_REQUIRED = ("dealer_code", "date", "visits")
MOST_VISITS = 1_000_000
COUNTS_VISITS = (*DELIVERS, Role.CHANNEL_MANAGER, Role.PARTNER)
Count = tuple[int, str, date]  # outlet, span, first day


def receive_footfall(data: bytes, *, source: str, by: User | None, now: datetime, filename: str = "") -> Delivery:
    """Visits by day or week, of outlets the person may see. The same day again with another number is a correction."""
    require(by, *COUNTS_VISITS)
    rows = _read(data, FOOTFALL_COLUMNS, FOOTFALL_REQUIRED)
    today = berlin_date(now)
    with transaction.atomic():
        take(Lock.DELIVERIES)
        delivery = _begin(Delivery.Kind.FOOTFALL, source, by, now, filename)
        directory = Directory.load()
        allowed = set(outlets_of(by).values_list("pk", flat=True)) if by else None
        for chunk in _chunks(rows, CHUNK):
            parsed = [_visit(row, directory, allowed, today) for row in chunk]
            visits = {(each["outlet_id"], each["span"], each["starts_on"]): each for each in _good(delivery, parsed)}
            named = len(parsed) - sum(isinstance(each, list) for each in parsed)
            changed = store_visits(visits, by=by, now=now, delivery=delivery)
            delivery.rows += len(chunk)
            delivery.accepted += changed
            delivery.duplicate += named - changed
        _end(delivery, "receive_footfall", now)
    return delivery


def store_visits(
    visits: dict[Count, dict[str, Any]], *, by: User | None, now: datetime, delivery: Delivery | None = None
) -> int:
    """Writes counts that are new or differ from what is recorded; returns how many. Needs a transaction."""
    outlets, days = {key[0] for key in visits}, {key[2] for key in visits}
    rows = Footfall.objects.filter(outlet__in=outlets, starts_on__in=days).only("outlet", "span", "starts_on", "visits")
    known = {(row.outlet_id, row.span, row.starts_on): row.visits for row in rows}
    changed = [each for key, each in visits.items() if known.get(key) != each["visits"]]
    Footfall.objects.bulk_create(
        (Footfall(recorded_at=now, recorded_by=by, delivery=delivery, **each) for each in changed),
        update_conflicts=True,
        unique_fields=["outlet", "span", "starts_on"],
        update_fields=["visits", "recorded_at", "recorded_by", "delivery"],
    )
    return len(changed)


def _visit(
    row: reading.Row, directory: Directory, allowed: set[int] | None, today: date
) -> dict[str, Any] | list[Issue]:
    values = row.values
    if row.problem:
        return [Issue(row.line, "", "", row.raw[:200], row.problem)]
    code, day, visits = values.get("dealer_code", ""), values.get("date", ""), values.get("visits", "")
    span = values.get("span", "").lower() or Footfall.Span.DAY.value
    wrong = [(name, "", "missing") for name in FOOTFALL_REQUIRED if not values.get(name)]
    if day and (problem := responses.day_problem(day, today)):
        wrong.append(("date", day, problem))
    if span not in Footfall.Span.values:
        wrong.append(("span", span, "span"))
    if visits and not (visits.isascii() and visits.isdigit() and len(visits) < 9 and int(visits) <= MOST_VISITS):
        wrong.append(("visits", visits, "visits"))
    if not wrong:
        starts_on = date.fromisoformat(day)
        if span == Footfall.Span.WEEK and starts_on.isoweekday() != 1:
            wrong.append(("date", day, "monday"))
        seat = directory.seat(code, starts_on)
        if seat and (allowed is None or seat.outlet in allowed):
            if not wrong:
                return {"outlet_id": seat.outlet, "span": span, "starts_on": starts_on, "visits": int(visits)}
        else:
            wrong.append(("dealer_code", code, "outlet"))
    return [Issue(row.line, code[:80], name, value[:200], problem) for name, value, problem in wrong]


# ---- what both share -----------------------------------------------------------------------------------------------
def _read(data: bytes, columns: Iterable[str], required: Iterable[str]) -> Iterator[reading.Row]:
    if len(data) > LARGEST:
        raise TooLarge(_("The file is larger than %(most)d MB. Split it.") % {"most": LARGEST // 2**20})
    return reading.read(data, columns=tuple(columns), required=tuple(required))


def _begin(kind: str, source: str, by: User | None, now: datetime, filename: str) -> Delivery:
    clean = "".join(each for each in filename.replace("\\", "/").rsplit("/", 1)[-1] if each.isprintable())
    return Delivery.objects.create(kind=kind, source=source, by=by, received_at=now, filename=clean[-160:])


def _end(delivery: Delivery, verb: str, now: datetime) -> None:
    if not delivery.rows and delivery.source != Delivery.Source.RETRY:
        raise Unreadable(_("The file has a header row and nothing below it."))
    counts = {name: getattr(delivery, name) for name in ("rows", "accepted", "duplicate", "quarantined", "rejected")}
    delivery.save(update_fields=list(counts))
    audit.record(by=delivery.by, verb=verb, obj=delivery, now=now, **counts)


def _good(delivery: Delivery, parsed: Iterable[dict[str, Any] | list[Issue]]) -> list[dict[str, Any]]:
    """Rows without a fault; the others become issues."""
    good = []
    for each in parsed:
        if isinstance(each, list):
            _reject(delivery, each)
        else:
            good.append(each)
    return good


def _reject(delivery: Delivery, issues: list[Issue]) -> None:
    """Issues of one row each; a row with several faults is one rejected row."""
    delivery.rejected += len({issue.line for issue in issues})
    DeliveryIssue.objects.bulk_create(DeliveryIssue(delivery=delivery, **vars(issue)) for issue in issues)


def _chunks(rows: Iterator[reading.Row], size: int) -> Iterator[list[reading.Row]]:
    while chunk := list(islice(rows, size)):
        yield chunk


Receive = Callable[..., Delivery]
RECEIVE: dict[str, Receive] = {Delivery.Kind.RESPONSES: receive_responses, Delivery.Kind.FOOTFALL: receive_footfall}
