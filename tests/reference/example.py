"""Plays a worked example (the YAML of the public format) on the reference model.

The shipped examples pin down the engine; playing them here as well means that a wrong expectation has to convince
two readings of the rules.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ruamel.yaml import YAML

from tests.reference import feed, reading, targets
from tests.reference.arithmetic import window_of
from tests.reference.books import Line
from tests.reference.facts import (
    Adjustment,
    Certificate,
    Contract,
    DealerCode,
    Hold,
    Manual,
    Membership,
    Partner,
    Product,
    Registration,
    World,
)
from tests.reference.ledger import Ledger, folded, run
from tests.reference.reading import UnknownHereError, a_date, a_month, only, version


def load(text: str) -> dict[str, Any]:
    """All scalars as written: codes stay codes, amounts become Decimal only where they are amounts."""
    return YAML(typ="base", pure=True).load(text)


class Example:
    def __init__(self, said: dict[str, Any]) -> None:
        stage = ("products", "schedules", "partners", "certificates", "targets", "surveys", "campaigns", "segments")
        only(said, ("title", *stage, "steps", "expect"), "example")
        self.said = said
        self.count = 0
        self.world = World(
            products=tuple(Product(p["code"], p["family"]) for p in said.get("products", [])),
            targets=tuple(reading.target(t) for t in said.get("targets") or []),
            surveys=tuple(reading.survey(s) for s in said.get("surveys") or []),
            campaigns=tuple(reading.campaign(c) for c in said.get("campaigns") or []),
            segments=tuple(reading.segment(s) for s in said.get("segments") or []),
        )
        for partner in said.get("partners", []):
            self._partner(partner)
        for schedule in said.get("schedules", []):
            self.world = replace(self.world, versions=(*self.world.versions, version(schedule)))
        for certificate in said.get("certificates") or []:
            self._certificate(certificate)
        self.ledger = Ledger()

    def _partner(self, said: dict) -> None:
        known = [
            "number",
            "kind",
            "schedule",
            "dealer_code",
            "contract_from",
            "contract_until",
            "level",
            "parent",
            "vat",
        ]
        only(said, known, f"partner {said['number']}")
        partner = Partner(said["number"], said.get("kind", "system_partner"), said.get("vat", "regular"))
        self.world = replace(self.world, partners=(*self.world.partners, partner))
        if "dealer_code" in said:
            code = DealerCode(said["dealer_code"], partner.number, date(1, 1, 1))
            self.world = replace(self.world, dealer_codes=(*self.world.dealer_codes, code))
        if "schedule" in said:
            self._contract({"partner": partner.number, **said})

    def _contract(self, said: dict) -> None:
        """Ends the one before it; what is left out stays as it was in that one."""
        start = a_date(said.get("contract_from") or said.get("valid_from")) or date(1, 1, 1)
        own = [c for c in self.world.contracts if c.partner == said["partner"]]
        before = max((c for c in own if c.valid_from <= start), key=lambda c: c.valid_from, default=None)
        contract = Contract(
            said["partner"],
            said.get("schedule") or before.schedule,
            start,
            a_date(said.get("contract_until") or said.get("valid_until")),
            (said["level"] if said["level"] not in (None, "null") else "")
            if "level" in said
            else before.level
            if before
            else "",
            said["parent"] if said.get("parent") not in (None, "", "null") else before.parent if before else None,
        )
        kept = tuple(
            replace(c, valid_until=min(c.valid_until or start, start)) if c in own else c
            for c in self.world.contracts
            if c not in own or c.valid_from < start
        )
        self.world = replace(self.world, contracts=(*kept, contract))
        if "number" not in said and "vat" in said:
            self._vat(said["partner"], said["vat"], start)

    def _vat(self, number: str, status: str, since: date) -> None:
        changed = tuple(p.taxed(status, since) if p.number == number else p for p in self.world.partners)
        self.world = replace(self.world, partners=changed)

    def _certificate(self, said: dict) -> None:
        self.count += 1
        person = said.get("person") or f"new member {self.count}"
        if said.get("revoked") == "true":
            start = a_date(said["valid_from"])
            same = [c for c in self.world.certificates if (c.family, c.valid_from) == (said["family"], start)]
            kept = tuple(replace(c, revoked=True) if c in same else c for c in self.world.certificates)
            self.world = replace(self.world, certificates=kept)
            return
        certificate = Certificate(
            f"z{self.count}", person, said["family"], a_date(said["valid_from"]), a_date(said.get("valid_until"))
        )
        member = Membership(person, said["partner"], date(1, 1, 1))
        self.world = replace(
            self.world,
            certificates=(*self.world.certificates, certificate),
            memberships=(*self.world.memberships, member),
        )

    def play(self) -> Ledger:
        for step in self.said["steps"]:
            ((word, said),) = step.items()
            self._step(word, said)
        return self.ledger

    def _step(self, word: str, said: Any) -> None:
        match word:
            case "feed":
                self.world = replace(self.world, events=self.world.events | feed.read(said))
            case "run":
                self.ledger = run(self.world, self.ledger, a_month(said))
            case "publish":
                self.world = replace(self.world, versions=(*self.world.versions, version(said)))
            case "certificate":
                self._certificate(said)
            case "contract":
                self._contract(said)
            case "hold":
                keys = {k: said.get(k) for k in ("partner", "order", "component")}
                hold = Hold(repr(sorted(keys.items(), key=str)), **keys)
                self.world = replace(self.world, holds=(*self.world.holds, hold))
            case "release":
                keys = {k: said.get(k) for k in ("partner", "order", "component")}
                name = repr(sorted(keys.items(), key=str))
                self.world = replace(self.world, holds=tuple(h for h in self.world.holds if h.key != name))
            case "manual":
                self.count += 1
                manual = Manual(f"m{self.count}", said["partner"], Decimal(said["amount"]))
                self.world = replace(self.world, manuals=(*self.world.manuals, manual))
            case "target":
                self._target(said)
            case "campaign":
                others = tuple(c for c in self.world.campaigns if c.code != said["code"])
                self.world = replace(self.world, campaigns=(*others, reading.campaign(said)))
            case "segment":
                new = reading.segment(said)
                others = tuple(s for s in self.world.segments if s.spend_from != new.spend_from)
                self.world = replace(self.world, segments=(*others, new))
            case "survey":
                self._add("surveys", reading.survey(said))
            case "register":
                since = next(said[k] for k in ("on", "from", "valid_from", "date") if k in said)
                self._add("registrations", Registration(said["campaign"], said["partner"], a_date(since)))
            case _:
                raise UnknownHereError(f"step {word}")

    def _target(self, said: dict) -> None:
        """Said again, a new annual target and further adjustments are added; what was agreed before stays."""
        key = said["partner"], said["kpi"], int(said["year"])
        before = [t for t in self.world.targets if (t.partner, t.kpi, t.year) == key]
        target = reading.target({"annual": str(before[-1].annual), **said} if before else said)
        if before:
            known = before[-1].adjustments
            in_force = [before[-1].annual, *(a.value for a in known if a.kind == "set")][-1]
            asked = [a.value for a in target.adjustments if a.kind == "set"] or [target.annual] * ("annual" in said)
            more = tuple(Adjustment("set", value) for value in asked[-1:] if value != in_force)
            more += tuple(a for a in target.adjustments if a.kind != "set" and a not in known)
            target = replace(before[-1], adjustments=(*known, *more))
        self._add("targets", target)

    def _add(self, field: str, value: object) -> None:
        self.world = replace(self.world, **{field: (*getattr(self.world, field), value)})

    def differences(self) -> list[str]:
        """What the example expects and the model does not find."""
        return [found for wanted in self.said["expect"] if (found := self._check(wanted))]

    def _check(self, wanted: dict) -> str | None:
        if "attainment" in wanted:
            return self._check_attainment(wanted)
        if "statement" in wanted:
            return self._check_statement(wanted)
        only(wanted, ["run", "partner", "component", "order", "amount", "cause", "held"], "expectation")
        lines = [line for line in self.ledger.of_run(a_month(wanted["run"])) if self._fits(line, wanted)]
        if ("held" in wanted or "cause" in wanted) and not lines:
            return f"{wanted}: no such line"
        amount = sum((line.amount for line in lines), Fraction(0))
        return None if amount == Fraction(wanted["amount"]) else f"{wanted}: found {float(amount):.2f}"

    @staticmethod
    def _fits(line: Line, wanted: dict) -> bool:
        return (
            wanted.get("partner", line.identity.partner) == line.identity.partner
            and wanted.get("component", line.identity.component) == line.identity.component
            and wanted.get("order", line.order) == line.order
            and wanted.get("cause", line.cause) == line.cause
            and ("held" not in wanted or (line.notice and line.hold == wanted["held"]))
        )

    def _check_statement(self, wanted: dict) -> str | None:
        month = a_month(wanted["run"])
        own = [s for s in self.ledger.statements if s.run == month and s.partner == wanted["partner"]]
        if not own:
            return f"{wanted}: no statement"
        wrong = {
            k: float(getattr(own[0], k)) for k, v in wanted["statement"].items() if getattr(own[0], k) != Fraction(v)
        }
        return f"{wanted}: found {wrong}" if wrong else None

    def _check_attainment(self, wanted: dict) -> str | None:
        as_of = a_date(wanted["as_of"])
        key = wanted["partner"], wanted["attainment"], as_of.year
        target = next(t for t in reversed(self.world.targets) if (t.partner, t.kpi, t.year) == key)
        period = window_of(as_of, target.period)
        plan = targets.planned(target, period)
        reached = targets.actual(self.world, target, folded(self.world, as_of), period)
        found = {"target": plan, "actual": reached, "percent": targets.percent(reached, plan)}
        wrong = {k: float(v) for k, v in found.items() if k in wanted and v != Fraction(wanted[k])}
        return f"{wanted}: found {wrong}" if wrong else None
