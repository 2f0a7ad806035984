"""Random schedules: components of every kind that interact, and later wordings of them.

The kind of a code never changes within a history: a person would not do it either. How its tiers measure seldom does.
`allowed` holds the kinds that may be drawn, and of the rest "fixed" (recurring amounts), "tiers", "clawbacks" (all
modes) and "reserve".
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

from tests.drawing.dice import KPI, chance, day_in, money, pick, some
from tests.histories import PAID, mended
from tests.reference.schedules import Clawback, Component, Match, Step, Tiers, Version

# code -> the kind or feature it needs, and its weight
CODES = {
    "base": ("closing", 3),
    "prime": ("closing", 2),
    "plain": ("closing", 2),
    "share": ("closing", 2),
    "factor": ("closing", 1),
    "air": ("recurring", 2),
    "air2": ("recurring", 1),
    "fee": ("fixed", 2),
    "slab": ("tiers", 5),
    "grad": ("tiers", 4),
    "airt": ("recurring_tiers", 2),
    "volume": ("window_bonus", 3),
    "goal": ("target_bonus", 3),
    "pair": ("bundle", 3),
    "spiff": ("campaign", 3),
    "boost": ("campaign", 2),
    "nps": ("uplift", 3),
    "over": ("override", 3),
    "keep": ("split", 2),
}
RECURRING = ("air", "air2", "fee", "airt")
WINDOWS = ("month", "quarter", "quarter", "half_year", "half_year", "year")


def draw_match(dice: Random) -> Match:
    kind = pick(dice, *["any"] * 5, "family", "family", "product", "transaction", "class", "level", "kind", "route")
    return {
        "any": Match(),
        "family": Match(families=pick(dice, ("voice",), ("data",), ("voice", "data"))),
        "product": Match(products=pick(dice, ("isdn",), ("dsl", "isdn"), ("vpn",))),
        "transaction": Match(transactions=pick(dice, ("new",), ("new",), ("referral",), ("new", "referral"))),
        "route": Match(routes=pick(dice, ("partner",), ("call_centre", "shared"), ("direct_sales", "partner"))),
        "class": Match(customer_classes=pick(dice, ("consumer",), ("smb", "soho"), ("enterprise", "smb"))),
        "level": Match(levels=pick(dice, ("gold",), ("silver",))),
        "kind": Match(partner_kinds=("system_partner", "agency")),
    }[kind]


class Shapes:
    """How the tiers of each code measure, the same in most versions of a history."""

    def __init__(self, dice: Random, allowed: frozenset[str], focus: tuple[str, ...] = ()) -> None:
        self.dice, self.allowed, self.focus = dice, allowed, focus
        windows = allowed & {"tiers", "recurring_tiers", "window_bonus"}
        # Most histories settle their windows alike, some by another day in each version.
        self.freeze_days = pick(dice, (45,), (45,), (45,), (0,), (20,), (90,), (0, 45), (20, 90)) if windows else (45,)
        self.bonus_window = pick(dice, *WINDOWS)
        self.measured()

    def measured(self) -> None:
        """How the tiers of each code measure from now on; a bonus keeps its window, else no version of it is published."""
        dice = self.dice
        self.of_code = {
            "slab": self._tiers("slab"),
            "grad": self._tiers("graduated"),
            "airt": self._billed(pick(dice, "slab", "graduated")),
        }
        mode, measure, by, _, of = self._tiers(pick(dice, "slab", "graduated"), each_order=False)
        if chance(dice, 25):
            measure, by, of = "turnover", "percent", "revenue"
        self.of_code["volume"] = mode, measure, by, self.bonus_window, of

    def _tiers(self, mode: str, each_order: bool = True) -> tuple[str, str, str, str, str | None]:
        """What is sliced is what is paid; the rate that a whole window reached may be one of something else."""
        measure = pick(self.dice, "units", "turnover", "turnover")
        by = "amount" if measure == "units" else "percent"
        if mode == "slab" and each_order and chance(self.dice, 25):
            by = pick(self.dice, "amount", "percent")
        of = pick(self.dice, "order_value", "order_value", "monthly_price")
        return mode, measure, by, pick(self.dice, *WINDOWS), None if (measure, by) == ("units", "amount") else of

    def _billed(self, mode: str) -> tuple[str, str, str, str, str | None]:
        mode, measure, by, window, of = self._tiers(mode)
        return mode, measure, by, window, of and "revenue"

    def component(self, code: str, there: list[Component]) -> Component | None:
        """`there`: what it may follow."""
        dice = self.dice
        kind = CODES[code][0]
        shared = {"round_to": Decimal(pick(dice, "0.01", "0.01", "0.01", "0.10", "1.00"))}
        if kind in ("campaign", "uplift", "override", "split") and code != "spiff":
            return self._follower(code, kind, there, shared)
        plain = code in self.focus and chance(dice, 80)  # nothing in the way of what the history is about
        shared["certificate"] = None if plain else pick(dice, *[None] * 4, "voice", "voice", "data", "data")
        if kind == "bundle":
            needs = (
                Match(families=("voice",)),
                pick(dice, Match(families=("data",)), Match(), Match(products=("dsl",))),
            )
            days = pick(dice, None, 10, 31, 60)
            return Component(
                code, "bundle", needs=needs, within_days=days, amount=money(dice, 5, 60), **self._liable(), **shared
            )
        if kind == "target_bonus":
            return self._goal(code)
        shared["match"] = Match() if plain else draw_match(dice)
        if code == "spiff":
            return Component(code, kind, campaign="extra", amount=money(dice, 5, 30), **self._liable(), **shared)
        if kind in ("tiers", "recurring_tiers", "window_bonus"):
            real = {"airt": "recurring", "volume": "window_bonus"}.get(code, "closing")
            own = self._liable() if real != "recurring" else {"months": pick(dice, None, 4, 24)}
            if real == "closing":
                own |= self._reserve()
            return Component(code, real, **self._steps(code), **own, **shared)
        if code.startswith("air"):
            rate = {"percent": pick(dice, Decimal(4), Decimal("3.5"), Decimal("12.25")), "of": "revenue"}
            group = pick(dice, "r", "r", None)
            return Component(code, "recurring", group=group, months=pick(dice, None, 2, 4, 24), **rate, **shared)
        if code == "fee":
            return Component(code, "recurring", months=pick(dice, None, 3, 6), amount=money(dice, 1, 9), **shared)
        rate = {
            "share": lambda: {"percent": pick(dice, Decimal(5), Decimal("7.5")), "of": "order_value"},
            "factor": lambda: {"percent": pick(dice, Decimal(250), Decimal("33.3333")), "of": "monthly_price"},
        }.get(code, lambda: {"amount": money(dice, 10, 99)})()
        group = "g" if code in ("prime", "plain") else None
        return Component(code, "closing", group=group, **rate, **self._liable(), **self._reserve(), **shared)

    # ---- keys ----
    def _liable(self) -> dict:
        dice = self.dice
        modes = ["full", "months", "months"]
        if "clawbacks" in self.allowed:
            modes += ["started_months", "started_months", "days", "days", "steps", "steps"]
        mode = pick(dice, None, *modes)
        if mode is None:
            return {}
        months = pick(dice, 6, 7, 12, 24)
        steps = ((2, Decimal(100)), (4, Decimal("62.5")), (6, Decimal(25))) if mode == "steps" else ()
        return {"clawback": Clawback(mode, months, steps)}

    def _reserve(self) -> dict:
        if "reserve" not in self.allowed:
            return {}
        return {"reserve_percent": pick(self.dice, None, Decimal(10), Decimal("12.5"))}

    def _steps(self, code: str) -> dict:
        dice = self.dice
        mode, measure, by, window, of = self.of_code[code]
        bounds = {
            ("units", "slab"): [0, 2, 4],  # units of an order: 1 to 3
            ("units", "graduated"): [0, 1, 3],
            ("turnover", "slab"): [0, 300, 800],
            ("turnover", "graduated"): [0, 300, 800],
        }[measure, mode]
        if measure == "turnover" and of in ("monthly_price", "revenue"):
            bounds = [0, 60, 130]
        first = pick(dice, 0, 2, 3) if by == "percent" else pick(dice, 0, 5, 12)
        step = pick(dice, 1, 2, 3, -1) if by == "percent" else pick(dice, 2, 4, 4, -2)
        rates = [Decimal(max(0, first + step * i)) for i in range(3)]
        bounds = [Decimal(b) + (pick(dice, 0, 0, 1) if i else 0) for i, b in enumerate(bounds)]
        return {"of": of, "tiers": Tiers(measure, window, mode, by, tuple(map(Step, bounds, rates)))}

    def _goal(self, code: str) -> Component:
        dice = self.dice
        in_total = chance(dice, 30)
        rates = [money(dice, 5, 20) * (10 if in_total else 1) for _ in range(3)]
        steps = tuple(map(Step, map(Decimal, (pick(dice, 50, 80), 100, 150)), rates))
        days = pick(dice, 0, 30, 45, 45, 60)
        return Component(code, "target_bonus", target=KPI, steps=steps, in_total=in_total, settle_after_days=days)

    def _follower(self, code: str, kind: str, there: list[Component], shared: dict) -> Component | None:
        dice = self.dice
        kinds = PAID[:3] if kind == "campaign" else PAID
        if kind == "campaign" and {"boost", "spiff"} & set(self.focus):
            kinds = PAID[:1]  # a bill below zero would make room in the middle of an order
        may = [c.code for c in there if c.kind in kinds and len(c.follows) < 2]
        if not may:
            return None
        follows = tuple(may if code in self.focus else some(dice, may, 4))
        if kind == "campaign" and chance(dice, 60):
            follows = (pick(dice, *may),)
        percent = pick(dice, Decimal(8), Decimal("12.5"), Decimal(20))
        if kind == "campaign":
            certificate = pick(dice, None, None, None, "voice")
            return Component(
                code, kind, follows=follows, campaign="smart", percent=percent, certificate=certificate, **shared
            )
        if kind == "override":
            return Component(code, kind, follows=follows, percent=percent, **shared)
        if kind == "split":
            return Component(code, kind, follows=follows, keep_percent=percent, **shared)
        rates = map(Decimal, pick(dice, (1, 2, 4), (0, 2, 5), (1, 2, 2)))
        steps = tuple(map(Step, map(Decimal, (0, 30, 50)), rates))
        since = pick(dice, None, None, date(2020, 10, 1), date(2020, 12, 1))
        given = {"steps": steps, "min_answers": pick(dice, 30, 30, 10), "effective_from": since}
        return Component(code, kind, follows=follows, **given, **shared)


# ---- versions ----------------------------------------------------------------------------------------------------
def codes_for(allowed: frozenset[str]) -> list[str]:
    return [code for code, (need, weight) in CODES.items() if need in allowed for _ in range(weight)]


def draw_version(shapes: Shapes, schedule: str, valid_from: date) -> Version:
    dice = shapes.dice
    most = 6 if len(shapes.allowed) < 4 else 10
    chosen = set(dice.choices(codes_for(shapes.allowed), k=dice.randint(2, most))) | set(shapes.focus)
    components: list[Component] = []
    for code in CODES:  # followers last, so that what they follow is there
        drawn = shapes.component(code, components) if code in chosen else None
        components += [drawn] if drawn else []
    if not components:
        components = [shapes.component("base", [])]
    dice.shuffle(components)
    return Version(schedule, valid_from, mended(tuple(components)), pick(dice, *shapes.freeze_days))


def draw_changed(shapes: Shapes, version: Version, first: Version, valid_from: date) -> Version:
    """A later wording: a rate, a condition or a sequence changes, a component comes or goes."""
    dice = shapes.dice
    components = list(version.components)
    at = dice.randrange(len(components))
    old = components[at]
    change = pick(dice, *["rate"] * 6, "redraw", "redraw", "drop", "add", "turn", "turn", "restore")
    if change == "rate":
        components[at] = repriced(dice, old)
    elif change == "redraw":
        if chance(dice, 40):
            shapes.measured()
        components[at] = shapes.component(old.code, [c for c in components if c.code != old.code]) or old
    elif change == "drop" and len(components) > 1:
        del components[at]
    elif change == "turn":
        components.reverse()
    elif change == "restore":
        components = list(first.components)
    else:
        taken = {component.code for component in components}
        free = [c for c in dict.fromkeys(codes_for(shapes.allowed)) if c not in taken]
        drawn = shapes.component(dice.choice(free), components) if free else None
        components.insert(at, drawn) if drawn else None
    kept = mended(tuple(components)) or version.components
    return replace(version, valid_from=valid_from, components=kept, freeze_days=pick(dice, *shapes.freeze_days))


def repriced(dice: Random, old: Component) -> Component:
    by = pick(dice, Decimal("0.5"), Decimal("-0.5"), Decimal(5))
    for field in ("amount", "percent", "keep_percent"):
        if getattr(old, field) is not None:
            return replace(old, **{field: getattr(old, field) + by})
    if old.tiers:
        steps = tuple(Step(s.start, s.rate + max(by, 0)) for s in old.tiers.steps)
        return replace(old, tiers=old.tiers._replace(steps=steps))
    if old.steps:
        at = dice.randrange(len(old.steps))
        changed = [Step(s.start, s.rate + 1) if i == at else s for i, s in enumerate(old.steps)]
        return replace(old, steps=tuple(changed))
    return old


def draw_valid_from(dice: Random, known: Version, long_ago: date) -> date:
    return pick(dice, *[long_ago] * 4, known.valid_from, day_in(dice, date(2020, 9, 1), date(2021, 1, 31)))
