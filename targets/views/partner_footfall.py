"""Footfall of the own outlets: read week by week, entered by hand."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import formats
from core.periods import berlin_date
from partners.access import MONEY_MEMBERS, may_enter_partner_pages, partner_required
from partners.models import Outlet
from targets.actions import footfall as actions
from targets.actions.deliveries import MOST_VISITS
from targets.models import Unit
from targets.models.footfall import Footfall
from targets.views.footfall import Goal, board, last_days, visits_of
from targets.views.partner import running_targets
from targets.views.partner_quality import shown_partner
from targets.wording import span_name


class VisitsForm(forms.Form):
    """The last seven days of one outlet, or a whole week; days left empty stay as they are."""

    all_optional = True

    outlet = forms.ModelChoiceField(label=gettext_lazy("Outlet"), queryset=Outlet.objects.none(), empty_label=None)

    def __init__(self, *args: Any, outlets: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outlet"].queryset = outlets  # type: ignore[attr-defined]
        self.days = {f"day_{day:%Y%m%d}": day for day in last_days(today)}
        for name, day in self.days.items():
            self.fields[name] = forms.IntegerField(
                label=f"{dateformat.format(day, 'D')} {formats.day(day)}",
                required=False,
                min_value=0,
                max_value=MOST_VISITS,
            )

    @property
    def visits(self) -> dict[date, int]:
        found = {day: self.cleaned_data[name] for name, day in self.days.items()}
        return {day: number for day, number in found.items() if number is not None}


@partner_required()
def footfall(request: HttpRequest) -> HttpResponse:
    """GET shows the weeks; POST takes the visits of the last days."""
    partner, today = shown_partner(request), berlin_date(timezone.now())
    outlets = Outlet.objects.filter(partner=partner).order_by("name", "pk")
    form = VisitsForm(request.POST or None, outlets=outlets, today=today)
    if request.method == "POST" and form.is_valid():
        by: Any = request.user
        outlet = form.cleaned_data["outlet"]
        changed = actions.record_footfall(outlet, form.visits, by=by, now=timezone.now())
        text = ngettext("%(n)d day recorded.", "%(n)d days recorded.", changed) % {"n": changed}
        messages.success(request, text if changed else _("Nothing was new."))
        return redirect("targets:footfall")
    visits = visits_of(partner)
    context = {
        "title": _("Footfall"),
        "outlets": outlets,
        "form": form,
        "latest": visits.select_related("outlet").order_by("-starts_on", "outlet")[:10],
        "spans": Footfall.Span,
        "layout": "layouts/partner.html",
        "may_enter": bool(outlets) and not request.viewing_as,  # type: ignore[attr-defined]
    }
    return render(request, "targets/footfall.html", context | board(request, visits, outlets, today, _goals(request)))


def _goals(request: Any) -> list[Goal]:
    """Running targets in pieces, for those who see targets."""
    if not may_enter_partner_pages(request, MONEY_MEMBERS):
        return []
    return [
        Goal(
            each.item.pk, f"{each.item.kpi.title}, {span_name(each.span)}", each.span, each.actual, each.forecast.to_go
        )
        for each in running_targets(request)
        if each.item.unit == Unit.PIECES
    ]
