"""What Celery does for this room. Tasks take ids, call one action, and may run twice."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from sales import actions, portfolio, spending
from sales.models import FeedImport


@shared_task(bind=True, max_retries=24)
def import_feed(self: Any, key: int) -> None:
    """Imports a received file. While another worker shows a sign of life it comes back later: that one may be dying."""
    if not actions.import_feed(key, now=timezone.now()):
        raise self.retry(countdown=5)


@shared_task
def collect_feed_folder() -> None:
    """Takes the files dropped into the watched folder."""
    actions.collect_feed_folder(now=timezone.now())


@shared_task
def sweep_imports() -> None:
    """Takes over imports whose worker was killed or whose message was lost, and puts away what one left lying."""
    for key in FeedImport.objects.abandoned(timezone.now()):
        import_feed.delay(key)


@shared_task
def release_products() -> None:
    """Announced products whose day has come can be ordered."""
    portfolio.release_products(now=timezone.now())


@shared_task
def mail_product_notice(key: int) -> None:
    """Partners hear of a product by mail, if this installation sends any."""
    portfolio.mail_notice(key, now=timezone.now())


@shared_task
def measure_spend() -> None:
    """Customers of more than a year: what they were billed replaces the estimate."""
    spending.measure_spend(now=timezone.now())
