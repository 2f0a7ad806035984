"""How long does a national month take, compared with writing its lines down and nothing else?

    python benchmarks/calculate.py [orders a month]      # 200,000 unless told otherwise

Calculates and posts three months of the channel of national.py and measures the third, which settles nothing but completes
its quarter: every step, and the ratio to the bare INSERT … SELECT of calculate_limit.sql in the same database and
run. Then an unchanged month, one late order, and everything once more in full.
"""

import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

from core import embedded

embedded.lease()
django.setup()

from django.db import connection

from benchmarks.national import NOW, make_channel, make_month
from commissions import actions
from commissions.models import Run
from partners.models import Role, User

LIMIT_SQL = (Path(__file__).parent / "calculate_limit.sql").read_text()
PARTNERS = 5000
LATE = """event_id,event_type,occurred_on,order_id,dealer_code,product,order_value
late-1,captured,2026-01-12,late-order,BENCH,mobile-1,399.00
late-2,activated,2026-01-20,late-order,,,
"""


def limit(name: str) -> str:
    return LIMIT_SQL.split(f"-- name: {name}\n")[1].split("-- name:")[0]


def timed(label: str, work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    print(f"  {label:40} {seconds:8.2f} s", flush=True)
    return seconds


def calculated(people: dict[str, User], month: date, *, full: bool = False) -> tuple[Run, float]:
    controller = people[Role.COMMISSION_CONTROLLER]
    run = actions.create_run(month=month, by=controller, now=NOW, full=full)
    actions.request_calculation(run, by=controller, now=NOW)
    took = timed(f"calculate {month:%Y-%m}{' in full' if full else ''}", lambda: actions.calculate_run(run, now=NOW))
    found = list(run.findings.values_list("check_name", flat=True))
    print(f"  {run.lines} lines, {run.net} EUR, {run.get_status_display()}, {found}", flush=True)
    return run, took


def posted(people: dict[str, User], run: Run) -> float:
    finance = people[Role.FINANCE]
    actions.waive_findings(run, by=finance, now=NOW, reason="benchmark")
    actions.approve_run(run, by=finance, now=NOW)
    return timed("post and statements", lambda: actions.post_run(run, by=finance, now=NOW))


def main(orders: int) -> None:
    people = make_channel(min(PARTNERS, orders // 40), orders)
    for month in (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)):
        make_month(orders, month)
        run, calculating = calculated(people, month)
        if month.month < 3:
            posted(people, run)
    with connection.cursor() as cursor:
        cursor.execute(limit("tables"))
        cursor.execute("CHECKPOINT")
        bare = timed("limit: bare INSERT … SELECT", lambda: cursor.execute(limit("insert"), {"run": run.pk}))
        cursor.execute("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('commissions_draftline')")
        print(f"  {cursor.fetchone()[0] / run.lines:.0f} bytes a line with indexes")
    posting = posted(people, run)
    print(f"  calculate {calculating / bare:.2f} times, post {posting / bare:.2f} times the limit")
    run, _ = calculated(people, date(2026, 6, 1))
    posted(people, run)
    run, _ = calculated(people, date(2026, 7, 1))
    print(f"  this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    original = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
    finally:
        connection.creation.destroy_test_db(original, verbosity=0)
