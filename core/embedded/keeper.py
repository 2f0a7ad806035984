"""The process that stops the servers when the last lease is gone.

It sleeps in one system call. Because the kernel frees a lock when its holder dies, it also wakes after a
`kill -9`, where no clean-up code of the holder would run.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

COMMAND = "import sys; from core.embedded import keeper; keeper.keep(keeper.Path(sys.argv[1]), int(sys.argv[2]))"


def ensure(home: Path) -> None:
    """Start a keeper unless one is at work. Call with a lease and the start lock held."""
    if _alive(home):
        return
    from core.embedded.places import BASE_DIR, ServiceError

    ready, write_end = os.pipe()
    with open(home / "keeper.log", "w") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-c", COMMAND, str(home), str(write_end)],
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[write_end],
            start_new_session=True,  # Ctrl-C in the terminal must not reach it before the servers are stopped
        )
    os.close(write_end)
    # Leaving before the keeper is at work would leave the servers without anybody to stop them.
    with open(ready, "rb") as pipe:
        if pipe.read(1) != b"k":
            keeper.wait()
            raise ServiceError(f"The keeper of the embedded servers does not start. Log: {home / 'keeper.log'}")
    keeper.returncode = 0  # it outlives us by design; without this Python warns about a child still running


def wait_until_gone(home: Path, seconds: float = 30) -> None:
    """Return when the keeper has stopped the servers, at once when somebody else still holds a lease."""
    deadline = time.monotonic() + seconds
    while _alive(home) and not _leased(home) and time.monotonic() < deadline:
        time.sleep(0.02)


def _alive(home: Path) -> bool:
    return not _free(home / "keeper.lock", fcntl.LOCK_EX)


def _leased(home: Path) -> bool:
    """Whether a process holds a lease. The keeper, while it stops servers, holds the lock too: not counted."""
    return not _free(home / "lease", fcntl.LOCK_EX) and not (home / "stopping").exists()


def _free(path: Path, kind: int) -> bool:
    with open(path, "a") as file:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def keep(home: Path, ready: int) -> None:
    """Wait for the end of all leases, then stop both servers."""
    from core.embedded import postgres, valkey

    lock, lease = open(home / "keeper.lock", "a"), open(home / "lease", "a")  # noqa: SIM115
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.write(ready, b"k")
    os.close(ready)
    signal.signal(signal.SIGTERM, lambda *_: _stop(home, postgres, valkey) or sys.exit(0))  # the machine shuts down
    fcntl.flock(lease, fcntl.LOCK_EX)
    _stop(home, postgres, valkey)
    # In this order: whoever gets the lease next must find that no keeper is at work, and start a new one.
    lock.close()
    lease.close()


def _stop(home: Path, *servers: object) -> None:
    marker = home / "stopping"
    marker.touch()
    try:
        for server in servers:
            server.stop(home)  # type: ignore[attr-defined]
    finally:
        marker.unlink(missing_ok=True)
