"""One page per order: its whole life, what is held and what to do, what the next statement will say."""

from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from commissions.case import life_of, proposed
from commissions.earnings import posted_notices
from commissions.models import Cause, DraftLine, Line
from commissions.orders import Standing, outlook, why_of, with_money
from commissions.views.partner.orders import orders_below, own_orders, sees_money
from partners.access import partner_required
from partners.acting import PartnerRequest
from partners.models import DealerCode, Partner
from sales.models import Event, EventType, Order, Product, SegmentBand, Transaction

SHOWN_EVENTS = 400  # a contract of ten years has 120 months of revenue; more is a fault in the feed


@require_GET
@partner_required()
def case(request: HttpRequest, order_no: str) -> HttpResponse:
    """Own orders with money, those of partners below without; an order that went elsewhere shows what was paid here."""
    partner = cast(Partner, cast(PartnerRequest, request).partner)
    ahead = outlook()
    money = sees_money(request)
    mine: Any = with_money(own_orders(request), partner, ahead.run) if money else own_orders(request)
    order = mine.filter(order_no=order_no).first()
    ours, left = order is not None, False
    if order is None:
        order = orders_below(request).filter(order_no=order_no).first()
    if order is None and money:
        order, left = _formerly_ours(request, partner, order_no), True
    if order is None:
        raise Http404
    with_amounts = money and (ours or left)
    lines = list(_lines(request, partner, order)) if with_amounts else []
    drafts = (
        list(DraftLine.objects.visible_to(request.user).filter(run=ahead.run, partner=partner, order=order))
        if with_amounts and ahead.run
        else []
    )
    codes = set(DealerCode.objects.filter(outlet__partner=order.partner_id).values_list("code", flat=True))
    # What a customer is billed is shown where it is paid on, not to those who see no amounts.
    events = [] if left else [each for each in _events(order) if with_amounts or not each.revenue_month]
    products = Product.objects.all().titles()
    life = life_of(events, lines, codes, products)
    return render(
        request,
        "commissions/partner/case.html",
        {
            "title": _("Order %(number)s") % {"number": order.order_no},
            "crumbs": [(_("Orders"), reverse("commissions:orders"))],
            "order": order,
            "statuses": Order.Status,
            "standings": Standing,
            "causes": Cause,
            "product": products.get(order.product or "", order.product),
            "life": life,
            "held": _still_held(life, posted_notices(partner, ahead.run).filter(order=order)),
            "balance": life_balance(lines),
            "why": why_of(order, ahead) if ours and money else "",
            "with_amounts": with_amounts,
            "left": left,
            "below": None if ours or left else order.partner,
            "ahead": ahead,
            "proposed": proposed(drafts),
            "band": None if left else SegmentBand.objects.route_for(order.annual_spend, order.signed_on),
            "referral": order.transaction == Transaction.REFERRAL,
        },
    )


def life_balance(lines: list[Line]) -> Any:
    return sum(line.amount for line in lines)


def _lines(request: HttpRequest, partner: Partner, order: Order) -> QuerySet[Line]:
    lines = Line.objects.visible_to(request.user).filter(partner=partner, order=order)
    return lines.select_related("statement").order_by("statement__month", "pk")


def _events(order: Order) -> list[Event]:
    """In the sequence in which they take effect; revenue last on a day, as the feed says."""
    places = {kind: place for place, kind in enumerate(EventType.values)}
    events = Event.objects.filter(order_no=order.order_no).order_by("-occurred_on")[:SHOWN_EVENTS]
    return sorted(events, key=lambda event: (event.occurred_on, places[event.event_type], event.event_id))


def _formerly_ours(request: HttpRequest, partner: Partner, order_no: str) -> Order | None:
    """Attributed to somebody else by now; what stands on our statements stays explained."""
    order = Order.objects.filter(order_no=order_no).first()
    booked = (
        Line.objects.visible_to(request.user).filter(order=order, partner=partner) if order else Line.objects.none()
    )
    return order if booked.exists() else None


def _still_held(life: list[Any], notices: QuerySet[Line]) -> list[Any]:
    """What still stands of the notices; of one reason and component the latest, since each month has one of its own."""
    standing = set(notices.values_list("pk", flat=True))
    held = [moment for moment in life if moment.held and moment.line.pk in standing]
    return list({(moment.line.hold_reason, moment.line.component_code): moment for moment in held}.values())
