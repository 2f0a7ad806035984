"""Any schedule document the format allows, drawn by hypothesis: every kind, every key, awkward texts."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from commissions.schedule_document import (
    Base,
    Clawback,
    ClawbackMode,
    ClawbackStep,
    Component,
    Document,
    Kind,
    Match,
    Measure,
    Mode,
    Rate,
    Step,
    Tiers,
    Title,
    Window,
)
from commissions.schedule_document.following import FOLLOWED
from commissions.schedule_document.rates import ROUND_TO
from commissions.schedule_document.reading import CUSTOMER_CLASSES, PARTNER_KINDS, TRANSACTIONS

codes = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,8}", fullmatch=True) | st.sampled_from(["no", "007", "1e3", "null"])
words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=6)
awkward = st.sampled_from(["no", "007", "null", "~", "a: b", "# x", "{", '"', "'", "-", "Süd & Söhne"])
printable = awkward | words | st.tuples(words, words).map(" ".join)


def unique(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.frozensets(values, max_size=3).map(lambda found: tuple(sorted(found)))


def numbers(high: int, low: int = 0) -> st.SearchStrategy[Decimal]:
    """Up to four decimals, often none or two."""
    return st.sampled_from([0, -2, -4]).flatmap(
        lambda places: st.integers(low * 10**-places, high * 10**-places).map(
            lambda value: Decimal(value).scaleb(places)
        )
    )


def ascending(high: int, low: int = 0) -> st.SearchStrategy[list[Decimal]]:
    return st.lists(numbers(high, low), min_size=1, max_size=4, unique=True).map(sorted)


def steps(starts: st.SearchStrategy[list[Decimal]], *keys: str) -> st.SearchStrategy[tuple[Step, ...]]:
    """All steps with the same one of `keys`."""

    def build(bounds: list[Decimal], key: str, rates: list[Decimal]) -> tuple[Step, ...]:
        return tuple(Step(start, **{key: rate}) for start, rate in zip(bounds, rates, strict=False))

    return st.builds(build, starts, st.sampled_from(keys), st.lists(numbers(9_999), min_size=4, max_size=4))


from_zero = ascending(9_999_999).map(lambda bounds: [Decimal(0), *(each for each in bounds if each)][:4])


@st.composite
def tier_rates(draw: st.DrawFn, bases: tuple[Base, ...], *, bonus: bool = False) -> Rate:
    made = draw(steps(from_zero, "percent", "amount"))
    mode = draw(st.sampled_from(Mode))
    by_percent = made[0].percent is not None
    fitting = Measure.TURNOVER if by_percent else Measure.UNITS
    measure = fitting if bonus or mode == Mode.GRADUATED else draw(st.sampled_from(Measure))
    of = draw(st.sampled_from(bases)) if by_percent or measure == Measure.TURNOVER else None
    return Rate(of=of, tiers=Tiers(measure, draw(st.sampled_from(Window)), mode, made))


matches = st.builds(
    Match,
    unique(printable),
    unique(printable),
    unique(st.sampled_from(TRANSACTIONS)),
    unique(st.sampled_from(CUSTOMER_CLASSES)),
    unique(st.sampled_from(PARTNER_KINDS)),
    unique(printable),
)
months = st.integers(1, 600)
clawback_steps = st.lists(months, min_size=1, max_size=3, unique=True).flatmap(
    lambda until: st.tuples(*(st.builds(ClawbackStep, st.just(each), numbers(100)) for each in sorted(until)))
)
clawbacks = st.builds(
    Clawback, st.sampled_from([mode for mode in ClawbackMode if mode != ClawbackMode.STEPS]), months
) | st.builds(Clawback, st.just(ClawbackMode.STEPS), st.none() | months, clawback_steps)

PRICES = (Base.ORDER_VALUE, Base.MONTHLY_PRICE)
amounts = st.builds(Rate, amount=numbers(9_999_999))
shares = st.builds(Rate, percent=numbers(10_000))
percentages = st.builds(lambda percent, of: Rate(None, percent, of), numbers(10_000), st.sampled_from(PRICES))
revenue_shares = st.builds(lambda percent: Rate(None, percent, Base.REVENUE), numbers(10_000))

every = {
    "title": st.builds(Title, st.just("") | printable, st.just("") | printable),
    "round_to": st.sampled_from(ROUND_TO),
}
gate = {"certificate": st.none() | printable}
orders = {"match": matches, "group": st.none() | codes, **gate, "clawback": st.none() | clawbacks}
days = st.integers(0, 3650)


def component(kind: Kind, **keys: st.SearchStrategy) -> st.SearchStrategy[Component]:
    return st.builds(Component, codes, st.just(kind), **{**every, **keys})


facts = st.one_of(
    component(
        Kind.CLOSING,
        rate=amounts | percentages | tier_rates(PRICES),
        reserve_percent=st.none() | numbers(100),
        **orders,
    ),
    component(Kind.RECURRING, rate=amounts | revenue_shares, months=st.none() | months, **orders),
    component(Kind.WINDOW_BONUS, rate=tier_rates(tuple(Base), bonus=True), **orders),
    component(
        Kind.TARGET_BONUS,
        target=printable,
        mode=st.just(Mode.SLAB),
        settle_after_days=days,
        steps=steps(ascending(9_999), "amount", "amount_per_unit"),
    ),
    component(Kind.CAMPAIGN, campaign=printable, rate=amounts, **orders),
    component(
        Kind.BUNDLE,
        needs=st.lists(matches, min_size=2, max_size=3).map(tuple),
        within_days=st.none() | days,
        rate=amounts,
        clawback=st.none() | clawbacks,
        **gate,
    ),
)
followers = st.one_of(
    component(Kind.CAMPAIGN, campaign=printable, rate=shares, **gate),
    component(
        Kind.UPLIFT,
        by=st.just("nps"),
        min_answers=st.integers(0, 1_000_000),
        effective_from=st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)),
        steps=steps(ascending(100, -100), "percent"),
    ),
    component(Kind.OVERRIDE, rate=shares),
    component(Kind.SPLIT, keep_percent=numbers(100)),
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Followers name what they may follow; one that finds nothing is left out."""
    drawn = draw(st.lists(facts, min_size=1, max_size=3, unique_by=lambda each: each.code))
    for follower in draw(st.lists(followers, max_size=3, unique_by=lambda each: each.code)):
        possible = [each.code for each in drawn if each.kind in FOLLOWED[follower.kind]]
        if possible and follower.code not in {each.code for each in drawn}:
            named = draw(st.frozensets(st.sampled_from(possible), min_size=1))
            drawn.append(replace(follower, follows=tuple(sorted(named))))
    return Document(
        draw(codes),
        draw(st.dates(date(1990, 1, 1), date(2100, 1, 1))),
        tuple(draw(st.permutations(drawn))),
        draw(every["title"]),
        draw(st.integers(0, 3650)),
    )
