"""The Celery application and its clock: which task runs when. Start it with `celery -A config worker`."""

import os

from celery import Celery
from celery.signals import beat_init, worker_init

from core import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("partnerwerk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Copied into the database at start; an administrator may change the times there (admin, periodic tasks).
app.conf.beat_schedule = {}


@worker_init.connect
@beat_init.connect
def keep_services(**_: object) -> None:
    """A worker started by hand needs the embedded servers as much as the web server does."""
    embedded.lease()
