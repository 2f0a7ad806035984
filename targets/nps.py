"""Net Promoter Score: from counted answers to a score with its 95 % interval, exactly.

    count = Count(promoters=31, passives=11, detractors=6)
    count.answers        # 48
    count.score          # Fraction(625, 12) = 52.0833…: (31 - 6) / 48 × 100
    count.margin         # Decimal 20.0…: 1.96 × √((p + d - (p - d)²) / n) × 100, p and d as shares
    count.interval       # (32.1…, 72.1…)
    compare(a, b)        # "different", "not significant" or "unknown"

Whoever answers 9 or 10 is a promoter, 7 or 8 passive, 0 to 6 a detractor. Counts of several groups add up before they
are divided, so private and business customers weigh as much as they answered; averaging two scores would be wrong.
Nothing here touches money: the engine has the counts and divides by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

# Fewer answers say nothing that money or blame may rest on (convention CV21); a schedule may ask for more or less.
MIN_ANSWERS = 30
# 95 % of a normal distribution lie within so many standard deviations.
Z = Decimal("1.96")
# Pairs of periods below which a correlation is a coincidence.
MIN_PERIODS = 8
LOWEST, HIGHEST = Decimal(-100), Decimal(100)
PROMOTER, PASSIVE = 9, 7


@dataclass(frozen=True)
class Count:
    """Answers to one question of one group. Counts add up."""

    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    @classmethod
    def of(cls, scores: Iterable[int]) -> Count:
        """Counts scores of 0 to 10; ValueError for any other."""
        promoters = passives = detractors = 0
        for score in scores:
            if not 0 <= score <= 10:
                raise ValueError(f"{score} is no score, it lies between 0 and 10")
            if score >= PROMOTER:
                promoters += 1
            elif score >= PASSIVE:
                passives += 1
            else:
                detractors += 1
        return cls(promoters, passives, detractors)

    def __add__(self, other: Count) -> Count:
        return Count(
            self.promoters + other.promoters, self.passives + other.passives, self.detractors + other.detractors
        )

    @property
    def answers(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def score(self) -> Fraction | None:
        """(promoters - detractors) / answers × 100, unrounded, from -100 to 100; None without answers."""
        return Fraction(100 * (self.promoters - self.detractors), self.answers) if self.answers else None

    @property
    def margin(self) -> Decimal | None:
        """Half the width of the 95 % interval in points; None where the answers do not vary and it would claim 0."""
        if not self.answers:
            return None
        n, taking_sides, lead = self.answers, self.promoters + self.detractors, self.promoters - self.detractors
        # (p + d - (p - d)²) / n with p and d as shares, brought over one denominator
        variance = Fraction(taking_sides * n - lead * lead, n**3)
        return Z * 100 * decimal(variance).sqrt() if variance else None

    @property
    def interval(self) -> tuple[Decimal, Decimal] | None:
        """From, to, in points; never beyond what a score can be."""
        if self.score is None or self.margin is None:
            return None
        score = decimal(self.score)
        return max(score - self.margin, LOWEST), min(score + self.margin, HIGHEST)

    def rated(self, minimum: int = MIN_ANSWERS) -> bool:
        """Whether there are enough answers to say anything."""
        return self.answers >= minimum

    def share(self, number: int) -> Decimal:
        """Percent of all answers."""
        return decimal(Fraction(100 * number, self.answers)) if self.answers else Decimal(0)


def total(counts: Iterable[Count]) -> Count:
    """All of them together."""
    return sum(counts, Count())


def decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def answers_needed(points: int) -> int:
    """Answers for an interval of ± `points` at a variance of one half: 193 for ±10, 86 for ±15, 49 for ±20, 31 for ±25."""
    exact = Fraction(Z) ** 2 * Fraction(1, 2) * Fraction(100, points) ** 2
    return -(-exact.numerator // exact.denominator)


DIFFERENT, NOT_SIGNIFICANT, UNKNOWN = "different", "not significant", "unknown"


def compare(one: Count, other: Count) -> str:
    """`different` only where the intervals do not touch; `unknown` where one of them has none."""
    if one.interval is None or other.interval is None:
        return UNKNOWN
    apart = one.interval[1] < other.interval[0] or other.interval[1] < one.interval[0]
    return DIFFERENT if apart else NOT_SIGNIFICANT


def correlation(pairs: Sequence[tuple[Fraction, Fraction]]) -> Decimal | None:
    """Pearson's r of pairs, -1 to 1; None below MIN_PERIODS pairs or where one side never changes."""
    n = len(pairs)
    if n < MIN_PERIODS:
        return None
    mean_x, mean_y = sum(x for x, _y in pairs) / n, sum(y for _x, y in pairs) / n
    together = sum((x - mean_x) * (y - mean_y) for x, y in pairs)
    spread = sum((x - mean_x) ** 2 for x, _y in pairs) * sum((y - mean_y) ** 2 for _x, y in pairs)
    return decimal(Fraction(together)) / decimal(Fraction(spread)).sqrt() if spread else None
