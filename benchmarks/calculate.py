"""How long does a national month take, compared with writing its lines down and nothing else?

    python benchmarks/calculate.py [orders a month] [months]      # 200,000 and 3 unless told otherwise

Calculates and posts months of the channel of national.py with two workers and measures the last, which completes its quarter:
with one as well, and the ratio to the bare INSERT … SELECT of calculate_limit.sql in the same database and run. Then
an unchanged month, one late order, and everything once more in full. Every month is a row of calculate.csv, which
plot.py draws.
"""

import csv
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

from core import embedded

embedded.lease()
django.setup()

from celery import current_app
from django.conf import settings
from django.db import connection

from benchmarks.national import NOW, make_channel, make_month
from commissions import actions, calculate
from commissions.models import Run
from partners.models import Role, User
from sales.importing import import_text

HERE = Path(__file__).parent
LIMIT_SQL = (HERE / "calculate_limit.sql").read_text()
PARTNERS = 5000
LATE = """event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no,order_value
late-1,captured,2026-01-12,late-order,BENCH,mobile-1,C-late,399.00
late-2,activated,2026-01-20,late-order,,,,
"""


# Rows priced by each run, counted before its workspace goes, and the seconds this takes, which are not the run's.
PRICED: dict[int, int] = {}
COUNTING: dict[int, float] = {}
_control = calculate._control


def counting_control(run: Run) -> None:
    start = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM calc_{run.pk}.entitled")
        PRICED[run.pk] = cursor.fetchone()[0]
    COUNTING[run.pk] = time.perf_counter() - start
    _control(run)


calculate._control = counting_control


def limit(name: str) -> str:
    return LIMIT_SQL.split(f"-- name: {name}\n")[1].split("-- name:")[0]


def timed(label: str, work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    print(f"  {label:40} {seconds:8.2f} s", flush=True)
    return seconds


def calculated(people: dict[str, User], month: date, label: str = "", *, full: bool = False) -> tuple[Run, float]:
    controller = people[Role.COMMISSION_CONTROLLER]
    run = actions.create_run(month=month, by=controller, now=NOW, full=full)
    actions.request_calculation(run, by=controller, now=NOW)
    took = timed(label or f"calculate {month:%Y-%m}", lambda: actions.calculate_run(run, now=NOW)) - COUNTING[run.pk]
    found = list(run.findings.values_list("check_name", flat=True))
    print(
        f"  {run.lines} lines of {PRICED[run.pk]} priced, {run.net} EUR, {run.get_status_display()}, {found}",
        flush=True,
    )
    return run, took


def discarded(people: dict[str, User], run: Run) -> None:
    actions.discard_run(run, by=people[Role.COMMISSION_CONTROLLER], now=NOW, reason="measured")


def posted(people: dict[str, User], run: Run) -> float:
    finance = people[Role.FINANCE]
    actions.waive_findings(run, by=finance, now=NOW, reason="benchmark")
    actions.approve_run(run, by=finance, now=NOW)
    return timed("post and statements", lambda: actions.post_run(run, by=finance, now=NOW))


@contextmanager
def second_worker() -> Iterator[None]:
    """A real Celery worker beside this process, on the same database."""
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-Q", "long", "-P", "solo", "-l", "ERROR"]
    worker = subprocess.Popen(command, env=os.environ | {"DATABASE_NAME": connection.settings_dict["NAME"]})
    try:
        while not current_app.control.ping(timeout=1):
            pass
        yield
    finally:
        worker.terminate()
        worker.wait()


def bare(run: Run, sessions: int) -> float:
    """The limit, in one session or split between two as the run is."""
    with connection.cursor() as cursor:
        cursor.execute(limit("tables"))
        cursor.execute("CHECKPOINT")

    def insert(part: int) -> None:
        own = connection.copy()
        try:
            with own.cursor() as cursor:
                given = {
                    "run": run.pk,
                    "lines": run.lines,
                    "priced": PRICED[run.pk],
                    "sessions": sessions,
                    "part": part,
                }
                cursor.execute(limit("insert"), given)
        finally:
            own.close()

    def work() -> None:
        with ThreadPoolExecutor(sessions) as pool:
            list(pool.map(insert, range(sessions)))

    took = timed(f"limit: bare INSERT … SELECT, {sessions} at once", work)
    with connection.cursor() as cursor:
        cursor.execute(limit("away"))
    return took


def late_order() -> None:
    done = import_text(LATE, by=None, now=NOW)
    assert (done.status, done.rejected) == ("done", 0), list(done.issues.values())


def keep(rows: list[dict[str, object]]) -> None:
    """In the place of what an earlier measurement of the same size has left."""
    file = HERE / "calculate.csv"
    kept = csv.DictReader(file.read_text().splitlines()) if file.exists() else []
    others = [row for row in kept if row["orders"] != str(rows[0]["orders"])]
    with file.open("w") as new:
        writer = csv.DictWriter(new, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows([*others, *rows])


def main(orders: int, count: int) -> None:
    people = make_channel(min(PARTNERS, orders // 40), orders)
    months = [date(2026 + n // 12, 1 + n % 12, 1) for n in range(count + 4)]
    *before, last = months[:count]
    first = 0.0
    rows: list[dict[str, object]] = []

    def noted(run: Run, took: float, one: float, posting: float) -> None:
        seconds = {"calculate": round(took, 1), "limit": round(one, 1), "post": round(posting, 1)}
        rows.append(
            {"orders": orders, "month": f"{run.month:%Y-%m}", "lines": run.lines, "priced": PRICED[run.pk], **seconds}
        )

    for month in before:
        make_month(orders, month)
        run, took = calculated(people, month)
        one = bare(run, 1)
        noted(run, took, one, posted(people, run))
        first += took
    make_month(orders, last)
    settings.CALCULATION_SHARDS = 1
    run, alone = calculated(people, last, f"calculate {last:%Y-%m}, one worker")
    discarded(people, run)
    settings.CALCULATION_SHARDS = 2
    run, together = calculated(people, last, f"calculate {last:%Y-%m}, two workers")
    one, two = bare(run, 1), bare(run, 2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('commissions_draftline')")
        print(f"  {cursor.fetchone()[0] / run.lines:.0f} bytes a line with indexes")
    posting = posted(people, run)
    noted(run, together, one, posting)
    keep(rows)
    print(
        f"  calculate {together / one:.2f} times the limit (one worker {alone / one:.2f}), post {posting / one:.2f} times"
    )
    print(f"  a second worker: {alone / together:.2f} times as fast; a second session of the limit: {one / two:.2f}")
    run, _ = calculated(people, months[count + 2])
    posted(people, run)
    run, _ = calculated(people, months[count + 3], "calculate an unchanged month")
    discarded(people, run)
    timed("import a late order", late_order)
    run, _ = calculated(people, months[count + 3], "calculate with it")
    discarded(people, run)
    run, full = calculated(people, months[count + 3], "calculate all of it anew", full=True)
    print(f"  anew against first: {full / (first + together):.2f}")
    print(f"  this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    original = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        with second_worker():
            main(*map(int, (*sys.argv[1:], *("200000", "3")[len(sys.argv) - 1 :])))
    finally:
        connection.creation.destroy_test_db(original, verbosity=0)
