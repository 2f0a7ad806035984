"""Files that are no feed: a clear message, and no trace of them."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import translation

from sales import actions, importing
from sales.models import Event, FeedImport, FeedIssue
from sales.reading import BLOCK, COLUMNS, Feed, Unreadable
from sales.wording import described_columns

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HEADER = "event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no,customer_name"
GOOD = "e1,captured,2026-03-05,O-1,D-A,isdn,C-1,Müller"


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("feed.csv", f"{HEADER}\n{GOOD}\n")
    return out.getvalue()


def after_a_megabyte(line: bytes) -> bytes:
    """Good rows for more than a block, then the line: the fault is met when much is staged already."""
    rows = [f"m{n},captured,2026-03-05,M-{n},D-A,isdn,C-1," for n in range(2 * BLOCK // 45)]
    return "\n".join([HEADER, *rows, ""]).encode() + line + b"\n"


HOSTILE = {
    "empty": (b"", "empty"),
    "only blanks": (b" \n\n \n", "empty"),
    "header only": (f"{HEADER}\n".encode(), "no events"),
    "header and blank lines": (f"{HEADER}\n\n,,,,,,,\n".encode(), "no events"),
    "no header": (f"{GOOD}\n{GOOD}\n".encode(), "It reads: “e1,captured,2026-03-05,O-1,D-A,isdn,C-1,Müller”. Expected"),
    "another file": (
        b"Umsatz;Monat;Konto\n1;2;3\n",
        "It reads: “Umsatz;Monat;Konto”. Expected is a header row with at least",
    ),
    "another file in Latin-1": (
        "Straße;Ort\nA;Köln\n".encode("cp1252"),
        "It reads: “Straße;Ort”. Expected is a header row",
    ),
    "another file with a long head": (b"x" * 81 + b";y\n1;2\n", f"It reads: “{'x' * 80}…”."),
    "a program": (b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0" * 40, "no text file"),
    "signs without meaning": (b"\x01\x02 ab \x7f\n" * 40, "It reads: “·· ab ·”. Expected"),
    "unknown columns": (f"{HEADER},colour,shoe_size\n{GOOD},red,43\n".encode(), "Unknown columns: colour, shoe_size"),
    "a column without name": (f"{HEADER},\n{GOOD},\n".encode(), "Unknown columns: “”"),
    "a column twice": (f"{HEADER},product\n{GOOD},x\n".encode(), "named twice: product"),
    "missing columns": (b"event_id,event_type,product\ne1,captured,isdn\n", "Missing columns: occurred_on, order_id"),
    "too many columns": ((",".join(f"c{n}" for n in range(101)) + "\n").encode(), "101 columns"),
    "UTF-16 with mark": (f"{HEADER}\n{GOOD}\n".encode("utf-16"), "UTF-16"),
    "UTF-16 without mark": (f"{HEADER}\n{GOOD}\n".encode("utf-16-le"), "UTF-16"),
    "Latin-1": (f"{HEADER}\n{GOOD}\n".encode("latin-1"), "Line 2 is not valid UTF-8"),
    "Latin-1 late": (after_a_megabyte(GOOD.encode("latin-1")), "is not valid UTF-8"),
    "NUL": (f"{HEADER}\n{GOOD}\0\n".encode(), "Line 2 holds a NUL byte"),
    "NUL late": (after_a_megabyte(b"e1\0"), "NUL byte"),
    "zip": (zipped(), "ZIP"),
    "gzip": (b"\x1f\x8b\x08\x00" + b"x" * 50, "gzip"),
    "pdf": (b"%PDF-1.7\n" + b"x" * 50, "PDF"),
    "xls": (b"\xd0\xcf\x11\xe0" + b"x" * 50, "XLS"),
    "JSON array": (b'[{"event_id": "e1"}]', "JSON array"),
    "pretty JSON": (b'{\n  "event_id": "e1"\n}\n', "one whole object"),
    "old Mac line ends": (f"{HEADER}\r{GOOD}\r".encode(), "carriage return"),
    "long line": (f"{HEADER}\n".encode() + b"x" * 70_000 + b"\n", "Line 2 is longer"),
    "long line late": (after_a_megabyte(b"x" * 70_000), "is longer"),
    "long header": (b"event_id," + b"x" * 70_000 + b"\n", "Line 1 is longer"),
    "binary": (bytes(range(1, 256)) * 40, "no text file"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "no text file"),
}


@pytest.mark.parametrize(("content", "message"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_and_leaves_no_trace(channel, cast, content, message):
    delivered = actions.receive_feed(ContentFile(content), source="upload", by=cast.carla, now=NOW, filename="odd.csv")
    assert Path(FeedImport.objects.get().path).exists()
    assert actions.import_feed(delivered.pk, now=NOW)
    delivered.refresh_from_db()
    assert delivered.status == "refused"
    assert any(part in delivered.error for part in message.split("|")), delivered.error
    assert (delivered.rows, delivered.accepted, delivered.path) == (0, 0, "")
    assert not Event.objects.exists()
    assert not FeedIssue.objects.exists()
    assert not list((Path(settings.MEDIA_ROOT) / "feeds").iterdir())


def test_the_message_is_in_the_language_of_the_person_who_delivered(channel, cast, monkeypatch):
    spoken = []
    monkeypatch.setattr(importing, "merge", lambda *_, **__: spoken.append(translation.get_language()))
    cast.carla.language = "de"
    cast.carla.save()
    delivered = actions.receive_feed(ContentFile(b"x"), source="upload", by=cast.carla, now=NOW)
    actions.import_feed(delivered.pk, now=NOW)
    assert spoken == ["de"]


def test_everybody_reads_the_reason_in_the_own_language(channel, cast):
    cast.carla.language = "de"
    cast.carla.save()
    delivered = actions.receive_feed(ContentFile(b"colour\nred\n"), source="upload", by=cast.carla, now=NOW)
    actions.import_feed(delivered.pk, now=NOW)
    delivered.refresh_from_db()
    with translation.override("en"):
        assert delivered.refused_because.startswith("The first line names no column of a feed")
    with translation.override("de"):
        assert delivered.refused_because.startswith("Die erste Zeile nennt keine Spalte einer Zulieferung")
        assert "„colour“" in delivered.refused_because


def test_a_file_of_which_no_row_was_taken_is_not_called_good():
    outcomes = [FeedImport(status="done", rows=3, rejected=bad).outcome for bad in (0, 1, 3)]
    assert outcomes == ["done", "partly", "nothing"]
    assert FeedImport.Outcome("nothing").tone == "taken"


def test_the_sample_of_the_upload_page_can_be_read_as_it_is(channel):
    sample = importing.import_text(Path("sales/static/sales/feed-sample.csv").read_text(), now=NOW)
    assert (sample.status, sample.rows, sample.rejected) == ("done", 4, 0)
    assert {name for name, _needed, _text in described_columns()} == set(COLUMNS)


class Endless(io.RawIOBase):
    """A gigabyte without a line break; counts what is asked of it."""

    size = 1024**3

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        block = min(size, self.size - self.given)
        self.given += block
        return b"x" * block


def test_a_line_of_a_gigabyte_is_refused_after_its_first_megabyte():
    file = Endless()
    with translation.override("en"), pytest.raises(Unreadable, match="Line 1 is longer"):
        Feed(file)
    assert file.given == BLOCK


def test_a_quote_that_is_never_closed_costs_one_row(channel):
    text = f'{HEADER}\ne0,captured,2026-03-05,O-0,D-A,isdn,C-0,"open\n{GOOD}\n'
    done = importing.import_text(text, now=NOW)
    assert (done.status, done.accepted, done.rejected) == ("done", 1, 1)


def test_the_row_that_spans_blocks_is_read_whole(channel):
    rows = [f"e{n},captured,2026-03-05,O-{n},D-A,isdn,C-1,{'ü' * (n % 97)}" for n in range(20_000)]
    done = importing.import_text("\n".join([HEADER, *rows]), now=NOW)
    assert (done.status, done.rows, done.accepted) == ("done", 20_000, 20_000)


def test_a_file_too_large_is_not_even_stored(cast, settings):
    settings.FEED_MAX_BYTES = 1000
    with pytest.raises(actions.TooLarge):
        actions.receive_feed(ContentFile(b"x" * 1001), source="upload", by=cast.carla, now=NOW)
    assert not FeedImport.objects.exists()
    assert not list((Path(settings.MEDIA_ROOT) / "feeds").iterdir())
