"""The embedded services, as far as it can be seen without starting one; tests/concurrency starts them."""

import fcntl
import os
import pwd
from pathlib import Path

import pytest

from core import embedded
from core.embedded import keeper, places
from core.embedded.supervise import listen

STRANGER = pwd.getpwnam("nobody")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of our own, for an ordinary user."""
    monkeypatch.setenv("PARTNERWERK_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(places, "account", lambda: None)
    return tmp_path / "data"


def test_a_secret_is_made_once_and_is_nobody_elses_business(home: Path) -> None:
    first = embedded.secret("secret-key")
    assert len(first) >= 50
    assert embedded.secret("secret-key") == first
    assert embedded.secret("database-password") != first
    assert (home / "secret-key").stat().st_mode & 0o077 == 0
    assert home.stat().st_mode & 0o077 == 0


def test_broker_results_and_cache_never_share_a_database() -> None:
    urls = [
        embedded.redis_url("rediss://redis.example:6380/4?ssl=1", use=use) for use in ("broker", "results", "cache")
    ]
    assert urls == [f"rediss://redis.example:6380/{number}?ssl=1" for number in (4, 5, 6)]
    assert embedded.redis_url("redis://redis.example:6379", use="cache") == "redis://redis.example:6379/2"


def test_without_a_url_each_client_gets_its_own_spelling_of_the_socket(home: Path) -> None:
    socket = home / "run" / "valkey.sock"
    assert embedded.redis_url("", use="broker") == f"redis+socket://{socket}?virtual_host=0"
    assert embedded.redis_url("", use="cache") == f"unix://{socket}?db=2"


def test_sockets_lie_in_the_data_folder(home: Path) -> None:
    assert places.sockets(home) == home / "run"


def test_sockets_of_a_deep_checkout_lie_in_the_temporary_folder_because_their_path_would_be_too_long() -> None:
    deep = Path("/srv") / ("x" * 60) / ("y" * 40) / ".data"
    other = deep.parent / "other"
    assert len(str(places.sockets(deep)) + places.LONGEST_SOCKET_NAME) <= places.LONGEST_SOCKET_PATH
    assert places.sockets(deep) != places.sockets(other), "two checkouts share their sockets"


def test_the_database_of_a_checkout_below_a_closed_folder_lies_where_its_account_can_reach_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "root" / "checkout" / ".data"
    closed.mkdir(parents=True)
    monkeypatch.setattr(places, "account", lambda: STRANGER)
    for folder in (tmp_path, *tmp_path.parents):  # pytest's own folders are closed to others
        if folder.stat().st_uid == os.geteuid() and len(folder.parts) > 2:
            folder.chmod(0o711)
    assert places.cluster_home(closed) == closed / "postgres"
    (tmp_path / "root").chmod(0o700)
    assert not places.may_enter(STRANGER, closed)
    assert places.cluster_home(closed).parent == Path("/var/lib/partnerwerk")


def test_a_reused_process_number_is_not_taken_for_the_server() -> None:
    assert places.running(os.getpid(), with_words=("python",))
    assert not places.running(os.getpid(), with_words=("postgres", "/no/such/cluster"))


def test_who_only_looks_for_a_keeper_is_not_taken_for_one(tmp_path: Path) -> None:
    with open(tmp_path / "keeper.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)  # as another process does while it looks
        assert not keeper.at_work(tmp_path)
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert keeper.at_work(tmp_path)


def test_a_folder_somebody_else_made_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "real")
    monkeypatch.setattr(places, "account", lambda: None)
    with pytest.raises(embedded.ServiceError, match="belongs to somebody else"):
        places.make_folder(tmp_path / "run")


def test_a_port_in_use_is_passed_over() -> None:
    with listen("127.0.0.1", 18200) as first, listen("127.0.0.1", first.getsockname()[1]) as second:
        assert second.getsockname()[1] > first.getsockname()[1]
