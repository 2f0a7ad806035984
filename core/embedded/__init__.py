"""PostgreSQL and Redis without installing either: started from pip-installed binaries when no URL names a real one.

Every process that uses them takes a *lease*, a shared lock on one file which the kernel gives back when the
process ends, however it ends. A small keeper process waits for that lock exclusively; when it gets it, nobody is
left, and it stops both servers. So nothing stays behind after a `kill -9`, and nobody has to remember to clean up:

    manage.py shell          lease (shared) ─ servers start, keeper waits ─ exit ─ keeper stops the servers
    manage.py up             lease (shared) ─ gunicorn, celery, beat: a lease each ─ the last one out ends it

    places.py    where data and sockets lie, and as whom the servers run
    postgres.py  initdb, start, stop            valkey.py  the same for the Redis-compatible server
    keeper.py    waits for the last lease

This package imports no Django: it runs before the settings and tells them what to connect to.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import sys
from pathlib import Path
from typing import IO, Any, Literal

import environ

from core.embedded import keeper, postgres, valkey
from core.embedded.places import (
    BASE_DIR,
    ServiceError,
    data_home,
    make_data_home,
    sockets,
)

__all__ = [
    "BASE_DIR",
    "ServiceError",
    "data_home",
    "database",
    "lease",
    "redis_url",
    "release",
    "secret",
]

# Read here and not only in the settings: whether servers are needed is decided before the settings load.
if (BASE_DIR / ".env").is_file():
    environ.Env.read_env(BASE_DIR / ".env")

_lease: IO[str] | None = None


def lease() -> None:
    """Start what this process needs and hold it until the process ends; does nothing the second time.

    Raises ServiceError with a sentence for people when a server cannot be started.
    """
    global _lease
    own_postgres, own_valkey = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
    if _lease is not None or not (own_postgres or own_valkey):
        return
    home = make_data_home()
    held = open(home / "lease", "a")  # noqa: SIM115 - lives as long as the process, that is its purpose
    # Waits while a keeper is stopping the servers: starting them at the same moment would race with it.
    fcntl.flock(held, fcntl.LOCK_SH)
    with open(home / "start.lock", "a") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        keeper.ensure(home)
        if own_postgres:
            postgres.start(home, password=secret("database-password"))
        if own_valkey:
            valkey.start(home)
        # For the keeper, in case somebody deletes the folder below running servers.
        keeper.note_servers(held, postgres=postgres.server_pid(home), valkey=valkey.server_pid(home))
    _lease = held


def release(*, wait: bool = False) -> None:
    """Give the lease back early; with `wait`, return once the servers are down if nobody else uses them."""
    global _lease
    if _lease is None:
        return
    _lease.close()
    _lease = None
    if wait:
        keeper.wait_until_gone(data_home())


def database(name: str) -> dict[str, Any]:
    """Django's connection settings for the embedded PostgreSQL; computed, so valid before the server exists."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": postgres.USER,
        "PASSWORD": secret("database-password"),
        "HOST": str(sockets(data_home())),
        "PORT": str(postgres.PORT),
    }


def redis_url(url: str, *, use: Literal["broker", "results", "cache"]) -> str:
    """The address of one of three numbered databases, on the given Redis or on the embedded one.

    Celery and redis-py spell a Unix socket differently. With `redis://host:6379/4` the three are 4, 5 and 6.
    """
    offset = ["broker", "results", "cache"].index(use)
    if not url:
        socket = valkey.socket_path(data_home())
        return f"unix://{socket}?db={offset}" if use == "cache" else f"redis+socket://{socket}?virtual_host={offset}"
    head, _, query = url.partition("?")
    scheme, _, rest = head.partition("://")
    server, _, number = rest.partition("/")
    return f"{scheme}://{server}/{int(number or 0) + offset}" + (f"?{query}" if query else "")


def secret(name: str) -> str:
    """A random text made once per data folder and readable by its owner only."""
    path = make_data_home() / name
    if not path.exists():
        draft = path.with_name(f"{name}.{os.getpid()}.new")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)  # fails when another process was first: then its text counts, not ours
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    try:
        return path.read_text().strip()
    except PermissionError:
        sys.exit(
            f"{path.parent} belongs to another account. Start as that account, or choose another folder: "
            f"PARTNERWERK_DATA=/some/folder"
        )


def backup_tool(name: str) -> Path:
    """Path of pg_dump, pg_restore or psql matching the embedded server."""
    return postgres.wheel() / "bin" / name
