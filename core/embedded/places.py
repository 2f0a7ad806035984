"""Where the servers keep their data and sockets, and as whom they run.

PostgreSQL refuses to run as root. Started by root, it runs as `postgres` or `nobody`, and that account must be
able to enter every folder above its data. A checkout below /root (mode 0700) is therefore not a place for it:
the cluster then lives in /var/lib/partnerwerk/, everything else stays in `.data/`.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
import tempfile
from functools import cache
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
# The kernel's limit for the path of a Unix socket is 108 bytes with the closing zero.
LONGEST_SOCKET_PATH = 107
LONGEST_SOCKET_NAME = "/.s.PGSQL.5432.lock"


class ServiceError(SystemExit):
    """A server could not be started; the text says what to do and ends the command without a traceback."""


def data_home() -> Path:
    """The folder for everything this installation writes: `.data/` unless PARTNERWERK_DATA names another."""
    return Path(os.environ.get("PARTNERWERK_DATA") or BASE_DIR / ".data").resolve()


def make_data_home() -> Path:
    """Create the data folder: closed to others, except for passing through it to the database's own folder."""
    home = data_home()
    try:
        try:
            home.mkdir(parents=True)
        except FileExistsError:  # as usual, or by another process that starts at this very moment
            if not home.is_dir():
                raise
        else:
            home.chmod(0o711 if account() else 0o700)
    except OSError as error:
        raise ServiceError(f"Cannot create the data folder {home}: {error.strerror}. Set PARTNERWERK_DATA.") from error
    return home


@cache
def account() -> pwd.struct_passwd | None:
    """The account PostgreSQL runs as when we are root; None when we are an ordinary user already."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid:
            return entry
    raise ServiceError("PostgreSQL does not run as root, and there is no account 'postgres' or 'nobody' to run it as.")


def may_enter(user: pwd.struct_passwd, folder: Path) -> bool:
    """Whether `user` may pass through `folder` and all folders above it (those that exist already)."""
    groups = set(os.getgrouplist(user.pw_name, user.pw_gid))
    for place in (folder, *folder.parents):
        try:
            status = place.stat()
        except FileNotFoundError:
            continue
        bit = (
            stat.S_IXUSR if status.st_uid == user.pw_uid else stat.S_IXGRP if status.st_gid in groups else stat.S_IXOTH
        )
        if not status.st_mode & bit:
            return False
    return True


def _tag(home: Path) -> str:
    """A short name for this data folder, so that two checkouts never share a place outside of it."""
    return hashlib.sha256(str(home).encode()).hexdigest()[:10]


def cluster_home(home: Path) -> Path:
    """The folder of the PostgreSQL cluster and its log."""
    user = account()
    if user and not may_enter(user, home):
        return Path("/var/lib/partnerwerk") / _tag(home)
    return home / "postgres"


def sockets(home: Path) -> Path:
    """The folder of both Unix sockets; a short one below the system's temporary folder if the path is too long."""
    folder = cluster_home(home).parent / f"{_tag(home)}-run" if cluster_home(home).parent != home else home / "run"
    if len(os.fsencode(folder)) + len(LONGEST_SOCKET_NAME) > LONGEST_SOCKET_PATH:
        return Path(tempfile.gettempdir()) / f"partnerwerk-{_tag(home)}"
    return folder


def make_folder(folder: Path) -> Path:
    """Create a folder only the servers' account may use; refuse one that somebody else put there first."""
    user = account()
    if not folder.parent.exists():
        folder.parent.mkdir(parents=True)
        folder.parent.chmod(0o755)  # whatever the umask says: the account must pass through
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.lstat().st_uid not in {
        os.geteuid(),
        user.pw_uid if user else os.geteuid(),
    }:
        raise ServiceError(f"{folder} belongs to somebody else. Remove it, or set PARTNERWERK_DATA to another folder.")
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o700)
    return folder


def running(pid: int, *, with_words: tuple[str, ...]) -> bool:
    """Whether process `pid` lives and its command line holds all the words: a number alone may have been reused."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        if Path("/proc/self").exists():
            return False
        import subprocess

        line = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True).stdout
    return bool(line) and all(word in line for word in with_words)
