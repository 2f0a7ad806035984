"""The ways in: upload, watched folder, API; and what the office does about exceptions."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import translation
from knox.models import AuthToken

from core.errors import Conflict, Refused
from core.models import AuditEntry
from partners.models import DealerCode, Outlet
from sales import actions, tasks
from sales.importing import import_text
from sales.models import Event, FeedImport, Order, Parked, Product, ProductFamily
from sales.queries import report_rows
from sales.wording import ISSUES, PARKED, issue_text, parked_text, report

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HEADER = "event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no"
FEED = f"{HEADER}\ne1,captured,2026-03-05,O-1,D-A,isdn,C-1\n".encode()
WITH_FAULTS = (
    f"{HEADER}\ne1,captured,2026-03-05,O-1,D-A,isdn,C-1\ne2,captured,2026-xx-05,O-2,D-A,isdn,C-1\n"
    "e3,activated,2026-03-05,O-3,,,\ne4,captured,2026-03-05,O-4,D-NEW,fax,C-1\n"
)


@pytest.fixture
def carla(cast, channel):
    return cast.carla


# ---- upload --------------------------------------------------------------------------------------------------------
def test_an_upload_is_stored_and_imported_by_a_worker(carla, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        delivered = actions.receive_feed(
            ContentFile(FEED), source="upload", by=carla, now=NOW, filename="C:\\temp\\juli\n.csv"
        )
        assert (delivered.status, delivered.size, delivered.filename) == ("received", len(FEED), "juli.csv")
        stored = Path(delivered.path)
        assert stored.read_bytes() == FEED
    delivered.refresh_from_db()
    assert (delivered.status, delivered.accepted, delivered.by) == ("done", 1, carla)
    assert not stored.exists()
    assert list(AuditEntry.objects.order_by("id").values_list("verb", flat=True)) == ["receive_feed", "import_feed"]


def test_a_second_delivery_of_the_task_does_nothing(carla):
    delivered = actions.receive_feed(ContentFile(FEED), source="upload", by=carla, now=NOW)
    tasks.import_feed(delivered.pk)
    tasks.import_feed(delivered.pk)
    assert (Event.objects.count(), AuditEntry.objects.filter(verb="import_feed").count()) == (1, 1)


def test_only_roles_that_run_the_month_deliver_feeds(cast, channel):
    allowed = {cast.carla, cast.hanna, cast.ada}
    for person in cast.people.values():
        if person not in allowed:
            with pytest.raises(PermissionDenied):
                actions.receive_feed(ContentFile(FEED), source="upload", by=person, now=NOW)
    assert not FeedImport.objects.exists()


def test_a_file_that_vanished_is_refused_and_not_tried_for_ever(carla):
    delivered = actions.receive_feed(ContentFile(FEED), source="upload", by=carla, now=NOW)
    Path(delivered.path).unlink()
    tasks.import_feed(delivered.pk)
    delivered.refresh_from_db()
    assert (delivered.status, delivered.path) == ("refused", "")
    assert "deliver the file again" in delivered.error


def test_a_fault_of_ours_refuses_the_file_and_changes_nothing(carla, monkeypatch):
    delivered = actions.receive_feed(ContentFile(FEED), source="upload", by=carla, now=NOW)
    monkeypatch.setattr(actions.importing, "derive", lambda _: 1 / 0)
    actions.import_feed(delivered.pk, now=NOW)
    delivered.refresh_from_db()
    assert (delivered.status, Event.objects.exists()) == ("refused", False)
    assert "ZeroDivisionError" in delivered.error


# ---- sweep ---------------------------------------------------------------------------------------------------------
def test_what_nobody_works_on_is_found(carla):
    keys = {}
    for name, status, age, path in [
        ("just received", "received", 0, "x"), ("message lost", "received", 5, "x"), ("worker killed", "importing", 5, "x"),
        ("file left lying", "done", 5, "x"), ("all well", "done", 5, ""),
    ]:  # fmt: skip
        then = NOW - timedelta(minutes=age)
        keys[name] = FeedImport.objects.create(
            source="upload", filename=name, status=status, received_at=then, finished_at=then, path=path
        ).pk
    found = FeedImport.objects.abandoned(NOW)
    assert found == [keys["message lost"], keys["worker killed"], keys["file left lying"]]


def test_the_watermark_stays_below_what_can_still_come(carla):
    first = import_text(FEED.decode(), now=NOW)
    assert FeedImport.objects.watermark() == first.pk
    late = FeedImport.objects.create(source="upload", filename="a", received_at=NOW)
    quick = import_text(FEED.decode(), now=NOW)
    assert FeedImport.objects.watermark() == late.pk - 1
    FeedImport.objects.filter(pk=late.pk).update(status="done")
    assert FeedImport.objects.watermark() == quick.pk


# ---- the watched folder --------------------------------------------------------------------------------------------
@pytest.fixture
def inbox(settings) -> Path:
    folder = Path(settings.WATCHED_FEED_FOLDER)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def look(django_capture_on_commit_callbacks):
    def collect() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            tasks.collect_feed_folder()

    return collect


def test_a_dropped_file_is_imported_once_its_size_stands_still(carla, inbox, look):
    file = inbox / "april.csv"
    file.write_bytes(FEED[:50])
    look()
    file.write_bytes(FEED)
    look()
    assert not FeedImport.objects.exists()
    look()
    done = FeedImport.objects.get()
    assert (done.status, done.accepted, done.source, done.filename) == ("done", 1, "folder", "april.csv")
    look()
    assert FeedImport.objects.count() == 1
    assert [path.name for path in (inbox / "done").iterdir()] == [f"{done.pk:06}-april.csv"]


def test_a_refused_file_is_put_beside_its_message(carla, inbox, look):
    (inbox / "bad.csv").write_bytes(b"colour\nred\n")
    look()
    look()
    refused = inbox / "refused" / f"{FeedImport.objects.get().pk:06}-bad.csv"
    assert refused.read_bytes() == b"colour\nred\n"
    assert refused.with_name(f"{refused.name}.txt").read_text().strip() == FeedImport.objects.get().error


def test_hidden_and_unfinished_files_and_folders_are_left_alone(carla, inbox, look):
    for name in (".april.csv", "april.csv.part", "april.csv.filepart"):
        (inbox / name).write_bytes(FEED)
    (inbox / "archive").mkdir()
    look()
    look()
    assert not FeedImport.objects.exists()


def test_a_file_taken_by_a_collector_that_died_is_not_lost(carla, inbox, look):
    (inbox / "working").mkdir()
    (inbox / "working" / "1234abcd-may.csv").write_bytes(FEED)
    look()
    assert (FeedImport.objects.get().filename, FeedImport.objects.get().status) == ("may.csv", "done")


def test_the_same_name_may_come_again(carla, inbox, look):
    for _ in range(2):
        (inbox / "feed.csv").write_bytes(FEED)
        look()
        os.utime(inbox / "feed.csv")
        look()
        look()
    assert [(done.accepted, done.duplicate) for done in FeedImport.objects.order_by("pk")] == [(1, 0), (0, 1)]


# ---- exceptions ----------------------------------------------------------------------------------------------------
def test_after_the_master_data_is_added_a_retry_applies_the_events(carla, channel):
    import_text(
        f"{HEADER}\na,captured,2026-03-05,O-1,D-NEW,isdn,C-1\nb,activated,2026-03-09,O-1,,,\n"
        "c,captured,2026-03-05,O-2,D-A,fax,C-1\n",
        now=NOW,
    )
    assert not Order.objects.exists()
    nothing = actions.retry_parked(by=carla, now=NOW)
    assert (nothing.rows, nothing.accepted, nothing.exception) == (2, 0, 2)
    DealerCode.objects.create(code="D-NEW", outlet=Outlet.objects.first(), valid_from=date(2026, 1, 1))
    done = actions.retry_parked(by=carla, now=NOW, cause="unknown_dealer", value="D-NEW")
    assert (done.source, done.status, done.rows, done.accepted) == ("retry", "done", 1, 1)
    order = Order.objects.get()
    assert (order.status, order.feed_import) == ("active", done)
    assert list(Parked.objects.values_list("event__event_id", "cause")) == [("c", "unknown_product")]
    family = ProductFamily.objects.create(code="fax", title_de="Fax", title_en="Fax")
    Product.objects.create(code="fax", family=family, title_de="Fax", title_en="Fax")
    assert actions.retry_parked(by=carla, now=NOW).accepted == 1
    assert not Parked.objects.exists()


def test_a_capture_resolved_late_may_turn_out_to_be_the_first(carla, channel):
    import_text(f"{HEADER}\na,captured,2026-03-01,O-1,D-NEW,vpn,C-1\nb,captured,2026-03-05,O-1,D-A,isdn,C-1\n", now=NOW)
    assert Order.objects.get().product == "isdn"
    DealerCode.objects.create(code="D-NEW", outlet=Outlet.objects.first(), valid_from=date(2026, 1, 1))
    actions.retry_parked(by=carla, now=NOW)
    assert (Order.objects.get().product, Order.objects.get().signed_on) == ("vpn", date(2026, 3, 1))
    assert Parked.objects.get().event.event_id == "b"


def test_a_second_capture_is_set_aside_by_a_person_once(carla):
    import_text(FEED.decode() + "e9,captured,2026-03-06,O-1,D-A,isdn,C-1\n", now=NOW)
    twice = Parked.objects.open().get()
    with pytest.raises(Refused):
        actions.retry_parked(by=carla, now=NOW, cause="captured_twice")
    actions.dismiss(twice, by=carla, now=NOW, reason="typed twice")
    assert not Parked.objects.open().exists()
    assert AuditEntry.objects.get(verb="dismiss").reason == "typed twice"
    with pytest.raises(Conflict):
        actions.dismiss(twice, by=carla, now=NOW)
    assert import_text(FEED.decode(), now=NOW).duplicate == 1
    assert Parked.objects.get().dismissed_at == NOW


def test_an_unknown_code_is_resolved_and_not_set_aside(carla):
    import_text(WITH_FAULTS, now=NOW)
    for parked in Parked.objects.exclude(cause="captured_twice"):
        with pytest.raises(Refused):
            actions.dismiss(parked, by=carla, now=NOW)


def test_exceptions_are_grouped_by_cause_and_code(carla):
    rows = "".join(f"x{n},captured,2026-03-0{n},P-{n},D-{'XXY'[n - 1]},isdn,C\n" for n in (1, 2, 3))
    import_text(f"{HEADER}\n{rows}w,activated,2026-03-09,O-1,,,\n", now=NOW)
    groups = [(group["cause"], group["value"], group["count"]) for group in Parked.objects.open().by_cause()]
    assert groups == [("unknown_dealer", "D-X", 2), ("unknown_dealer", "D-Y", 1)]


# ---- the report ----------------------------------------------------------------------------------------------------
def test_the_report_lists_every_row_that_was_not_accepted(carla):
    done = import_text(WITH_FAULTS, now=NOW)
    assert list(report_rows(done)) == [
        ["3", "e2", "rejected", "occurred_on", "2026-xx-05", "date"],
        ["4", "e3", "waiting", "order_id", "O-3", "order_not_captured"],
        ["5", "e4", "exception", "dealer_code", "D-NEW", "unknown_dealer"],
    ]
    with translation.override("en"):
        assert [row[-1] for row in report(done)] == [
            "occurred_on is no date. Write it as 2026-07-31.",
            "The order is not captured yet. The event takes effect as soon as it is.",
            "Nobody has the dealer code D-NEW on that day. Add it to an outlet, then try again.",
        ]


def test_every_code_has_a_sentence():
    for code in ISSUES:
        assert "%(" not in issue_text(code, "quantity", "5")
    assert set(PARKED) == set(Parked.Cause.values)
    assert all(parked_text(cause, "x") for cause in PARKED)
    assert "captured" in issue_text("event_type", "event_type", "x")


# ---- API -----------------------------------------------------------------------------------------------------------
def client_of(user) -> Client:
    _, token = AuthToken.objects.create(user=user)
    return Client(headers={"Authorization": f"Token {token}"})


def test_a_feed_is_posted_and_its_fate_is_asked_for(carla, django_capture_on_commit_callbacks):
    api = client_of(carla)
    with django_capture_on_commit_callbacks(execute=True):
        answer = api.post("/api/v1/feed/?filename=july.csv", WITH_FAULTS.encode(), content_type="text/csv")
    assert (answer.status_code, answer.json()["status"], answer.json()["filename"]) == (202, "received", "july.csv")
    where = answer["Location"]
    assert where.endswith(f"/api/v1/feed/{answer.json()['id']}/")
    found = api.get(where).json()
    assert (found["status"], found["rows"], found["accepted"], found["waiting"]) == ("done", 4, 1, 1)
    assert (found["exception"], found["rejected"], found["duplicate"]) == (1, 1, 0)
    assert (found["issues"][0]["line"], found["issues"][0]["code"]) == (3, "date")
    lines = b"".join(api.get(found["report"]).streaming_content).decode().splitlines()
    assert len(lines) == 4


def test_newline_delimited_json_comes_in_the_same_way(carla, django_capture_on_commit_callbacks):
    body = '{"event_id": "e1", "event_type": "activated", "occurred_on": "2026-03-05", "order_id": "O-1"}\n'
    with django_capture_on_commit_callbacks(execute=True):
        answer = client_of(carla).post("/api/v1/feed/", body, content_type="application/x-ndjson")
    assert answer.status_code == 202
    assert FeedImport.objects.get().waiting == 1


def test_the_api_refuses_what_it_cannot_take(carla, cast, settings):
    api = client_of(carla)
    assert api.post("/api/v1/feed/", b"", content_type="text/csv").status_code == 400
    assert api.post("/api/v1/feed/", b"{}", content_type="application/json").status_code == 415
    settings.FEED_MAX_BYTES = 10
    assert api.post("/api/v1/feed/", FEED, content_type="text/csv").status_code == 413
    assert Client().post("/api/v1/feed/", FEED, content_type="text/csv").status_code == 401
    for person in (cast.nora, cast.petra, cast.finn, cast.tom, cast.aud):
        assert client_of(person).post("/api/v1/feed/", FEED, content_type="text/csv").status_code == 403
    assert not FeedImport.objects.exists()


def test_imports_are_the_offices_business(carla, cast):
    done = import_text(WITH_FAULTS, now=NOW)
    for path in (f"/api/v1/feed/{done.pk}/", f"/api/v1/feed/{done.pk}/report/"):
        assert client_of(cast.nora).get(path).status_code == 404
        assert client_of(cast.tom).get(path).status_code == 404
        assert client_of(cast.aud).get(path).status_code == 200
    assert client_of(cast.nora).get("/api/v1/feed/").json()["results"] == []
    assert len(client_of(cast.finn).get("/api/v1/feed/").json()["results"]) == 1
