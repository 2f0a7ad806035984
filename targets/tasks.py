"""What Celery does for this room. Tasks take ids, call one action, and may run twice."""

from celery import shared_task
from django.utils import timezone

from targets.actions import alerts, attainment


@shared_task
def take_snapshots() -> None:
    """Nightly: counts what changed, writes the day's snapshots, settles what is due."""
    attainment.take_snapshots(now=timezone.now())


@shared_task
def raise_alerts() -> None:
    """Every morning, after the count: tells people what they would otherwise find too late."""
    alerts.raise_alerts(now=timezone.now())
