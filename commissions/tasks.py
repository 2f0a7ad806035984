"""What Celery does for this room. Tasks take ids, call one action, and may run twice."""

from celery import shared_task
from django.utils import timezone

from commissions import actions
from commissions.models import Run, Simulation
from commissions.review import review_of
from commissions.shards import calculate_shards
from core import locks

__all__ = [
    "calculate_run",
    "calculate_shards",
    "discard_old_simulations",
    "post_run",
    "refresh_provisional",
    "simulate",
    "sweep_runs",
]


@shared_task
def calculate_run(run_id: int) -> None:
    """Calculates a run that was claimed for it, and sums it up so that nobody waits for that at the first look."""
    run = Run.objects.get(pk=run_id)
    if actions.calculate_run(run, now=timezone.now()):
        review_of(run)


@shared_task
def post_run(run_id: int) -> None:
    """Posts a run that was approved and marked for posting; a second delivery finds it posted and does nothing.

    What is still coming is worked out anew at once, since the figures of the night before hold what is posted now.
    """
    run = Run.objects.get(pk=run_id)
    if run.status == Run.Status.APPROVED and run.posted_by:
        actions.post_run(run, by=run.posted_by, now=timezone.now())
        refresh_provisional.delay()


@shared_task
def refresh_provisional() -> None:
    """Nightly: the open month's figures, summed up for the first one to arrive in the morning."""
    if run := actions.refresh_provisional(now=timezone.now()):
        review_of(run)


@shared_task
def simulate(simulation_id: int) -> None:
    """Both sides of a simulation and its examples; what is done already is not done again."""
    actions.simulate(Simulation.objects.get(pk=simulation_id), now=timezone.now())


@shared_task
def discard_old_simulations() -> None:
    """Nightly: simulations of last month that nobody discarded."""
    actions.discard_old_simulations(now=timezone.now())


@shared_task
def sweep_runs() -> None:
    """Takes over what a killed worker left: runs in `calculating` without a sign of life, and unfinished postings."""
    for run in Run.objects.filter(kind=Run.Kind.MONTHLY, status=Run.Status.CALCULATING):
        if locks.is_free(locks.Lock.RUN_ALIVE, run.pk):
            calculate_run.delay(run.pk)
    for simulation in Simulation.objects.unfinished():
        if locks.is_free(locks.Lock.SIMULATION_ALIVE, simulation.pk):
            simulate.delay(simulation.pk)
    for run in Run.objects.filter(status=Run.Status.APPROVED, posted_by__isnull=False):
        post_run.delay(run.pk)
