"""The arithmetic of a line as a table: what is multiplied, what is taken off, what was booked before."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from commissions.explain import kinds, liability, steps, words
from commissions.explain.arithmetic import ZERO_MAKING, Computed, graduated, takes_back
from commissions.models import Basis, HoldReason, Kind, Mode, Window
from commissions.queries import Context
from core.formats import money, month, number, percent

Unit = Literal["money", "percent", "number", "exact"]


@dataclass(frozen=True)
class Row:
    """`value` as a number with its unit, for machines; `text` as people read it, in the active language."""

    label: str
    value: Decimal
    unit: Unit
    note: str = ""

    @property
    def text(self) -> str:
        match self.unit:
            case "percent":
                return percent(self.value)
            case "number":
                return number(self.value)
            case "exact":
                places = _places(self.value)
                return money(self.value, places=2 if places <= 2 else max(4, places))
            case _:
                return money(self.value)


def rows_of(line: Any, computed: Computed, context: Context, component: Any) -> Iterator[Row]:
    if line.kind == Kind.MANUAL:
        return
    if line.base or (not line.hold_reason and not takes_back(line)):
        yield from _pricing(line, computed, context, component)
    if line.clawed_n and computed.clawed:
        share = _("%(open)s of %(all)s") % {"open": line.clawed_n, "all": line.clawed_d}
        yield Row(_("taken back"), -computed.clawed, "money", share if line.clawed_d > 1 else _("whole"))
    if line.is_notice:
        if line.hold_reason == HoldReason.EVIDENCE_MISSING and (open_ := liability.unproven(line, component)):
            yield Row(_("to be taken back"), line.would_be, "money", open_.text or _("whole"))
        return
    if line.hold_reason in ZERO_MAKING or line.clawed_n or line.previous_id is not None:
        yield Row(pgettext("amount", "due"), computed.entitled, "money")
    if line.previous_id is not None:
        yield Row(_("booked before"), -line.booked, "money", context.previous_statement)


def _pricing(line: Any, computed: Computed, context: Context, component: Any) -> Iterator[Row]:
    if line.kind == Kind.WINDOW_BONUS and component is not None and line.measure is not None:
        yield from _bonus(line, component, context)
    elif graduated(line, component):
        for part in steps.slices(component, line.measure, line.measure + line.base):
            yield _slice(part, component)
    else:
        if line.kind == Kind.TARGET_BONUS and line.measured_of:
            yield Row(_("target"), line.measured_of, "number", context.target)
            yield Row(_("attained"), line.measure, "number", _percent_attained(line))
        of_amount = line.basis != Basis.UNITS
        if line.kind == Kind.UPLIFT and line.measured_of:
            reached = _("NPS %(nps)s") % {"nps": kinds.points(steps.score(line) or Fraction(0))}
            yield Row(_("answers"), line.measured_of, "number", kinds.window(line, Window.QUARTER))
            yield Row(_("promoters less detractors"), line.measure, "number", reached)
        yield Row(_base_label(line, context), line.base, "money" if of_amount else "number", month(line.revenue_month))
        yield Row(_("rate"), line.rate, "percent" if of_amount else "money", words.schedule(context))
    if computed.exact != computed.uncapped:
        yield Row(_("exactly"), computed.exact, "exact")
        yield Row(_("rounded to %(step)s") % {"step": money(line.round_to)}, computed.uncapped, "money")
    elif line.clawed_n or computed.capped:
        yield Row(_("full amount"), computed.uncapped, "money")
    if computed.capped:
        yield Row(_("left under the cap"), line.measure, "money", context.campaign)


def _bonus(line: Any, component: Any, context: Context) -> Iterator[Row]:
    """What the whole bonus comes to by now, less what it came to a month earlier."""
    before = line.measured_of or Decimal(0)
    upto = month(line.month)
    if component.mode == Mode.GRADUATED:
        for part in steps.slices(component, before, line.measure):
            yield _slice(part, component)
        return
    for reached, sign in ((line.measure, 1), (before, -1)):
        label = (
            _("bonus up to %(month)s") % {"month": upto} if sign > 0 else _("less what the months before had reached")
        )
        rate = kinds.step_rate(line, component, steps.rate_at(component, reached))
        yield Row(
            label, sign * steps.worth(component, reached), "exact", f"{kinds.measured(component, reached)} × {rate}"
        )


def _slice(part: steps.Slice, component: Any) -> Row:
    values = {"start": kinds.measured(component, part.start), "end": kinds.measured(component, part.end)}
    rate = money(part.rate) if component.basis == Basis.UNITS else percent(part.rate)
    size = f"{kinds.measured(component, part.size)} × {rate}"
    return Row(_("from %(start)s to %(end)s") % values, part.amount, "exact", size)


def _percent_attained(line: Any) -> str:
    reached = steps.attained(line.measure, line.measured_of)
    return percent(steps.truncated(reached)) if reached is not None else ""


def _base_label(line: Any, context: Context) -> str:
    if line.basis == Basis.LINE:
        return context.followed or line.followed_code
    if line.kind == Kind.TARGET_BONUS:
        return _("counted")
    return {
        Basis.REVENUE: _("revenue"),
        Basis.ORDER_VALUE: _("order value"),
        Basis.MONTHLY_PRICE: _("monthly price × quantity"),
    }.get(line.basis, _("quantity"))


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
