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

from core.embedded import keeper, places, postgres, valkey
from core.embedded.supervise import listen

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


def everything_gone(home: Path) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = subprocess.run(["pgrep", "-f", "gunicorn|celery"], capture_output=True, text=True).stdout.split()
        ours = [pid for pid in found if f"{home}\0".encode() in _environment(pid)]
        if not (ours or postgres.server_pid(home) or valkey.server_pid(home) or keeper.at_work(home)):
            return True
        time.sleep(0.1)
    return False


def _environment(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
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
    assert everything_gone(home)

    again, _ = up(port)
    again.send_signal(signal.SIGINT)
    assert again.wait(60) == 0
    assert everything_gone(home)
