"""Campaigns in the office: what they grant, what waits for a second person, who takes part."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from core.audit import history_of
from core.formats import day, money, number, until
from core.periods import berlin_date
from partners.access import OfficeList, may_enter_office, office_required
from partners.models import Partner
from sales import actions
from sales.campaigns import KEEPS_CAMPAIGNS, REGISTERS, from_text
from sales.forms import CampaignForm, RegistrationForm
from sales.models import Campaign, CampaignRegistration, Order
from sales.queries import SEES_CAMPAIGNS
from sales.tables import CampaignTable

READERS = SEES_CAMPAIGNS
WAITING, RUNNING = "waiting", "running"
SHOWN = 100  # registrations on the page; the export has all


class CampaignFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Code or title"), method="by_text")
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        choices=[(WAITING, gettext_lazy("waits for a second person")), (RUNNING, gettext_lazy("runs today"))],
        method="by_state",
    )

    def by_text(self, rows: QuerySet[Campaign], _name: str, value: str) -> QuerySet[Campaign]:
        words = Q(code__icontains=value) | Q(title_de__icontains=value) | Q(title_en__icontains=value)
        return rows.filter(words)

    def by_state(self, rows: Any, _name: str, value: str) -> Any:
        return rows.waiting() if value == WAITING else rows.running_on(berlin_date(timezone.now()))


class Campaigns(OfficeList):
    roles = READERS
    model = Campaign
    table_class = CampaignTable
    filterset_class = CampaignFilter
    template_name = "sales/office/campaigns.html"
    title = gettext_lazy("Campaigns")
    lead = gettext_lazy("Extra pay for orders signed on certain days. What it comes to stands in the schedules.")
    export_name = "campaigns"
    empty_title = gettext_lazy("No campaigns yet")
    empty_text = gettext_lazy("Write one and let a second person approve it; then partners see it and can register.")

    def get_queryset(self) -> QuerySet[Any]:
        in_force = Q(registrations__withdrawn_on__isnull=True)
        return super().get_queryset().annotate(taking_part=Count("registrations", filter=in_force))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may": may_enter_office(self.request, KEEPS_CAMPAIGNS)}


@dataclass(frozen=True)
class Term:
    """One term in words; `proposed` differs from it if a change of it waits."""

    label: str
    now: str
    proposed: str = ""


def _words(terms: Any) -> dict[str, str]:
    """The terms of a campaign, or of a waiting change, as people read them."""
    nothing, last = _("nothing"), until(terms["valid_until"]) or _("open")
    units = number(terms["cap_units"].normalize()) if terms["cap_units"] is not None else _("no limit")
    return {
        str(_("Title (German)")): terms["title_de"],
        str(_("Title (English)")): terms["title_en"],
        str(_("Signed")): f"{day(terms['valid_from'])} – {last}",
        str(_("Registration")): _("required before the sale") if terms["registration_required"] else _("not needed"),
        str(_("At most, units")): units,
        str(_("At most, EUR net")): money(terms["cap_amount"]) or _("no limit"),
        str(_("With other campaigns")): _("is paid on top") if terms["stackable"] else _("only the highest is paid"),
        str(_("Products left out")): ", ".join(terms["exclude_products"] or ()) or nothing,
        str(_("Product families left out")): ", ".join(terms["exclude_families"] or ()) or nothing,
        str(_("Partners left out")): ", ".join(terms["exclude_partners"] or ()) or nothing,
        str(_("What partners read (German)")): terms["description_de"],
        str(_("What partners read (English)")): terms["description_en"],
    }


def terms_of(campaign: Campaign) -> list[Term]:
    now = _words(vars(campaign))
    if campaign.proposal is None:
        return [Term(label, text) for label, text in now.items()]
    then = _words(vars(campaign) | from_text(campaign.proposal))
    return [Term(label, text, then[label] if then[label] != text else "") for label, text in now.items()]


@require_GET
@office_required(*READERS)
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    people = ("saved_by", "approved_by", "proposed_by")
    this = get_object_or_404(Campaign.objects.visible_to(request.user).select_related(*people), pk=pk)
    registrations = _registrations(request, this)
    context = {
        "title": str(this),
        "crumbs": [(_("Campaigns"), reverse("sales:campaigns"))],
        "campaign": this,
        "statuses": Campaign.Status,
        "terms": terms_of(this),
        "refusal": _refusal(this, request.user),
        "may": may_enter_office(request, KEEPS_CAMPAIGNS),
        "may_register": may_enter_office(request, REGISTERS) and this.status == Campaign.Status.APPROVED,
        "form": RegistrationForm(user=request.user, initial={"on": berlin_date(timezone.now())}),
        "registrations": registrations[:SHOWN],
        "registration_count": registrations.count(),
        "shown": SHOWN,
        "sold": _sold(request, this),
        "history": history_of(this),
    }
    return render(request, "sales/office/campaign.html", context)


def _registrations(request: HttpRequest, this: Campaign) -> QuerySet[CampaignRegistration]:
    seen = CampaignRegistration.objects.visible_to(request.user).filter(campaign=this)
    return seen.select_related("partner", "registered_by", "withdrawn_by").order_by("-registered_on", "-pk")


def _sold(request: HttpRequest, this: Campaign) -> dict[str, Any]:
    """Orders of the viewer's partners that name the campaign and were signed within its days; EUR is the schedule's."""
    signed = Order.objects.visible_to(request.user).filter(campaign=this.code, signed_on__gte=this.valid_from)
    if this.valid_until:
        signed = signed.filter(signed_on__lt=this.valid_until)
    found = signed.aggregate(orders=Count("pk"), units=Sum("quantity"), partners=Count("partner", distinct=True))
    units = found["units"] or Decimal(0)
    return found | {"units": units.normalize(), "full": this.cap_units is not None and units >= this.cap_units}


def _refusal(this: Campaign, user: Any) -> str:
    """Why this person cannot approve, or nothing if they can."""
    if user.role not in KEEPS_CAMPAIGNS:
        return _("The commission controller or the head of channel decides.")
    if user.pk == this.author_id:
        return _("You wrote this yourself; a second person decides.")
    return ""


@office_required(*KEEPS_CAMPAIGNS)
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new campaign, or a change of one; of an approved one it waits until a second person agrees."""
    this = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk) if pk else None
    form = CampaignForm(request.POST or None, campaign=this, initial=_initial(this))
    if request.method == "POST" and form.is_valid():
        saved = actions.save_campaign(by=request.user, now=timezone.now(), **form.terms())
        if saved.waits:
            messages.success(request, _("Saved. It counts as soon as a second person approves it."))
        return redirect("sales:campaign", saved.pk)
    back = reverse("sales:campaign", args=[pk]) if pk else reverse("sales:campaigns")
    context = {
        "title": _("Change the campaign") if this else _("New campaign"),
        "crumbs": [(_("Campaigns"), reverse("sales:campaigns")), *([(str(this), back)] if this else [])],
        "form": form,
        "cancel": back,
    }
    return render(request, "sales/office/edit_campaign.html", context)


def _initial(this: Campaign | None) -> dict[str, Any]:
    """What the form shows: the terms that would come next, so that a waiting change is edited and not overlooked."""
    if this is None:
        return {"stackable": True}
    terms = vars(this) | (from_text(this.proposal) if this.proposal else {})
    ends: date | None = terms["valid_until"]
    return terms | {"last_day": ends and ends - timedelta(days=1)}


@require_POST
@office_required(*KEEPS_CAMPAIGNS)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approves what waits, or declines a change with a reason."""
    this = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    reason, by, now = request.POST.get("reason", ""), request.user, timezone.now()
    if request.POST.get("decision") == "approve":
        actions.approve_campaign(this, by=by, now=now, reason=reason)
        messages.success(request, _("Approved. The next calculation takes it into account."))
    else:
        actions.decline_campaign_change(this, by=by, now=now, reason=reason)
        messages.success(request, _("Declined. The terms in force stay."))
    return redirect("sales:campaign", pk)


@require_POST
@office_required(*REGISTERS)
def register(request: HttpRequest, pk: int) -> HttpResponse:
    """Registers a partner for its people, for example after a call."""
    this = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    form = RegistrationForm(request.POST, user=request.user)
    if form.is_valid():
        partner: Partner = form.cleaned_data["partner"]
        on: date = form.cleaned_data["on"]
        actions.register_for_campaign(this, partner, on=on, by=request.user, now=timezone.now())
        text = _("%(partner)s takes part: orders signed from %(day)s on count.")
        messages.success(request, text % {"partner": partner, "day": day(on)})
    else:
        for problems in form.errors.values():
            messages.error(request, " ".join(map(str, problems)))
    return redirect("sales:campaign", pk)


@require_POST
@office_required(*REGISTERS)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a registration from today on."""
    visible = CampaignRegistration.objects.visible_to(request.user).select_related("partner")
    registration = get_object_or_404(visible, pk=pk)
    now = timezone.now()
    actions.withdraw_registration(registration, on=earliest_end(registration, now), by=request.user, now=now)
    messages.success(request, _("Withdrawn. What was signed before still counts."))
    return redirect("sales:campaign", registration.campaign_id)


def earliest_end(registration: CampaignRegistration, now: Any) -> date:
    """Today; one that has not begun ends where it begins, so that it covers no day."""
    return max(berlin_date(now), registration.registered_on)
