"""Scores as people read them: each group with its answers, its interval, and whether that says anything at all.

    rate("Q2 2026", Count(31, 11, 6)).text       # "52.0 ± 20.0"
    rate("Q2 2026", Count(12, 4, 2)).state       # State.NOT_RATED: 18 answers of the 30 needed

A score is shown cut off, not rounded (49.96 reads 49.9): a rounded one would promise a step that is not reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import formats
from core.charts import Whisker, whisker
from core.choices import ToneChoices
from core.periods import add_months, quarter_code
from partners.models import Partner
from targets import nps
from targets.masking import Driver
from targets.models.quality import Question, SurveyClass, SurveyQuarter, SurveyResult, Touchpoint
from targets.nps import Count, decimal, total
from targets.scores import ResponseQuerySet, merge, pool

TENTH = Decimal("0.1")


class State(ToneChoices):
    RATED = "rated", "earned", gettext_lazy("rated")
    NOT_RATED = "not_rated", "neutral", gettext_lazy("not rated")
    NO_ANSWERS = "no_answers", "neutral", gettext_lazy("no answers")


class Difference(ToneChoices):
    """One group beside another; colour only where it is meant."""

    BETTER = "better", "earned", gettext_lazy("better")
    WORSE = "worse", "taken", gettext_lazy("worse")
    NOT_SIGNIFICANT = "not_significant", "neutral", gettext_lazy("not significant")
    UNKNOWN = "unknown", "neutral", gettext_lazy("cannot be compared")


@dataclass(frozen=True)
class Rating:
    """A group of answers. `beside` says how it differs from what it is compared with."""

    label: str
    count: Count
    key: Any = None
    minimum: int = nps.MIN_ANSWERS
    beside: Difference | None = None
    pooled: bool = False
    share: Decimal | None = None
    best: bool = False

    @property
    def state(self) -> State:
        if not self.count.answers:
            return State.NO_ANSWERS
        return State.RATED if self.count.rated(self.minimum) else State.NOT_RATED

    @property
    def rated(self) -> bool:
        return self.state == State.RATED

    @property
    def score(self) -> Decimal | None:
        """Cut off to one decimal, for reading only."""
        return None if self.count.score is None else decimal(self.count.score).quantize(TENTH, ROUND_FLOOR)

    @property
    def score_text(self) -> str:
        return formats.number(self.score, places=1)

    @property
    def margin_text(self) -> str:
        return "" if self.count.margin is None else f"± {formats.number(self.count.margin, places=1)}"

    @property
    def text(self) -> str:
        return f"{self.score_text} {self.margin_text}".strip()

    @property
    def interval_text(self) -> str:
        """`32.1 to 72.1`, or why there is none."""
        if self.count.interval is None:
            return _("n/a")
        low, high = (formats.number(each.quantize(TENTH, ROUND_HALF_UP), places=1) for each in self.count.interval)
        return _("%(low)s to %(high)s") % {"low": low, "high": high}

    @property
    def quarter_code(self) -> str:
        """For addresses, of a rating whose key is a quarter: 2026-Q2."""
        return quarter_code(self.key)

    @property
    def missing(self) -> int:
        """Answers that are missing to be rated."""
        return max(0, self.minimum - self.count.answers)

    @property
    def whisker(self) -> Whisker | None:
        if self.count.score is None:
            return None
        score = decimal(self.count.score)
        return whisker(score, *(self.count.interval or (score, score)))

    @property
    def shares(self) -> list[tuple[str, int, Decimal, str]]:
        """Promoters, passives, detractors: label, answers, percent, tone."""
        groups = (
            (_("promoters (9, 10)"), self.count.promoters, "earned"),
            (_("passives (7, 8)"), self.count.passives, "neutral"),
            (_("detractors (0 to 6)"), self.count.detractors, "taken"),
        )
        return [(label, number, self.count.share(number), tone) for label, number, tone in groups]


def rate(label: Any, count: Count, **more: Any) -> Rating:
    return Rating(str(label), count, **more)


def difference(one: Count, other: Count, minimum: int = nps.MIN_ANSWERS) -> Difference:
    """How `one` stands to `other`: better or worse only where the intervals do not overlap and both are rated."""
    if not one.rated(minimum) or not other.rated(minimum):
        return Difference.UNKNOWN
    found = nps.compare(one, other)
    if found != nps.DIFFERENT:
        return Difference.UNKNOWN if found == nps.UNKNOWN else Difference.NOT_SIGNIFICANT
    return Difference.BETTER if (one.score or 0) > (other.score or 0) else Difference.WORSE


# ---- one partner ---------------------------------------------------------------------------------------------------
def own_quarters(
    answers: ResponseQuerySet, partner: Partner, quarters: Iterable[date] | None = None
) -> dict[date, Count]:
    """Counts that pay, by quarter, not pooled: single answers and recorded results. `quarters` None: all."""
    results = SurveyResult.objects.filter(partner=partner).latest()
    if quarters is not None:
        results = results.filter(quarter__in=quarters)
    recorded = {result.quarter: result.count for result in results}
    return merge(answers.tally(Question.TOUCHPOINT, "quarter"), recorded)


def trend(by_quarter: dict[date, Count]) -> list[Rating]:
    """Oldest first, pooled where that is switched on, each beside the quarter before."""
    pooled = SurveyQuarter.objects.pooled()
    counts = pool(by_quarter, pooled)
    return [
        rate(
            formats.quarter(each),
            count,
            key=each,
            pooled=each in pooled,
            beside=difference(count, before) if (before := counts.get(add_months(each, -3))) else None,
        )
        for each, count in counts.items()
    ]


def questions(answers: ResponseQuerySet) -> list[tuple[str, list[Rating]]]:
    """Each question: private, business, and both together, weighted by their answers."""
    found = []
    for question in Question:
        tally = answers.tally(question, "customer_class")
        groups = [rate(each.label, tally.get(each.value, Count())) for each in SurveyClass]
        found.append((str(question.label), [*groups, rate(_("together"), total(tally.values()))]))
    return found


def drivers(answers: ResponseQuerySet) -> list[Rating]:
    """What comments are about, most often first; `share` is the percentage of answers that mention it."""
    everybody = answers.count_of(Question.TOUCHPOINT)
    found = [
        rate(Driver(driver).label, count, key=driver, share=everybody.share(count.answers))
        for driver, count in answers.by_driver(Question.TOUCHPOINT).items()
    ]
    return sorted(found, key=lambda each: (-each.count.answers, each.label))


# ---- channels ------------------------------------------------------------------------------------------------------
def channels(answers: ResponseQuerySet, *, quarters: Iterable[date] = ()) -> list[Rating]:
    """Partner kinds, own stores, hotline, online: best first, each beside the best that is rated."""
    tally: dict[Any, Count] = {}
    for (kind, touchpoint), count in answers.tally(Question.TOUCHPOINT, "partner__kind", "touchpoint").items():
        key = kind or touchpoint
        tally[key] = tally.get(key, Count()) + count
    results = SurveyResult.objects.latest().filter(quarter__in=list(quarters)).select_related("partner")
    tally = merge(tally, *({result.partner.kind: result.count} for result in results))
    return rank([rate(channel_label(key), count, key=key) for key, count in tally.items() if key])


def rank(ratings: Sequence[Rating]) -> list[Rating]:
    """Rated ones first, best first; the first of them is the yardstick of the others."""
    ordered = sorted(ratings, key=lambda each: (not each.rated, -(each.count.score or 0), each.label))
    if not ordered or not ordered[0].rated:
        return ordered
    best, *others = ordered
    return [replace(best, best=True), *(replace(each, beside=difference(each.count, best.count)) for each in others)]


def channel_label(key: str) -> str:
    if key in Partner.Kind.values:
        return str(Partner.Kind(key).label)
    return str(Touchpoint(key).label) if key in Touchpoint.values else key


@dataclass(frozen=True)
class Course:
    """A channel over several quarters: a rating for each, None where nobody answered."""

    label: str
    ratings: list[Rating | None]


def course(answers: ResponseQuerySet, quarters: Sequence[date]) -> list[Course]:
    """Channels by quarter, by name."""
    found: dict[str, dict[date, Count]] = {}
    tally = answers.filter(quarter__in=quarters).tally(Question.TOUCHPOINT, "partner__kind", "touchpoint", "quarter")
    for (kind, touchpoint, quarter), count in tally.items():
        here = found.setdefault(kind or touchpoint, {})
        here[quarter] = here.get(quarter, Count()) + count
    for result in SurveyResult.objects.latest().filter(quarter__in=quarters).select_related("partner"):
        here = found.setdefault(result.partner.kind, {})
        here[result.quarter] = here.get(result.quarter, Count()) + result.count
    courses = [
        Course(channel_label(key), [rate(key, here[each]) if each in here else None for each in quarters])
        for key, here in found.items()
    ]
    return sorted(courses, key=lambda each: each.label)


def all_quarters(answers: ResponseQuerySet) -> dict[date, Count]:
    """Everybody's answers and recorded results by quarter."""
    recorded: dict[date, Count] = {}
    for result in SurveyResult.objects.latest():
        recorded[result.quarter] = recorded.get(result.quarter, Count()) + result.count
    return merge(answers.tally(Question.TOUCHPOINT, "quarter"), recorded)


def quarters_of(answers: ResponseQuerySet) -> list[date]:
    """Quarters with answers, newest first."""
    return list(answers.order_by("-quarter").values_list("quarter", flat=True).distinct())
