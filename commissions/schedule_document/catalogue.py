"""What a schedule must agree with outside of itself, the catalogue, and what is allowed but looks like a slip.

The check takes a plain `Catalogue`, so that it needs no database and an example can bring its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .document import Base, Component, Document, Kind, number
from .fields import nearest
from .problems import Problem


@dataclass(frozen=True)
class Catalogue:
    """`families`: code to "is marked one-off"; `products`: code to the code of its family."""

    families: Mapping[str, bool]
    products: Mapping[str, str]


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
    match, families, products = component.match, catalogue.families, catalogue.products
    for family in match.families:
        if family not in families:
            yield f"{place}.match.families", _("names an unknown product family"), family, nearest(family, families)
        elif family not in products.values():
            yield f"{place}.match.families", _("names a family without products"), family, _("a family with a product")
    for product in match.products:
        if product not in products:
            yield f"{place}.match.products", _("names an unknown product"), product, nearest(product, products)
        elif match.families and products[product] not in match.families:
            right = _("its family %s among the families") % products[product]
            yield f"{place}.match.products", _("names a product outside of the families"), product, right
    if component.certificate is not None and component.certificate not in families:
        right = nearest(component.certificate, families)
        yield f"{place}.certificate", _("names an unknown product family"), component.certificate, right
    if component.kind == Kind.RECURRING:
        for family in sorted(_reached(component, catalogue)):
            if families.get(family):
                right = _("match only families that are not one-off")
                yield f"{place}.match", _("pays recurring commission on a family marked one-off"), family, right


def _reached(component: Component, catalogue: Catalogue) -> set[str]:
    """Families whose orders the component can match; without any limit these are all."""
    match = component.match
    if match.products:
        reached = {catalogue.products[product] for product in match.products if product in catalogue.products}
        return reached & set(match.families) if match.families else reached
    return set(match.families or catalogue.families)


def warnings(document: Document) -> list[Problem]:
    """What the format allows and hardly anybody means; a person decides."""
    return [
        Problem(f"components[{index}].{path}", message, value=value)
        for index, component in enumerate(document.components)
        for path, message, value in _doubts(component)
    ]


def _doubts(component: Component) -> Iterator[tuple[str, str, str]]:
    rate = component.rate
    if rate.percent is not None and rate.percent > 100 and rate.of != Base.MONTHLY_PRICE:
        yield "rate.percent", _("pays more than the customer does"), number(rate.percent)
    if rate.amount == 0 or rate.percent == 0:
        yield "rate", _("pays nothing"), component.code
    if component.kind == Kind.RECURRING and component.clawback is not None:
        yield "clawback", _("has no effect: recurring commission is not clawed back"), component.clawback.mode
