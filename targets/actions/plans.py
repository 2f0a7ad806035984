"""Action plans: what a partner does about a quarter's answers, planned and closed with what came of it."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import record
from core.errors import Conflict, Refused
from core.periods import berlin_date, first_of_quarter
from partners.models import Partner, Role, User
from targets.models.plans import PlanTask

# Staff who work with the partner; others read.
PLANS = (Role.HEAD_OF_CHANNEL, Role.CHANNEL_MANAGER, Role.TRAINER)
Status = PlanTask.Status


def plan_task(
    partner: Partner,
    *,
    quarter: date,
    what: str,
    who: str,
    due_on: date,
    by: User | None,
    driver: str = "",
    now: datetime | None = None,
) -> PlanTask:
    """A task for the partner's people, by one of them or by staff who work with the partner."""
    _may(partner, by)
    now = now or timezone.now()
    if not what.strip() or not who.strip():
        raise Refused(_("Say what is done, and who does it."))
    if due_on < berlin_date(now):
        raise Refused(_("The day lies in the past."))
    with transaction.atomic():
        task = PlanTask.objects.create(
            partner=partner, quarter=first_of_quarter(quarter), driver=driver, what=what.strip(), who=who.strip(),
            due_on=due_on, created_at=now, created_by=by,
        )  # fmt: skip
        record(by=by, verb="plan_task", obj=task, now=now, due_on=str(due_on))
    return task


def close_task(
    task: PlanTask, *, outcome: str, by: User | None, dropped: bool = False, now: datetime | None = None
) -> PlanTask:
    """Open → done or dropped, with a word on what came of it."""
    _may(task.partner, by)
    if not outcome.strip():
        raise Refused(_("Say in a few words what came of it."))
    now = now or timezone.now()
    values = {
        "status": Status.DROPPED if dropped else Status.DONE,
        "outcome": outcome.strip(),
        "closed_at": now,
        "closed_by": by,
    }
    with transaction.atomic():
        if not PlanTask.objects.filter(pk=task.pk, status=Status.OPEN).update(**values):
            raise Conflict(_("Somebody was faster: this is no longer in the state you saw."))
        task.refresh_from_db()
        record(by=by, verb="drop_task" if dropped else "finish_task", obj=task, reason=outcome, now=now)
    return task


def _may(partner: Partner, by: User | None) -> None:
    if by is None:
        return
    if by.role == Role.PARTNER:
        if not Partner.objects.own(by).filter(pk=partner.pk).exists():
            raise PermissionDenied
    elif by.role not in PLANS or not Partner.objects.visible_to(by).filter(pk=partner.pk).exists():
        raise PermissionDenied
