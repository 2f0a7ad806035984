"""Every component with sample data, so that a page is built by looking and changed in one place.

Open to staff, and to everybody while DEBUG is on. `?lang=en` shows the other language, `?shell=office` the denser shell.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from core import columns
from core.charts import Bar, Step
from core.choices import ToneChoices
from core.formats import money, month, month_short, percent


class SampleStatus(ToneChoices):
    """Statuses as a room would declare them."""

    PAID = "paid", "earned", gettext_lazy("paid")
    REVIEW = "review", "coming", gettext_lazy("in review")
    HELD = "held", "held", gettext_lazy("held")
    CANCELLED = "cancelled", "taken", gettext_lazy("cancelled")


class SampleTable(columns.Table):
    order_id = columns.Column(verbose_name=gettext_lazy("Order"))
    customer = columns.Column(verbose_name=gettext_lazy("Customer"), opt=True)
    signed_on = columns.DayColumn(verbose_name=gettext_lazy("Signed"), opt=True)
    status = columns.BadgeColumn(SampleStatus, verbose_name=gettext_lazy("Status"))
    quantity = columns.NumberColumn(verbose_name=gettext_lazy("Pieces"), opt=True)
    amount = columns.MoneyColumn(verbose_name=gettext_lazy("Amount"))


class SampleForm(forms.Form):
    """One field of each kind; the second has an error when the form is bound."""

    name = forms.CharField(label=gettext_lazy("Legal name"), help_text=gettext_lazy("As in the commercial register."))
    iban = forms.CharField(label="IBAN", required=True)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[("a", gettext_lazy("system partner")), ("b", gettext_lazy("distributor"))]
    )
    start = forms.DateField(
        label=gettext_lazy("valid from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    sure = forms.BooleanField(label=gettext_lazy("I have read the agreement"), required=False)


class SampleFilter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Search"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    state = forms.ChoiceField(label=gettext_lazy("Status"), required=False, choices=[("", "—"), *SampleStatus.choices])
    since = forms.DateField(
        label=gettext_lazy("Signed from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


def _rows() -> list[dict[str, Any]]:
    states = SampleStatus.values
    return [
        {
            "order_id": f"O-{88120 + n}",
            "customer": f"KD-{20117 + n * 7}",
            "signed_on": date(2026, 9, 1 + n % 28),
            "status": states[n % 4],
            "quantity": n % 3 + 1,
            "amount": Decimal("45.00") * (n % 3 + 1) * (-1 if states[n % 4] == "cancelled" else 1),
        }
        for n in range(137)
    ]


def _charts() -> dict[str, Any]:
    months = [date(2026, m, 1) for m in range(1, 12)]
    values = [Decimal(91010 + (n * 7919) % 42000) / 100 for n in range(11)]
    bars = [
        Bar(month_short(m), v, title=month(m), open=m.month == 11, href="#bars")
        for m, v in zip(months, values, strict=True)
    ]
    steps = [
        Step(_("Earned in September"), Decimal("1201.41")),
        Step(_("Corrections"), Decimal(52)),
        Step(_("Cancelled"), Decimal(-80)),
        Step(_("Net"), None),
        Step(_("VAT 19 %"), Decimal("222.95"), "neutral"),
        Step(_("Reserve for cancellations"), Decimal("-69.04"), "held"),
        Step(_("Payable"), None, "brand"),
    ]
    shares = [(_("Closing, mobile"), Decimal("1904220.00")), (_("Closing, fixed line"), Decimal("1002118.00"))]
    shares += [(_("Share of revenue"), Decimal("611904.11")), (_("Correction"), Decimal("-61204.80"))]
    return {"bars": bars, "steps": steps, "shares": shares, "share_max": Decimal("1904220.00")}


def style_guide(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not (settings.DEBUG or (user.is_authenticated and user.is_office)):
        raise PermissionDenied
    language = request.GET.get("lang", "")
    with override(language if language in dict(settings.LANGUAGES) else get_language()):
        if "toast" in request.GET:
            messages.success(request, _("The run was approved."))
            messages.error(request, _("Somebody else has approved it already."))
        table = SampleTable(_rows())
        table.request = request
        table.order_by = request.GET.get("sort", "order_id")
        table.paginate(per_page=8, page=int(request.GET.get("page", 2)))
        table.totals = {"quantity": 273, "amount": Decimal("6120.00")}
        context = {
            "layout": f"layouts/{'office' if request.GET.get('shell') == 'office' else 'partner'}.html",
            "title": _("Style guide"),
            "crumbs": [(_("Overview"), "/")],
            "statuses": SampleStatus,
            "tones": ["earned", "coming", "held", "taken", "neutral"],
            "figures": [Decimal("1234.56"), Decimal(-80), Decimal(0), Decimal("4182930.11")],
            "table": table,
            "form": SampleForm({"name": "Systemhaus Beispiel GmbH", "iban": "", "kind": "a"}),
            "filter_form": SampleFilter({"q": "O-88"}),
            "viewed": SimpleNamespace(__str__=lambda: "P-1042"),
            "day": date(2026, 11, 22),
            "run_steps": _run_steps(),
            "why": _why(),
            "tab_items": [
                {"label": _("All"), "url": "?", "count": 1204, "current": True},
                {"label": _("Paid"), "url": "?", "count": 1100},
                {"label": _("Held"), "url": "?", "count": 104},
                {"label": _("Nothing due"), "url": "?", "count": 0},
            ],
            **_charts(),
        }
        return render(request, "portal/style_guide.html", context)


def _run_steps() -> list[dict[str, str]]:
    return [
        {"label": _("Feed complete"), "state": "done", "note": ""},
        {"label": _("Calculated"), "state": "done", "note": "118.204"},
        {"label": _("Review"), "state": "current", "note": _("2 of 5 findings open")},
        {"label": _("Approval by a second person"), "state": "", "note": ""},
        {"label": _("Posted and published"), "state": "", "note": ""},
    ]


def _why() -> list[tuple[str, str, str]]:
    return [
        (_("Revenue August 2026"), "", money(Decimal("95.55"))),
        (_("Rate"), _("schedule System partner, version 2 from 1 July 2026"), percent(4)),
        (_("exactly"), "", money(Decimal("3.822"), places=4)),
    ]
