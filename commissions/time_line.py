"""Versions of a schedule one after the other: which of them decides about orders signed on which day."""

from dataclasses import dataclass
from datetime import date, timedelta

from commissions.models import ScheduleVersion


@dataclass(frozen=True)
class Stop:
    """A version on the time line, with the signature dates it decides about."""

    version: ScheduleVersion
    until: date | None  # last day; None = open
    replaced: bool  # another version with the same start was published later
    now: bool

    @property
    def tone(self) -> str:
        if self.version.status == ScheduleVersion.Status.DRAFT:
            return "coming"
        return "earned" if self.now else "neutral"


def time_line(versions: list[ScheduleVersion], today: date) -> list[Stop]:
    """Newest first. In force is the latest start on or before a day, among equal starts the one published last."""
    published = [each for each in versions if each.status == ScheduleVersion.Status.PUBLISHED]
    published.sort(key=lambda each: (each.valid_from, each.sequence or 0), reverse=True)
    stops: list[Stop] = []
    next_start: date | None = None
    for each in published:
        replaced = each.valid_from == next_start
        last_day = next_start - timedelta(days=1) if next_start else None
        covers = each.valid_from <= today and (last_day is None or today <= last_day)
        stops.append(Stop(each, None if replaced else last_day, replaced, covers and not replaced))
        next_start = each.valid_from
    drafts = [Stop(each, None, False, False) for each in versions if each.status == ScheduleVersion.Status.DRAFT]
    return [*drafts, *stops]
