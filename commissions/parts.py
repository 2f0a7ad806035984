"""The other orders of a bundle, for whoever reads its line.

A run keeps only the order that completed the bundle. The others are found again as sql/bundle.sql found them: of the
same partner and customer, active when the bundle was complete, for each part the earliest. Level, kind of partner and
segment are not asked a second time; and an order that was corrected or given away since may be missing here.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.apps import apps

from sales.models import Order, Product


def other_parts(lines: Sequence[Any]) -> dict[int, tuple[str, ...]]:
    """Order numbers by the id of the line or draft line; they are the line's own partner's. Three queries, or none."""
    bundles = [line for line in lines if line.kind == "bundle" and line.component and line.order]
    if not bundles:
        return {}
    needs = defaultdict(list)
    for need in apps.get_model("commissions", "BundleNeed").objects.filter(
        component__in={line.component_id for line in bundles}
    ):
        needs[need.component_id].append(need)
    sold = defaultdict(list)
    orders = Order.objects.filter(
        partner__in={line.partner_id for line in bundles}, customer_no__in={line.customer_no for line in bundles}
    )
    for order in orders.exclude(activated_on=None).order_by("activated_on", "order_no"):
        sold[order.partner_id, order.customer_no].append(order)
    families = dict(Product.objects.values_list("code", "family__code"))
    return {
        line.pk: _others(line, needs[line.component_id], sold[line.partner_id, line.customer_no], families)
        for line in bundles
    }


def _others(line: Any, needs: list[Any], orders: list[Order], families: dict[str, str]) -> tuple[str, ...]:
    own = _serves(line.order, needs, families)
    found: dict[int, str] = {}
    for order in orders:
        need = _serves(order, needs, families)
        if need not in (None, own) and need not in found and _at_once(order, line):
            found[need] = order.order_no
    return tuple(found[need] for need in sorted(found))


def _serves(order: Order, needs: list[Any], families: dict[str, str]) -> int | None:
    """Place of the first need the order meets; it counts for no other."""
    for need in needs:
        said = [
            (need.families, families.get(order.product or "")),
            (need.products, order.product),
            (need.transactions, order.transaction),
            (need.customer_classes, order.customer_class),
        ]
        if all(wanted is None or value in wanted for wanted, value in said):
            return int(need.position)
    return None


def _at_once(order: Order, line: Any) -> bool:
    """Whether the customer had it on the day the bundle was complete, and not for too long by then."""
    complete, within = line.activated_on, line.component.within_days
    return (
        order.activated_on is not None
        and order.activated_on <= complete
        and (order.cancelled_on is None or order.cancelled_on > complete)
        and (within is None or complete - order.activated_on <= timedelta(days=within))
    )
