"""The lines of a run: for every identity what it is worth minus what is booked, and why.

Lines that stand on their own come first, those that follow them after, because they inherit the cause.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

from tests.reference import bonuses, bundles, campaigns, causes
from tests.reference.arithmetic import window_of
from tests.reference.assessment import Assessment, Identity, Inputs, inputs_of
from tests.reference.books import Books, Line
from tests.reference.eligibility import withheld
from tests.reference.entitlement import Settlements
from tests.reference.facts import World
from tests.reference.orders import Order


class Differences:
    def __init__(
        self,
        world: World,
        books: Books,
        orders: Iterable[Order],
        found: Mapping[Identity, Assessment],
        month: date,
        posted: date | None,
        settled: Settlements,
    ) -> None:
        self.world, self.books, self.found = world, books, found
        self.orders = {order.key: order for order in orders}
        self.month, self.posted, self.settled = month, posted, settled
        self.gone = [
            i
            for i, lines in books.lines.items()
            if lines[-1].kind != "manual" and i not in found and books.left(i) and not self._final(i, lines[-1])
        ]
        self.caused: dict[Identity, str] = {}  # lines that move in this run, and why
        self.withheld: set[Identity] = set()  # lines that are gone and not taken back yet
        self.service: dict[Identity, date] = {}

    def lines(self) -> Iterable[Line]:
        for identity, assessment in self.found.items():
            if not identity.followed:
                yield from self._post(identity, assessment, self._cause(identity, assessment))
        for identity in self.gone:
            if not identity.followed:
                assessment = self._nothing(identity)
                last = self.books.of(identity)[-1].inputs
                yield from self._post(identity, assessment, causes.since_last_line(last, assessment.inputs))
        for identity, assessment in self.found.items():
            if identity.followed:
                yield from self._post(identity, assessment, self._cause_of_follower(identity, assessment))
        for identity in sorted(self.gone, key=lambda i: self.books.of(i)[-1].kind != "campaign"):
            if identity.followed:
                assessment, cause = self._nothing_to_follow(identity)
                yield from self._post(identity, assessment, cause)

    # ---- causes ----
    def _cause(self, identity: Identity, now: Assessment) -> str | None:
        last = self.books.last(identity)
        if last:
            return causes.since_last_line(last.inputs, now.inputs)
        frozen = self.settled.actuals.get(identity)
        if frozen:  # nothing was due when the period was settled, now something is
            return causes.since_last_line(replace(frozen.inputs, hold=now.inputs.hold), now.inputs)
        origin = self._origin(identity, now.kind)
        return causes.of_a_first_line(origin, now.inputs, identity, now.kind, self.posted)

    def _cause_of_follower(self, identity: Identity, now: Assessment) -> str | None:
        last = self.books.last(identity)
        inherited = self.caused.get(now.follows)
        if last:
            own = causes.of_a_follower(last.inputs, now.inputs, now.kind) or inherited
            return own or ("hold" if last.inputs.hold != now.inputs.hold else self._meanwhile(now.follows, last.run))
        origin = self._origin(identity, now.kind)
        if origin is not None:
            return causes.moved(origin, now.inputs) or inherited or "schedule_changed"
        # Late is what belongs to a month already posted: an uplift may still be in time for a line that was not.
        if inherited in (None, "earned", "late_event"):
            return causes.earned_or_late(identity, now.kind, self.posted)
        return inherited

    def _meanwhile(self, line: Identity, since: date) -> str | None:
        """What moved the line while nothing was posted of its follower, and shows there only now."""
        last = self.books.last(line)
        return last.cause if last and last.run > since else None

    def _origin(self, identity: Identity, kind: str) -> Inputs | None:
        """Where a new identity moved from: what the order had in its place (the closing, or the month) and has no more.

        Money that is taken back speaks first, then the same component, then the latest. A mere notice speaks only
        while nothing was posted in its place after it: it is never taken back, so it would speak for ever.
        """
        if not (identity.order or identity.customer):
            return None
        here = {i: lines for i, lines in self.books.lines.items() if place(i, lines[-1].kind) == place(identity, kind)}
        latest = max((lines[-1].run for lines in here.values()), default=None)
        ranked = [
            (bool(booked), other.component == identity.component, lines[-1].run, lines[-1].inputs)
            for other, lines in here.items()
            if other in self.gone and ((booked := self.books.booked(other)) or lines[-1].run == latest)
        ]
        return max(ranked, key=lambda r: r[:3])[3] if ranked else None

    # ---- what is gone ----
    def _final(self, identity: Identity, last: Line) -> bool:
        """A bonus of a settled window stays as it is, even if nobody grants it any more, unless a hold stopped it."""
        if last.kind != "window_bonus" or last.inputs.component is None or last.hold == "withheld":
            return False
        window = window_of(identity.month, last.inputs.component.tiers.window)
        return self.settled.frozen(self.world).find(identity.partner, identity.component, window) is not None

    def _nothing(self, identity: Identity) -> Assessment:
        """What an identity is that nothing gives rise to any more."""
        last = self.books.of(identity)[-1]
        if last.kind in ("window_bonus", "target_bonus"):
            return bonuses.gone(self.world, identity, last.kind, last.inputs)
        if last.kind == "bundle":
            return bundles.gone(self.world, identity.partner, last.order, last.inputs, self.orders)
        order = self.orders[identity.order]
        inputs = inputs_of(self.world, order)
        if last.kind == "campaign":
            inputs = campaigns.withdrawn(self.world, order, last.inputs)
        return Assessment(last.kind, inputs, idle=True, order=order)

    def _nothing_to_follow(self, identity: Identity) -> tuple[Assessment, str | None]:
        """If its line is there, something of the follower's own has changed; else it goes the way of its line.

        Then it keeps its own inputs: they are no change when the line comes back.
        """
        last = self.books.of(identity)[-1]
        line = self._line_of(identity, last.kind)
        order = self.orders[last.order]
        now = self._along(last.inputs, order, "withheld" if line in self.withheld else "")
        cause = self.caused.get(line) if line else None
        if line in self.found and self.found[line].followable:
            if last.kind == "campaign":
                now = replace(campaigns.withdrawn(self.world, order, last.inputs), survey=last.inputs.survey)
                cause = causes.moved(last.inputs, now) or ("schedule_changed" if last.inputs.component else None)
            else:
                now = replace(inputs_of(self.world, order), terms=last.inputs.terms, survey=last.inputs.survey)
                cause = causes.of_a_follower(last.inputs, now, last.kind)
        return Assessment(last.kind, now, idle=True, order=order, follows=line), cause

    def _along(self, last: Inputs, order: Order, hold: str) -> Inputs:
        """Its own inputs are kept; how the order stands is told with it, and no news any more when something takes its place."""
        fresh = inputs_of(self.world, order)
        contract = fresh.contract and (*fresh.contract[:2], causes.distributor(last))
        terms = (*fresh.terms, *last.terms[len(fresh.terms) :])
        return replace(last, partner=fresh.partner, contract=contract or last.contract, terms=terms, hold=hold)

    def _line_of(self, identity: Identity, kind: str) -> Identity | None:
        """The line that it followed, of the same month (of an uplift: the latest of its quarter), held ones first."""
        quarter = window_of(identity.month, "quarter")
        fitting = [
            i
            for i in [*self.found, *self.gone]
            if (i.partner, i.component) == (identity.followed_partner, identity.followed)
            and (i.order, i.revenue_month, i.customer) == (identity.order, identity.revenue_month, identity.customer)
            and (i.month == identity.month or (kind == "uplift" and quarter.first <= i.month <= quarter.last))
        ]
        return min(fitting, key=lambda i: i in self.found and self.found[i].followable, default=None)

    # ---- posting ----
    def _post(self, identity: Identity, now: Assessment, cause: str | None) -> Iterable[Line]:
        before = self.books.of(identity)
        service = before[0].service_date if before else self.service.get(now.follows, now.service)
        self.service[identity] = service
        difference = now.entitled - self.books.booked(identity)
        hold = now.inputs.hold
        order = now.order.key if now.order else ""
        if now.idle and difference and withheld(self.world, identity.partner, order, identity.component):
            hold = "withheld"
            self.withheld.add(identity)
        if cause is None and before and before[-1].inputs.hold != hold:
            cause = "hold"
        inputs = replace(now.inputs, hold=hold)
        line = Line(self.month, identity, difference, cause or "", inputs, service, hold, kind=now.kind, order=order)
        if cause and (difference or hold not in ("", "withheld", before[-1].hold if before else "")):
            self.caused[identity] = cause
        if difference and hold != "withheld":
            assert cause, f"{identity}: {difference} without a cause"
            yield line
        if hold and hold != (before[-1].hold if before else "") and (hold != "withheld" or difference):
            assert cause, f"{identity}: {hold} without a cause"
            yield replace(line, amount=Fraction(0), notice=True, would_be=would_be(now, hold, difference))


def would_be(now: Assessment, hold: str, difference: Fraction) -> Fraction:
    return {"withheld": difference, "evidence_missing": -now.would_claw}.get(hold, now.left)


def place(identity: Identity, kind: str) -> tuple:
    """Lines in one place of an order stand for each other: its closing lines, each of its months, its campaigns."""
    kind = kind or "closing"
    return kind, identity.order, identity.revenue_month, identity.customer, bool(identity.followed)
