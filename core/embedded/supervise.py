"""Children of one command: started together, watched, and gone when the command is, however it ends.

The command holds one end of a pipe, a small guard process the other. When the command ends, also by `kill -9`, the
kernel closes the pipe; the guard then asks all children to finish and insists with those that do not. So Ctrl-C and
the worst end are the same code, and a child that is still starting up or does not listen cannot stay behind:

    up ──pipe── guard              up stops, or is killed: the guard reads the end of the pipe
     ├─ web                        SIGTERM to each, 10 s, SIGQUIT, 5 s, SIGKILL to each and whatever it started
     ├─ worker                     whoever is left gives back its lease, and the keeper stops the servers
     └─ beat
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.embedded.places import BASE_DIR, running

GUARD = "import sys; from core.embedded import supervise; supervise.guard(float(sys.argv[1]))"
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
    guard: subprocess.Popen[bytes] | None = None
    line: int = -1  # our end of the pipe to the guard
    # Seconds; what a worker had begun when it was killed is delivered again, so waiting longer would only be polite.
    patience: float = 10

    def start(self, name: str, command: Sequence[str], *, env: Mapping[str, str], pass_fds: Sequence[int] = ()) -> None:
        self.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        log = self.log(name)
        if self.guard is None:
            self._hire_guard()
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
                preexec_fn=_announce(self.line),  # noqa: PLW1509 - runs before exec, the parent has one thread
            )

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def ended(self) -> str | None:
        """The name of a child that is no longer running."""
        return next((name for name, child in self.processes.items() if child.poll() is not None), None)

    def stop(self) -> None:
        """Let the guard end all of them, and return when they are gone."""
        if self.guard is None:
            return
        os.close(self.line)
        while self.guard.poll() is None:
            self.ended()  # a child nobody asked about would stay a zombie
            time.sleep(0.05)
        for child in self.processes.values():
            child.kill()  # without effect, unless somebody killed the guard
            child.wait()
        self.processes.clear()
        self.guard = None

    def _hire_guard(self) -> None:
        end, self.line = os.pipe()
        self.guard = subprocess.Popen(
            [sys.executable, "-c", GUARD, str(self.patience)],
            cwd=BASE_DIR,
            stdin=end,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(end)


def _announce(line: int):  # type: ignore[no-untyped-def]
    """What the child does before it becomes the program: name itself to the guard.

    It holds the pipe open until then, so a command that is killed at this moment leaves no child unannounced.
    """

    def in_child() -> None:
        os.write(line, b"%d\n" % os.getpid())

    return in_child


def guard(patience: float) -> None:
    """Read the numbers of the children from standard input; at its end, end them."""
    children = [int(number) for number in sys.stdin]
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGQUIT, patience / 2)):
        for child in filter(_alive, reversed(children)):
            _send(os.kill, child, number)
        deadline = time.monotonic() + seconds
        while any(map(_alive, children)) and time.monotonic() < deadline:
            time.sleep(0.05)
    for child in children:
        _send(os.killpg, child, signal.SIGKILL)  # each leads a group of its own, with what it started


def _alive(child: int) -> bool:
    return running(child, with_words=())


def _send(kill: Callable[[int, int], None], child: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        kill(child, number)
