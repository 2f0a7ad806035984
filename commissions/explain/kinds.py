"""What the sentences say of the kinds that depend on more than one order: tiers, bonuses, campaigns, followers.

By 31 July 2026, 17.000,00 € were reached in Q3 2026: from 10.000,00 € on, 4 % hold for all of it.
From 25.000,00 € on it would be 5 %; 8.000,00 € are missing.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commissions.explain import steps
from commissions.explain.arithmetic import Computed, graduated
from commissions.models import Basis, Kind, Mode, Window
from commissions.queries import Context
from core.formats import day, money, month, number, percent


def window(line: Any, length: str) -> str:
    """The calendar window of that length in which a line lies: September 2026, Q3 2026, first half of 2026, 2026."""
    year = line.month.year
    match length:
        case Window.QUARTER:
            return f"Q{(line.month.month + 2) // 3} {year}"
        case Window.HALF_YEAR:
            half = _("the first half of %(year)s") if line.month.month <= 6 else _("the second half of %(year)s")
            return half % {"year": year}
        case Window.YEAR:
            return str(year)
    return month(line.month)


def measured(component: Any, value: Decimal) -> str:
    """A measure in a table: EUR of turnover, or a bare number."""
    return number(value) if component.measure == Basis.UNITS else money(value)


def counted(component: Any, value: Decimal) -> str:
    """A measure in a sentence, where a bare number could be anything."""
    if component.measure != Basis.UNITS:
        return money(value)
    return ngettext("%(n)s unit", "%(n)s units", 1 if value == 1 else 2) % {"n": number(value)}


def step_rate(line: Any, component: Any, rate: Decimal) -> str:
    """Percent, or EUR: per unit unless the component says in total."""
    if line.kind == Kind.UPLIFT or component.basis != Basis.UNITS:
        return percent(rate)
    return money(rate)


# ---- first sentence ----------------------------------------------------------------------------------------------
def earned(line: Any, context: Context, component: Any) -> str:
    """Base and rate of the kinds that have words of their own; empty for the others."""
    match line.kind:
        case Kind.WINDOW_BONUS:
            return _volume_bonus(line, component)
        case Kind.TARGET_BONUS:
            return _target_bonus(line, context, component)
        case Kind.CAMPAIGN:
            return _campaign(line, context)
        case Kind.BUNDLE:
            return _("%(amount)s because on %(date)s customer %(customer)s had all parts of the bundle.") % {
                "amount": money(line.rate),
                "customer": line.customer_no,
                "date": day(line.activated_on),
            }  # fmt: skip
        case Kind.UPLIFT:
            return _uplift(line, context, component)
        case Kind.OVERRIDE:
            return _("%(rate)s of the %(base)s that %(partner)s earned: %(followed)s.") % _followed(line, context)
        case Kind.SPLIT:
            values = _followed(line, context)
            if line.partner_id == line.followed_partner_id:
                return _("%(rate)s of %(followed)s, %(base)s, goes to the distributor.") % values
            return (
                _("As its distributor you receive %(rate)s of what %(partner)s earned: %(followed)s, %(base)s.")
                % values
            )
    return ""


def _followed(line: Any, context: Context) -> dict[str, str]:
    return {
        "rate": percent(line.rate),
        "base": money(abs(line.base) if line.kind == Kind.SPLIT else line.base),
        "followed": context.followed or line.followed_code,
        "partner": context.followed_partner or _("the sub-partner"),
        "campaign": context.campaign,
    }


def _volume_bonus(line: Any, component: Any) -> str:
    if component is None or line.measure is None:
        return ""
    values = {
        "window": window(line, component.window),
        "month": month(line.month),
        "reached": counted(component, line.measure),
        "before": counted(component, line.measured_of or Decimal(0)),
    }
    return (
        _("Volume bonus for %(window)s: %(reached)s reached up to and including %(month)s, %(before)s before that.")
        % values
    )


def _target_bonus(line: Any, context: Context, component: Any) -> str:
    reached = steps.attained(line.measure, line.measured_of)
    target = context.target or (component.target if component else "")
    target = f"{target} ({window(line, context.period)})" if context.period else target
    values = {"target": target, "actual": number(line.measure or 0)}
    if reached is None:
        return _("There is no target %(target)s for the period any more; so nothing is paid for it.") % values
    values |= {"percent": percent(steps.truncated(reached)), "planned": number(line.measured_of)}
    said = _("%(percent)s of the target %(target)s were attained: %(actual)s of %(planned)s.") % values
    step = steps.this_step(line, component)
    if step is None:
        return said
    values = {"from": percent(step.start), "rate": money(step.rate)}
    if component.steps_total:
        return f"{said} " + _("From %(from)s on, %(rate)s are paid.") % values
    return f"{said} " + _("From %(from)s, %(rate)s is paid for each unit, back to the first.") % values


def _campaign(line: Any, context: Context) -> str:
    values = _followed(line, context) | {"amount": money(line.rate), "quantity": number(line.base)}
    if line.basis == Basis.LINE:
        return _("Campaign “%(campaign)s”: %(rate)s on top of %(followed)s, %(base)s.") % values
    return _("Campaign “%(campaign)s”: %(quantity)s × %(amount)s.") % values


def _uplift(line: Any, context: Context, component: Any) -> str:
    values = _followed(line, context)
    reached = steps.score(line)
    if reached is None:
        return _("Nobody was surveyed in the quarter, so %(followed)s, %(base)s, gets no uplift.") % values
    n = int(line.measured_of)
    values |= {"nps": points(reached), "n": number(n), "quarter": window(line, Window.QUARTER)}
    if component is not None and not steps.enough_answers(line, component):
        values |= {"needed": number(component.min_answers or steps.MIN_ANSWERS)}
        return ngettext(
            "Only %(n)s answer of the %(needed)s needed came in, so %(followed)s, %(base)s, gets no uplift.",
            "Only %(n)s answers of the %(needed)s needed came in, so %(followed)s, %(base)s, gets no uplift.",
            n,
        ) % values  # fmt: skip
    if not line.rate:
        return (
            _(
                "NPS %(nps)s in %(quarter)s from %(n)s answers is below the first step, so %(followed)s, %(base)s, gets no uplift."
            )
            % values
        )
    return _("%(rate)s on top of %(followed)s, %(base)s, for NPS %(nps)s in %(quarter)s from %(n)s answers.") % values


def points(value: Fraction) -> str:
    return number(steps.truncated(value), places=1)


# ---- steps -------------------------------------------------------------------------------------------------------
def tier(line: Any, component: Any) -> str:
    """What was reached, or where the order lies, in the window of a closing or recurring component."""
    if component is None or line.measure is None or line.kind not in (Kind.CLOSING, Kind.RECURRING):
        return ""
    values = {"window": window(line, component.window), "reached": counted(component, line.measure)}
    if graduated(line, component):
        values |= {"start": measured(component, line.measure), "end": counted(component, line.measure + line.base)}
        return _("In %(window)s it begins at %(start)s and ends at %(end)s; each slice has its own rate.") % values
    step = steps.this_step(line, component)
    if step is None:
        return ""
    values |= {"from": measured(component, step.start), "rate": step_rate(line, component, step.rate)}
    return _("%(reached)s reached in %(window)s: from %(from)s it is %(rate)s for all of it.") % values


def distance(line: Any, component: Any) -> str:
    """How far it was to the next step; a graduated order has all its slices in the arithmetic instead."""
    if component is None or graduated(line, component):
        return ""
    if line.kind == Kind.WINDOW_BONUS and component.mode == Mode.GRADUATED:
        return ""
    step = steps.next_step(line, component)
    if step is None:
        return ""
    values = {"rate": step_rate(line, component, step.rate)}
    if line.kind == Kind.TARGET_BONUS:
        missing = Fraction(line.measured_of) * Fraction(step.start) / 100 - Fraction(line.measure)
        values |= {"from": percent(step.start), "missing": number(_up(missing))}
        return _("From %(from)s it would have been %(rate)s; %(missing)s short.") % values
    if line.kind == Kind.UPLIFT:
        return _("From NPS %(from)s it would be %(rate)s.") % (values | {"from": number(step.start)})
    values |= {"from": measured(component, step.start), "missing": counted(component, step.start - line.measure)}
    return _("From %(from)s it would be %(rate)s; %(missing)s to go.") % values


def _up(value: Fraction) -> Decimal:
    """Up to a thousandth, so that reaching what is said really reaches the step."""
    return Decimal(-(-value.numerator * 1000 // value.denominator)) / 1000


def cap(line: Any, computed: Computed) -> str:
    if not computed.capped:
        return ""
    if not line.measure:
        return _(
            "Nothing of the campaign is left for it: the cap is reached, or another campaign of the order pays more."
        )
    return _("Only %(left)s were left under the cap of the campaign.") % {"left": money(line.measure)}
