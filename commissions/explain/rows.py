"""The arithmetic of a line as a table: what is multiplied, what is taken off, what was booked before."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from commissions.explain import words
from commissions.explain.arithmetic import ZERO_MAKING, Computed, takes_back
from commissions.models import Basis, Kind
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
                return money(self.value, places=max(4, _places(self.value)))
            case _:
                return money(self.value)


def rows_of(line: Any, computed: Computed, context: Context) -> Iterator[Row]:
    if line.kind == Kind.MANUAL:
        return
    if line.base or (not line.hold_reason and not takes_back(line)):
        yield from _pricing(line, computed, context)
    if line.clawed_n and computed.clawed:
        share = _("%(open)s of %(all)s") % {"open": line.clawed_n, "all": line.clawed_d}
        yield Row(_("taken back"), -computed.clawed, "money", share if line.clawed_d > 1 else _("whole"))
    if line.is_notice:
        return
    if line.hold_reason in ZERO_MAKING or line.clawed_n or line.previous_id is not None:
        yield Row(pgettext("amount", "due"), computed.entitled, "money")
    if line.previous_id is not None:
        yield Row(_("booked before"), -line.booked, "money", context.previous_statement)


def _pricing(line: Any, computed: Computed, context: Context) -> Iterator[Row]:
    of_amount = line.basis != Basis.UNITS
    yield Row(_base_label(line), line.base, "money" if of_amount else "number", month(line.revenue_month))
    yield Row(_("rate"), line.rate, "percent" if of_amount else "money", words.schedule(context))
    if computed.exact != computed.full:
        yield Row(_("exactly"), computed.exact, "exact")
        yield Row(_("rounded to %(step)s") % {"step": money(line.round_to)}, computed.full, "money")
    elif line.clawed_n:
        yield Row(_("full amount"), computed.full, "money")


def _base_label(line: Any) -> str:
    return {
        Basis.REVENUE: _("revenue"),
        Basis.ORDER_VALUE: _("order value"),
        Basis.MONTHLY_PRICE: _("monthly price × quantity"),
    }.get(line.basis, _("quantity"))


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
