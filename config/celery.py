"""The Celery application and its clock: which task runs when. Start it with `celery -A config worker`."""

import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, worker_init
from kombu import Queue

from core import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("partnerwerk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Declared here so that a worker started without --queues serves both.
app.conf.task_queues = [Queue("default"), Queue("long")]
# What may take minutes waits in a queue of its own: an operator can then keep a worker free for the short tasks.
app.conf.task_routes = {
    "sales.tasks.import_*": {"queue": "long"},
    "commissions.tasks.calculate_run": {"queue": "long"},
    "commissions.tasks.calculate_shards": {"queue": "long"},
    "commissions.tasks.post_run": {"queue": "long"},
    "commissions.tasks.refresh_provisional": {"queue": "long"},
    "commissions.tasks.simulate": {"queue": "long"},
    "targets.tasks.take_snapshots": {"queue": "long"},
}

# Copied into the database at start; an administrator may change the times there (admin, periodic tasks).
# `expires`: what piled up while no worker ran is dropped, since the next one does the same work.
app.conf.beat_schedule = {
    "collect files from the watched feed folder": {
        "task": "sales.tasks.collect_feed_folder",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "take over imports of killed workers": {
        "task": "sales.tasks.sweep_imports",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "take over runs of killed workers": {
        "task": "commissions.tasks.sweep_runs",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "let partners follow the contracts that begin today": {
        "task": "partners.tasks.follow_contracts",
        "schedule": crontab(hour=0, minute=5),
        "options": {"expires": 12 * 60 * 60},
    },
    "count what targets have reached, and settle what is due": {
        "task": "targets.tasks.take_snapshots",
        "schedule": crontab(hour=2, minute=30),
        "options": {"expires": 12 * 60 * 60},
    },
    "tell people of targets about to be missed, changed or settled": {
        "task": "targets.tasks.raise_alerts",
        "schedule": crontab(hour=6, minute=30),
        "options": {"expires": 12 * 60 * 60},
    },
    "release products whose day has come": {
        "task": "sales.tasks.release_products",
        "schedule": crontab(hour=0, minute=10),
        "options": {"expires": 12 * 60 * 60},
    },
    "replace estimated spends by what was billed": {
        "task": "sales.tasks.measure_spend",
        "schedule": crontab(hour=2, minute=10),
        "options": {"expires": 12 * 60 * 60},
    },
    "drop simulations nobody came back to": {
        "task": "commissions.tasks.discard_old_simulations",
        "schedule": crontab(hour=4, minute=30),
        "options": {"expires": 12 * 60 * 60},
    },
    "refresh the open month's provisional figures": {
        "task": "commissions.tasks.refresh_provisional",
        "schedule": crontab(hour=3, minute=30),
        "options": {"expires": 12 * 60 * 60},
    },
}


@worker_init.connect
@beat_init.connect
def keep_services(**_: object) -> None:
    """A worker started by hand needs the embedded servers as much as the web server does."""
    embedded.lease()
