"""`make run` as a whole: served, not twice, another port when one is taken, gone after a `kill -9`."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.embedded import places, postgres, valkey
from core.embedded.supervise import Children, listen

# A child that hears nothing, with one of its own: what a worker is that hangs while it starts.
DEAF = [
    "timeit",
    "-n1",
    "-r1",
    "import os, signal, time; signal.signal(15, signal.SIG_IGN); signal.signal(3, signal.SIG_IGN); os.fork(); time.sleep(60)",
]
COMMAND = """
import os, sys, time
from pathlib import Path
from core.embedded.supervise import Children
Children(Path(sys.argv[1]), patience=0.2).start("deaf", {deaf}, env=os.environ)
time.sleep(60)
"""
UP = [sys.executable, "manage.py", "up", "--no-demo"]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pw-up-") as folder:
        Path(folder).chmod(0o711)
        monkeypatch.setenv("PARTNERWERK_DATA", f"{folder}/data")
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings")
        yield Path(folder) / "data"


@pytest.fixture
def up(home: Path) -> Iterator[Callable[[int], tuple[subprocess.Popen[str], str]]]:
    """Starts the product and returns with its address once it is served."""
    started: list[subprocess.Popen[str]] = []

    def start(port: int) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [*UP, "--port", str(port)],
            cwd=places.BASE_DIR,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        assert process.stdout
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C" in line:
                return process, re.findall(r"http://\S+", said)[0]
        raise AssertionError(said)

    yield start
    for process in started:
        process.terminate()
        process.wait(60)
        assert process.stdout
        process.stdout.close()


def left(home: Path) -> list[str]:
    """What still runs for this installation after a minute; nothing, as soon as nothing does."""
    deadline = time.monotonic() + 60
    while (alive := _processes(home)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return alive


def _processes(home: Path) -> list[str]:
    """Command lines of all processes that were started with this data folder, and of its servers."""
    found = [_line(pid.name) for pid in Path("/proc").glob("[0-9]*") if f"{home}\0".encode() in _read(pid / "environ")]
    servers = [postgres.server_pid(home), valkey.server_pid(home)]
    return [line for line in (*found, *(_line(str(pid)) for pid in servers if pid)) if line]


def _line(pid: str) -> str:
    return (
        f"{pid} {command}" if (command := _read(Path("/proc") / pid / "cmdline").replace(b"\0", b" ").decode()) else ""
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_the_product_is_served_once_passes_over_a_taken_port_and_leaves_nothing_after_a_kill(home, up) -> None:
    with listen("127.0.0.1", 18400) as taken:
        port = taken.getsockname()[1]
        first, address = up(port)
    assert not address.endswith(f":{port}/")
    with urllib.request.urlopen(f"{address}health/", timeout=10) as answer:
        assert answer.status == 200

    second = subprocess.run(UP, cwd=places.BASE_DIR, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    assert f"Already running: {address}" in second.stderr

    os.kill(first.pid, signal.SIGKILL)
    assert left(home) == []

    again, _ = up(port)
    again.send_signal(signal.SIGINT)
    assert again.wait(60) == 0
    assert left(home) == []


def test_a_child_that_hears_nothing_ends_with_what_it_started(home: Path) -> None:
    children = Children(home / "logs", patience=0.2)
    children.start("deaf", DEAF, env=os.environ)
    wait_for_two(home)
    children.stop()
    assert left(home) == []


def test_it_also_ends_after_a_kill_of_the_command(home: Path) -> None:
    command = [sys.executable, "-c", COMMAND.format(deaf=DEAF), str(home / "logs")]
    with subprocess.Popen(command, cwd=places.BASE_DIR) as process:
        wait_for_two(home)
        process.kill()
    assert left(home) == []


def wait_for_two(home: Path) -> None:
    """The deaf child ignores signals from the moment on in which it has a child of its own."""
    deadline = time.monotonic() + 30
    while sum("timeit" in line for line in _processes(home)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
