"""One order's whole life: what was reported, what was paid, what holds it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from commissions.actions.holds import CONTROLS
from commissions.models import Cause, Hold, Line
from core.formats import day, money
from partners.access import MONEY_OFFICE, may_enter_office, office_required
from sales.models import CustomerSpend, Event, Order, Product, Route, SegmentBand, Transaction


@require_GET
@office_required(*MONEY_OFFICE)
def case(request: HttpRequest, order_no: str) -> HttpResponse:
    """One order's whole life: what was reported, what was paid, what holds it."""
    order = get_object_or_404(Order.objects.visible_to(request.user).select_related("partner"), order_no=order_no)
    events = list(Event.objects.filter(order_no=order_no).order_by("occurred_on", "pk"))
    lines = list(Line.objects.visible_to(request.user).filter(order=order).select_related("statement", "component"))
    products = Product.objects.all().titles()
    holds = Hold.objects.filter(order=order, released_at__isnull=True).select_related("placed_by")
    life = [
        (
            each.occurred_on,
            day(each.occurred_on),
            capfirst(each.get_event_type_display()),
            "neutral",
            "",
            _said(each, products),
        )
        for each in events
    ]
    tones = {cause.value: cause.tone for cause in Cause}
    life += [
        (
            each.statement.issued_on,
            day(each.statement.issued_on),
            str(each.component or each.get_kind_display() or each.component_code),
            tones.get(each.cause, "neutral"),
            money(each.would_be) if each.is_notice else money(each.amount, signed=True),
            f"{each.get_cause_display()} · {each.get_hold_reason_display() or each.statement.number}",
        )
        for each in lines
    ]
    life.sort(key=lambda entry: entry[0])
    return render(
        request,
        "commissions/office/case.html",
        {
            "title": _("Order %(number)s") % {"number": order.order_no},
            "crumbs": [(str(order.partner), reverse("portal:partner", args=[order.partner.number]))],
            "order": order,
            "product": products.get(order.product or "", order.product),
            "statuses": Order.Status,
            "life": life,
            "lines": lines,
            "causes": Cause,
            "balance": sum(each.amount for each in lines),
            "holds": holds,
            "band": SegmentBand.objects.route_for(order.annual_spend, order.signed_on),
            "routes": Route,
            "spend": CustomerSpend.objects.visible_to(request.user).latest_of(order.customer_no),
            "referral": order.transaction == Transaction.REFERRAL,
            "may_hold": may_enter_office(request, CONTROLS),
        },
    )


def _said(event: Event, products: dict[str, str]) -> str:
    """What the event told beyond its date, in a line."""
    parts = [
        products.get(event.product or "", event.product),
        event.dealer_code,
        event.get_reason_display() if event.reason else "",
        money(event.revenue) if event.revenue is not None else "",
        event.evidence,
    ]
    return " · ".join(str(part) for part in parts if part)
