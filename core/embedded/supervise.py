"""Children of one command: started together, watched, and gone when the command is, however it ends.

On Linux the kernel itself sends SIGTERM to each child when the parent dies, so a `kill -9` of the command stops
the product as Ctrl-C does. Elsewhere only the orderly ways of ending are covered.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 20
_PR_SET_PDEATHSIG = 1
_LOG_LIMIT = 10 * 2**20


def listen(host: str, port: int, *, tries: int = 50) -> socket.socket:
    """A listening socket on the first free port from `port` on; held from here on, so nobody can take it between.

    Raises OSError when none of them is free or the host is not ours.
    """
    for candidate in range(port, port + tries):
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(128)
        except OSError as error:
            listener.close()
            if candidate == port + tries - 1 or error.errno != errno.EADDRINUSE:
                raise
            continue
        listener.set_inheritable(True)
        return listener
    raise AssertionError("unreachable")


@dataclass
class Children:
    """The processes one command started, in order of starting; `logs` gets one file each."""

    logs: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str], *, env: Mapping[str, str], pass_fds: Sequence[int] = ()) -> None:
        self.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        log = self.log(name)
        big = log.exists() and log.stat().st_size > _LOG_LIMIT
        with open(log, "wb" if big else "ab") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *command],
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=pass_fds,
                start_new_session=True,  # Ctrl-C reaches the command only, which then stops them in order
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - runs before exec, the parent has one thread
            )

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def ended(self) -> str | None:
        """The name of a child that is no longer running."""
        return next((name for name, child in self.processes.items() if child.poll() is not None), None)

    def stop(self) -> None:
        """Ask all to finish, wait, then insist: what a killed worker had begun is delivered again."""
        for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGKILL):
            alive = [child for child in self.processes.values() if child.poll() is None]
            for child in reversed(alive):
                _signal_group(child, number) if number == signal.SIGKILL else child.send_signal(number)
            deadline = time.monotonic() + STOP_SECONDS
            while any(child.poll() is None for child in alive) and time.monotonic() < deadline:
                time.sleep(0.05)
        self.processes.clear()


def _signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def _die_with(parent: int):  # type: ignore[no-untyped-def]
    """What the child does first: tell the kernel whose death is its end."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def in_child() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return in_child
