"""A schedule document as people read it: each component in words, for the office and for the partners it pays.

component_rows(document)                 title, what it pays for, rate, conditions
in_words(row)                            the same as a sentence
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from commissions import schedule_document
from commissions.models import Basis, Kind, Mode, Window
from core.formats import money, number, percent
from partners.models import Partner
from sales.models import Campaign, CustomerClass, Product, ProductFamily, Route, Transaction
from targets.models import Kpi


@dataclass(frozen=True)
class ComponentRow:
    """A component in words."""

    title: str
    code: str
    kind: str
    pays_for: str
    rate: str
    conditions: list[str]


@dataclass(frozen=True)
class Names:
    """What the codes of documents are called in the reader's language, by code; an unknown code is its own name."""

    families: dict[str, str]
    products: dict[str, str]
    campaigns: dict[str, str]
    targets: dict[str, str]
    components: dict[str, str]

    @classmethod
    def of(cls, *documents: schedule_document.Document) -> "Names":
        """Of several documents the last one that has a component says what it is called."""
        language = get_language() or "de"
        return cls(
            families={each.code: each.title for each in ProductFamily.objects.all()},
            products=Product.objects.all().titles(),
            campaigns={each.code: each.title for each in Campaign.objects.all()},
            targets={each.code: each.title for each in Kpi.objects.all()},
            components={
                each.code: each.title.text(language, each.code)
                for document in documents
                for each in document.components
            },
        )

    def followed(self, component: schedule_document.Component) -> str:
        return ", ".join(self.components.get(code, code) for code in component.follows)


def component_rows(document: schedule_document.Document) -> list[ComponentRow]:
    names = Names.of(document)
    language = get_language() or "de"
    return [
        ComponentRow(
            title=each.title.text(language, each.code),
            code=each.code,
            kind=str(Kind(each.kind).label),
            pays_for=_what(each, names),
            rate=_rate(each),
            conditions=list(_conditions(each, names)),
        )
        for each in document.components
    ]


def in_words(row: ComponentRow) -> str:
    """A component as a sentence: what it pays for what, and on what conditions."""
    said = _("%(kind)s: %(rate)s; %(orders)s.") % {
        "kind": capfirst(row.kind),
        "rate": row.rate,
        "orders": row.pays_for,
    }
    return f"{said} {capfirst('; '.join(row.conditions))}." if row.conditions else said


def _what(component: schedule_document.Component, names: Names) -> str:
    if component.follows:
        return _("follows %(components)s") % {"components": names.followed(component)}
    if component.needs:
        return " + ".join(_pays_for(need, names) for need in component.needs)
    if component.target:
        return _("what the target counts")
    return _pays_for(component.match, names)


def _pays_for(match: schedule_document.Match, names: Names) -> str:
    parts = [
        ", ".join(names.families.get(code, code) for code in match.families),
        ", ".join(names.products.get(code, code) for code in match.products),
        ", ".join(_label(Transaction, code) for code in match.transactions),
        ", ".join(_label(CustomerClass, code) for code in match.customer_classes),
        ", ".join(_label(Partner.Kind, code) for code in match.partner_kinds),
        ", ".join(_("partner level %(level)s") % {"level": capfirst(level)} for level in match.levels),
        ", ".join(_("customer of: %(route)s") % {"route": _label(Route, code)} for code in match.routes),
    ]
    return " · ".join(part for part in parts if part) or _("every order")


def _label(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else value


def _rate(component: schedule_document.Component) -> str:
    """What it pays, in one line: the flat rate, or every step."""
    rate = component.rate
    if rate is None and component.keep_percent is not None:
        return _("the distributor keeps %(percent)s") % {"percent": percent(component.keep_percent)}
    if rate is None:
        return _steps(component.steps, component)
    if rate.tiers is not None:
        return _steps(rate.tiers.steps, component)
    if rate.percent is not None:
        return _base(component) % {"percent": percent(rate.percent)}
    per_month = component.kind == schedule_document.Kind.RECURRING
    text = _("%(amount)s per unit and month") if per_month else _("%(amount)s per unit")
    return text % {"amount": money(rate.amount or 0)}


def _base(component: schedule_document.Component) -> str:
    bases = {
        schedule_document.Base.REVENUE: _("%(percent)s of the revenue"),
        schedule_document.Base.ORDER_VALUE: _("%(percent)s of the order value"),
        schedule_document.Base.MONTHLY_PRICE: _("%(percent)s of the monthly price"),
    }
    of = component.rate.of if component.rate else None
    return bases[of] if of else _("%(percent)s of the line it follows")


def _steps(steps: tuple[schedule_document.Step, ...], component: schedule_document.Component) -> str:
    return "; ".join(
        _("from %(start)s: %(pays)s") % {"start": starts_at(step, component), "pays": _pays(step, component)}
        for step in steps
    )


def starts_at(step: schedule_document.Step, component: schedule_document.Component) -> str:
    """Where a step begins, in what its component measures: percent of a target, points of NPS, EUR or units."""
    if component.target:
        return percent(step.start)
    if component.by:
        return f"NPS {number(step.start)}"
    if _by_turnover(component):
        return money(step.start, places=0 if step.start == int(step.start) else 2)
    return number(step.start)


def _by_turnover(component: schedule_document.Component) -> bool:
    tiers = component.rate.tiers if component.rate else None
    return tiers is not None and tiers.measure == schedule_document.Measure.TURNOVER


def _pays(step: schedule_document.Step, component: schedule_document.Component) -> str:
    if step.percent is not None:
        return _base(component) % {"percent": percent(step.percent)}
    if step.amount is not None and component.steps:
        return money(step.amount)
    return _("%(amount)s per unit") % {"amount": money(step.rate)}


def _conditions(component: schedule_document.Component, names: Names) -> list[str]:
    found = list(_measured(component, names))
    if months := component.months:
        found.append(ngettext("for %(n)s month", "for %(n)s months", months) % {"n": number(months)})
    if component.certificate:
        found.append(
            _("needs certificate %(family)s")
            % {"family": names.families.get(component.certificate, component.certificate)}
        )
    if component.clawback:
        found.append(_taken_back(component.clawback))
    if component.reserve_percent:
        found.append(_("%(percent)s of it in reserve for a year") % {"percent": percent(component.reserve_percent)})
    if component.group:
        found.append(_("alternative within “%(group)s”") % {"group": component.group})
    return found


def _measured(component: schedule_document.Component, names: Names) -> Iterator[str]:
    """What decides about the amount beside the order itself."""
    if component.rate and component.rate.tiers:
        tiers = component.rate.tiers
        words = {"measure": _measure(component), "window": Window(tiers.window).label}
        yield _("steps by %(measure)s in the %(window)s") % words
        yield str(Mode(tiers.mode).label)
    if component.campaign:
        yield _("campaign “%(title)s”") % {"title": names.campaigns.get(component.campaign, component.campaign)}
    if component.target:
        title = names.targets.get(component.target, component.target)
        yield _("by percent attained of the target “%(title)s”") % {"title": title}
    if component.by:
        yield _("by customer satisfaction (NPS), from %(n)s answers") % {"n": number(component.min_answers or 0)}
    if component.within_days is not None:
        yield _("all parts within %(n)s days") % {"n": number(component.within_days)}


def _measure(component: schedule_document.Component) -> str:
    rate = component.rate
    return str(Basis(str(rate.of)).label if rate is not None and _by_turnover(component) else Basis.UNITS.label)


def _taken_back(clawback: schedule_document.Clawback) -> str:
    modes = {
        schedule_document.ClawbackMode.FULL: _("taken back whole within %(n)s months"),
        schedule_document.ClawbackMode.MONTHS: _("taken back by the months left, liability %(n)s months"),
        schedule_document.ClawbackMode.STARTED_MONTHS: _("taken back by months not begun, liability %(n)s months"),
        schedule_document.ClawbackMode.DAYS: _("taken back by the days left, liability %(n)s months"),
        schedule_document.ClawbackMode.STEPS: _("taken back by steps, liability %(n)s months"),
    }
    return modes[clawback.mode] % {"n": number(clawback.liability)}
