"""The engine: entitled minus booked, as a chain of SQL steps, each reading the tables of the one before.

    scope       orders, revenue months and customers that facts since the last posted run can have moved
    match       those orders as they stood on the run's last day; the components for each, or what stands in the way
    measure     what partners have reached in windows of tiers; matches again what that moves in earlier months
    price       base × rate, or slices of tiers, rounded once
    claw_back   what is left after a cancellation
    follow      bundles, campaigns, bonuses; then what follows lines: uplift, override, split
    difference  entitled − booked with its cause: the draft lines
    control     contradictions; any of them parks the run

A run of month M covers every month up to M and ignores events dated later (rule 1). The step tables live in a schema
of their own (`calc_<run>`), unlogged, and go with it: after a crash the run starts again and finds nothing half done.
Large runs are split over workers (`commissions.shards`). The same chain serves the monthly run, the nightly provisional figures and the worked examples.

Worked example: three ISDN orders activated in March at 45.00 give three draft lines, together 135.00. Run again after
posting, the same three are entitled to 135.00 and booked 135.00: no line at all.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from commissions import shards
from commissions.models import Finding, Fingerprint, Restatement, Run, Shard, Simulation
from commissions.pipeline import READS_THE_FEED, STEPS
from core import locks, sql
from sales.models import FeedImport, Order


def silent(_step: str, _done: int) -> None:
    """For callers nobody watches."""


def calculate(run: Run, *, now: datetime, progress: Callable[[str, int], None] = silent) -> None:
    """Replaces the run's draft lines and findings by what the facts of this moment say; sets lines, net, snapshot.

    Commits after each step (unless the caller holds a transaction) and may be called any number of times: every call
    starts from nothing. Says nothing about the run's status, which is its caller's to move.
    """
    simulated = run.kind == Run.Kind.SIMULATION
    since = None if simulated else Run.objects.posted().order_by("-month").first()
    with transaction.atomic():
        _workspace("open_workspace", run)
        Fingerprint.objects.filter(run=run).delete()
        Restatement.objects.filter(run=run).delete()
        Shard.objects.filter(run=run).delete()
        Finding.objects.filter(run=run).delete()
        if simulated:
            _stage(run)
    try:
        with locks.shared(locks.Lock.FACTS):
            run.since = since
            run.snapshot_at = now
            run.last_import = FeedImport.objects.watermark()
            run.last_order = Order.objects.aggregate(last=Max("pk"))["last"]
            run.save(update_fields=["since", "snapshot_at", "last_import", "last_order"])  # whoever helps reads them
            number = 1
            for done, step in enumerate(READS_THE_FEED):
                progress(step, done)
                shards.execute(run, step, number)
                number = shards.number_of(run) if step == "scope" else number
        progress("difference", len(READS_THE_FEED))
        shards.execute(run, "difference", number)
        progress("control", len(STEPS))
        _control(run)
    finally:
        # A dead connection cannot tidy up; the next calculation of this run does.
        if connection.connection is not None and not connection.connection.closed and not connection.needs_rollback:
            _workspace("drop_workspace", run)
            Shard.objects.filter(run=run).delete()


def _stage(run: Run) -> None:
    """Empty books for a simulation, and for its changed side the draft among the published versions."""
    version = Simulation.objects.filter(after=run).values_list("version", flat=True).first()
    shards.enter(run)
    sql.execute("commissions/simulate", version=version)
    shards.leave()


def _control(run: Run) -> None:
    with transaction.atomic():
        shards.enter(run)
        judged = sql.rows("commissions/control")
        shards.leave()
        Finding.objects.bulk_create(
            Finding(run=run, check_name=row.check_name, count=row.count, detail={"order": row.example})
            for row in judged
            if row.check_name
        )
    _workspace("keep_draft", run)
    run.lines, run.net = sum(row.lines for row in judged), sum(row.net for row in judged)
    run.save(update_fields=["lines", "net"])


def _workspace(verb: str, run: Run) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT commissions_{verb}(%s)", [run.pk])
