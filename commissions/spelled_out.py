"""A component spelled out: every key that it says, what that is called, and its value in words.

dict(said(component, names))["rate.amount"]     ("Amount per unit", "€45.00")
"""

from collections.abc import Iterator
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from commissions.models import Basis, Kind, Mode, Window
from commissions.schedule_document import Component, Match, Measure, Step
from commissions.schedule_form.fields import CLAWBACK_MODES
from commissions.wording import Names, starts_at
from core.formats import day, money, number, percent
from partners.models import Partner
from sales.models import CustomerClass, Route, Transaction

MATCHED = {
    "transactions": Transaction,
    "customer_classes": CustomerClass,
    "partner_kinds": Partner.Kind,
    "routes": Route,
}


Said = tuple[str, tuple[str, str]]


def said(component: Component, names: Names) -> Iterator[Said]:
    """Every key that the component says: its place in the document, what it is called, its value in words."""
    yield "title", (_("Title"), component.title.text(get_language() or "de", component.code))
    yield "kind", (_("Kind"), str(Kind(component.kind).label))
    yield from _match("match", component.match, names, "")
    for index, need in enumerate(component.needs):
        part = _("Part %(n)s: ") % {"n": index + 1}
        yield from _match(f"needs[{index}]", need, names, part)
    if component.follows:
        yield "follows", (_("Follows"), names.followed(component))
    yield from _rate(component)
    yield from _steps("steps", component.steps, component)
    yield from _plain(component, names)
    yield from _clawback(component)


def _match(path: str, match: Match, names: Names, part: str) -> Iterator[Said]:
    words = {
        "families": _("Product families"),
        "products": _("Products"),
        "transactions": _("Transactions"),
        "customer_classes": _("Customers"),
        "partner_kinds": _("Kinds of partner"),
        "levels": _("Partner levels"),
        "routes": _("Customers of"),
    }
    titles = {"families": names.families, "products": names.products}
    for key, label in words.items():
        values = getattr(match, key)
        if values:
            shown = [titles.get(key, {}).get(each) or _label(key, each) for each in values]
            yield f"{path}.{key}", (f"{part}{label}", ", ".join(shown))


def _label(key: str, value: str) -> str:
    if key == "levels":
        return str(capfirst(value))
    choices: Any = MATCHED.get(key)
    return str(choices(value).label) if choices and value in choices.values else value


def _rate(component: Component) -> Iterator[Said]:
    rate = component.rate
    if rate is None:
        return
    if rate.amount is not None:
        yield "rate.amount", (_("Amount per unit"), money(rate.amount))
    if rate.percent is not None:
        yield "rate.percent", (_("Percent"), percent(rate.percent))
    if rate.of is not None:
        yield "rate.of", (_("Of what"), str(Basis(str(rate.of)).label))
    if tiers := rate.tiers:
        turnover = tiers.measure == Measure.TURNOVER
        yield "rate.tiers.measure", (_("Added up"), _("turnover in EUR") if turnover else _("number of units"))
        yield "rate.tiers.window", (_("Over"), str(Window(tiers.window).label))
        yield "rate.tiers.mode", (_("How the steps count"), str(Mode(tiers.mode).label))
        yield from _steps("rate.tiers.steps", tiers.steps, component)


def _steps(path: str, steps: tuple[Step, ...], component: Component) -> Iterator[Said]:
    """A row a step, so that the one that changed stands alone."""
    for step in steps:
        label = _("From %(start)s") % {"start": starts_at(step, component)}
        if step.percent is not None:
            words = percent(step.percent)
        elif step.amount_per_unit is not None:
            words = _("%(amount)s per unit") % {"amount": money(step.amount_per_unit)}
        else:
            words = money(step.amount)
        yield f"{path} {step.start.normalize()}", (label, words)


def _plain(component: Component, names: Names) -> Iterator[Said]:
    each = component
    certificate = each.certificate and names.families.get(each.certificate, each.certificate)
    months = each.months and ngettext("%(n)s month", "%(n)s months", each.months) % {"n": each.months}
    values = {
        "months": (_("For how long"), months),
        "keep_percent": (_("The distributor keeps"), percent(each.keep_percent)),
        "campaign": (_("Campaign"), each.campaign and names.campaigns.get(each.campaign, each.campaign)),
        "target": (_("Target"), each.target and names.targets.get(each.target, each.target)),
        "settle_after_days": (_("Settled after days"), number(each.settle_after_days)),
        "within_days": (_("All parts within days"), number(each.within_days)),
        "min_answers": (_("Answers needed"), number(each.min_answers)),
        "effective_from": (_("For lines from"), day(each.effective_from)),
        "certificate": (_("Certificate needed"), certificate),
        "group": (_("Alternative within"), each.group),
        "reserve_percent": (_("Reserve"), percent(each.reserve_percent)),
        "round_to": (_("Rounded to"), money(each.round_to)),
    }
    for key, (label, words) in values.items():
        if words:
            yield key, (label, str(words))


def _clawback(component: Component) -> Iterator[Said]:
    clawback = component.clawback
    if clawback is None:
        return
    yield "clawback.mode", (_("Taken back"), str(dict(CLAWBACK_MODES)[str(clawback.mode)]))
    yield "clawback.months", (_("Liability in months"), number(clawback.liability))
    for step in clawback.steps:
        label = _("Taken back until month %(n)s") % {"n": step.until_month}
        yield f"clawback.steps {step.until_month}", (label, percent(step.percent))
