"""What every test stands on: the services, the network that is off, the tables that cannot be emptied.

Pure tests need none of it, database tests use pytest-django's `db`, the slow ones live in their own folders:
tests/concurrency and tests/browser are marked by where they lie, and `make test` runs them last.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.creation import DatabaseCreation
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from core import embedded

pytest_plugins = [name for name in ("tests.cast",) if find_spec(name)]

# The same examples every time: a change is judged by what it did. `HYPOTHESIS_PROFILE=default` looks for other ones.
hypothesis_settings.register_profile("repeatable", derandomize=True, database=None)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
NO_CHROMIUM = "no Chromium found: `apt-get install --no-install-recommends chromium`, or name one in CHROMIUM"
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}


def pytest_configure(config: pytest.Config) -> None:
    embedded.lease()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(HERE).parts[0] if item.path.is_relative_to(HERE) else ""
        if folder == "concurrency":
            item.add_marker(pytest.mark.concurrency)
        if folder == "browser":
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM and not IN_CI:  # in CI the tests run and fail: a silent skip would look like success
                item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a browser test that skips itself is a failure: nobody reads the fourth line of a green log."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if IN_CI and any("tests/browser/" in report.nodeid for report in skipped):
        reporter.write_line("browser tests were skipped, which CI does not allow", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


# ---- append-only tables ----------------------------------------------------------------------------------------
# Events and posted lines refuse UPDATE, DELETE and TRUNCATE by trigger. A database test is rolled back and never
# notices; a test with real commits ends with a flush, which must be let through. This is the one stated way.
_execute_sql_flush = DatabaseOperations.execute_sql_flush
# Each run has tables of its own; a flush starts counting runs anew and would meet them again.
TABLES_OF_RUNS = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relname ~ '^commissions_(line|contribution|measured|settling)_[0-9]+$'
    LOOP EXECUTE format('DROP TABLE %I', name); END LOOP;
END $$
"""


def _flush_past_the_triggers(self: DatabaseOperations, sql_list: list[str]) -> None:
    if sql_list:
        off, on = "SET session_replication_role = replica", "SET session_replication_role = origin"
        sql_list = [off, *sql_list, TABLES_OF_RUNS, on]
    _execute_sql_flush(self, sql_list)


DatabaseOperations.execute_sql_flush = _flush_past_the_triggers  # type: ignore[method-assign]


def _drop_even_if_watched(self: DatabaseCreation, name: str, verbosity: int) -> None:
    """A thread of the live server may still be ending when the run is over; that is no reason to fail it."""
    with self._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {self.connection.ops.quote_name(name)} WITH (FORCE)")


DatabaseCreation._destroy_test_db = _drop_even_if_watched  # type: ignore[method-assign]


@pytest.fixture
def past_the_triggers() -> Callable[[], AbstractContextManager[None]]:
    """`with past_the_triggers(): ...` tampers with what the database protects, to see whether it is noticed."""

    @contextmanager
    def tamper() -> Iterator[None]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield
            cursor.execute("SET LOCAL session_replication_role = origin")

    return tamper


# ---- what a test must not leave to the next ------------------------------------------------------------------
@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path: Path) -> None:
    """Uploads and dropped feed files of one test are never seen by another."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.WATCHED_FEED_FOLDER = tmp_path / "feed-inbox"


@pytest.fixture(autouse=True)
def own_language() -> None:
    """A request leaves its language behind in the thread; the next test begins with that of the settings."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def own_cache(settings, request: pytest.FixtureRequest) -> None:
    """A memory cache per test: throttles and login limits of one test do not lock out the next."""
    # Memory caches of one name share their memory as long as the process lives, hence a name for each test.
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": request.node.nodeid}
    settings.CACHES = {"default": memory}


# ---- browser ---------------------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    if not CHROMIUM:
        pytest.fail(NO_CHROMIUM)
    quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    quiet += ["--disable-component-update", "--disable-sync"]
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", *quiet]}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, object]:
    return {"locale": "de-DE", "timezone_id": "Europe/Berlin", "viewport": {"width": 1280, "height": 800}}
