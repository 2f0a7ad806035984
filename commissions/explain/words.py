"""The sentences of an explanation. Each says one thing; `__init__` decides which of them a line needs.

4 % of the revenue of 95,55 € that customer KD-20117 had in August 2026. Month 8 of 24.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commissions.explain import kinds, liability
from commissions.explain.arithmetic import Computed, graduated, takes_back
from commissions.models import Basis, Cause, HoldReason, Kind
from commissions.queries import Context
from commissions.schedule_document import ClawbackMode
from core.formats import day, money, month, number, percent
from core.periods import month_index
from sales.models import Reason


def question(line: Any) -> str:
    """The heading over the arithmetic."""
    if not line.is_notice:
        return _("Why %(amount)s?") % {"amount": money(line.amount)}
    if not line.would_be:
        return _("Why is nothing paid here?")
    if line.hold_reason == HoldReason.EVIDENCE_MISSING:
        return _("Why is %(amount)s not taken back yet?") % {"amount": money(abs(line.would_be))}
    return _("Why is %(amount)s held?") % {"amount": money(line.would_be)}


def rate(line: Any) -> str:
    return money(line.rate) if line.basis == Basis.UNITS else percent(line.rate)


def rate_unit(line: Any, component: Any) -> str:
    """What a rate is in; of a line that several rates priced it is the one it stands at."""
    if not line.basis:
        return ""
    if line.basis != Basis.UNITS:
        unit = _("percent")
    elif component is not None and component.steps_total:
        unit = _("EUR in total")
    else:
        unit = _("EUR per unit")
    several = line.kind == Kind.WINDOW_BONUS or graduated(line, component)
    return _("%(unit)s, one of several rates") % {"unit": unit} if several else unit


def earned(line: Any, context: Context, component: Any) -> str:
    """Base and rate in words."""
    if said := kinds.earned(line, context, component):
        return said
    values = {
        "rate": rate(line),
        "quantity": number(line.base),
        "base": money(line.base),
        "customer": context.customer_no,
        "product": context.product or line.product,
        "month": month(line.revenue_month),
        "activated": day(line.activated_on),
    }
    if graduated(line, component):
        values["size"] = kinds.counted(component, line.base)
        return _("%(size)s counted for %(product)s, activated on %(activated)s.") % values
    if line.basis == Basis.REVENUE and context.customer_no:
        return _("%(rate)s of the revenue of %(base)s that customer %(customer)s had in %(month)s.") % values
    if line.basis == Basis.REVENUE:
        return _("%(rate)s of the revenue of %(base)s in %(month)s.") % values
    if line.basis == Basis.ORDER_VALUE:
        return _("%(rate)s of the order value of %(base)s for %(product)s, activated on %(activated)s.") % values
    if line.basis == Basis.MONTHLY_PRICE:
        return _("%(rate)s of the monthly price of %(base)s for %(product)s, activated on %(activated)s.") % values
    if line.kind == Kind.RECURRING:
        return _("%(quantity)s × %(rate)s for %(month)s, a month on whose last day the order was active.") % values
    return _("%(quantity)s × %(rate)s for %(product)s, activated on %(activated)s.") % values


def place_in_term(line: Any, context: Context) -> str:
    """Which of its paid months a recurring line is."""
    if line.kind != Kind.RECURRING or not line.revenue_month or not line.activated_on:
        return ""
    index = month_index(line.revenue_month, line.activated_on)
    if context.months is None:
        return _("The order is in its month %(index)s.") % {"index": index}
    return _("The order is in month %(index)s of %(months)s.") % {"index": index, "months": context.months}


def schedule(context: Context) -> str:
    """Which wording of which schedule set the rate."""
    values = {"schedule": context.schedule, "version": context.version, "date": day(context.version_from)}
    if not context.schedule:
        return ""
    if context.version is None:
        return _("schedule %(schedule)s") % values
    return _("schedule %(schedule)s, version %(version)s, for orders signed from %(date)s") % values


def by_schedule(line: Any, context: Context, component: Any) -> str:
    """For arithmetic with several rates, which has no row to name the schedule in."""
    slices = graduated(line, component) or (line.kind == Kind.WINDOW_BONUS and line.measure is not None)
    said = schedule(context) if slices else ""
    return _("The rates are those of: %(schedule)s.") % {"schedule": said} if said else ""


def certificate(context: Context) -> str:
    values = {"name": context.certificate_holder, "family": context.certificate_family}
    if not context.certificate_holder:
        return ""
    if context.certificate_last_day is None:
        return _("%(name)s held the certificate %(family)s.") % values
    values["date"] = day(context.certificate_last_day)
    return _("%(name)s held the certificate %(family)s, valid to %(date)s.") % values


def reserve(line: Any, component: Any) -> str:
    """Of which lines the statement keeps something back: what closing commission is posted first, and positive."""
    share = getattr(component, "reserve_percent", None)
    if not share or line.kind != Kind.CLOSING or line.previous_id is not None or line.amount <= 0:
        return ""
    return _("%(share)s of it count towards the reserve that the statement keeps back.") % {"share": percent(share)}


def reason(line: Any) -> str:
    return str(Reason(line.reason).label) if line.reason in Reason.values else line.reason


def cancelled(line: Any, component: Any) -> str:
    """When and why the customer left, and how much of the liability was still open."""
    if line.cancelled_on is None or (line.kind == Kind.RECURRING and not line.clawed_n) or line.followed_code:
        return ""
    values = {"date": day(line.cancelled_on), "reason": reason(line)}
    if line.kind == Kind.RECURRING:
        return _("The order ended on %(date)s and was not active on the month's last day.") % values
    if line.hold_reason == HoldReason.EVIDENCE_MISSING:
        return ""
    if not line.clawed_n:
        return (
            _("Cancelled on %(date)s (%(reason)s); nothing is taken back for it.") % values
            if line.reason
            else _("Cancelled on %(date)s; nothing is taken back for it.") % values
        )
    if line.clawed_n == line.clawed_d:
        return (
            _("Cancelled on %(date)s (%(reason)s); the whole commission is taken back.") % values
            if line.reason
            else _("Cancelled on %(date)s; the whole commission is taken back.") % values
        )
    return _taken_back_in_part(line, component) % (values | {"reason": reason(line) or _("no reason given")})


def _taken_back_in_part(line: Any, component: Any) -> str:
    """With placeholders for date and reason; the share is said in what the component's liability is counted in."""
    held, mode = line.clawed_d - line.clawed_n, component.clawback_mode if component else ClawbackMode.MONTHS
    values = {"held": held, "open": line.clawed_n, "all": line.clawed_d, "date": "%(date)s", "reason": "%(reason)s"}
    match mode:
        case ClawbackMode.STEPS:
            share = percent(Decimal(100 * line.clawed_n) / line.clawed_d)
            said = _("Cancelled on %(date)s (%(reason)s): at that time %(share)s is taken back.")
            return said % (values | {"share": share.replace("%", "%%")})
        case ClawbackMode.DAYS:
            said = ngettext(
                "Cancelled on %(date)s (%(reason)s) after %(held)s day: %(open)s of %(all)s days are open.",
                "Cancelled on %(date)s (%(reason)s) after %(held)s days: %(open)s of %(all)s days are open.",
                held,
            )
        case ClawbackMode.STARTED_MONTHS:
            said = _("Cancelled on %(date)s (%(reason)s) in month %(held)s: %(open)s of %(all)s months had not begun.")
        case _:
            said = ngettext(
                "Cancelled on %(date)s (%(reason)s) after %(held)s full month: %(open)s of %(all)s months are open.",
                "Cancelled on %(date)s (%(reason)s) after %(held)s full months: %(open)s of %(all)s months are open.",
                held,
            )
    return said % values


def not_active(line: Any) -> str:
    """A month of a fixed recurring amount that pays nothing though the order was never cancelled."""
    if line.kind != Kind.RECURRING or not line.clawed_n or line.cancelled_on:
        return ""
    return _("The order was not active on the last day of %(month)s.") % {"month": month(line.revenue_month)}


# Without the amounts, which follow in their own sentence.
CAUSES: dict[str, Callable[[], str]] = {
    Cause.LATE_EVENT: lambda: _("It was reported late: %(month)s had already been settled."),
    Cause.CORRECTED: lambda: _("What was reported about the order has been corrected."),
    Cause.REATTRIBUTED: lambda: _("The order has been attributed to another partner."),
    Cause.CONTRACT: lambda: _("The contract that applies to the signature date has changed."),
    Cause.CANCELLED: lambda: "",  # said by `cancelled`, with the day and the share
    Cause.REINSTATED: lambda: _("The cancellation takes back less than before, or has been revoked."),
    Cause.SCHEDULE_CHANGED: lambda: _("The schedule for the signature date has been changed."),
    Cause.CERTIFICATE: lambda: _("The certificate that counts on the signature date has changed."),
    Cause.HOLD: lambda: _("What held the amount, or holds it now, has changed."),
    Cause.TARGET: lambda: _("The target has been adjusted; what was attained stays."),
    Cause.SURVEY: lambda: _("The result of the survey has changed."),
    Cause.RE_RATED: lambda: _("What was reached has changed, and with it the rate or the place."),
}


def changed(line: Any) -> str:
    """Why the line differs from what was booked before it."""
    if line.followed_code and line.cause == Cause.CANCELLED:
        return _("The order was cancelled, which made the line this one follows smaller.")
    if line.cause == Cause.REATTRIBUTED and line.previous_id is None:
        return _("The order has been attributed to this partner; before, it belonged to another.")
    return CAUSES[line.cause]() % {"month": month(line.month)} if line.cause in CAUSES else ""


def booked(line: Any, computed: Computed, context: Context) -> str:
    """What was booked and what is entitled; empty for a first line."""
    if line.previous_id is None or line.is_notice:
        return ""
    values = {
        "booked": money(line.booked),
        "entitled": money(computed.entitled),
        "statement": context.previous_statement,
    }
    if takes_back(line):
        return _("Nothing is due here any more; %(booked)s had been booked.") % values
    if not line.booked:
        return _("Nothing had been booked for it so far; %(entitled)s is due.") % values
    if context.previous_statement:
        return _("%(booked)s had been booked by statement %(statement)s; %(entitled)s is due.") % values
    return _("%(booked)s had been booked; %(entitled)s is due.") % values


def held(line: Any, context: Context) -> tuple[str, str]:
    """Why the line is held, and what would change that."""
    values = {
        "signed": day(line.signed_on),
        "product": context.product or line.product,
        "family": context.certificate_family or context.component or line.component_code,
        "schedule": context.schedule or line.schedule,
        "cancelled": day(line.cancelled_on),
        "campaign": context.campaign,
    }
    match line.hold_reason:
        case HoldReason.NO_CONTRACT:
            why = _("On the signature date %(signed)s no contract was in force.")
            todo = _("If there was one, ask your partner manager to have it recorded.")
        case HoldReason.NOT_IN_SCHEDULE:
            why = _("No component of the schedule %(schedule)s pays for %(product)s as it was sold.")
            todo = _("Nothing needs to be done; if you expected a commission, ask your partner manager.")
        case HoldReason.NOT_IN_PORTFOLIO:
            why = _("%(product)s was not in the portfolio on the signature date %(signed)s.")
            todo = _("If the signature date is wrong, ask your partner manager to have it corrected.")
        case HoldReason.CERTIFICATE_MISSING:
            why = _("Nobody at the company held a valid certificate (%(family)s) on the signature date %(signed)s.")
            todo = _("If somebody did, have the certificate recorded; the next run then pays the amount.")
        case HoldReason.CAMPAIGN_NOT_REGISTERED:
            why = _("The company was not registered for the campaign “%(campaign)s” on the signature date %(signed)s.")
            todo = _("Register before you sell: only orders signed from that day on count.")
        case HoldReason.WITHHELD:
            why = _("The commission controller withholds this amount for now.")
            todo = _("It is paid by the first run after its release; ask your partner manager for the reason.")
        case HoldReason.EVIDENCE_MISSING:
            why = _("Cancelled on %(cancelled)s, but the proof is missing, so nothing is taken back.")
            todo = _("Nothing needs to be done. With proof, a later run takes back what is shown here.")
        case _:
            return "", ""
    return why % values, todo


def worth(line: Any, component: Any) -> str:
    """What the notice is about in money."""
    if not line.is_notice or not line.would_be:
        return ""
    amount = money(abs(line.would_be))
    if line.hold_reason == HoldReason.EVIDENCE_MISSING:
        share = liability.unproven(line, component)
        if share is None or not share.text:
            return _("With proof, %(amount)s would be taken back.") % {"amount": amount}
        return _("With proof, %(amount)s would be taken back; open are %(share)s.") % {
            "amount": amount,
            "share": share.text,
        }
    if line.would_be < 0:
        return _("Without the hold, %(amount)s would be taken back.") % {"amount": amount}
    return _("Without that, %(amount)s would be paid.") % {"amount": amount}


def manual(context: Context) -> str:
    if not context.manual_reason:
        return _("Agreed outside the schedules by two people.")
    return _("Agreed outside the schedules by two people: %(reason)s") % {"reason": context.manual_reason}
