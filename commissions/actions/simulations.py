"""A draft tried out: two calculations side by side, the attached examples, and nothing that could ever be posted."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from commissions import attached, explosion, schedule_document, simulated
from commissions.actions.runs import CALCULATES, calculate_run
from commissions.models import Run, ScheduleVersion, Simulation
from commissions.pipeline import STEPS
from commissions.queries import catalogue
from core import audit, locks, sql
from core.errors import Conflict, Refused
from core.periods import berlin_date, first_of_month
from partners.rights import require

Status = Run.Status
LONGEST = 24  # months
KEPT = timedelta(days=30)


def start_simulation(
    source: ScheduleVersion, *, first: date, last: date, by: Any, now: datetime, start: date | None = None
) -> Simulation:
    """Copies the version and has both sides calculated; the caller enqueues `tasks.simulate`.

    `start` lets the version begin on another day than it says, so that a draft for next year can be tried on this one.
    """
    require(by, *CALCULATES)
    first, last = first_of_month(first), first_of_month(last)
    if not first <= last <= first_of_month(berlin_date(now)):
        raise Refused(_("A simulation looks at past months: the first one, and the last one not before it."))
    if (last.year - first.year) * 12 + last.month - first.month >= LONGEST:
        raise Refused(_("At most %(n)s months at once.") % {"n": LONGEST})
    document = schedule_document.parse(source.document, catalogue())
    document = replace(document, valid_from=start or document.valid_from)
    with transaction.atomic():
        version = ScheduleVersion.objects.create(
            schedule=source.schedule,
            status=ScheduleVersion.Status.SIMULATED,
            valid_from=document.valid_from,
            freeze_days=document.freeze_days,
            document=schedule_document.export(document),
            created_at=now,
            created_by=by,
        )
        explosion.store((version, document))
        sides = [
            Run.objects.create(
                kind=Run.Kind.SIMULATION,
                month=last,
                full=True,
                status=Status.CALCULATING,
                created_at=now,
                created_by=by,
                calculated_by=by,
                started_at=now,
                steps_total=len(STEPS) + 1,
            )
            for _side in range(2)
        ]
        simulation = Simulation.objects.create(
            source=source,
            version=version,
            before=sides[0],
            after=sides[1],
            first_month=first,
            last_month=last,
            created_at=now,
            created_by=by,
        )
        audit.record(by=by, verb="start_simulation", obj=simulation, now=now, version=source.pk)
    return simulation


def simulate(simulation: Simulation, *, now: datetime) -> bool:
    """Calculates what is not calculated yet; False if another worker is at it."""
    with locks.alive(locks.Lock.SIMULATION_ALIVE, simulation.pk) as mine:
        if not mine:
            return False
        for run in (simulation.before, simulation.after):
            calculate_run(run, now=now)
        if simulation.status not in (Status.IN_REVIEW, Status.PARKED):
            return True
        told = simulation.examples or attached.results(simulation.version)
        change = simulated.result_of(simulation).total.change
        Simulation.objects.filter(pk=simulation.pk).update(examples=told, change=change)
    return True


def repeat_simulation(simulation: Simulation, *, by: Any, now: datetime) -> None:
    """Claims both sides again, after a failure or because facts have changed; the caller enqueues `tasks.simulate`."""
    require(by, *CALCULATES)
    over = [Status.DRAFT, Status.IN_REVIEW, Status.PARKED]
    with transaction.atomic():
        _claim(
            simulation,
            over,
            status=Status.CALCULATING,
            calculated_by=by,
            started_at=now,
            step="",
            steps_done=0,
            error="",
        )
        Simulation.objects.filter(pk=simulation.pk).update(examples=None, change=None)
        audit.record(by=by, verb="repeat_simulation", obj=simulation, now=now)


def discard_simulation(simulation: Simulation, *, by: Any, now: datetime) -> None:
    """Drops its draft lines; that it was made stays in the trail."""
    require(by, *CALCULATES)
    _discard(simulation, by=by, now=now)


def discard_old_simulations(*, now: datetime) -> int:
    """Drops the lines of those nobody came back to: two sets of a national year's lines each would fill the disk."""
    old = Simulation.objects.filter(created_at__lt=now - KEPT).exclude(
        before__status__in=[Status.DISCARDED, Status.CALCULATING]
    )
    for simulation in old:
        _discard(simulation, by=None, now=now)
    return len(old)


def _discard(simulation: Simulation, *, by: Any, now: datetime) -> None:
    with transaction.atomic():
        _claim(simulation, [Status.DRAFT, Status.IN_REVIEW, Status.PARKED], status=Status.DISCARDED)
        for run in (simulation.before, simulation.after):
            sql.execute("commissions/drop_draft", run=run.pk)
        audit.record(by=by, verb="discard_simulation", obj=simulation, now=now)


def _claim(simulation: Simulation, allowed: list[Status], **changes: Any) -> None:
    """Both sides or none; an exception leaves the transaction, and with it what the first one had changed."""
    sides = [simulation.before_id, simulation.after_id]
    if Run.objects.filter(pk__in=sides, status__in=allowed).update(**changes) != len(sides):
        raise Conflict(_("The simulation is not in this state any more. Reload the page."))
    simulation.before.refresh_from_db()
    simulation.after.refresh_from_db()
