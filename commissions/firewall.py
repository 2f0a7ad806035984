"""What a person has to have seen before a month is paid: questions to a calculated run, each with its limits.

    for finding in inspect(run, review):        # stored beside the contradictions that control found
        finding.blocking                        # above the limit: nobody approves before somebody waived it

A contradiction (control) can only be repaired. What stands here may be right, so it can be waived, with a name and a
reason. Every question is one set-based query or reads the sums of review.py; `LIMITS` is the one place to tune them.
Calculating again asks everything anew and forgets what was waived: it was waived for other figures.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from commissions.models import Finding, Run
from commissions.review import Notable, PartnerSum, Review
from core import sql
from core.periods import last_of_month

SAMPLE = 5  # rows kept with the finding
ALL = 100_000  # rows at most on its page and in its CSV
ZERO = Decimal(0)


class Check(TextChoices):
    """The questions, in the order in which review shows them."""

    TOTAL = "total_off_mean", _("Total far from the mean of the last months")
    COMPONENT = "component_missing", _("Component suddenly without a line")
    DUPLICATES = "duplicates", _("Same customer and product twice")
    UNPAID = "unpaid", _("Orders that nobody pays")
    MOVERS = "movers", _("Partners far from their own mean")
    NEGATIVES = "negatives", _("Partners newly negative")
    WITHOUT = "without_lines", _("Partners with a contract and without a line")
    CAMPAIGNS = "campaigns", _("Orders name a campaign nobody approved")
    UNTESTED = "untested", _("Schedules without a worked example")


@dataclass(frozen=True)
class Limit:
    """A finding is shown above `warn` and blocks from `block` on (None: never), measured in `unit`.

    `floor` is what must be at stake, in EUR or in rows as the check says, before it is worth anybody's time.
    """

    warn: Decimal
    block: Decimal | None
    unit: str
    floor: Decimal = ZERO


def _limit(warn: int, block: int | None, unit: str, floor: int = 0) -> Limit:
    return Limit(Decimal(warn), None if block is None else Decimal(block), unit, Decimal(floor))


LIMITS: dict[str, Limit] = {
    Check.TOTAL: _limit(20, 50, "%", floor=1_000),  # of the mean; floor: EUR of difference
    Check.COMPONENT: _limit(0, 1_000, "EUR"),  # a month, on average
    Check.DUPLICATES: _limit(0, 1_000, "EUR"),  # paid for the later orders
    Check.UNPAID: _limit(0, 10, "%", floor=20),  # of the run's lines; floor: orders, below it never blocks
    Check.MOVERS: _limit(1_000, 25_000, "EUR"),  # the largest change of one partner
    Check.NEGATIVES: _limit(0, 10_000, "EUR"),  # what they owe together
    Check.WITHOUT: _limit(0, 25, "%", floor=10),  # of all with a contract; floor: partners, below it never blocks
    Check.CAMPAIGNS: _limit(0, None, "orders"),
    Check.UNTESTED: _limit(0, None, "schedules"),
}
DUPLICATE_DAYS = 30  # between the signatures of two orders
TIMES = 3  # more than so many times the own mean, or less than so big a part of it, is far


@dataclass(frozen=True)
class Row:
    """One thing found; what does not apply stays empty. `amount` is what it is about, EUR net unless the check counts."""

    number: str = ""
    name: str = ""
    order_no: str = ""
    code: str = ""
    customer: str = ""
    other: str = ""
    before: Decimal | None = None
    now: Decimal | None = None
    amount: Decimal = ZERO


@dataclass(frozen=True)
class Found:
    """`count` things, of which `rows` are shown; `measure` is compared with the limit."""

    rows: list[Row]
    count: int
    amount: Decimal | None
    measure: Decimal
    may_block: bool = True


@dataclass(frozen=True)
class Question:
    """What a check is asked with."""

    run: Run
    review: Review
    limit: Limit
    most: int

    def sql(self, name: str, **params: Any) -> tuple[list[Row], int, Decimal | None]:
        month, cutoff = self.run.month, last_of_month(self.run.month)
        found = sql.rows(f"commissions/{name}", run=self.run.pk, month=month, cutoff=cutoff, most=self.most, **params)
        names = [each.name for each in fields(Row)]
        rows = [Row(**{name: value for name, value in row._asdict().items() if name in names}) for row in found]
        return rows, found[0].total if found else 0, found[0].total_amount if found else None


# ---- the checks ----------------------------------------------------------------------------------------------------
def _total(asked: Question) -> Found | None:
    review = asked.review
    change = review.net - review.mean
    if not review.mean or abs(change) < asked.limit.floor:
        return None
    row = Row(before=review.mean, now=review.net, amount=change)
    return Found([row], 1, change, abs(review.change_percent or ZERO))


def _component(asked: Question) -> Found | None:
    """In every one of the last months there were lines of it, and now there is none."""
    gone = [
        each for each in asked.review.components
        if each.key and not each.lines and asked.review.months and each.months == asked.review.months and each.mean
    ]  # fmt: skip
    rows = [Row(code=each.key, before=each.mean, now=ZERO, amount=-each.mean) for each in gone]
    return _of(rows, asked, measure=sum((abs(row.amount) for row in rows), ZERO))


def _duplicates(asked: Question) -> Found | None:
    since = asked.run.month - timedelta(days=DUPLICATE_DAYS)
    rows, count, amount = asked.sql("finding_duplicates", days=DUPLICATE_DAYS, since=since)
    return Found(rows, count, amount, amount or ZERO) if count else None


def _unpaid(asked: Question) -> Found | None:
    rows, count, amount = asked.sql("finding_unpaid")
    share = Decimal(count * 100) / max(asked.review.lines, 1)
    return Found(rows, count, amount, share, may_block=count >= asked.limit.floor) if count else None


def _movers(asked: Question) -> Found | None:
    if not asked.review.months:
        return None
    far = [each for each in asked.review.partners if _is_far(each, asked.limit.warn)]
    rows = [Row(each.number, each.name, before=each.mean, now=each.net, amount=each.net - each.mean) for each in far]
    return _of(rows, asked, measure=max((abs(row.amount) for row in rows), default=ZERO))


def _is_far(partner: PartnerSum, least: Decimal) -> bool:
    if partner.mean <= 0 or abs(partner.net - partner.mean) <= least:
        return False
    return partner.net > TIMES * partner.mean or partner.net * TIMES < partner.mean


def _negatives(asked: Question) -> Found | None:
    rows = [_beside(each) for each in asked.review.notable(Notable.NEGATIVE)]
    return _of(rows, asked, measure=-sum((row.now or ZERO for row in rows), ZERO))


def _without(asked: Question) -> Found | None:
    """Sorted by what they usually get: who never sold anything comes last."""
    missing = asked.review.notable(Notable.WITHOUT)
    contracted = sum(each.contracted for each in asked.review.partners)
    rows = [Row(each.number, each.name, before=each.mean, now=ZERO, amount=-each.mean) for each in missing]
    share = Decimal(len(rows) * 100) / max(contracted, 1)
    return _of(rows, asked, measure=share, may_block=len(rows) >= asked.limit.floor)


def _campaigns(asked: Question) -> Found | None:
    rows, count, _amount = asked.sql("finding_campaigns")
    return Found(rows, count, None, sum((row.amount for row in rows), ZERO)) if count else None


def _untested(asked: Question) -> Found | None:
    rows, count, _amount = asked.sql("finding_untested")
    return Found(rows, count, None, Decimal(count)) if count else None


def _beside(each: PartnerSum) -> Row:
    return Row(each.number, each.name, before=each.before, now=each.net, amount=each.change)


def _of(rows: list[Row], asked: Question, *, measure: Decimal, may_block: bool = True) -> Found | None:
    """Rows of figures that are in memory, the largest first."""
    rows.sort(key=lambda row: (-abs(row.amount), row.number, row.code))
    total = sum((row.amount for row in rows), ZERO)
    return Found(rows[: asked.most], len(rows), total, measure, may_block) if rows else None


CHECKS: dict[str, Callable[[Question], Found | None]] = {
    Check.TOTAL: _total,
    Check.COMPONENT: _component,
    Check.DUPLICATES: _duplicates,
    Check.UNPAID: _unpaid,
    Check.MOVERS: _movers,
    Check.NEGATIVES: _negatives,
    Check.WITHOUT: _without,
    Check.CAMPAIGNS: _campaigns,
    Check.UNTESTED: _untested,
}


# ---- asking ----------------------------------------------------------------------------------------------------------
def inspect(run: Run, review: Review) -> list[Finding]:
    """Asks every question of a calculated run and stores what was found, in place of what was found before."""
    Finding.objects.filter(run=run, waivable=True).delete()
    return Finding.objects.bulk_create(_findings(run, review))


def _findings(run: Run, review: Review) -> Iterable[Finding]:
    for name, check in CHECKS.items():
        limit = LIMITS[name]
        found = check(Question(run, review, limit, SAMPLE))
        if found is None or found.measure <= limit.warn:
            continue
        blocking = found.may_block and limit.block is not None and found.measure >= limit.block
        detail = {"amount": found.amount, "measure": found.measure, "sample": [asdict(row) for row in found.rows]}
        yield Finding(run=run, check_name=name, blocking=blocking, waivable=True, count=found.count, detail=detail)


def rows_of(finding: Finding, review: Review) -> list[Row]:
    """Everything behind a finding, as the run stands now: posted or not, the lines are the same."""
    check = CHECKS[finding.check_name]
    found = check(Question(finding.run, review, LIMITS[finding.check_name], ALL))
    return found.rows if found else []
