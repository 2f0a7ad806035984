"""Real embedded servers in a folder of their own: started together, killed, left with stale files."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.embedded import keeper, places, postgres, valkey

USE = """
import sys, time
from core import embedded
embedded.lease()
import psycopg2
settings = embedded.database("partnerwerk")
with psycopg2.connect(host=settings["HOST"], port=settings["PORT"], user=settings["USER"],
                      password=settings["PASSWORD"], dbname=settings["NAME"]) as connection:
    with connection.cursor() as cursor:
        cursor.execute("create table if not exists visits (n int); insert into visits values (1)")
        cursor.execute("select count(*) from visits")
        print(cursor.fetchone()[0], flush=True)
connection.close()
time.sleep(float(sys.argv[1]))
"""


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pw-") as folder:
        Path(folder).chmod(0o711)
        monkeypatch.setenv("PARTNERWERK_DATA", f"{folder}/data")
        monkeypatch.setenv("PARTNERWERK_DURABLE", "1")  # as the product runs; the other tests may lose their last rows
        yield Path(folder) / "data"


@pytest.fixture
def use(home: Path) -> Iterator[Callable[[float], subprocess.Popen[str]]]:
    """Starts a process that uses the services for some seconds and says how often they were used."""
    started: list[subprocess.Popen[str]] = []

    def start(seconds: float) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", USE, str(seconds)], cwd=places.BASE_DIR, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()
    nothing_runs(home)


def said(process: subprocess.Popen[str]) -> int:
    assert process.stdout
    return int(process.stdout.readline())


def nothing_runs(home: Path) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not (postgres.server_pid(home) or valkey.server_pid(home) or keeper.at_work(home)):
            return True
        time.sleep(0.05)
    return False


def test_the_last_process_out_stops_the_servers_and_the_next_one_finds_its_data(home, use) -> None:
    first, second = use(0.5), use(60)
    assert {said(first), said(second)} == {1, 2}
    first.wait()
    time.sleep(0.3)
    assert postgres.server_pid(home), "the servers stopped although somebody uses them"
    second.send_signal(signal.SIGKILL)  # no clean-up code runs in it
    assert nothing_runs(home)
    assert said(use(0)) == 3


def test_after_a_crash_of_everything_the_next_start_clears_up(home, use) -> None:
    user = use(60)
    assert said(user) == 1
    pids = [postgres.server_pid(home), valkey.server_pid(home)]
    keeper_pid = int(subprocess.check_output(["pgrep", "-f", f"keeper.keep.*{home}"], text=True).split()[0])
    for pid in (keeper_pid, *pids, user.pid):
        os.kill(pid, signal.SIGKILL)
    assert said(use(0)) == 2, "a committed row was lost"
    assert nothing_runs(home)


def test_lock_files_naming_a_process_that_is_something_else_do_not_hinder_the_start(home, use) -> None:
    assert said(use(0)) == 1
    assert nothing_runs(home)
    for stale in (
        places.cluster_home(home) / "cluster" / "postmaster.pid",
        places.sockets(home) / ".s.PGSQL.5432.lock",
        home / "valkey" / "server.pid",
    ):
        stale.write_text(f"{os.getpid()}\n")
    assert said(use(0)) == 2


def test_a_lost_keeper_is_replaced(home, use) -> None:
    first = use(2)
    assert said(first) == 1
    subprocess.run(["pkill", "-KILL", "-f", f"keeper.keep.*{home}"], check=True)
    assert said(use(0)) == 2
    assert keeper.at_work(home)
    first.wait()
    assert nothing_runs(home)
