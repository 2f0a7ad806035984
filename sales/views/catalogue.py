"""The office's catalogue: what can be sold, and whose customer is whose, today or as it was on any day."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django import forms
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core.export import file_asked_for, file_response
from core.periods import berlin_date, last_day
from partners.access import may_enter_office, office_required
from sales.models import Product, ProductFamily, Route, SegmentBand
from sales.queries import Gap, segment_gaps
from sales.views.spending import READERS


class AsOf(forms.Form):
    on = forms.DateField(label=gettext_lazy("As of"), required=False, widget=forms.DateInput(attrs={"type": "date"}))


@require_GET
@office_required()
def catalogue(request: HttpRequest) -> HttpResponseBase:
    """Products by family with their state, and who looks after which customers: today, or as it was on a day (F0-02)."""
    form, today = AsOf(request.GET), berlin_date(timezone.now())
    day: date = (form.cleaned_data["on"] if form.is_valid() else None) or today
    products = Product.objects.order_by("code") if day == today else Product.objects.orderable_on(day)
    families = ProductFamily.objects.prefetch_related(Prefetch("products", products)).order_by("code")
    bands = list(SegmentBand.objects.on(day).order_by("spend_from"))
    kind, of = file_asked_for(request), request.GET.get("of")
    if kind and of == "segments":
        return file_response(kind, _segments_header(), _segments_rows(bands), name="segments", title=_("Segments"))
    if kind:
        return file_response(
            kind, _catalogue_header(), _catalogue_rows(families), name="catalogue", title=_("Catalogue")
        )
    context = {
        "title": _("Catalogue"),
        "families": families if day == today else [each for each in families if each.products.all()],
        "states": Product.State,
        "routes": Route,
        "bands": _with_gaps(bands),
        "form": form,
        "day": day,
        "past": day != today,
        "sees_spends": may_enter_office(request, READERS),
    }
    return render(request, "sales/office/catalogue.html", context)


def _with_gaps(bands: list[SegmentBand]) -> list[SegmentBand | Gap]:
    spends: list[SegmentBand | Gap] = [*bands, *segment_gaps(bands)]
    return sorted(spends, key=lambda row: row.spend_from)


def _catalogue_header() -> list[str]:
    return [_("Family"), _("Title"), _("Product"), _("Title"), _("From"), _("Until"), _("Status")]


def _catalogue_rows(families: Iterable[ProductFamily]) -> Iterator[list[Any]]:
    """One row a product in the order of the page; `until` is the last day it can be ordered."""
    for family in families:
        for each in family.products.all():
            names = (family.code, family.title, each.code, each.title)
            yield [*names, each.portfolio_from, last_day(each.portfolio_until), Product.State(each.state).label]


def _segments_header() -> list[str]:
    return [_("Spend from"), _("Spend up to"), _("Customer of"), _("Partners may sell"), _("From"), _("Until")]


def _segments_rows(bands: list[SegmentBand]) -> Iterator[list[Any]]:
    """The segments of a day by spend, the bands that nobody is assigned to among them."""
    for row in _with_gaps(bands):
        spends = (row.spend_from, row.spend_to)
        if isinstance(row, Gap):
            yield [*spends, _("assigned to nobody"), "", "", ""]
        else:
            allowed = _("yes") if row.partner_allowed else _("no")
            yield [*spends, row.get_route_display(), allowed, row.valid_from, last_day(row.valid_until)]
