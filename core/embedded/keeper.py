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
from typing import IO

from core.embedded import postgres, valkey
from core.embedded.places import BASE_DIR, ServiceError, running

COMMAND = "import sys; from core.embedded import keeper; keeper.keep(keeper.Path(sys.argv[1]), int(sys.argv[2]))"


def ensure(home: Path) -> None:
    """Start a keeper unless one is at work. Call with a lease and the start lock held."""
    if at_work(home):
        return
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
            raise ServiceError(f"The keeper of the embedded servers does not start. Log: {home / 'keeper.log'}")
    keeper.returncode = 0  # it outlives us by design; without this Python warns about a child still running


def note_servers(lease: IO[str], **pids: int | None) -> None:
    """Write the servers' process numbers into the lease file, which the keeper can read even when it is deleted."""
    lease.truncate(0)
    lease.write("".join(f"{name} {pid}\n" for name, pid in pids.items() if pid))
    lease.flush()


def wait_until_gone(home: Path, seconds: float = 60) -> None:
    """Return when the keeper has stopped the servers, at once when somebody else still holds a lease."""
    deadline = time.monotonic() + seconds
    while at_work(home) and time.monotonic() < deadline:
        if not (home / "stopping").exists() and not _free(home / "lease"):
            time.sleep(0.1)  # held by another process, or the keeper is just about to write its marker
            if not (home / "stopping").exists() and not _free(home / "lease"):
                return
        time.sleep(0.02)


def keep(home: Path, ready: int) -> None:
    """Wait for the end of all leases, then stop both servers."""
    with open(home / "keeper.lock", "a") as lock, open(home / "lease") as lease:
        fcntl.flock(lock, fcntl.LOCK_EX)  # waits for who is just looking
        signal.signal(signal.SIGTERM, lambda *_: _stop(home))  # the machine shuts down
        os.write(ready, b"k")
        os.close(ready)
        # Python takes the lock up again after a signal; on a shutdown the processes with a lease end as well.
        fcntl.flock(lease, fcntl.LOCK_EX)
        if (home / "lease").exists() and os.path.samestat(os.fstat(lease.fileno()), (home / "lease").stat()):
            _stop(home)
            # Before the lease: whoever gets that next must find no keeper at work, and start a new one.
            lock.close()
        else:
            _end_servers_of_deleted_folder(lease)


def _stop(home: Path) -> None:
    marker = home / "stopping"
    marker.touch()
    try:
        valkey.stop(home)
        postgres.stop(home)
    finally:
        marker.unlink(missing_ok=True)


def _end_servers_of_deleted_folder(lease: IO[str]) -> None:
    """Stop by number: a new pair of servers may already answer below the same path."""
    for line in lease.read().splitlines():
        name, pid = line.split()
        if running(int(pid), with_words=(name,)):
            os.kill(int(pid), signal.SIGINT if name == "postgres" else signal.SIGKILL)


def at_work(home: Path) -> bool:
    """Whether a keeper waits or is stopping the servers."""
    # Shared: of two that look at the same moment, each would take the other for a keeper, and start none.
    return not _free(home / "keeper.lock", fcntl.LOCK_SH)


def _free(path: Path, mode: int = fcntl.LOCK_EX) -> bool:
    """Whether nobody holds the lock, looked at in passing."""
    with open(path, "a") as file:
        try:
            fcntl.flock(file, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
