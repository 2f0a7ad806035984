"""The life of a schedule version: a draft document, published by a second person, immutable from then on."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from commissions import attached, explosion, schedule_document
from commissions.models import Run, Schedule, ScheduleVersion
from commissions.queries import VersionQuerySet, catalogue
from core import audit, locks
from core.errors import Conflict, FourEyes, Refused
from core.periods import add_months
from partners.models import Role
from partners.rights import require

DRAFTS = (Role.COMMISSION_CONTROLLER, Role.HEAD_OF_CHANNEL)
PUBLISHES = (Role.HEAD_OF_CHANNEL, Role.COMMISSION_CONTROLLER)


def save_draft(
    text: str | bytes,
    *,
    by: Any,
    now: datetime,
    version: ScheduleVersion | None = None,
    expected: str | None = None,
) -> ScheduleVersion:
    """Stores a schedule document as a draft (a new one, or the text of `version`); DocumentError names every problem.

    `expected` is the text the change was made from: Conflict if the draft has another one by now.
    """
    require(by, *DRAFTS)
    document = schedule_document.parse(text, catalogue())
    with transaction.atomic():
        schedule, created = Schedule.objects.get_or_create(code=document.schedule)
        if created or not schedule.versions.filter(status=ScheduleVersion.Status.PUBLISHED).exists():
            schedule.title_de = document.title.text("de", document.schedule)
            schedule.title_en = document.title.text("en", document.schedule)
            schedule.save()
        fields = {
            "schedule": schedule,
            "valid_from": document.valid_from,
            "freeze_days": document.freeze_days,
            "document": schedule_document.export(document),
            "created_at": now,
            "created_by": by,
        }
        if version is None:
            version = ScheduleVersion.objects.create(**fields)
        elif not _open_draft(version, expected).update(**fields):
            raise Conflict(
                _(
                    "The draft was changed or published meanwhile, and nothing was saved. Open it again, or start a new one."
                )
            )
        else:
            version.refresh_from_db()
        audit.record(by=by, verb="save_schedule_draft", obj=version, now=now)
    return version


def _open_draft(version: ScheduleVersion, expected: str | None) -> VersionQuerySet:
    rows = ScheduleVersion.objects.filter(pk=version.pk, status="draft")
    return rows if expected is None else rows.filter(document=expected)


def publish_version(version: ScheduleVersion, *, by: Any, now: datetime, reason: str = "") -> ScheduleVersion:
    """Publishes a draft; by a person who never wrote on it, and only if every attached example agrees (Refused says how not).

    The next run posts what it changes. What pays less for days that are settled needs a reason: it takes back what
    partners were paid.
    """
    require(by, *PUBLISHES)
    if wrote(version, by):
        raise FourEyes(_("Whoever wrote a version cannot publish it. Ask a second person."))
    document = schedule_document.parse(version.document, catalogue())
    if not reason.strip():
        _demand_no_decrease(version, document)
    attached.demand(version)
    with transaction.atomic():
        locks.take(locks.Lock.PUBLISHING, version.schedule_id)
        last = version.schedule.versions.aggregate(last=Max("sequence"))["last"] or 0
        draft = ScheduleVersion.objects.filter(pk=version.pk, status="draft", document=version.document)
        if not draft.update(status="published", sequence=last + 1, published_at=now, published_by=by, reason=reason):
            raise Conflict(_("The draft was changed or published meanwhile. Reload the page."))
        explosion.store((version, document))
        schedule = version.schedule
        schedule.title_de = document.title.text("de", schedule.code)
        schedule.title_en = document.title.text("en", schedule.code)
        schedule.save()
        version.refresh_from_db()
        audit.record(by=by, verb="publish_schedule", obj=version, reason=reason, now=now)
    return version


def wrote(version: ScheduleVersion, person: Any) -> bool:
    """Whether the person ever saved the draft; not only the last to do so, else two could publish what they wrote."""
    saved = audit.history_of(version).filter(verb="save_schedule_draft", actor=person)
    return person.pk == version.created_by_id or saved.exists()


def _demand_no_decrease(version: ScheduleVersion, document: schedule_document.Document) -> None:
    """Refused, naming what pays less, if the version reaches into posted months with lower rates than were in force."""
    last = Run.objects.posted().aggregate(last=Max("month"))["last"]
    if last is None or version.valid_from >= add_months(last, 1):
        return
    before = ScheduleVersion.objects.in_force(version.schedule.code, version.valid_from)
    less = schedule_document.decreases(schedule_document.parse(before.document), document) if before else []
    if less:
        message = _("This pays less than was promised for days that are settled already. Please give a reason.")
        raise Refused("\n".join([message, *map(str, less)]))
