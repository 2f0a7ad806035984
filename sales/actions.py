"""What changes in this room, one verb a function: feeds received and imported, exceptions retried or set aside.

feed_import = receive_feed(file, source="upload", by=carla, now=now)     # stored, a worker does the rest
retry_parked(by=carla, now=now, cause="unknown_dealer", value="D-7")     # after the code was added
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from core import audit, sql
from core.errors import Conflict, Refused
from core.locks import Lock, alive, take
from partners.models import Role
from partners.rights import require
from sales import importing, tasks
from sales.campaigns import (
    approve_campaign,
    decline_campaign_change,
    register_for_campaign,
    save_campaign,
    withdraw_registration,
)
from sales.models import FeedImport, Parked
from sales.reading import Unreadable

__all__ = [
    "approve_campaign",
    "collect_feed_folder",
    "decline_campaign_change",
    "dismiss",
    "import_feed",
    "receive_feed",
    "register_for_campaign",
    "retry_parked",
    "save_campaign",
    "withdraw_registration",
]
log = logging.getLogger(__name__)
Status, Source = FeedImport.Status, FeedImport.Source
DELIVERS = (Role.COMMISSION_CONTROLLER, Role.HEAD_OF_CHANNEL, Role.ADMINISTRATOR)
RESOLVABLE = (Parked.Cause.UNKNOWN_DEALER, Parked.Cause.UNKNOWN_PRODUCT, Parked.Cause.CLASS_MISSING)
BLOCK = 1024 * 1024
# What a program that copies a file leaves behind until it is complete.
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".swp")


class TooLarge(Refused):
    """The file is larger than this installation takes (FEED_MAX_BYTES)."""


class Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


def receive_feed(file: Readable, *, source: str, by: Any, now: datetime, filename: str = "") -> FeedImport:
    """Stores a delivered file and hands it to a worker; the returned row tells later how it went.

    Reads `file` block by block. Raises TooLarge, and PermissionDenied for roles that deliver no feeds.
    """
    require(by, *DELIVERS)
    name = _clean_name(filename or str(getattr(file, "name", "") or "") or f"{source}.csv")
    path = Path(settings.MEDIA_ROOT) / "feeds" / f"{uuid4().hex}.feed"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        size, digest = _store(path, _blocks(file))
        with transaction.atomic():
            feed_import = FeedImport.objects.create(
                source=source, filename=name, path=str(path), size=size, sha256=digest, received_at=now, by=by
            )
            audit.record(by=by, verb="receive_feed", obj=feed_import, now=now, size=size)
            tasks.import_feed.delay_on_commit(feed_import.pk)  # type: ignore[attr-defined]
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return feed_import


def import_feed(key: int, *, now: datetime) -> bool:
    """Imports a received file; False if another worker is at it.

    Safe to call any number of times: the sign of life keeps a second worker out, a file whose worker was killed
    starts from its first row (nothing of it was committed), a finished one is only put away.
    """
    with alive(Lock.IMPORT_ALIVE, key) as mine:
        if not mine:
            return False
        claimed = FeedImport.objects.filter(pk=key, status__in=[Status.RECEIVED, Status.IMPORTING]).update(
            status=Status.IMPORTING, started_at=now, bytes_read=0
        )
        feed_import = FeedImport.objects.select_related("by").get(pk=key)
        if claimed:
            with translation.override(importing.language(feed_import)):
                _import(feed_import, now=now)
        _put_away(feed_import)
    return True


def _import(feed_import: FeedImport, *, now: datetime) -> None:
    if not Path(feed_import.path).is_file():  # an import without a stored file was under way in a process that died
        importing.refuse(feed_import, Unreadable("interrupted"), now=now)
        return
    try:
        with Path(feed_import.path).open("rb") as file:
            importing.merge(feed_import, file, now=now)
    except (OperationalError, MemoryError):
        raise  # the services, not the file: the same import is tried again
    except Exception as error:
        # Without an end the sweep would start a file that cannot succeed every minute, for ever.
        log.exception("import %s failed", feed_import.pk)
        importing.refuse(feed_import, Unreadable("failed", error=f"{type(error).__name__}: {error}"[:500]), now=now)


def _put_away(feed_import: FeedImport) -> None:
    """The stored bytes are no longer needed; a file from the watched folder goes where its sender sees how it ended."""
    if not feed_import.path or feed_import.status not in (Status.DONE, Status.REFUSED):
        return
    path = Path(feed_import.path)
    if feed_import.source == Source.FOLDER and path.exists():
        refused = feed_import.status == Status.REFUSED
        folder = path.parent.parent / ("refused" if refused else "done")
        folder.mkdir(exist_ok=True)
        target = folder / f"{feed_import.pk:06}-{feed_import.filename}"
        if refused:
            target.with_name(f"{target.name}.txt").write_text(f"{feed_import.error}\n", encoding="utf-8")
        path.rename(target)
    path.unlink(missing_ok=True)
    FeedImport.objects.filter(pk=feed_import.pk).update(path="")


# ---- the watched folder ------------------------------------------------------------------------------------------
def collect_feed_folder(*, now: datetime) -> list[FeedImport]:
    """Takes the files dropped into the watched folder whose size did not change since the last look."""
    inbox = Path(settings.WATCHED_FEED_FOLDER)
    inbox.mkdir(parents=True, exist_ok=True)
    # Key 0 is no import: two clocks, or a slow look, must not take the same file twice.
    with alive(Lock.IMPORT_ALIVE, 0) as mine:
        if not mine:
            return []
        working = inbox / "working"
        working.mkdir(exist_ok=True)
        known = set(FeedImport.objects.filter(source=Source.FOLDER).exclude(path="").values_list("path", flat=True))
        # Left by a collector that died between taking the file and writing it down.
        taken = [path for path in sorted(working.iterdir()) if str(path) not in known]
        for path in sorted(inbox.iterdir()):
            if path.is_file() and not path.name.startswith(".") and path.suffix.lower() not in UNFINISHED:
                seen = (path.stat().st_size, path.stat().st_mtime_ns)
                if cache.get(f"feed-inbox:{path}") == seen:
                    taken.append(path.rename(working / f"{uuid4().hex[:8]}-{path.name}"))
                else:
                    cache.set(f"feed-inbox:{path}", seen, 60 * 60)
        return [_collect(path, now=now) for path in taken]


def _collect(path: Path, *, now: datetime) -> FeedImport:
    with transaction.atomic():
        feed_import = FeedImport.objects.create(
            source=Source.FOLDER, filename=_clean_name(path.name.partition("-")[2]), path=str(path),
            size=path.stat().st_size, received_at=now,
        )  # fmt: skip
        audit.record(by=None, verb="receive_feed", obj=feed_import, now=now, size=feed_import.size)
        tasks.import_feed.delay_on_commit(feed_import.pk)  # type: ignore[attr-defined]
    return feed_import


# ---- exceptions --------------------------------------------------------------------------------------------------
def retry_parked(*, by: Any, now: datetime, cause: str = "", value: str = "") -> FeedImport:
    """Looks again at events with an unknown dealer code, product or customer class, all or those of one cause and code.

    The result is an import of its own without a file: accepted are the events that now take effect.
    Raises Conflict while a merge is running.
    """
    require(by, *DELIVERS)
    causes = [cause] if cause else list(RESOLVABLE)
    if not set(causes) <= set(RESOLVABLE):
        raise Refused(_("Only unknown dealer codes, products and classes can be tried again."))
    with transaction.atomic():
        take_facts_soon()
        feed_import = FeedImport.objects.create(
            source=Source.RETRY, filename=value[:200], received_at=now, started_at=now, finished_at=now, by=by,
            status=Status.DONE,
        )  # fmt: skip
        tried = sql.execute("sales/retry_events", causes=causes, value=value)
        waiting, exception = importing.derive(feed_import)
        sql.execute("sales/drop_retry")
        feed_import.rows, feed_import.accepted = tried, tried - waiting - exception
        feed_import.waiting, feed_import.exception = waiting, exception
        feed_import.last_event = importing.last_event()
        feed_import.save()
        audit.record(by=by, verb="retry_parked", obj=feed_import, now=now, causes=causes, value=value, tried=tried)
    return feed_import


def take_facts_soon() -> None:
    """The lock FACTS within three seconds: a person is waiting, and a large merge may take minutes."""
    try:
        with transaction.atomic():
            sql.execute("sales/short_wait")
            take(Lock.FACTS)
    except OperationalError as error:
        raise Conflict(_("A feed is being imported right now. Please try again in a minute.")) from error


def dismiss(parked: Parked, *, by: Any, now: datetime, reason: str = "") -> None:
    """Sets a second capture aside for good: it stays recorded, takes no effect, and is no open exception any more."""
    require(by, *DELIVERS)
    if parked.cause != Parked.Cause.CAPTURED_TWICE:
        raise Refused(_("Only a second capture can be set aside; add the missing master data and try again."))
    with transaction.atomic():
        if not Parked.objects.filter(pk=parked.pk, dismissed_at=None).update(dismissed_at=now):
            raise Conflict(_("Somebody else has set this event aside already."))
        audit.record(by=by, verb="dismiss", obj=parked, reason=reason, now=now, event=parked.event.event_id)


# ---- bytes -------------------------------------------------------------------------------------------------------
def _blocks(file: Readable) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


def _store(path: Path, blocks: Iterable[bytes]) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    with path.open("xb") as out:
        for block in blocks:
            size += len(block)
            if size > settings.FEED_MAX_BYTES:
                text = _("The file is larger than %(most)d MB. Split it, or raise FEED_MAX_BYTES.")
                raise TooLarge(text % {"most": settings.FEED_MAX_BYTES // 2**20})
            digest.update(block)
            out.write(block)
    return size, digest.hexdigest()


def _clean_name(name: str) -> str:
    """The last part of a file name, without characters that would act in a list or on a disk."""
    plain = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable())
    return plain[-160:] or "feed.csv"
