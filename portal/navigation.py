"""What stands in the navigation, as data: one line a page, in the order people read it.

An item appears when its URL exists, the user has one of its roles, and (for a count) shows how much waits behind it.
Roles are those of the user (`head_of_channel`, ...) for staff, and of the membership (owner, accounting, seller) for partners.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.fields import covering
from core.periods import berlin_date
from partners.models import Membership, User

ANYBODY: frozenset[str] = frozenset()
MONEY_OFFICE = frozenset({"head_of_channel", "channel_manager", "commission_controller", "finance", "auditor"})
RUN_OFFICE = frozenset({"head_of_channel", "commission_controller", "finance", "auditor"})
PARTNER_ROLES = frozenset(Membership.Role.values)
PARTNER_MONEY = frozenset({"owner", "accounting"})


@dataclass(frozen=True)
class Item:
    """One entry. `roles` empty = everybody of this shell; `under` = further URL prefixes that belong to it."""

    label: str | Promise
    url_name: str
    roles: frozenset[str] = ANYBODY
    count: Callable[[Any], int] | None = None
    gap: bool = False


@dataclass(frozen=True)
class Shown:
    """An item as the template needs it."""

    label: str
    url: str
    current: bool
    count: int
    gap: bool


PARTNER: list[Item] = [
    Item(_("Overview"), "portal:home"),
    Item(_("Statements"), "commissions:statements", PARTNER_MONEY),
    Item(_("Orders"), "sales:orders"),
    Item(_("Check my list"), "commissions:check_list", PARTNER_MONEY),
    Item(_("Objections"), "commissions:objections", PARTNER_MONEY),
    Item(_("Targets"), "targets:targets", PARTNER_MONEY),
    Item(_("Training"), "training:team"),
    Item(_("Company"), "partners:company"),
]
OFFICE: list[Item] = [
    Item(_("My day"), "portal:office_home"),
    Item(_("Partners"), "partners:partners"),
    Item(_("Orders"), "sales:office_orders", MONEY_OFFICE),
    Item(_("Feed"), "sales:imports", MONEY_OFFICE),
    Item(_("Schedules"), "commissions:schedules", MONEY_OFFICE),
    Item(_("Runs"), "commissions:runs", RUN_OFFICE),
    Item(_("Statements"), "commissions:office_statements", MONEY_OFFICE),
    Item(_("Objections"), "commissions:office_objections", MONEY_OFFICE),
    Item(_("Targets"), "targets:office_targets", MONEY_OFFICE),
    Item(_("Training"), "training:office"),
    Item(_("Audit"), "portal:audit", frozenset({"head_of_channel", "commission_controller", "finance", "auditor"})),
    Item(_("Administration"), "admin:index", frozenset({"administrator"}), gap=True),
]
SHELLS = {"partner": PARTNER, "office": OFFICE}


def roles_of(user: User) -> set[str]:
    """Roles that open items: the user's own, and those of valid memberships."""
    if user.is_office:
        return {user.role}
    today = covering(berlin_date(timezone.now()))
    return set(Membership.objects.filter(today, user=user).values_list("role", flat=True))


def items(shell: str, path: str, user: User) -> list[Shown]:
    """The entries this user sees; the one whose address is the longest prefix of the page is current."""
    # Staff in a partner's shell look through the owner's eyes ("see as partner").
    roles = set(PARTNER_ROLES) if shell == "partner" and user.is_office else roles_of(user)
    found: list[tuple[Item, str]] = []
    for item in SHELLS.get(shell, []):
        if item.roles and not item.roles & roles:
            continue
        try:
            found.append((item, reverse(item.url_name)))
        except NoReverseMatch:  # the room has no such page yet
            continue
    homes = {"/", "/office/"}
    fitting = [url for _item, url in found if path == url or (url not in homes and path.startswith(url))]
    current = max(fitting, key=len, default="")
    return [Shown(str(i.label), url, url == current, i.count(user) if i.count else 0, i.gap) for i, url in found]
