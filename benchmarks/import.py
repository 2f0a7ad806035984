"""How fast is the import, compared with what the database needs at the very least?

    python benchmarks/import.py [events]      # 1,000,000 unless told otherwise; about three minutes
    STEPS=1 python benchmarks/import.py       # and what every statement costs

Writes a feed of as many events (half captured, half activated), times the bare statements of import_limit.sql and the
whole import, turn and turn about in a database of its own, and prints both, their ratio and the memory of this
process. The demand: at most 3 times, below 400 MB. Once with keys that go up, as an order system counts, and once with
scattered ones: going up, an index is written at its end only, and the limit is twice as fast.
"""

import os
import resource
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

from core import embedded

embedded.lease()
django.setup()

from django.db import connection

from core import sql
from partners.models import DealerCode, Outlet, Partner
from sales import importing
from sales.models import FeedImport, Order, Product, ProductFamily

LIMIT_SQL = (Path(__file__).parent / "import_limit.sql").read_text()
ROUNDS = 2
DEALERS, PRODUCTS = 2000, 40


def limit(name: str) -> str:
    return LIMIT_SQL.split(f"-- name: {name}\n")[1].split("-- name:")[0]


def write_feed(path: Path, events: int, *, scattered: bool = True) -> None:
    """Orders of a year, each captured and activated ten days later."""
    start = date(2025, 1, 1)
    orders = events // 2
    with path.open("w") as out:
        out.write(
            "event_id,event_type,occurred_on,order_id,dealer_code,product,transaction,customer_no,customer_class,"
            "quantity,order_value,monthly_price,term_months\n"
        )
        for n in range(orders):
            day = start + timedelta(days=n * 330 // orders)
            key = f"{n * 7919 % 9_999_991 if scattered else n:07d}{n % 10}"
            out.write(
                f"EV-{key}-1,captured,{day},ORD-{key},D-{n % DEALERS:05d},product-{n % PRODUCTS},new,C-{key},soho,"
                f"{1 + n % 3},{100 + n % 900}.{n % 100:02d},{n % 90}.95,24\n"
                f"EV-{key}-2,activated,{day + timedelta(days=10)},ORD-{key},,,,,,,,,\n"
            )


def make_channel() -> None:
    family = ProductFamily.objects.create(code="family", title_de="Familie", title_en="Family")
    Product.objects.bulk_create(
        Product(code=f"product-{n}", family=family, title_de="P", title_en="P") for n in range(PRODUCTS)
    )
    partner = Partner.objects.create(number="P-1", kind="system_partner", legal_name="Musterladen")
    outlet = Outlet.objects.create(partner=partner, name="Laden")
    DealerCode.objects.bulk_create(
        DealerCode(code=f"D-{n:05d}", outlet=outlet, valid_from=date(2020, 1, 1)) for n in range(DEALERS)
    )


def processor() -> float:
    """Seconds the database's process for this connection has computed so far: what a busy machine does not distort."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    try:
        used = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    except OSError:  # the server runs elsewhere
        return float("nan")
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def time_limit(path: Path) -> tuple[float, float]:
    with connection.cursor() as cursor:
        cursor.execute(limit("tables"))
        cursor.execute("CHECKPOINT")
        began = time.perf_counter()
        with path.open("rb") as file:
            cursor.copy_expert(limit("copy"), file, size=1024 * 1024)
        copied = time.perf_counter()
        cursor.execute(limit("insert"))
        ended = time.perf_counter()
        cursor.execute(limit("drop"))
    return copied - began, ended - copied


def time_import(path: Path, events: int) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE sales_event, sales_order, sales_parked, sales_revenue, sales_feedissue")
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("CHECKPOINT")
    began = time.perf_counter()
    done = importing.import_file(path, now=datetime(2026, 6, 1, tzinfo=UTC))
    took = time.perf_counter() - began
    assert (done.status, done.accepted) == (FeedImport.Status.DONE, events), (done.error, done.accepted)
    assert Order.objects.filter(status="active").count() == events // 2
    return took


def show_steps() -> None:
    """Prints what every statement of the import costs, to see where time goes."""
    for module, name in ((sql, "execute"), (sql, "row")):
        inner = getattr(module, name)

        def timed(file: str, inner=inner, **values: object) -> object:
            began = time.perf_counter()
            try:
                return inner(file, **values)
            finally:
                print(f"    {time.perf_counter() - began:6.2f} s  {file}")

        setattr(module, name, timed)


def main() -> None:
    events = int(sys.argv[1].replace(",", "").replace("_", "")) if len(sys.argv) > 1 else 1_000_000
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    if os.environ.get("STEPS"):
        show_steps()
    try:
        make_channel()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "feed.csv"
            ratios = [measure(path, events, scattered=scattered) for scattered in (True, False)]
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"ratio {max(ratios):.2f} (demanded: at most 3), memory {memory:.0f} MB (demanded: below 400)")
    if events >= 1_000_000:  # with few events the fixed cost of a dozen statements is what one sees
        sys.exit(max(ratios) > 3 or memory >= 400)


def measure(path: Path, events: int, *, scattered: bool) -> float:
    """The median ratio of some rounds with one kind of keys."""
    write_feed(path, events, scattered=scattered)
    print(f"{events:,} events, {path.stat().st_size / 1e6:.0f} MB, keys {'scattered' if scattered else 'going up'}")
    ratios = []
    for number in range(ROUNDS):
        began = processor()
        copy, insert = time_limit(path)
        between = processor()
        took = time_import(path, events)
        computed = (processor() - between) / (between - began)
        ratios.append(took / (copy + insert))
        print(
            f"round {number + 1}: COPY {copy:.1f} s + INSERT {insert:.1f} s = {copy + insert:.1f} s, "
            f"import {took:.1f} s, ratio {ratios[-1]:.2f} (of the server's computing {computed:.2f}), "
            f"{events / took:,.0f} events/s"
        )
    return statistics.median(ratios)


if __name__ == "__main__":
    main()
