"""The life of a run: draft → calculating → in review → approved (other person) → posted."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from commissions import firewall, review
from commissions.calculate import calculate
from commissions.models import Finding, Run, Statement
from commissions.pipeline import STEPS
from commissions.statement import STATEMENT
from core import audit, locks, numbers, sql
from core.errors import Conflict, FourEyes, Refused
from core.periods import berlin_date, first_of_month, last_of_month
from partners.models import Role
from partners.rights import require

Status = Run.Status
CALCULATES = (Role.COMMISSION_CONTROLLER, Role.HEAD_OF_CHANNEL)
APPROVES = (Role.FINANCE, Role.HEAD_OF_CHANNEL)
WAIVES = (Role.FINANCE, Role.HEAD_OF_CHANNEL, Role.COMMISSION_CONTROLLER)
CAN_BE_CALCULATED = [Status.DRAFT, Status.IN_REVIEW, Status.PARKED, Status.APPROVED]


def create_run(*, month: date, by: Any, now: datetime, full: bool = False) -> Run:
    """A draft run of `month`. Refused at or before the last posted month: its changes appear in the next run (rule 1)."""
    require(by, *CALCULATES)
    month = first_of_month(month)
    with transaction.atomic():
        locks.take(locks.Lock.POSTING)
        last = Run.objects.posted().order_by("-month").first()
        if last and month <= last.month:
            raise Refused(
                _("%(month)s is posted. What changed since then appears in the next run.")
                % {"month": f"{last.month:%Y-%m}"}
            )
        if Run.objects.filter(kind=Run.Kind.MONTHLY, month=month).exclude(status=Status.DISCARDED).exists():
            raise Conflict(_("There is a run of this month already."))
        run = Run.objects.create(month=month, full=full, created_at=now, created_by=by, steps_total=len(STEPS) + 1)
        audit.record(by=by, verb="create_run", obj=run, now=now, full=full)
    return run


def request_calculation(run: Run, *, by: Any, now: datetime) -> None:
    """Claims the run for calculation; the caller enqueues `tasks.calculate_run`. An approval given before is void."""
    require(by, *CALCULATES)
    with transaction.atomic():
        _claim(
            run,
            CAN_BE_CALCULATED,
            status=Status.CALCULATING,
            calculated_by=by,
            posted_by=None,
            approved_by=None,
            approved_at=None,
            started_at=now,
            step="",
            steps_done=0,
            error="",
        )
        audit.record(by=by, verb="request_calculation", obj=run, now=now)


def calculate_run(run: Run, *, now: datetime) -> bool:
    """Calculates a claimed run; False if another worker is alive on it or it is claimed no more.

    Safe to call twice: the sign of life keeps a second worker out, and a run whose worker was killed starts again
    from nothing.
    """
    with locks.alive(locks.Lock.RUN_ALIVE, run.pk) as mine:
        if not mine:
            return False
        run.refresh_from_db()
        if run.status != Status.CALCULATING:
            return False
        try:
            calculate(run, now=now, progress=lambda step, done: _note(run, step=step, steps_done=done))
            sums = _looked_over(run)
        except Exception as error:
            _note(run, status=Status.DRAFT, error=f"{type(error).__name__}: {error}"[:2000])
            raise
        parked = run.findings.contradictions().exists()
        with transaction.atomic():
            _claim(
                run,
                [Status.CALCULATING],
                status=Status.PARKED if parked else Status.IN_REVIEW,
                calculated_at=now,
                step="",
                steps_done=F("steps_total"),
            )
            audit.record(by=run.calculated_by, verb="calculate_run", obj=run, now=now, lines=run.lines, net=run.net)
        if sums:
            review.keep(run, sums)
    return True


def _looked_over(run: Run) -> review.Review | None:
    """The sums that reviewers see, and what stands out in them; of figures nobody approves nothing stands out."""
    if run.kind != Run.Kind.MONTHLY:
        return None
    _note(run, step="firewall")
    sums = review.summed(run)
    with transaction.atomic():
        firewall.inspect(run, sums)
    return sums


def approve_run(run: Run, *, by: Any, now: datetime, reason: str = "") -> None:
    """Second pair of eyes: never the person who had it calculated (the database checks it too)."""
    require(by, *APPROVES)
    with transaction.atomic():
        if by.pk in (run.calculated_by_id, run.created_by_id):
            raise FourEyes(_("Whoever created or calculated a run cannot approve it. Ask a second person."))
        if run.findings.in_the_way().exists():
            raise Refused(_("A finding holds this month up. Somebody has to look into it and waive it first."))
        _claim(run, [Status.IN_REVIEW], status=Status.APPROVED, approved_by=by, approved_at=now)
        audit.record(by=by, verb="approve_run", obj=run, reason=reason, now=now, net=run.net)


def waive_finding(finding: Finding, *, by: Any, now: datetime, reason: str) -> None:
    """Somebody looked and says why it is right; a blocking one never who had the run calculated.

    Contradictions cannot be waived (Refused): nothing is paid that cannot be right.
    """
    require(by, *WAIVES)
    if not finding.waivable:
        raise Refused(_("The result contradicts itself here. That cannot be waived; it has to be repaired."))
    if not reason.strip():
        raise Refused(_("Please give a reason: it is what the next person reads."))
    run = finding.run
    if finding.blocking and by is not None and by.pk in (run.calculated_by_id, run.created_by_id):
        raise FourEyes(_("Whoever created or calculated a run cannot waive what holds it up. Ask a second person."))
    with transaction.atomic():
        waiting = Finding.objects.filter(pk=finding.pk, waived_at__isnull=True, run__status=Status.IN_REVIEW)
        if not waiting.update(waived_by=by, waived_at=now, reason=reason.strip()):
            raise Conflict(_("The finding was waived already, or the run was calculated again. Reload the page."))
        finding.refresh_from_db()
        audit.record(by=by, verb="waive_finding", obj=run, reason=reason, now=now, finding=finding.check_name)


def waive_findings(run: Run, *, by: Any, now: datetime, reason: str) -> None:
    """Waives whatever holds the run up, all for one reason: for examples and demonstrations, where nobody looks."""
    for finding in run.findings.in_the_way().filter(waivable=True):
        waive_finding(finding, by=by, now=now, reason=reason)


def request_posting(run: Run, *, by: Any, now: datetime) -> None:
    """Marks an approved run for posting; the caller enqueues `tasks.post_run`."""
    require(by, *APPROVES)
    with transaction.atomic():
        _claim(run, [Status.APPROVED], unless_set="posted_by", posted_by=by)
        audit.record(by=by, verb="request_posting", obj=run, now=now)


def post_run(run: Run, *, by: Any, now: datetime) -> int:
    """Posts lines and statements in one transaction and returns how many statements; final numbers have no gaps.

    Conflict if another run was posted since this one was calculated, because its differences would then count twice.
    """
    require(by, *APPROVES)
    with transaction.atomic():
        locks.take(locks.Lock.POSTING)
        last = Run.objects.posted().order_by("-month").first()
        run.refresh_from_db()
        if run.status == Status.APPROVED and run.since_id != (last and last.pk):
            raise Conflict(_("Another month was posted since this run was calculated. Calculate it again."))
        _claim(run, [Status.APPROVED], status=Status.POSTED, posted_by=by, posted_at=now)
        issued_on = berlin_date(now)
        series = f"{issued_on:%Y}"
        with numbers.series(f"statement {series}") as counter:
            numbering = {"issued_on": issued_on, "series": series, "last_number": counter.last}
            for step in (*STATEMENT, "commissions/post", "commissions/statement_close"):
                sql.execute(step, run=run.pk, month=run.month, cutoff=last_of_month(run.month), **numbering)
            statements = Statement.objects.filter(run=run).count()
            counter.last += statements
        audit.record(by=by, verb="post_run", obj=run, now=now, statements=statements, net=run.net)
    return statements


def discard_run(run: Run, *, by: Any, now: datetime, reason: str) -> None:
    """Throws a proposal away; nothing was posted, so nothing is lost."""
    require(by, *CALCULATES)
    with transaction.atomic():
        _claim(run, CAN_BE_CALCULATED, status=Status.DISCARDED)
        _drop_draft(run)
        audit.record(by=by, verb="discard_run", obj=run, reason=reason, now=now)


def refresh_provisional(*, now: datetime) -> Run | None:
    """Calculates the open month's figures anew; the ones before stay visible until these are there.

    None while the month itself is already posted (nothing is open then).
    """
    month = first_of_month(berlin_date(now))
    last = Run.objects.posted().order_by("-month").first()
    if last and month <= last.month:
        return None
    run = Run.objects.create(
        kind=Run.Kind.PROVISIONAL,
        month=month,
        status=Status.CALCULATING,
        created_at=now,
        started_at=now,
        steps_total=len(STEPS) + 1,
    )
    calculate_run(run, now=now)
    for old in Run.objects.filter(kind=Run.Kind.PROVISIONAL).exclude(pk=run.pk).exclude(status=Status.DISCARDED):
        Run.objects.filter(pk=old.pk).update(status=Status.DISCARDED)
        _drop_draft(old)
    return run


def _claim(run: Run, allowed: list[Status], *, unless_set: str = "", **changes: Any) -> None:
    """Moves the run on if it is still in one of the `allowed` states; else Conflict, and nothing changed."""
    rows = Run.objects.filter(pk=run.pk, status__in=allowed)
    if changes.get("status") not in (Status.IN_REVIEW, Status.PARKED):
        rows = rows.exclude(kind=Run.Kind.SIMULATION)  # whose two sides move together, in actions/simulations.py
    if unless_set:
        rows = rows.filter(**{f"{unless_set}__isnull": True})
    if not rows.update(**changes):
        raise Conflict(_("The run is not in this state any more. Reload the page."))
    run.refresh_from_db()


def _note(run: Run, **changes: Any) -> None:
    """Progress for the page; without effect if the run was taken out of this worker's hands."""
    Run.objects.filter(pk=run.pk, status=Status.CALCULATING).update(**changes)


def _drop_draft(run: Run) -> None:
    sql.execute("commissions/drop_draft", run=run.pk)
