"""The statement of a partner for a run: VAT by service date, negative results carried forward.

net 1,150.00 after -310.00 brought forward: VAT 19 % on 840.00 = 159.60, payable 999.60
net -310.00: no VAT, nothing payable, carried forward -310.00
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from tests.reference import reserve
from tests.reference.arithmetic import CENT, half_up
from tests.reference.assessment import NOTHING, Assessment, Identity
from tests.reference.books import Books, Line
from tests.reference.facts import Partner, World
from tests.reference.reserve import Cohort

RATES = (  # from that day on
    (date(1998, 4, 1), 16),
    (date(2007, 1, 1), 19),
    (date(2020, 7, 1), 16),
    (date(2021, 1, 1), 19),
)


@dataclass(frozen=True)
class Statement:
    run: date
    partner: str
    net: Fraction
    brought_forward: Fraction
    vat: Fraction
    gross: Fraction
    carried_forward: Fraction
    payable: Fraction
    groups: tuple[tuple[int, Fraction, Fraction], ...]  # percent, net and brought forward, VAT
    carried: tuple[tuple[int, Fraction], ...] = ()  # what is carried forward, by percent
    reserve_withheld: Fraction = Fraction(0)
    reserve_released: Fraction = Fraction(0)
    reserve_drawn: Fraction = Fraction(0)


def vat_percent(vat: str, service_date: date) -> int:
    if vat != "regular":
        return 0
    return [percent for since, percent in RATES if since <= service_date][-1]


def settle(
    world: World,
    lines: list[Line],
    books: Books,
    found: Mapping[Identity, Assessment],
    earlier: tuple[Statement, ...],
    cohorts: tuple[Cohort, ...],
    month: date,
) -> tuple[tuple[Statement, ...], tuple[Cohort, ...]]:
    """The statements of a run and the reserves after it."""
    statements, kept = [], []
    booked = {i: books.booked(i) for c in cohorts for i in c.stands}
    for line in lines:
        if line.identity in booked:
            booked[line.identity] += line.amount
    for partner in sorted(world.partners, key=lambda p: p.number):
        own = [line for line in lines if line.identity.partner == partner.number]
        mine = [reserve.standing(c, booked, found) for c in cohorts if c.partner == partner.number]
        last = [s for s in earlier if s.partner == partner.number][-1:]
        brought = dict(last[0].carried) if last else {}
        released = [reserve.due(world, c, month) for c in mine]
        mine = [replace(c, balance=c.balance - r) for c, r in zip(mine, released, strict=True)]
        if own or sum(brought.values()) or sum(released):
            statement, mine = _statement(month, partner, own, brought, sum(released, NOTHING), mine, books, found)
            statements.append(statement)
        kept += [c for c in mine if c.balance]
    return tuple(statements), tuple(kept)


def _statement(
    month: date,
    partner: Partner,
    own: list[Line],
    brought: dict[int, Fraction],
    released: Fraction,
    cohorts: list[Cohort],
    books: Books,
    found: Mapping[Identity, Assessment],
) -> tuple[Statement, list[Cohort]]:
    groups = dict(brought)
    for line in own:
        percent = vat_percent(partner.vat_on(line.service_date), line.service_date)
        groups[percent] = groups.get(percent, NOTHING) + line.amount
    net = sum((line.amount for line in own), NOTHING)
    forward = sum(brought.values(), NOTHING)
    total = net + forward
    given = {"run": month, "partner": partner.number, "net": net, "brought_forward": forward}
    given["reserve_released"] = released
    if total < 0:
        used = min(released, -total)
        drawn, cohorts = reserve.drawn(cohorts, -total - used)
        carried = total + used + drawn
        given |= {"vat": NOTHING, "gross": NOTHING, "reserve_drawn": drawn, "payable": released - used}
        left = _set_off(groups, used + drawn)
        return Statement(**given, carried_forward=carried, groups=(), carried=left), cohorts
    priced = tuple((percent, base, half_up(base * percent / 100, CENT)) for percent, base in sorted(groups.items()))
    vat = sum((tax for _, _, tax in priced), NOTHING)
    bearing = reserve.bearing(own, books)
    withheld = min(reserve.to_withhold(bearing), max(NOTHING, total + vat + released))
    if withheld:
        stands = {line.identity: found[line.identity] for line in bearing}
        cohorts = [*cohorts, Cohort(partner.number, month, withheld, stands)]
    given |= {"vat": vat, "gross": total + vat, "reserve_withheld": withheld, "carried_forward": NOTHING}
    return Statement(**given, payable=total + vat - withheld + released, groups=priced), cohorts


def _set_off(groups: dict[int, Fraction], paid: Fraction) -> tuple[tuple[int, Fraction], ...]:
    """What is carried forward, by percent, after reserves paid some of it: the highest rate first."""
    left = dict(groups)
    for percent in sorted(groups, reverse=True):
        part = min(paid, max(NOTHING, -left[percent]))
        left[percent] += part
        paid -= part
    return tuple(sorted((percent, base) for percent, base in left.items() if base))
