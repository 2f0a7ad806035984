"""The partner's home: earned, coming, held, what needs me; for a seller the orders without their money."""

from typing import Any, cast

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from commissions.earnings import (
    Figures,
    figures_of,
    provisional_run,
    since_last_statement,
    waiting_for_certificates,
)
from commissions.models import Statement
from commissions.statement import State, state_of
from commissions.views.partner.orders import orders_below, own_orders, sees_money
from commissions.views.partner.statements import own_statements, year_bars
from core.charts import Bar
from core.formats import day, money, month, month_short, number
from partners.access import may_enter_office, partner_required
from partners.acting import PartnerRequest
from partners.models import Partner
from portal.views.office.finding import search as office_search
from sales.models import Order, Product, ProductNotice
from targets.support import running
from targets.views.partner import changes_to_confirm, home_gauges

NEW_FOR_DAYS = 14
SHOWN_HITS = 20


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Staff have a home of their own, unless they look through a partner's eyes."""
    if may_enter_office(request) and not cast(PartnerRequest, request).viewing_as:
        return HttpResponseRedirect("/office/")
    return cast(HttpResponse, _home(request))


@partner_required()
def _home(request: HttpRequest) -> HttpResponse:
    partner = cast(Partner, cast(PartnerRequest, request).partner)
    return _with_money(request, partner) if sees_money(request) else _without_money(request, partner)


def _with_money(request: HttpRequest, partner: Partner) -> HttpResponse:
    run = provisional_run()
    statements = own_statements(request)
    figures = figures_of(partner, statements)
    return render(
        request,
        "portal/partner/home.html",
        {
            "title": _("Overview"),
            "greeting": _greeting(figures),
            "figures": figures,
            "was_due": _was_due(figures.last),
            "held_note": _held_note(figures),
            "todo": [*changes_to_confirm(request), *_todo(figures, partner)],
            "bars": _bars(statements, figures),
            "news": since_last_statement(partner, run),
            "gauges": home_gauges(request),
            "portfolio": _portfolio(),
            **_support(request, partner),
        },
    )


def _without_money(request: HttpRequest, partner: Partner) -> HttpResponse:
    orders = own_orders(request)
    counts = dict(orders.order_by().values_list("status").annotate(Count("pk")))
    return render(
        request,
        "portal/partner/home_seller.html",
        {
            "title": _("Overview"),
            "greeting": _hello(),
            "counts": [
                (status, counts[status.value], f"{reverse('commissions:orders')}?status={status.value}")
                for status in Order.Status
                if status.value in counts
            ],
            "orders": orders.order_by("-signed_on", "-pk")[:8],
            "statuses": Order.Status,
            "portfolio": _portfolio(),
            **_support(request, partner),
        },
    )


def _support(request: HttpRequest, partner: Partner) -> dict[str, Any]:
    """What the operator does in this half-year, for everybody of the partner."""
    half, measures = running(partner, request.user)
    return {"half": half, "measures": measures}


def _portfolio() -> list[tuple[Product, str, str]]:
    """What is new to sell: product, tone, words; products with a day first, then the preview of what has none yet."""
    today = timezone.localdate()
    words = {ProductNotice.Kind.DATED: _("from %(day)s"), ProductNotice.Kind.RELEASED: _("since %(day)s")}
    found = [
        (
            each.product,
            ProductNotice.Kind(each.kind).tone,
            words[ProductNotice.Kind(each.kind)] % {"day": day(each.day)},
        )
        for each in ProductNotice.objects.current(today)
    ]
    return found + [(each, "neutral", _("announced")) for each in Product.objects.announced()]


def _hello() -> str:
    hour = timezone.localtime().hour
    if hour < 11:
        return _("Good morning.")
    return _("Good day.") if hour < 18 else _("Good evening.")


def _greeting(figures: Figures) -> str:
    coming = figures.coming
    if coming is None or not coming.net:
        return _hello()
    values = {"hello": _hello(), "month": month(coming.month).split(" ")[0], "amount": money(coming.net)}
    return _("%(hello)s %(month)s has brought %(amount)s so far.") % values


def _held_note(figures: Figures) -> str:
    """Orders and the reason with the most money; what may be taken back, if anything."""
    if not figures.held:
        return _("nothing is held")
    if not figures.held_total and figures.at_risk:
        return _("%(amount)s are at risk") % {"amount": money(-figures.at_risk)}
    top = figures.held[0]
    note = ngettext("%(n)s order: %(reason)s", "%(n)s orders: %(reason)s", top.orders) % {
        "n": number(top.orders),
        "reason": top.label,
    }
    return f"{note} …" if len(figures.held) > 1 else note


def _todo(figures: Figures, partner: Partner) -> list[dict[str, Any]]:
    """What only the partner can move, most money first: title, note, address, word on the button."""
    tasks = [
        {
            "strong": _("Certificate %(family)s") % {"family": each.family},
            "title": _("is missing"),
            "note": ngettext(
                "%(n)s order, %(amount)s: paid only if somebody held it on the day of the signature. "
                "Have an older one recorded; a new one counts for what is signed from then on.",
                "%(n)s orders, %(amount)s: paid only if somebody held it on the day of the signature. "
                "Have an older one recorded; a new one counts for what is signed from then on.",
                each.orders,
            )
            % {"amount": money(each.amount), "n": number(each.orders)},
            "url": reverse("commissions:case", args=[each.order_no])
            if each.orders == 1
            else f"{reverse('commissions:orders')}?standing=held&reason=certificate_missing",
            "button": _("Look"),
        }
        for each in waiting_for_certificates(partner, provisional_run(), timezone.localdate())
        if not each.held_now
    ]
    last = figures.last
    if last and last.carried_forward < 0:
        tasks.append(
            _task(
                last,
                _("pays nothing out"),
                _("%(amount)s are set off against the next one") % {"amount": money(-last.carried_forward)},
            )
        )
    elif last and (timezone.localdate() - last.issued_on).days <= NEW_FOR_DAYS:
        said = _("%(amount)s were due on %(due)s") if _was_due(last) else _("%(amount)s payable on %(due)s")
        due = said % {"amount": money(last.payable), "due": day(last.due_on)}
        tasks.append(_task(last, _("is new"), due))
    if not partner.iban:
        note = _("tell your partner manager where to pay to")
        tasks.append(
            {
                "strong": _("Bank account"),
                "title": _("is missing"),
                "note": note,
                "url": reverse("partners:company"),
                "button": _("Look"),
            }
        )
    return tasks


def _was_due(statement: Statement | None) -> bool:
    return statement is not None and state_of(statement, timezone.localdate()) == State.DUE


def _task(statement: Statement, title: str, note: str) -> dict[str, Any]:
    url = reverse("commissions:statement", args=[statement.number])
    name = _("Statement %(month)s") % {"month": month(statement.month)}
    return {"strong": name, "title": title, "note": note, "url": url, "button": _("Read")}


def _bars(statements: Any, figures: Figures) -> list[Bar]:
    """Up to eleven statements and, dashed, the open month."""
    bars = year_bars(statements)
    coming = figures.coming
    if coming and (coming.net or bars):
        proposed = Bar(month_short(coming.month), coming.net, title=month(coming.month), open=True, shown=True)
        bars = [*bars[-11:], proposed]
        if len(bars) > 1:
            bars[-2] = Bar(**{**vars(bars[-2]), "shown": True})
    return bars


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """One box for both shells: in the partner's, orders, customers and statements of the partner shown."""
    if may_enter_office(request) and not cast(PartnerRequest, request).viewing_as:
        return cast(HttpResponse, office_search(request))
    return cast(HttpResponse, _search(request))


@partner_required()
def _search(request: HttpRequest) -> HttpResponse:
    """A single hit opens at once: who types an order number wants that order."""
    text = request.GET.get("q", "").strip()
    orders, statements = _found(request, text) if len(text) > 1 else ([], [])
    if len(orders) + len(statements) == 1:
        only = reverse("commissions:case", args=[orders[0].order_no]) if orders else ""
        return HttpResponseRedirect(only or reverse("commissions:statement", args=[statements[0].number]))
    return render(
        request,
        "portal/partner/search.html",
        {
            "title": _("Search"),
            "text": text,
            "orders": orders,
            "statements": statements,
            "statuses": Order.Status,
        },
    )


def _found(request: HttpRequest, text: str) -> tuple[list[Order], list[Statement]]:
    """By the beginning of an order or customer number, or by the end of a statement number; an exact order alone."""
    ours: Any = own_orders(request) | orders_below(request)
    exact = list(ours.filter(order_no=text))
    if exact:
        return exact, []
    starting = ours.filter(order_no__istartswith=text) | ours.filter(customer_no__istartswith=text)
    numbered = own_statements(request).filter(number__endswith=text) if sees_money(request) else []
    return list(starting.order_by("-signed_on", "-pk")[:SHOWN_HITS]), list(numbered)
