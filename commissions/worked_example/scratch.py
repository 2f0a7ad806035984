"""Databases of their own for worked examples: empty, migrated, thrown away. Live data is never connected to.

    with workshop() as shop:            # an administrative connection; leftovers of killed runs are swept
        with shop.database():           # CREATE DATABASE … TEMPLATE …: the default connection is now the empty copy
            ...
                                        # dropped, and the default connection is the live one again

Every name begins with `partnerwerk_examples_`, and a live database of such a name is refused, so nothing here can ever
drop one. Migrating takes seconds, copying a fraction of one: the migrated template stays for next time and carries a
digest of the migrations in its name. A running check holds an advisory lock whose number its databases carry: whatever
nobody holds any more is a leftover.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg2.sql import SQL, Identifier

PREFIX = "partnerwerk_examples_"
MAINTENANCE = "postgres"
# First half of the advisory locks below. They live in the maintenance database, so they cannot meet those of core/locks.py.
OWNER, BUILDER = 1, 2


@contextmanager
def workshop() -> Iterator[Workshop]:
    """The connection that creates and drops databases. Its role needs CREATEDB."""
    live = connections[DEFAULT_DB_ALIAS]
    name = str(live.settings_dict["NAME"])
    if name.startswith(PREFIX):
        raise RuntimeError(f"{name} is named like a scratch database, and those are dropped. Rename the live one.")
    admin = live.copy()
    admin.settings_dict["NAME"] = MAINTENANCE
    shop = Workshop(admin, tag=hashlib.sha256(name.encode()).hexdigest()[:6])
    try:
        shop.open()
        yield shop
    finally:
        shop.sweep()
        admin.close()


class Workshop:
    def __init__(self, admin: Any, *, tag: str) -> None:
        self._admin = admin
        # One server may serve several installations: each sees only its own scratch databases.
        self._prefix = f"{PREFIX}{tag}_"
        self._number = secrets.randbelow(2**31)
        self._made = 0

    def open(self) -> None:
        self._ask("SELECT pg_advisory_lock(%s, %s)", OWNER, self._number)
        self.sweep()

    @contextmanager
    def database(self) -> Iterator[None]:
        """Runs the block with an empty, migrated database as the default one, in this thread only."""
        template = self._template()
        self._made += 1
        name = f"{self._prefix}scratch_{self._number}_{self._made}"
        self._do("CREATE DATABASE {} TEMPLATE {}", name, template)
        try:
            with _default_database(name):
                yield
        finally:
            self._drop(name)

    def sweep(self) -> None:
        """Drops our own databases and those whose owner is gone; templates of other migrations go with them."""
        for (name,) in self._ask("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", self._prefix):
            kind, _, rest = name.removeprefix(self._prefix).partition("_")
            number = int(rest.partition("_")[0]) if kind in ("scratch", "draft") else None
            if number == self._number:
                self._drop(name)
            elif number is not None:
                ((free,),) = self._ask("SELECT pg_try_advisory_lock(%s, %s)", OWNER, number)
                if free:
                    self._drop(name)
                    self._ask("SELECT pg_advisory_unlock(%s, %s)", OWNER, number)

    def _template(self) -> str:
        """The migrated, empty template; made now if there is none of these migrations."""
        name = f"{self._prefix}template_{_digest()}"
        if self._exists(name):
            return name
        self._ask("SELECT pg_advisory_lock(%s, 0)", BUILDER)
        try:
            if not self._exists(name):
                for (old,) in self._ask(
                    "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", f"{self._prefix}template_"
                ):
                    self._drop(old)
                # Under another name until it is complete: whoever finds the template may trust it.
                draft = f"{self._prefix}draft_{self._number}"
                self._do("CREATE DATABASE {}", draft)
                with _default_database(draft):
                    call_command("migrate", interactive=False, verbosity=0)
                ContentType.objects.clear_cache()  # it remembers numbers of the template
                self._do("ALTER DATABASE {} ALLOW_CONNECTIONS false", draft)
                self._do("ALTER DATABASE {} RENAME TO {}", draft, name)
        finally:
            self._ask("SELECT pg_advisory_unlock(%s, 0)", BUILDER)
        return name

    def _exists(self, name: str) -> bool:
        return bool(self._ask("SELECT 1 FROM pg_database WHERE datname = %s", name))

    def _drop(self, name: str) -> None:
        if not name.startswith(PREFIX):
            raise RuntimeError(f"{name} is no scratch database")
        self._do("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _do(self, command: str, *names: str) -> None:
        with self._admin.cursor() as cursor:
            cursor.execute(SQL(command).format(*map(Identifier, names)))

    def _ask(self, query: str, *params: object) -> list[Any]:
        with self._admin.cursor() as cursor:
            cursor.execute(query, params)
            return list(cursor.fetchall())


@contextmanager
def _default_database(name: str) -> Iterator[None]:
    """Another database and an empty cache behind the ordinary names, for this thread; the live ones wait untouched."""
    live, cache = connections[DEFAULT_DB_ALIAS], caches[DEFAULT_CACHE_ALIAS]
    scratch = live.copy()
    options = dict(scratch.settings_dict.get("OPTIONS") or {})
    # What is thrown away need not survive a power cut: without this each commit waits for the disk.
    options["options"] = f"{options.get('options', '')} -c synchronous_commit=off".strip()
    scratch.settings_dict |= {"NAME": name, "CONN_MAX_AGE": 0, "OPTIONS": options}
    connections[DEFAULT_DB_ALIAS] = scratch
    caches[DEFAULT_CACHE_ALIAS] = LocMemCache(name, {})
    try:
        yield
    finally:
        scratch.close()
        connections[DEFAULT_DB_ALIAS] = live
        caches[DEFAULT_CACHE_ALIAS] = cache


def _digest() -> str:
    """Of all migrations and of core/, whose helpers they call."""
    folders = [Path(app.path) / "migrations" for app in apps.get_app_configs()] + [Path(settings.BASE_DIR) / "core"]
    digest = hashlib.sha256()
    for path in sorted(path for folder in folders for path in folder.glob("*.py")):
        digest.update(f"{path.parent.parent.name}/{path.name}".encode() + path.read_bytes())
    return digest.hexdigest()[:12]
