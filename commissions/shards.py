"""A large run is calculated by several workers: what looks at one order at a time is split by a digest of its number.

Each shard has a schema of its own (`calc_<run>_<shard>`) that stands before the run's workspace on the search path, and
every table made there becomes a child of one in the workspace. So the same statement, read from the same file, sees a
shard's orders in one place and all of them in the other.

A shard waiting to be done is a row; who works on it holds it locked until its tables are committed. If that worker is
killed, its tables and its lock are gone together, and the next one takes the row. The worker that calculates the run does
shards too and never waits for help that does not come: with one worker a split run only takes a little longer.

    orders 1 … 8, two shards:   0: 1 2 5 6 8   1: 3 4 7   and 2, the rest: bundles and bonuses, which are no order's
"""

from celery import shared_task
from django.conf import settings
from django.db import connection, transaction

from commissions.models import Run, Shard
from commissions.pipeline import parameters, parts
from core import sql


def number_of(run: Run) -> int:
    """1 while a run is small, or within a transaction of the caller's, which no other worker could see into."""
    if settings.CALCULATION_SHARDS == 1 or connection.in_atomic_block:
        return 1
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM calc_{run.pk}.to_match")  # noqa: S608 - a number of our own
        (orders,) = cursor.fetchone()
    return int(settings.CALCULATION_SHARDS) if orders >= settings.CALCULATION_SPLIT_FROM else 1


def execute(run: Run, step: str, shards: int) -> None:
    """One step of the run, part by part; commits after each unless the caller holds a transaction."""
    if shards == 1:
        _execute(run, ";\n".join(part.text for part in parts(step)), None, 1)
        return
    for index, part in enumerate(parts(step)):
        if part.sharded:
            _share_out(run, step, index, shards)
        if part.rest:
            with transaction.atomic():
                _call("open_rest", run, shards)
                _execute(run, part.text, shards, shards)
                _call("join_shards", run)
        if not (part.sharded or part.rest):
            _execute(run, part.text, None, shards)


def _share_out(run: Run, step: str, part: int, shards: int) -> None:
    Shard.objects.bulk_create(Shard(run=run, step=step, part=part, number=number) for number in range(shards))
    for _helper in range(shards - 1):
        calculate_shards.delay(run.pk)
    while take(run):
        pass
    # Others are at work on what is left. Waiting for their rows, this worker finds out at once if one of them dies.
    while Shard.objects.filter(run=run, done=False).exists():
        take(run, wait=True)
    with transaction.atomic():
        _call("join_shards", run)


@shared_task(name="commissions.tasks.calculate_shards")
def calculate_shards(run_id: int) -> None:
    """Helps the worker that calculates a large run, as long as there is something to do."""
    run = Run.objects.select_related("since").filter(pk=run_id).first()
    while run and take(run):
        pass


def take(run: Run, *, wait: bool = False) -> bool:
    """Does one shard of the run that nobody else is doing; False if there is none.

    `wait`: one that somebody is doing, once that worker is done or dead; then usually nothing is left to do.
    """
    with transaction.atomic():
        open_shards = Shard.objects.filter(run=run, done=False).order_by("number")
        shard = open_shards.select_for_update(skip_locked=not wait).first()
        if shard is None:
            return False
        shards = Shard.objects.filter(run=run, step=shard.step, part=shard.part).count()
        _execute(run, parts(shard.step)[shard.part].text, shard.number, shards)
        Shard.objects.filter(pk=shard.pk).update(done=True)
    return True


def _execute(run: Run, text: str, shard: int | None, shards: int) -> None:
    with transaction.atomic():
        enter(run, shard)
        if shard is not None and shard < shards:
            # There are as many shards as there is room for: helpers of one would only take turns with the other. In memory
            # lies what its sorts and joins hold, which are a few hundred thousand rows: written out, they take twice as long.
            _set(max_parallel_workers_per_gather="0", max_parallel_maintenance_workers="0", work_mem="256MB")
        sql.run(text, **parameters(run, shard or 0, shards))
        leave()


def _call(function: str, run: Run, *numbers: int) -> None:
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * (1 + len(numbers)))
        cursor.execute(f"SELECT commissions_{function}({marks})", [run.pk, *numbers])


def enter(run: Run, shard: int | None = None) -> None:
    """Step tables are created in, and found in, the run's own schema, a shard's in its own; all else in public."""
    path = f"calc_{run.pk}, public" if shard is None else f"calc_{run.pk}_{shard}, calc_{run.pk}, public"
    # Of a step table the planner needs to know how large it is and how its rows repeat, which 3,000 of them tell.
    # And handing a row over between processes takes less than finding it, whatever is told by default.
    _set(search_path=path, default_statistics_target="10", parallel_tuple_cost="0.01")


def leave() -> None:
    _set(search_path="public", default_statistics_target="100", parallel_tuple_cost="0.1")


def _set(**settings: str) -> None:
    """For the rest of the transaction."""
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, TRUE)", [name, value])
