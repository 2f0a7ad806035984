"""Worked examples attached to a schedule: what its author promised it means, run before each publication."""

from datetime import datetime
from typing import Any

from django.db import transaction

from commissions import attached
from commissions.actions.schedules import DRAFTS
from commissions.models import Schedule, ScheduleExample
from commissions.worked_example import parse_example
from core import audit
from partners.rights import require


def add_example(schedule: Schedule, *, text: str, by: Any, now: datetime) -> ScheduleExample:
    """Attaches an example; DocumentError names every problem in it. It is run when a version is published."""
    require(by, *DRAFTS)
    example = parse_example(attached.completed(text, schedule))
    with transaction.atomic():
        added = ScheduleExample.objects.create(schedule=schedule, title=example.title[:200], document=text)
        audit.record(by=by, verb="add_schedule_example", obj=schedule, now=now, title=added.title)
    return added


def remove_example(example: ScheduleExample, *, by: Any, now: datetime) -> None:
    """Detaches an example; from the next publication on nobody asks it any more, so the trail keeps its text."""
    require(by, *DRAFTS)
    with transaction.atomic():
        title, document, schedule = example.title, example.document, example.schedule
        example.delete()
        audit.record(by=by, verb="remove_schedule_example", obj=schedule, now=now, title=title, document=document)
