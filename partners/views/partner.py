"""My company as the operator knows it: data, tax, bank, outlets, people, contracts."""

from typing import Any, cast

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from partners.access import MONEY_MEMBERS, may_enter_partner_pages, partner_required
from partners.acting import PartnerRequest
from partners.models import Contract, Membership, Outlet, Partner


@require_GET
@partner_required()
def company(request: HttpRequest) -> HttpResponse:
    """Sellers see data, outlets and people; bank, tax and contracts are for owner and accounting."""
    mine = cast(Partner, cast(PartnerRequest, request).partner)
    partner = Partner.objects.select_related("parent", "manager", "deputy").get(pk=mine.pk)
    today = timezone.localdate()
    current = Q(valid_until__isnull=True) | Q(valid_until__gt=today)
    people = Membership.objects.visible_to(request.user).filter(current, partner=partner)
    return render(
        request,
        "partners/partner/company.html",
        {
            "title": _("Company"),
            "company": partner,
            "statuses": Partner.Status,
            "contract_statuses": Contract.Status,
            "outlets": list(
                Outlet.objects.visible_to(request.user).filter(partner=partner).prefetch_related("dealer_codes")
            ),
            "people": list(people.select_related("user").order_by("user__name")),
            "sees_money": may_enter_partner_pages(request, MONEY_MEMBERS),
            "contracts": [
                (contract, _document_url(contract))
                for contract in Contract.objects.visible_to(request.user)
                .filter(partner=partner)
                .select_related("parent")
                .order_by("-valid_from")
            ],
        },
    )


def _document_url(contract: Any) -> str:
    """The page of a schedule's published wordings belongs to a room above; without that room there is no link."""
    try:
        return reverse("commissions:schedule_document", args=[contract.schedule])
    except NoReverseMatch:
        return ""
