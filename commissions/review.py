"""What a second person has to see before a month is approved: one run beside the months before it.

    review = review_of(run)
    review.net, review.mean          4182930.11 beside the mean of the last three posted months
    review.causes                    what earned, corrections, cancellations come to; adds up to the run
    review.biggest(10)               partners whose net moved most since the last posted month
    review.notable(Notable.NEGATIVE) partners that stand out in one way; firewall.py makes findings of them

Everything is summed in SQL over the run's partition (a million lines in about a second) and then kept in the cache: a
calculated run does not change until it is calculated again, and then it has another key.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from commissions.models import Cause, Component, HoldReason, Run
from core import sql
from core.money import cents
from core.periods import last_of_month

KEPT_SECONDS = 24 * 60 * 60
STANDS_OUT = 3  # times the mean of the last three posted months
WORTH_A_LOOK = Decimal(100)  # EUR; below it, three times the mean is noise
CORRECTIONS = set(Cause.values) - {Cause.EARNED, Cause.MANUAL}


class Notable(TextChoices):
    """What review looks for in each partner's figures; `?show=` of the list of partners of a run."""

    TRIPLED = "tripled", _("More than three times their mean")
    NEGATIVE = "negative", _("Newly negative")
    STOPPED = "stopped", _("No line any more")
    WITHOUT = "without", _("Contract, but no line")


@dataclass(frozen=True)
class Sum:
    """One cause, component or hold reason of a run: number of lines and EUR net.

    Of what is held, `held` would be paid and `at_risk` (negative) taken back.
    """

    key: str
    lines: int
    amount: Decimal
    held_lines: int
    held: Decimal
    before: Decimal = Decimal(0)  # a component in the month before, its mean, and in how many of the months it was
    mean: Decimal = Decimal(0)
    months: int = 0
    at_risk: Decimal = Decimal(0)

    @property
    def would_be(self) -> Decimal:
        return self.held + self.at_risk


@dataclass(frozen=True)
class PartnerSum:
    """One partner in a run, and in the months before: EUR net."""

    pk: int
    number: str
    name: str
    manager_id: int | None
    net: Decimal
    lines: int
    before: Decimal
    mean: Decimal
    contracted: bool

    @property
    def change(self) -> Decimal:
        return self.net - self.before

    def is_notable(self, kind: str) -> bool:
        match kind:
            case Notable.TRIPLED:
                return self.mean > 0 and self.net > STANDS_OUT * self.mean and self.net - self.mean > WORTH_A_LOOK
            case Notable.NEGATIVE:
                return self.net < 0 <= self.before
            case Notable.STOPPED:
                return not self.lines and self.before > 0
            case Notable.WITHOUT:
                return self.contracted and not self.lines
        return True


@dataclass(frozen=True)
class Review:
    """A run summed up; see the module."""

    causes: list[Sum]
    components: list[Sum]
    holds: list[Sum]
    partners: list[PartnerSum]
    last_month: Any  # date of the posted month compared with, None before the first
    last_net: Decimal = Decimal(0)
    mean: Decimal = Decimal(0)
    months: int = 0  # how many posted months the mean is of
    titles: dict[str, tuple[str, str]] = field(default_factory=dict)

    @cached_property
    def net(self) -> Decimal:
        return sum((each.amount for each in self.causes), Decimal(0))

    @cached_property
    def lines(self) -> int:
        return sum(each.lines for each in self.causes)

    @property
    def change_percent(self) -> Decimal | None:
        """Of the net against the mean of the last three posted months."""
        return (self.net - self.mean) / abs(self.mean) * 100 if self.mean else None

    @cached_property
    def corrections(self) -> list[Sum]:
        """Causes other than a first posting or an amount by hand: rows of the table of causes, whole."""
        return [each for each in self.causes if each.key in CORRECTIONS]

    @property
    def corrected(self) -> Decimal:
        return sum((each.amount for each in self.corrections), Decimal(0))

    @property
    def corrected_lines(self) -> int:
        return sum(each.lines for each in self.corrections)

    @cached_property
    def held(self) -> Sum:
        """Money this run newly holds, without what only the proof of a cancellation is missing for."""
        rows = [each for each in self.holds if each.key not in ("", HoldReason.EVIDENCE_MISSING)]
        amount = sum((each.held for each in rows), Decimal(0))
        lines = sum(each.held_lines for each in rows)
        return Sum("", lines, amount, lines, amount)

    @property
    def with_lines(self) -> list[PartnerSum]:
        return [each for each in self.partners if each.lines]

    @property
    def negative(self) -> int:
        return sum(each.net < 0 for each in self.partners)

    @property
    def without(self) -> int:
        return len(self.notable(Notable.WITHOUT))

    def biggest(self, count: int) -> list[PartnerSum]:
        return [each for each in self.partners[:count] if each.change]

    def notable(self, kind: str) -> list[PartnerSum]:
        return [each for each in self.partners if each.is_notable(kind)]


def review_of(run: Run) -> Review:
    """The sums of a calculated run; from the cache if it was looked at since its calculation."""
    last = _posted_before(run)
    kept: Review | None = cache.get(_key(run, last))
    if kept is None:
        kept = _summed(run, last)
        cache.set(_key(run, last), kept, KEPT_SECONDS)
    return kept


def summed(run: Run) -> Review:
    """The sums of a run as its lines are now, whatever was kept; `keep` them once the run says when it was calculated."""
    return _summed(run, _posted_before(run))


def keep(run: Run, review: Review) -> None:
    """So that nobody waits at the first look for what is known, nor the months after for what each component came to."""
    cache.set(_key(run, _posted_before(run)), review, KEPT_SECONDS)
    cache.set(_components_key(run), {each.key: each.amount for each in review.components if each.lines}, None)


def _posted_before(run: Run) -> list[Run]:
    """The last three posted months, the latest first."""
    return list(Run.objects.posted().filter(month__lt=run.month).order_by("-month")[:3])


def _key(run: Run, last: list[Run]) -> str:
    # What is compared with belongs to the key: another month may be posted while this run waits.
    posted = run.status == Run.Status.POSTED
    calculated = run.calculated_at and run.calculated_at.timestamp()
    return f"review:{run.pk}:{calculated}:{posted}:{last[0].pk if last else 0}"


def _summed(run: Run, last: list[Run]) -> Review:
    posted = run.status == Run.Status.POSTED
    parts: dict[str, list[Sum]] = {"cause": [], "component": [], "hold": []}
    before = _components_before(last)
    for row in sql.rows("commissions/review_sums", run=run.pk, posted=posted):
        values = row._asdict()
        part = values.pop("part")
        parts[part].append(Sum(**values, **before.pop(row.key, {}) if part == "component" else {}))
    zero = (0, Decimal(0))
    parts["component"] += [Sum(key, *zero, *zero, **earlier) for key, earlier in before.items()]
    partners = sql.rows(
        "commissions/review_partners",
        run=run.pk,
        posted=posted,
        last=last[0].pk if last else None,
        earlier=[each.pk for each in last],
        cutoff=last_of_month(run.month),
    )
    nets = [each.net for each in last]
    return Review(
        causes=parts["cause"],
        components=parts["component"],
        holds=parts["hold"],
        partners=[PartnerSum(*row) for row in partners],
        last_month=last[0].month if last else None,
        last_net=nets[0] if nets else Decimal(0),
        mean=cents(sum(nets, Decimal(0)) / len(nets)) if nets else Decimal(0),
        months=len(nets),
        titles=titles_by_code(),
    )


def _components_before(last: list[Run]) -> dict[str, dict[str, Any]]:
    """Each component in the months before, by code."""
    sums = [_components_of(run) for run in last]
    return {
        code: {
            "before": sums[0].get(code, Decimal(0)),
            "mean": cents(sum((each.get(code, Decimal(0)) for each in sums), Decimal(0)) / len(sums)),
            "months": sum(code in each for each in sums),
        }
        for code in sorted({code for each in sums for code in each})
    }


def _components_of(run: Run) -> dict[str, Decimal]:
    """EUR net of each component of a posted run, by code: its lines do not change, so they are added up once."""
    kept: dict[str, Decimal] | None = cache.get(_components_key(run))
    if kept is None:
        kept = {row.key: row.amount for row in sql.rows("commissions/review_components", run=run.pk)}
        cache.set(_components_key(run), kept, None)
    return kept


def _components_key(run: Run) -> str:
    return f"components:{run.pk}:{run.calculated_at and run.calculated_at.timestamp()}"


def titles_by_code() -> dict[str, tuple[str, str]]:
    """German and English title of each component code, of its latest version."""
    rows = Component.objects.published().values_list("code", "title_de", "title_en")
    return {code: (german, english) for code, german, english in rows}


def corrections_of(run: Run, partners: list[PartnerSum]) -> dict[int, Any]:
    """For these partners, the correction that moved most: rows with cause, lines, amount by partner id."""
    rows = sql.rows(
        "commissions/review_corrections",
        run=run.pk,
        partners=[each.pk for each in partners],
        posted=run.status == Run.Status.POSTED,
    )
    return {row.partner_id: row for row in rows}
