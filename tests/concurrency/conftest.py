"""Real processes against the test database: Celery workers, and scripts that can be killed in mid-sentence."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.db import connection

BASE = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment(transactional_db) -> Iterator[dict[str, str]]:
    """What a second process needs to see the same database and broker as the test."""
    yield os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
        "DATABASE_NAME": connection.settings_dict["NAME"],
        "CELERY_EAGER": "0",
        "PYTHONPATH": str(BASE),
    }
    with connection.cursor() as cursor:
        # Step tables of a killed calculation would stand in the way of a test that migrates.
        cursor.execute("SELECT commissions_drop_workspace(id) FROM commissions_run")


@pytest.fixture
def script(environment, tmp_path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """`script("...")` runs Python text with Django set up, in a process of its own; what is left is killed."""
    running: list[subprocess.Popen[str]] = []

    def start(text: str) -> subprocess.Popen[str]:
        source = "import django; django.setup()\n" + text
        process = subprocess.Popen(
            [sys.executable, "-c", source], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


@pytest.fixture
def worker(environment, tmp_path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """`worker()` starts a real Celery worker: one task at a time, no child processes, so that a kill hits the task.

    `worker("--concurrency", "1")` starts one with a child; `before` is Python run first, to switch a protection off.
    """
    running: list[subprocess.Popen[bytes]] = []
    # What the test itself enqueues goes to the worker, not to this process.
    current_app.conf.task_always_eager = False

    def start(*options: str, before: str = "") -> subprocess.Popen[bytes]:
        arguments = ["worker", "--queues", "default,long", "--loglevel", "INFO", *(options or ("--pool", "solo"))]
        with open(tmp_path / f"worker{len(running)}.log", "wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", f"from config.celery import app\n{before}\napp.worker_main({arguments!r})"],
                env=environment,
                cwd=BASE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        running.append(process)
        return process

    yield start
    current_app.conf.task_always_eager = True
    for process in running:
        process.kill()
        process.wait()
    current_app.control.purge()


@pytest.fixture
def until() -> Callable[..., None]:
    """`until(lambda: ...)` waits for something another process does; fails after `seconds`."""

    def wait(condition: Callable[[], bool], *, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.02)

    return wait
