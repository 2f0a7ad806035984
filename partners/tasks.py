"""What Celery does for this room. Tasks call one action and may run twice."""

from celery import shared_task
from django.utils import timezone

from partners import actions


@shared_task
def follow_contracts() -> None:
    """Contracts that begin today change the level and the distributor of their partners."""
    actions.follow_contracts(now=timezone.now())
