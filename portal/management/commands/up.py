"""`make run`: everything the product consists of, in one terminal, until Ctrl-C.

    services ─ migrate ─ translations, static files (only what changed) ─ demo data (only when empty)
    ─ web server ─ worker, beat ─ address and logins ─ wait ─ stop all of it

The second start skips what is done and serves the first page within ten seconds.
"""

import fcntl
import hashlib
import os
import signal
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from commissions.tasks import refresh_provisional
from core import embedded
from core.embedded.places import make_data_home
from core.embedded.supervise import Children, listen
from core.errors import Refused
from core.management.commands import translations
from portal.demo import build, demo_logins

FIRST_PAGE_SECONDS = 60
# Parts of packages no page of ours links to; compressing them would take half of the first start.
UNSERVED = ["rest_framework", "redoc", "*.js.map", "swagger-ui-es-*", "swagger-ui.js"]


class Command(BaseCommand):
    help = "Start services, workers and the web server; load demo data into an empty database"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")
        parser.add_argument("--once", action="store_true", help="stop as soon as a page was served (for tests)")

    def handle(self, *args: Any, host: str, port: int, no_demo: bool, once: bool, **options: Any) -> None:
        self.began = time.monotonic()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # One way out for all of them; a background job of a shell would otherwise ignore SIGINT.
            signal.signal(number, signal.default_int_handler)
        # Staff of the demo sign in with a password alone; this excuses nobody with a real address (partners/signin.py).
        os.environ.setdefault("MFA_REQUIRED_FOR_OFFICE", "0")
        only = self.only_one()
        children = Children(settings.DATA_DIR / "logs")
        try:
            new = self.prepare(demo=not no_demo)
            address = self.serve(children, host, port)
            if new:
                refresh_provisional.delay()  # the open month as every night: by a worker
            only.write(address)
            only.flush()
            self.welcome(address)
            while not once:
                if name := children.ended():
                    raise CommandError(f"The {name} process ended by itself. Its log: {children.log(name)}")
                time.sleep(0.5)
        except KeyboardInterrupt:
            self.say("stopping")
        finally:
            # A second Ctrl-C must not leave half of it running.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            children.stop()
            connection.close()
            embedded.release(wait=True)
            self.say("everything stopped")

    def say(self, text: str) -> None:
        self.stdout.write(f"[{time.monotonic() - self.began:5.1f} s] {text}")
        self.stdout.flush()

    def only_one(self) -> IO[str]:
        """A lock for as long as we run; a second `make run` names the first one's address and leaves."""
        make_data_home()
        file = open(settings.DATA_DIR / "up.lock", "a+")  # noqa: SIM115 - held until the process ends
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise CommandError(f"Already running: {file.read() or 'it is still starting'}") from error
        file.truncate(0)
        return file

    # ---- steps -------------------------------------------------------------------------------------------------

    def prepare(self, *, demo: bool) -> bool:
        """Everything that must be there before anybody is served; True if the demo was built just now."""
        call_command("migrate", verbosity=0)
        self.say("database ready")
        if translations.stale():
            translations.compile_catalogue()
        if collect_static_files():
            self.say("static files collected")
        for folder in (settings.WATCHED_FEED_FOLDER, settings.MEDIA_ROOT):
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            # Before any worker runs: its sweeps would take a month half built for one left behind.
            return demo and build(now=timezone.now(), say=self.say)
        except Refused:
            self.say("the database holds data of its own: no demo")
            return False

    def serve(self, children: Children, host: str, port: int) -> str:
        listener = listen(host, port)
        taken = listener.getsockname()[1]
        if taken != port:
            self.say(f"port {port} is in use, taking {taken}")
        address = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{taken}/"  # noqa: S104
        serve_from = ["gunicorn", "config.wsgi", "--bind", f"fd://{listener.fileno()}", "--workers", "2"]
        serve_from += ["--threads", "4", "--worker-class", "gthread", "--preload", "--access-logfile", "-"]
        serve_from += ["--no-control-socket"]  # it would lie in the home folder, one for all installations
        children.start("web", serve_from, env=os.environ, pass_fds=[listener.fileno()])
        listener.close()
        self.wait_for_page(children, address)
        # Only now: on two cores they would compete with the web server for the first seconds.
        worker = ["celery", "-A", "config", "worker", "--concurrency", "2", "-l", "INFO"]
        children.start("worker", [*worker, "--without-gossip", "--without-mingle"], env=os.environ)
        beat = ["celery", "-A", "config", "beat", "-l", "INFO", "--pidfile", ""]
        children.start("beat", [*beat, "--schedule", str(settings.DATA_DIR / "beat")], env=os.environ)
        return address

    def wait_for_page(self, children: Children, address: str) -> None:
        deadline = time.monotonic() + FIRST_PAGE_SECONDS
        while time.monotonic() < deadline:
            if children.ended() == "web":
                raise CommandError(f"The web server does not start. Its log: {children.log('web')}")
            try:
                # The sign-in page: what a person sees first, and it needs database, cache, templates and static files.
                with urllib.request.urlopen(f"{address}accounts/login/", timeout=20):  # noqa: S310 - our own address
                    self.say("first page served")
                    return
            except urllib.error.HTTPError as error:
                raise CommandError(f"The first page fails with {error.code}. Log: {children.log('web')}") from error
            except OSError:
                time.sleep(0.1)
        raise CommandError(f"No page after {FIRST_PAGE_SECONDS} s. Log: {children.log('web')}")

    def welcome(self, address: str) -> None:
        self.stdout.write(f"\n  Partnerwerk  {address}\n")
        rows = demo_logins()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write(f"    {cells.rstrip()}")
        self.stdout.write(f"\n  Logs: {settings.DATA_DIR / 'logs'}    Ctrl-C stops everything.\n")
        self.stdout.flush()


def collect_static_files() -> bool:
    """Collect when a source file changed since the last time; hashing and compressing all of them takes seconds."""
    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(None):
            status = Path(storage.path(path)).stat()
            seen.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    stamp = Path(settings.STATIC_ROOT) / ".sources"
    if stamp.exists() and stamp.read_text() == seen.hexdigest():
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=UNSERVED)
    stamp.write_text(seen.hexdigest())
    return True
