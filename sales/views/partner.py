"""Campaigns as the partner sees them: what is open, whether it takes part, and the button to register before selling."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from core.choices import ToneChoices
from core.formats import day
from core.periods import berlin_date
from partners.access import MONEY_MEMBERS, may_enter_partner_pages, partner_required
from partners.acting import PartnerRequest
from partners.models import Partner
from sales import actions
from sales.models import Campaign, CampaignRegistration, Product, ProductFamily
from sales.views.campaigns import earliest_end

LATEST_OVER = 10  # campaigns that are over, below the open ones


class Part(ToneChoices):
    """How a partner stands to a campaign."""

    OPEN = "open", "neutral", gettext_lazy("open to everybody")
    MISSING = "missing", "held", gettext_lazy("not registered")
    TAKING_PART = "taking_part", "earned", gettext_lazy("registered")
    OVER = "over", "neutral", gettext_lazy("over")


@dataclass(frozen=True)
class Offer:
    """A campaign beside the partner's own registration, if there is one."""

    campaign: Campaign
    registration: CampaignRegistration | None
    today: date
    titles: Mapping[str, str]  # of products and families by their code

    @property
    def not_for(self) -> str:
        """What the campaign leaves out, by name."""
        codes = [*(self.campaign.exclude_products or ()), *(self.campaign.exclude_families or ())]
        return ", ".join(self.titles.get(code, code) for code in codes)

    @property
    def part(self) -> Part:
        if self.campaign.valid_until and self.campaign.valid_until <= self.today:
            return Part.OVER
        if self.registration:
            return Part.TAKING_PART
        return Part.MISSING if self.campaign.registration_required else Part.OPEN

    @property
    def to_come(self) -> bool:
        return self.today < self.campaign.valid_from

    @property
    def may_register(self) -> bool:
        return self.part == Part.MISSING

    @property
    def may_withdraw(self) -> bool:
        return self.part == Part.TAKING_PART and self.campaign.registration_required


@require_GET
@partner_required()
def campaigns(request: HttpRequest) -> HttpResponse:
    """Open campaigns and what is needed for them; sellers read, owner and accounting register."""
    partner, today = _shown(request), berlin_date(timezone.now())
    mine = {
        each.campaign_id: each
        for each in CampaignRegistration.objects.in_force().filter(partner=partner).select_related("registered_by")
    }
    titles = {each.code: str(each.title) for model in (Product, ProductFamily) for each in model.objects.all()}
    seen = Campaign.objects.for_partner(partner.number)
    running = seen.open_on(today).order_by("valid_from", "code")
    over = seen.exclude(pk__in=running).order_by("-valid_until", "code")[:LATEST_OVER]
    context = {
        "title": _("Campaigns"),
        "offers": [Offer(each, mine.get(each.pk), today, titles) for each in running],
        "over": [Offer(each, mine.get(each.pk), today, titles) for each in over],
        "parts": Part,
        "may": may_enter_partner_pages(request, MONEY_MEMBERS),
    }
    return render(request, "sales/partner/campaigns.html", context)


@require_POST
@partner_required(*MONEY_MEMBERS)
def register(request: HttpRequest, pk: int) -> HttpResponse:
    """From today on; for a day that is over nobody can."""
    partner, now = _shown(request), timezone.now()
    this = get_object_or_404(Campaign.objects.for_partner(partner.number), pk=pk)
    on = max(berlin_date(now), this.valid_from)
    actions.register_for_campaign(this, partner, on=on, by=request.user, now=now)
    text = _("You take part in %(campaign)s: orders signed from %(day)s on count.")
    messages.success(request, text % {"campaign": this, "day": day(on)})
    return redirect("sales:partner_campaigns")


@require_POST
@partner_required(*MONEY_MEMBERS)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    partner, now = _shown(request), timezone.now()
    mine = CampaignRegistration.objects.in_force().filter(partner=partner).select_related("partner")
    registration = get_object_or_404(mine, campaign_id=pk)
    actions.withdraw_registration(registration, on=earliest_end(registration, now), by=request.user, now=now)
    messages.success(request, _("Withdrawn. What was signed before still counts."))
    return redirect("sales:partner_campaigns")


def _shown(request: HttpRequest) -> Partner:
    return cast(Partner, cast(PartnerRequest, request).partner)
