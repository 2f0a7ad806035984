"""What stands in the navigation, as data: one line a page, in the order people read it.

An item appears when its URL exists, the user has one of its roles, and (for a count) shows how much waits behind it.
Roles are those of the user (`head_of_channel`, ...) for staff, and of the membership (owner, accounting, seller) for partners.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commissions.models import Run
from commissions.queries import RUN_READERS
from partners.access import MEMBERS, MONEY_MEMBERS, MONEY_OFFICE
from partners.acting import PartnerRequest
from sales.actions import DELIVERS
from sales.campaigns import KEEPS_CAMPAIGNS
from sales.models import Campaign, Parked
from sales.queries import SEES_CAMPAIGNS
from targets.actions.quality import DECIDES as DECIDES_ON_ANSWERS
from targets.models import Reassignment, Response

ANYBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Item:
    """One entry. `roles` empty = everybody of this shell; `under` = further URL prefixes that belong to it."""

    label: str | Promise
    url_name: str
    roles: frozenset[str] = ANYBODY
    count: Callable[[PartnerRequest], int] | None = None
    gap: bool = False


@dataclass(frozen=True)
class Shown:
    """An item as the template needs it."""

    label: str
    url: str
    current: bool
    count: int
    gap: bool


# A number beside an entry is work of the person who reads it, as in their queue; others see none.
def _exceptions(request: PartnerRequest) -> int:
    return Parked.objects.open().count() if _role(request) in DELIVERS else 0


def _campaigns_waiting(request: PartnerRequest) -> int:
    """Terms somebody else wrote."""
    if _role(request) not in KEEPS_CAMPAIGNS:
        return 0
    return sum(each.author_id != request.user.pk for each in Campaign.objects.waiting())


def _quality(request: PartnerRequest) -> int:
    """Answers that fit nobody, and requests to be decided."""
    user: Any = request.user
    kept = Response.objects.quarantined().count() if _role(request) in DELIVERS else 0
    if _role(request) not in DECIDES_ON_ANSWERS:
        return kept
    return kept + Reassignment.objects.waiting().exclude(requested_by=user).count()


def _role(request: PartnerRequest) -> str:
    return getattr(request.user, "role", "")


def _months_under_way(_request: PartnerRequest) -> int:
    """Months that wait for somebody to review, approve or post them."""
    waiting = [Run.Status.IN_REVIEW, Run.Status.PARKED, Run.Status.APPROVED]
    return Run.objects.filter(kind=Run.Kind.MONTHLY, status__in=waiting).count()


PARTNER: list[Item] = [
    Item(_("Overview"), "portal:home"),
    Item(_("Statements"), "commissions:statements", MONEY_MEMBERS),
    Item(_("Orders"), "commissions:orders"),
    Item(_("Check my list"), "commissions:check_list", MONEY_MEMBERS),
    Item(_("Objections"), "commissions:objections", MONEY_MEMBERS),
    Item(_("Targets"), "targets:targets", MONEY_MEMBERS),
    Item(_("Campaigns"), "sales:partner_campaigns"),
    Item(_("Quality"), "targets:quality"),
    Item(_("Footfall"), "targets:footfall"),
    Item(_("Training"), "training:team"),
    Item(_("Company"), "partners:company"),
]
OFFICE: list[Item] = [
    Item(_("My day"), "portal:office_home"),
    Item(_("Partners"), "partners:partners"),
    Item(_("Orders"), "sales:office_orders", MONEY_OFFICE),
    Item(_("Feed"), "sales:imports", MONEY_OFFICE | {"administrator"}, count=_exceptions),
    Item(_("Schedules"), "commissions:schedules", MONEY_OFFICE),
    Item(_("Campaigns"), "sales:campaigns", SEES_CAMPAIGNS, count=_campaigns_waiting),
    Item(_("Runs"), "commissions:runs", frozenset(RUN_READERS), count=_months_under_way),
    Item(_("Statements"), "commissions:office_statements", MONEY_OFFICE),
    Item(_("Objections"), "commissions:office_objections", MONEY_OFFICE),
    Item(_("Targets"), "targets:office_targets", MONEY_OFFICE),
    Item(_("Quality"), "targets:office_quality", count=_quality),
    Item(_("Footfall"), "targets:office_footfall"),
    Item(_("Certificates"), "training:certificates"),
    Item(_("Audit"), "portal:audit", frozenset({"head_of_channel", "auditor", "administrator"})),
    Item(_("Administration"), "admin:index", frozenset({"administrator"}), gap=True),
]
SHELLS = {"partner": PARTNER, "office": OFFICE}


def roles_of(shell: str, request: PartnerRequest) -> frozenset[str]:
    """Roles that open items of this shell. Staff who see as a partner look through the owner's eyes."""
    if shell == "office":
        return frozenset({getattr(request.user, "role", "")})
    return MEMBERS if request.viewing_as else frozenset({request.member_role})


def items(shell: str, request: PartnerRequest) -> list[Shown]:
    """The entries this user sees; the one whose address is the longest prefix of the page is current."""
    roles = roles_of(shell, request)
    found: list[tuple[Item, str]] = []
    for item in SHELLS.get(shell, []):
        if item.roles and not item.roles & roles:
            continue
        try:
            found.append((item, reverse(item.url_name)))
        except NoReverseMatch:  # the room has no such page yet
            continue
    path, homes = request.path, {"/", "/office/"}
    fitting = [url for _item, url in found if path == url or (url not in homes and path.startswith(url))]
    current = max(fitting, key=len, default="")
    return [Shown(str(i.label), url, url == current, i.count(request) if i.count else 0, i.gap) for i, url in found]
