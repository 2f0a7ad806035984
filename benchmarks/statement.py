"""How fast does a partner with a large statement read it?

    python benchmarks/statement.py [lines]      # 20,000 unless told otherwise; about half a minute

Posts a statement of so many lines through the ordinary run, with one of the same size before it, and times the pages
as the server makes them: the fastest of ten, since a busy machine only ever adds. The demand: the first page and all
totals within 300 ms, with a number of queries that does not depend on the number of lines.
"""

import os
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

from core import embedded

embedded.lease()
django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import get_runner

from commissions import actions
from commissions.models import Run, Statement
from partners.models import Contract, DealerCode, Membership, Outlet, Partner, User
from sales.importing import import_text
from sales.models import Product, ProductFamily

NOW = datetime(2026, 6, 5, 8, tzinfo=UTC)
DEMAND_MS, ROUNDS = 300, 10
SCHEDULE = """
schedule: standard
valid_from: 2026-01-01
components:
  - {code: closing, kind: closing, rate: {amount: 45.00}, clawback: {mode: months, months: 24}}
  - {code: airtime, kind: recurring, rate: {percent: 4, of: revenue}, months: 24}
"""


def person(key: str, role: str) -> User:
    return User.objects.create_user(f"{key}@funkelnetz.example", name=key.title(), role=role, language="de")


def make_partner() -> User:
    """One partner with an owner, a product and the people of the month."""
    partner = Partner.objects.create(number="P-1", legal_name="Viel Erfunden GmbH", kind="system_partner")
    outlet = Outlet.objects.create(partner=partner, name="Mitte")
    start = date(2026, 1, 1)
    DealerCode.objects.create(code="D-1", outlet=outlet, valid_from=start)
    Contract.objects.create(partner=partner, valid_from=start, status="in_force", schedule="standard")
    family = ProductFamily.objects.create(code="dsl", title_de="DSL", title_en="DSL")
    Product.objects.create(
        code="dsl-50", family=family, title_de="DSL 50", title_en="DSL 50", state="released", portfolio_from=start
    )
    owner = person("olga", "partner")
    Membership.objects.create(user=owner, partner=partner, role="owner", valid_from=start)
    return owner


def feed(orders: int, month: int) -> str:
    """In month 1 as many orders; in month 2 half as many, and revenue for half of the first."""
    rows = ["event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no,revenue_month,revenue"]
    new = orders if month == 1 else orders // 2
    for n in range(new):
        order, day = f"O-{month}-{n:06}", f"2026-{month + 3:02}-{1 + n % 27:02}"
        rows.append(f"{order}-c,captured,{day},{order},D-1,dsl-50,C-{n:06},,")
        rows.append(f"{order}-a,activated,{day},{order},,,,,")
    if month == 2:
        rows += [
            f"R-{n},revenue,2026-05-31,O-1-{n:06},,,,2026-05,{30 + n % 90}.{n % 100:02}" for n in range(orders - new)
        ]
    return "\n".join(rows) + "\n"


def post_month(month: date, controller: User, finance: User) -> None:
    run = actions.create_run(month=month, by=controller, now=NOW)
    actions.request_calculation(run, by=controller, now=NOW)
    actions.calculate_run(run, now=NOW)
    run.refresh_from_db()
    assert run.status == Run.Status.IN_REVIEW, run.error
    actions.waive_findings(run, by=finance, now=NOW, reason="benchmark")
    actions.approve_run(run, by=finance, now=NOW)
    actions.post_run(run, by=finance, now=NOW)


def main(lines: int) -> int:
    owner = make_partner()
    controller, finance, head = (
        person(key, role)
        for key, role in (("carla", "commission_controller"), ("finn", "finance"), ("hanna", "head_of_channel"))
    )
    actions.publish_version(actions.save_draft(SCHEDULE, by=controller, now=NOW), by=head, now=NOW)
    for number, month in ((1, date(2026, 4, 1)), (2, date(2026, 5, 1))):
        import_text(feed(lines, number), now=NOW)
        post_month(month, controller, finance)
    actions.refresh_provisional(now=NOW)
    statement = Statement.objects.latest("month")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(owner)
    line = statement.lines.filter(kind="recurring").first()
    assert line
    page = f"/statements/{statement.number}/"
    print(f"statement of {statement.lines_count:,} lines, {statement.net:,} EUR net, on {os.cpu_count()} cores")
    worst = 0.0
    for path, demanded in (
        (page, True),
        (f"{page}?open=airtime.earned&line={line.pk}", True),
        (f"{page}lines/", True),
        (f"{page}lines/?component=airtime&sort=-amount&page=20", False),
        ("/", False),
        ("/orders/", False),
    ):
        milliseconds, queries = measure(client, path)
        worst = max(worst, milliseconds) if demanded else worst
        print(f"{milliseconds:7.0f} ms {queries:4} queries   {path}{'' if demanded else '   (no demand)'}")
    print(f"demand: {DEMAND_MS} ms for the statement and its lines; slowest {worst:.0f} ms")
    return 0 if worst <= DEMAND_MS else 1


def measure(client: Client, path: str) -> tuple[float, int]:
    asked: list[str] = []

    def count(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        client.get(path)
        taken.append((time.perf_counter() - start) * 1000)
    return min(taken), len(asked)


if __name__ == "__main__":
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.ALLOWED_HOSTS = ["testserver"]
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        failed = main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    finally:
        runner.teardown_databases(databases)
    sys.exit(failed)
