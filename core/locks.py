"""Registry of advisory locks: every one there is, so that two uses never share a number by accident.

Transaction locks are taken before row locks (the other way round two callers could wait for each other). Session locks
are for long work that commits in between: a worker's sign of life, and the facts a run reads step by step. They are
gone with the connection, also after `kill -9`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class Lock(IntEnum):
    FACTS = 1  # an import merge (exclusive) and a run's snapshot (shared) keep each other out
    IMPORT_ALIVE = 2  # held by the worker of one FeedImport
    RUN_ALIVE = 3  # held by the worker of one Run
    POSTING = 4  # one run posts at a time: statement numbers have no gaps
    PUBLISHING = 5  # versions of one schedule are published one after the other
    SIMULATION_ALIVE = 6  # held by the worker of one Simulation
    DELIVERIES = 20  # survey responses and footfall: of two files with the same rows the second sees the first
    COUNTING = 21  # what orders add to targets is counted by one worker at a time


def take(lock: Lock, key: int = 0, *, shared: bool = False) -> None:
    """Waits for a lock that ends with the surrounding transaction."""
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [int(lock), key])


@contextmanager
def alive(lock: Lock, key: int) -> Iterator[bool]:
    """Holds a session lock as sign of life; yields False, without waiting, if another worker holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [int(lock), key])
        (held,) = cursor.fetchone()
    try:
        yield held
    finally:
        if held and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [int(lock), key])


@contextmanager
def shared(lock: Lock, key: int = 0) -> Iterator[None]:
    """Holds a session lock that only exclusive takers wait for, over several transactions; waits for one in progress."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s, %s)", [int(lock), key])
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock_shared(%s, %s)", [int(lock), key])


def is_free(lock: Lock, key: int) -> bool:
    """Whether nobody holds the sign of life: its worker died or never started."""
    with alive(lock, key) as held:
        return held
