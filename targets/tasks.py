"""What Celery does for this room. Tasks take ids, call one action, and may run twice."""

from celery import shared_task
from django.utils import timezone

from targets.actions import attainment


@shared_task
def take_snapshots() -> None:
    """Nightly: counts what changed, writes the day's snapshots, settles what is due."""
    attainment.take_snapshots(now=timezone.now())
