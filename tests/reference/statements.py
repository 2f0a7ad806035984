"""The statement of a partner for a run: VAT by service date, negative results carried forward.

net 1,150.00 after -310.00 brought forward: VAT 19 % on 840.00 = 159.60, payable 999.60
net -310.00: no VAT, nothing payable, carried forward -310.00
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.reference.arithmetic import CENT, half_up
from tests.reference.facts import World

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


def settle(world: World, lines: Iterable, earlier: tuple[Statement, ...], month: date) -> Iterable[Statement]:
    for partner in sorted(world.partners, key=lambda p: p.number):
        own = [line for line in lines if line.identity.partner == partner.number]
        last = [s for s in earlier if s.partner == partner.number][-1:]
        brought = dict(last[0].carried) if last else {}
        if not own and not sum(brought.values()):
            continue
        groups = dict(brought)
        for line in own:
            percent = vat_percent(partner.vat, line.service_date)
            groups[percent] = groups.get(percent, Fraction(0)) + line.amount
        net = sum((line.amount for line in own), Fraction(0))
        forward = sum(brought.values(), Fraction(0))
        yield _statement(month, partner.number, net, forward, groups)


def _statement(month: date, partner: str, net: Fraction, forward: Fraction, groups: dict[int, Fraction]) -> Statement:
    total = net + forward
    zero = Fraction(0)
    if total < 0:
        kept = tuple(sorted((percent, base) for percent, base in groups.items() if base))
        return Statement(month, partner, net, forward, zero, zero, total, zero, (), kept)
    priced = tuple((percent, base, half_up(base * percent / 100, CENT)) for percent, base in sorted(groups.items()))
    vat = sum((tax for _, _, tax in priced), zero)
    return Statement(month, partner, net, forward, vat, total + vat, zero, total + vat, priced)
