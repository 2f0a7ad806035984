"""How long does a month take, compared with writing its lines down and nothing else?

    python benchmarks/calculate.py [orders]      # 200,000 unless told otherwise

Synthesises a month of activated orders and as much revenue again as a fifth more, calculates it step by step, posts it,
calculates the next month (nothing new) and everything once more in full. Prints each step, and the ratio to the bare
INSERT … SELECT of calculate_limit.sql in the same database and run.
"""

import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

from core import embedded

embedded.lease()
django.setup()

from django.db import connection

from commissions import actions
from commissions.models import Run
from core import sql
from partners.models import Contract, Membership, Partner, Role, User
from sales.models import FeedImport, Product, ProductFamily
from training.models import Certificate

LIMIT_SQL = (Path(__file__).parent / "calculate_limit.sql").read_text()
NOW = datetime(2026, 11, 5, tzinfo=UTC)
FAMILIES = ["isdn", "dsl", "mobile", "vpn"]
SCHEDULE = """
schedule: national
valid_from: 2026-01-01
components:
  - {code: isdn-closing, kind: closing, match: {families: [isdn]}, rate: {amount: 45.00}, clawback: {mode: months, months: 24}}
  - {code: dsl-new, kind: closing, match: {families: [dsl], transactions: [new]}, rate: {amount: 70.00}, group: dsl, clawback: {mode: full, months: 12}}
  - {code: dsl-any, kind: closing, match: {families: [dsl]}, rate: {amount: 35.00}, group: dsl}
  - {code: mobile-value, kind: closing, match: {families: [mobile]}, rate: {percent: 7.5, of: order_value}, clawback: {mode: months, months: 24}}
  - {code: vpn-once, kind: closing, match: {families: [vpn]}, rate: {percent: 250, of: monthly_price}, certificate: vpn}
  - {code: airtime, kind: recurring, match: {families: [isdn, dsl, mobile]}, rate: {percent: 4, of: revenue}, months: 24}
"""


def limit(name: str) -> str:
    return LIMIT_SQL.split(f"-- name: {name}\n")[1].split("-- name:")[0]


def make_channel(partners: int) -> dict[str, User]:
    """Partners with a contract, a seller each with the VPN certificate, the schedule, and the people who run it."""
    people = {
        role: User.objects.create_user(f"{role}@bench.example", name=role, role=role)
        for role in (Role.COMMISSION_CONTROLLER, Role.HEAD_OF_CHANNEL, Role.FINANCE)
    }
    for code in FAMILIES:
        family = ProductFamily.objects.create(code=code, title_de=code, title_en=code)
        Product.objects.create(
            code=f"{code}-1",
            family=family,
            title_de=code,
            title_en=code,
            state="released",
            portfolio_from=date(2020, 1, 1),
        )
    made = Partner.objects.bulk_create(
        Partner(number=f"P-{n:05}", kind="system_partner", legal_name=f"Bench {n}", sort_key=str(n))
        for n in range(partners)
    )
    Contract.objects.bulk_create(
        Contract(partner=p, valid_from=date(2026, 1, 1), status="in_force", schedule="national") for p in made
    )
    sellers = User.objects.bulk_create(User(email=f"s{n}@bench.example", name=f"S {n}") for n in range(partners))
    Membership.objects.bulk_create(
        Membership(user=s, partner=p, role="seller", valid_from=date(2026, 1, 1))
        for s, p in zip(sellers, made, strict=True)
    )
    vpn = ProductFamily.objects.get(code="vpn")
    Certificate.objects.bulk_create(
        Certificate(holder=s, family=vpn, valid_from=date(2026, 1, 1), status="valid", recorded_at=NOW) for s in sellers
    )
    draft = actions.save_draft(SCHEDULE, by=people[Role.COMMISSION_CONTROLLER], now=NOW)
    actions.publish_version(draft, by=people[Role.HEAD_OF_CHANNEL], now=NOW)
    return people


def make_month(orders: int, month: date) -> None:
    """Orders activated in `month`, 2 % of them cancelled at its end, and their revenue of that month and the next."""
    delivered = FeedImport.objects.create(source="api", filename="bench", received_at=NOW, status="done")
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO sales_order (order_no, partner_id, dealer_code, status, product, transaction, customer_no,
                   customer_class, quantity, order_value, monthly_price, signed_on, activated_on, cancelled_on, reason,
                   last_event_on, feed_import_id)
               SELECT to_char(%(month)s::date, 'YYMM') || '-' || n, p.ids[1 + n %% cardinality(p.ids)], 'D', 'active',
                      (ARRAY['isdn-1', 'dsl-1', 'mobile-1', 'vpn-1'])[1 + n %% 4], (ARRAY['new', 'renewal'])[1 + n %% 2],
                      'C-' || n, 'soho', 1 + n %% 2, 100 + n %% 900, 9.95 + n %% 40, %(month)s::date + n %% 10,
                      %(month)s::date + 10 + n %% 10, CASE WHEN n %% 50 = 0 THEN %(month)s::date + 24 END,
                      CASE WHEN n %% 50 = 0 THEN 'CUSTOMER_MOVED' END, %(month)s::date + 24, %(import)s
               FROM generate_series(1, %(orders)s) n, (SELECT array_agg(id ORDER BY id) AS ids FROM partners_partner) p""",
            {"month": month, "orders": orders, "import": delivered.pk},
        )
        cursor.execute(
            """INSERT INTO sales_revenue (order_id, month, amount, feed_import_id)
               SELECT id, m, 20 + id %% 80 + 0.37, %(import)s
               FROM sales_order, (VALUES (%(month)s::date)) v (m) WHERE feed_import_id = %(import)s
               UNION ALL
               SELECT id, (%(month)s::date + INTERVAL '1 month')::date, 25.55, %(import)s
               FROM sales_order WHERE feed_import_id = %(import)s AND id %% 5 = 0""",
            {"month": month, "import": delivered.pk},
        )
        cursor.execute("VACUUM ANALYZE sales_order")
        cursor.execute("VACUUM ANALYZE sales_revenue")


def timed(label: str, work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    print(f"  {label:34} {seconds:8.2f} s")
    return seconds


def calculated(people: dict[str, User], month: date, *, full: bool = False) -> Run:
    controller = people[Role.COMMISSION_CONTROLLER]
    run = actions.create_run(month=month, by=controller, now=NOW, full=full)
    actions.request_calculation(run, by=controller, now=NOW)
    execute = sql.execute

    def announced(name: str, **params: Any) -> int:
        start = time.perf_counter()
        rows = execute(name, **params)
        print(f"    {name:32} {time.perf_counter() - start:8.2f} s")
        return rows

    sql.execute = announced
    try:
        timed(f"calculate {month:%Y-%m}{' in full' if full else ''}", lambda: actions.calculate_run(run, now=NOW))
    finally:
        sql.execute = execute
    print(f"  {run.lines} lines, {run.net} EUR, {run.get_status_display()}, {list(run.findings.values('check_name'))}")
    return run


def main(orders: int) -> None:
    people = make_channel(max(orders // 200, 10))
    make_month(orders, date(2026, 3, 1))
    run = calculated(people, date(2026, 3, 1))
    with connection.cursor() as cursor:
        cursor.execute(limit("tables"))
        cursor.execute("CHECKPOINT")
        bare = timed("limit: bare INSERT … SELECT", lambda: cursor.execute(limit("insert"), {"run": run.pk}))
    actions.waive_findings(run, by=people[Role.FINANCE], now=NOW, reason="benchmark")
    actions.approve_run(run, by=people[Role.FINANCE], now=NOW)
    timed("post and statements", lambda: actions.post_run(run, by=people[Role.FINANCE], now=NOW))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE commissions_line")
    calculated(people, date(2026, 4, 1))
    print(f"  limit {bare:.2f} s; this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    original = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
    finally:
        connection.creation.destroy_test_db(original, verbosity=0)
