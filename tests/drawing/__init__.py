"""Random histories, drawn by Hypothesis and weighted so that what is rare in life is common here.

Three partners, one of them a distributor, five products in three families, two schedules and one to five orders on a
calendar of eight runs; then mishaps: late news, corrections, cancellations, re-attributions, contracts, certificates,
price lists, holds, surveys, targets.
"""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import strategies as st

from tests.drawing.dice import CAMPAIGNS, FAMILIES, LONG_AGO, PARTNERS, PRODUCTS, chance, day_in, money, pick
from tests.drawing.orders import Orders
from tests.drawing.schedules import CODES, Shapes, codes_for, draw_changed, draw_valid_from, draw_version
from tests.drawing.stage import (
    draw_adjustment,
    draw_campaign,
    draw_capped,
    draw_certificate,
    draw_certificates,
    draw_contracts,
    draw_product,
    draw_registration,
    draw_survey,
    draw_target,
)
from tests.histories import (
    CALENDAR,
    Agreed,
    Became,
    Certified,
    Granted,
    History,
    Joined,
    Offered,
    Published,
    Registered,
    Revoked,
    Reworded,
    Step,
    Surveyed,
    Targeted,
    Taxed,
    Withdrawn,
)
from tests.reference.facts import Campaign, DealerCode, Manual, Membership, Partner, Taxation, World

# Kinds of components, and what else may be drawn: fixed monthly amounts, tiers, every mode of clawback, reserves.
EVERYTHING = frozenset(need for need, _ in CODES.values()) | {"clawbacks", "reserve"}


# What a history is about: components that are there and that little stands in the way of.
THEMES = (
    *[("slab",)] * 13,
    *[("grad",)] * 3,
    ("slab", "nps"),
    ("slab", "over"),
    ("airt", "over"),
    *[("volume",)] * 3,
    *[("goal",)] * 7,
    *[("base", "nps")] * 7,
    ("share", "nps", "keep"),
    *[("pair", "over")] * 5,
    ("base", "boost", "spiff"),
    ("slab", "boost", "spiff"),
    *[("spiff",)] * 2,
    ("share", "spiff", "over"),
    ("prime", "plain", "over", "keep"),
    (),
    (),
)


KINDS = ("system_partner", "agency", "specialist_dealer")  # of partners
STATUSES = ("regular", "regular", "regular", "small_business", "eu", "none")


class Drawn:
    """A history being drawn: the stage, and what happens around the orders."""

    def __init__(self, dice: Random, allowed: frozenset[str]) -> None:
        self.dice, self.allowed = dice, allowed
        themes = [theme for theme in THEMES if all(CODES[code][0] in allowed for code in theme)]
        self.focus = pick(dice, *themes)
        self.shapes = Shapes(dice, allowed, self.focus)
        self.distributors = bool(allowed & {"override", "split"})
        self.world = self._world()
        self.orders = Orders(dice, allowed, sorted(set(codes_for(allowed))), self.focus)
        self.slots = self.orders.slots
        many = (4, 5, 6) if self.orders.together or self.orders.queue else (1, 1, 2, 3)
        for number in range(pick(dice, *many)):
            self.orders.order(f"O{number + 1}")
        # What changes for everybody has everybody looked at again: of a queue, little tells who would have been otherwise.
        for number in range(pick(dice, *((0, 1, 1, 2) if self.orders.queue else (4, 5, 6, 7)))):
            self._turn(10 + number)
        for kind in ("survey", "target", "registration"):
            for _ in range(2):
                self._news(kind)
        if "nps" in self.focus:
            self._scored()
        if chance(dice, 20):
            self._taxed()
        if "campaign" in allowed and chance(dice, 20):
            self._reworded()

    def _world(self) -> World:
        dice = self.dice
        turn = day_in(dice, date(2020, 10, 5), date(2020, 12, 10))
        first = draw_version(self.shapes, "S1", LONG_AGO)
        second = draw_version(self.shapes, "S2", pick(dice, LONG_AGO, LONG_AGO, date(2020, 10, 1)))
        vat = [pick(dice, *STATUSES) for _ in PARTNERS]
        kinds = [pick(dice, *KINDS), "exclusive", "distributor"]
        targets = (
            [draw_target(dice, p, "goal" in self.focus) for p in ("P1", "P2")] if "target_bonus" in self.allowed else []
        )
        return World(
            partners=tuple(Partner(n, k, v) for n, k, v in zip(PARTNERS, kinds, vat, strict=True)),
            dealer_codes=(
                DealerCode("D1", "P1"),
                DealerCode("D2", "P2"),
                DealerCode("D3", "P1", valid_until=turn),  # an outlet that changes hands
                DealerCode("D3", "P2", valid_from=turn),
            ),
            contracts=tuple(c for p in PARTNERS for c in draw_contracts(dice, p, self.distributors)),
            memberships=(
                Membership("anna", "P1"),
                Membership("ben", "P2", pick(dice, LONG_AGO, date(2020, 10, 10)), pick(dice, None, date(2020, 12, 1))),
            ),
            certificates=tuple(c for c in draw_certificates(dice) if chance(dice, 75)),
            products=tuple(draw_product(dice, code) for code in PRODUCTS),
            versions=(first, second),
            campaigns=self._campaigns() if "campaign" in self.allowed else (),
            targets=tuple(t for t in targets if chance(dice, 85)),
        )

    def _campaigns(self) -> tuple[Campaign, ...]:
        return tuple(self._campaign(code) for code in CAMPAIGNS)

    def _campaign(self, code: str) -> Campaign:
        queue = {"boost", "spiff"} & set(self.focus)
        return (draw_capped if queue else draw_campaign)(self.dice, code)

    # ---- one change of master data at a random time ----
    def _turn(self, number: int) -> None:
        dice, slots = self.dice, self.slots
        at = dice.randrange(len(CALENDAR))
        later = min(at + pick(dice, 1, 1, 2, 3), len(CALENDAR) - 1)
        kinds = [
            *["version"] * 7,
            *["certificate"] * 6,
            *["revoked"] * 6,
            *["contract"] * 3,
            "product",
            "manual",
            "kind",
            "kind",
        ]
        kind = pick(dice, *kinds)
        if kind == "version":
            self._version(max(at, pick(dice, 0, 2, 3)))
        elif kind == "certificate":
            certificate = draw_certificate(dice, f"z{number}")
            slots[at].append(Certified(certificate))
            if chance(dice, 30) and later > at:
                slots[later].append(Revoked(certificate.key))
        elif kind == "revoked" and self.world.certificates:
            slots[max(at, pick(dice, 2, 3, 4))].append(Revoked(pick(dice, *self.world.certificates).key))
        elif kind == "contract":
            partner = pick(dice, "P1", "P1", "P2")
            slots[at].append(Agreed(partner, draw_contracts(dice, partner, self.distributors)))
        elif kind == "kind":
            partner = pick(dice, *self.world.partners[:2])
            others = [k for k in KINDS if k != partner.kind]
            slots[at].append(Became(replace(partner, kind=pick(dice, *others))))
            if chance(dice, 40) and later > at:
                slots[later].append(Became(partner))
        elif kind == "product":
            product = draw_product(dice, pick(dice, *PRODUCTS))
            family = pick(dice, product.family, product.family, *FAMILIES)
            slots[at].append(Offered(replace(product, family=family)))
            if chance(dice, 30):
                slots[at].append(Joined(Membership(f"carl{number}", "P1", day_in(dice, LONG_AGO, date(2020, 12, 1)))))
                slots[at].append(Certified(replace(draw_certificate(dice, f"z{number}"), person=f"carl{number}")))
        else:
            slots[at].append(Granted(Manual(f"m{number}", pick(dice, *PARTNERS), money(dice, -300, 300))))
            if chance(dice, 30):
                slots[later].append(Granted(Manual(f"n{number}", pick(dice, *PARTNERS), money(dice, -300, 300))))

    def _version(self, at: int) -> None:
        schedule = pick(self.dice, "S1", "S1", "S2")
        told = [s.version for slot in self.slots for s in slot if isinstance(s, Published)]
        known = [v for v in (*self.world.versions, *told) if v.schedule == schedule]
        valid_from = draw_valid_from(self.dice, known[-1], LONG_AGO)
        self.slots[at].append(Published(draw_changed(self.shapes, known[-1], known[0], valid_from)))

    # ---- what only some kinds ask for ----
    def _news(self, kind: str) -> None:
        dice = self.dice
        at = dice.randrange(len(CALENDAR))
        if kind == "survey" and "uplift" in self.allowed:
            for _ in range(pick(dice, 1, 2)):  # and corrected once more
                self.slots[dice.randrange(len(CALENDAR))].append(Surveyed(draw_survey(dice)))
        elif kind == "target" and self.world.targets and chance(dice, 90 if "goal" in self.focus else 60):
            self._target(self.world.targets[0].partner, pick(dice, at, 5, 6, 6))
        elif kind == "registration" and "campaign" in self.allowed:
            made = draw_registration(dice, pick(dice, *CAMPAIGNS))
            steps = [s.registration for slot in self.slots for s in slot if isinstance(s, Registered)]
            if (made.campaign, made.partner) not in [(r.campaign, r.partner) for r in steps]:
                at = min(at, pick(dice, at, 2))
                self.slots[at].append(Registered(made))
                if chance(dice, 25):
                    ended = replace(made, until=made.since + timedelta(pick(dice, 0, 20, 45)))
                    self.slots[min(at + pick(dice, 0, 1, 2), len(CALENDAR) - 1)].append(Withdrawn(ended))

    def _scored(self) -> None:
        """The partner's quarter is rated in time, and more often than not once more afterwards."""
        survey = replace(draw_survey(self.dice, date(2020, 10, 1)), partner="P1")
        self.slots[pick(self.dice, 1, 2)].append(Surveyed(survey))
        if chance(self.dice, 85):
            again = draw_survey(self.dice, survey.quarter)
            if (again.promoters > again.detractors) == (survey.promoters > survey.detractors):
                again = replace(again, promoters=again.detractors, detractors=again.promoters)
            self.slots[pick(self.dice, 3, 4, 5)].append(Surveyed(replace(again, partner="P1")))

    # ---- what seldom changes ----
    def _taxed(self) -> None:
        """A VAT status, known in time or not, and perhaps once more later on."""
        dice = self.dice
        at, partner = dice.randrange(len(CALENDAR)), pick(dice, *PARTNERS)
        since = day_in(dice, date(2020, 9, 1), date(2021, 2, 1))
        for _ in range(pick(dice, 1, 1, 2)):
            self.slots[at].append(Taxed(Taxation(partner, pick(dice, *STATUSES), since)))
            at = min(at + pick(dice, 0, 1, 2), len(CALENDAR) - 1)
            since += timedelta(pick(dice, 0, 31, 62))

    def _reworded(self) -> None:
        """Other terms of a campaign, perhaps those of before again."""
        at, code = self.dice.randrange(1, len(CALENDAR)), pick(self.dice, *CAMPAIGNS)
        self.slots[at].append(Reworded(self._campaign(code)))
        if chance(self.dice, 30) and at + 1 < len(CALENDAR):
            self.slots[at + 1].append(Reworded(next(c for c in self.world.campaigns if c.code == code)))

    def _target(self, partner: str, at: int) -> None:
        """One adjustment more than the target has by then; later ones keep theirs."""
        known = [t for t in self.world.targets if t.partner == partner]
        known += [s.target for slot in self.slots[: at + 1] for s in slot if _targets(s, partner)]
        one_more = draw_adjustment(self.dice, known[-1].year)
        made = [a for slot in self.slots for s in slot if _targets(s, partner) for a in s.target.adjustments]
        if one_more in (*known[-1].adjustments, *made):
            return  # saying the same again would say nothing
        self.slots[at].append(Targeted(replace(known[-1], adjustments=(*known[-1].adjustments, one_more))))
        before = len(known[-1].adjustments)  # in the sequence of recording: the latest target that was set counts
        for slot in self.slots[at + 1 :]:
            for i, step in enumerate(slot):
                if _targets(step, partner):
                    kept = (*step.target.adjustments[:before], one_more, *step.target.adjustments[before:])
                    slot[i] = Targeted(replace(step.target, adjustments=kept))


def _targets(step: Step, partner: str) -> bool:
    return isinstance(step, Targeted) and step.target.partner == partner


def draw_history(dice: Random, allowed: frozenset[str] = EVERYTHING) -> History:
    drawn = Drawn(dice, allowed)
    return History(drawn.world, tuple(tuple(slot) for slot in drawn.slots))


def histories(allowed: frozenset[str] = EVERYTHING) -> st.SearchStrategy[History]:
    """Real dice and no shrinking by Hypothesis: its bias to what is simple makes rare causes rarer, and a batch of
    histories in one database is shrunk by leaving out steps (`simpler`), all candidates of a round at once."""
    return st.randoms(use_true_random=True).map(lambda dice: draw_history(dice, allowed))
