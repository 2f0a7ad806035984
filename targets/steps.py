"""The steps of an adjustment as people and files write them: {kind, from, until, factor, value}, read and written."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Refused
from core.periods import berlin_date
from targets.arithmetic import Change
from targets.models import Proposal
from targets.models.adjustments import Kind

STEPS = [kind.value for kind in Kind if kind != Kind.UNDO]


def read_step(entry: Mapping[str, Any], year: int) -> Change:
    """{kind, from, until, factor, value} as a change; Refused with the key that is wrong."""
    kind = str(entry.get("kind", ""))
    if kind not in STEPS:
        raise Refused(_("kind: %(kind)s is none of %(kinds)s") % {"kind": kind, "kinds": ", ".join(STEPS)})
    if kind in (Kind.SET, Kind.SCALE):
        key = "value" if kind == Kind.SET else "factor"
        number = _number(entry.get(key), key)
        return Change(kind, value=number) if kind == Kind.SET else Change(kind, factor=number)
    start, until = _day(entry.get("from"), "from"), _day(entry.get("until"), "until")
    if start.day != 1 or until.day != 1 or start >= until:
        raise Refused(_("A window runs over whole months: from the first of one to the first of a later one."))
    if start < date(year, 1, 1) or until > date(year + 1, 1, 1):
        raise Refused(_("The window leaves the year %(year)s.") % {"year": year})
    return Change(kind, start, until)


def write_step(change: Change) -> dict[str, str]:
    """The change as a proposal stores it; the inverse of read_step."""
    keys = {"kind": change.kind, "from": change.window_from, "until": change.window_until,
            "factor": change.factor, "value": change.value}  # fmt: skip
    return {key: str(value) for key, value in keys.items() if value is not None}


def changes_of(proposal: Proposal) -> list[Change]:
    return [read_step(step, proposal.year) for step in proposal.steps]


def _number(value: Any, key: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Refused(_("%(key)s: a number is needed, not %(value)s") % {"key": key, "value": value}) from None
    if not number.is_finite() or number < 0:
        raise Refused(_("%(key)s: not below zero") % {"key": key})
    return number


def _day(value: Any, key: str) -> date:
    if isinstance(value, datetime):
        return berlin_date(value)
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Refused(_("%(key)s: a date such as 2026-07-01 is needed") % {"key": key}) from None
