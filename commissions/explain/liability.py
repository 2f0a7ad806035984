"""How much of a commission a cancellation leaves open, from the days and the component alone (formats, rule 16).

    closing 45.00, liable for 24 months, activated on 17 September, cancelled on 22 October: 1 full month was held
    open_share(component, activated, cancelled)        Open(23, 24, "months")

A line that was taken back stores its share; one for which the proof is missing stores only what it would come to, and
this says why. It shares no code with the SQL that counted it, so agreement means something.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from commissions.schedule_document import ClawbackMode
from core.formats import percent
from core.money import cents
from core.periods import add_months, full_months


@dataclass(frozen=True)
class Open:
    """`n` of `d` are open; `mode` says what they are counted in."""

    n: int
    d: int
    mode: str

    def of(self, full: Decimal) -> Decimal:
        return cents(full * self.n / self.d)

    @property
    def text(self) -> str:
        """23 of 24 months; empty for a commission that is taken back whole."""
        values = {"open": self.n, "all": self.d}
        match self.mode:
            case ClawbackMode.STEPS:
                return percent(Decimal(100 * self.n) / self.d)
            case ClawbackMode.DAYS:
                return _("%(open)s of %(all)s days") % values
            case ClawbackMode.MONTHS | ClawbackMode.STARTED_MONTHS:
                return _("%(open)s of %(all)s months") % values
        return ""


def open_share(component: Any, activated: date, cancelled: date) -> Open | None:
    """None where the component takes nothing back, or no longer on that day."""
    mode, months = component.clawback_mode, component.clawback_months
    if not mode or (months and cancelled >= add_months(activated, months)):
        return None
    held = full_months(activated, cancelled)
    started = held + (add_months(activated, held) < cancelled)
    match mode:
        case ClawbackMode.MONTHS:
            return Open(months - held, months, mode)
        case ClawbackMode.STARTED_MONTHS:
            return Open(months - started, months, mode)
        case ClawbackMode.DAYS:
            until = add_months(activated, months)
            return Open((until - max(cancelled, activated)).days, (until - activated).days, mode)
        case ClawbackMode.STEPS:
            steps = zip(component.clawback_until, component.clawback_percent, strict=True)
            share = next((share for until, share in steps if until >= started), Decimal(0))
            return Open(int(share * 10000), 1_000_000, mode)
    return Open(1, 1, mode)


def unproven(line: Any, component: Any) -> Open | None:
    """What the proof would take back of a line; None where the line says something else (a cap, a follower)."""
    if component is None or not line.would_be or not line.activated_on or not line.cancelled_on:
        return None
    share = open_share(component, line.activated_on, line.cancelled_on)
    return share if share and share.of(line.full) == -line.would_be else None
