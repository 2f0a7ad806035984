"""What a schedule must agree with outside of itself, the catalogue, and what is allowed but looks like a slip.

The check takes a plain `Catalogue`, so that it needs no database and an example can bring its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from .document import Base, Component, Document, Kind, Match, number
from .fields import nearest
from .problems import Problem


@dataclass(frozen=True)
class Catalogue:
    """`families`: code to "is marked one-off"; `products`: code to the code of its family.

    `campaigns` and `targets` are known codes; None: nobody asked. Both may be set up after the schedule. `bonuses`: code
    of each bonus that any published version promises, to its kind and the window it is measured over ("" for a target's).
    """

    families: Mapping[str, bool]
    products: Mapping[str, str]
    campaigns: Collection[str] | None = None
    targets: Collection[str] | None = None
    bonuses: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def check_catalogue(
    components: Iterable[tuple[str, Component]], catalogue: Catalogue, lines: Mapping[str, int]
) -> list[Problem]:
    """Problems of components, each given with its place in the document."""
    return [
        Problem(path, message, line=lines.get(path) or lines.get(place), value=value, right=right)
        for place, component in components
        for path, message, value, right in _findings(place, component, catalogue)
    ]


def _findings(place: str, component: Component, catalogue: Catalogue) -> Iterator[tuple[str, str, str, str]]:
    families = catalogue.families
    yield from _match_findings(f"{place}.match", component.match, catalogue)
    for index, need in enumerate(component.needs):
        yield from _match_findings(f"{place}.needs[{index}]", need, catalogue)
    if component.certificate is not None and component.certificate not in families:
        right = nearest(component.certificate, families)
        yield f"{place}.certificate", _("names an unknown product family"), component.certificate, right
    if component.kind in (Kind.WINDOW_BONUS, Kind.TARGET_BONUS) and component.code in catalogue.bonuses:
        yield from _bonus_findings(place, component, *catalogue.bonuses[component.code])
    if component.kind == Kind.RECURRING:
        for family in sorted(_reached(component, catalogue)):
            if families.get(family):
                right = _("match only families that are not one-off")
                yield f"{place}.match", _("pays recurring commission on a family marked one-off"), family, right


def _bonus_findings(place: str, component: Component, kind: str, over: str) -> Iterator[tuple[str, str, str, str]]:
    """`kind`, `over`: what the bonus of this code was until now.

    A month is promised by the version of its own last day, and by that of the half-year's: under one code both would be
    one line.
    """
    window = component.rate.tiers.window if component.rate and component.rate.tiers else ""
    if component.kind != kind:
        message = _("is not the kind of bonus that this was until now")
        yield f"{place}.kind", message, component.kind, _("%s, or another code") % kind
    elif window != over:
        message = _("is not the window this bonus was promised over until now")
        yield f"{place}.rate.tiers.window", message, window, _("%s, or another code") % over


def _match_findings(place: str, match: Match, catalogue: Catalogue) -> Iterator[tuple[str, str, str, str]]:
    families, products = catalogue.families, catalogue.products
    for family in match.families:
        if family not in families:
            yield f"{place}.families", _("names an unknown product family"), family, nearest(family, families)
        elif family not in products.values():
            yield f"{place}.families", _("names a family without products"), family, _("a family with a product")
    for product in match.products:
        if product not in products:
            yield f"{place}.products", _("names an unknown product"), product, nearest(product, products)
        elif match.families and products[product] not in match.families:
            right = _("its family %s among the families") % products[product]
            yield f"{place}.products", _("names a product outside of the families"), product, right


def _reached(component: Component, catalogue: Catalogue) -> set[str]:
    """Families whose orders the component can match; without any limit these are all."""
    match = component.match
    if match.products:
        reached = {catalogue.products[product] for product in match.products if product in catalogue.products}
        return reached & set(match.families) if match.families else reached
    return set(match.families or catalogue.families)


def warnings(document: Document, catalogue: Catalogue | None = None) -> list[Problem]:
    """What the format allows and hardly anybody means; a person decides."""
    return [
        Problem(f"components[{index}].{path}", message, value=value, right=right)
        for index, component in enumerate(document.components)
        for path, message, value, right in (*_doubts(component), *_not_yet(component, catalogue))
    ]


def _doubts(component: Component) -> Iterator[tuple[str, str, str, str]]:
    for path, rate, of in _rates(component):
        if rate > 100 and of != Base.MONTHLY_PRICE and path.endswith("percent"):
            yield path, _("pays more than the customer does"), number(rate), ""
    if all(rate == 0 for _path, rate, _of in _rates(component)) and component.kind != Kind.SPLIT:
        yield "steps" if component.steps else "rate", _("pays nothing"), component.code, ""
    if component.kind == Kind.RECURRING and component.clawback is not None:
        message = _("has no effect: recurring commission is not clawed back")
        yield "clawback", message, component.clawback.mode, ""


def _rates(component: Component) -> Iterator[tuple[str, Decimal, Base | None]]:
    rate = component.rate
    steps = [(f"steps[{n}]", step) for n, step in enumerate(component.steps)]
    if rate is not None and rate.tiers is not None:
        steps += [(f"rate.tiers.steps[{n}]", step) for n, step in enumerate(rate.tiers.steps)]
    if rate is not None and rate.amount is not None:
        yield "rate.amount", rate.amount, None
    if rate is not None and rate.percent is not None:
        yield "rate.percent", rate.percent, rate.of
    for path, step in steps:
        yield f"{path}.percent" if step.percent is not None else path, step.rate, rate.of if rate else None


def _not_yet(component: Component, catalogue: Catalogue | None) -> Iterator[tuple[str, str, str, str]]:
    if catalogue is None:
        return
    for key, known, message in (
        ("campaign", catalogue.campaigns, _("names a campaign that is not set up yet")),
        ("target", catalogue.targets, _("names a figure that is not set up yet")),
    ):
        code = getattr(component, key)
        if code is not None and known is not None and code not in known:
            yield key, message, code, nearest(code, known) if known else ""
