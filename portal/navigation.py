"""What stands in the navigation, as data: one line a page, in the order people read it.

An item appears when its URL exists, the user has one of its roles, and (for a count) shows how much waits behind it.
Roles are those of the user (`head_of_channel`, ...) for staff, and of the membership (owner, accounting, seller) for partners.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ANYBODY: frozenset[str] = frozenset()
MONEY_OFFICE = frozenset({"head_of_channel", "channel_manager", "commission_controller", "finance", "auditor"})
RUN_OFFICE = frozenset({"head_of_channel", "commission_controller", "finance", "auditor"})
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


def roles_of(user: Any) -> set[str]:
    """Roles that open items: the user's own, and those of valid memberships."""
    roles = {getattr(user, "role", "")}
    memberships = getattr(user, "membership_roles", None)
    return roles | set(memberships() if callable(memberships) else ())


def items(shell: str, request: HttpRequest) -> list[Shown]:
    """The entries this user sees; the one whose address is the longest prefix of the page is current."""
    roles = roles_of(request.user)
    found: list[tuple[Item, str]] = []
    for item in SHELLS.get(shell, []):
        if item.roles and not item.roles & roles:
            continue
        try:
            found.append((item, reverse(item.url_name)))
        except NoReverseMatch:  # the room has no such page yet
            continue
    homes = {"/", "/office/"}
    fitting = [url for _item, url in found if request.path == url or (url not in homes and request.path.startswith(url))]
    current = max(fitting, key=len, default="")
    return [Shown(str(i.label), url, url == current, i.count(request.user) if i.count else 0, i.gap) for i, url in found]
