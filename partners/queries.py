"""Who may see whom: every look-up of partner-owned data starts here.

Three questions, each with one answer for the whole product:

- `Partner.objects.visible_to(user)`: whose orders and master data a person may see. A distributor's people see the
  partners below it; nobody sees a sibling.
- `Partner.objects.money_visible_to(user)`: whose statements and lines. Sub-partners' money is not the distributor's
  business, and a seller sees orders but no statement.
- `Partner.objects.own(user)`: the partners a person works for.
"""

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.fields import covering
from core.periods import berlin_date

if TYPE_CHECKING:
    from partners.models import Partner, User  # noqa: F401 - named in strings only

# Rights follow from the role's word; spelled as text because models.py imports this module.
SEES_ALL_MONEY = {"head_of_channel", "commission_controller", "finance", "auditor"}
SEES_ALL_PARTNERS = SEES_ALL_MONEY | {"trainer", "administrator"}
MONEY_MEMBERS = ["owner", "accounting"]


class PartnerQuerySet(models.QuerySet["Partner"]):
    def visible_to(self, user: "User | AnonymousUser") -> "PartnerQuerySet":
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role in SEES_ALL_PARTNERS:
            return self
        if user.role == "channel_manager":
            return self.filter(Q(manager=user) | Q(deputy=user))
        everyone = self.model._default_manager.get_queryset()
        return self.filter(pk__in=everyone.own(user).with_descendants())

    def money_visible_to(self, user: "User | AnonymousUser") -> "PartnerQuerySet":
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role in SEES_ALL_MONEY:
            return self
        if user.role == "channel_manager":
            return self.filter(Q(manager=user) | Q(deputy=user))
        if user.role == "partner":
            return self.own(user, roles=MONEY_MEMBERS)
        return self.none()

    def own(self, user: "User | AnonymousUser", roles: list[str] | None = None) -> "PartnerQuerySet":
        """Partners whose member the person is today (in one of `roles`, if given)."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        membership = covering(berlin_date(timezone.now()), "memberships__") & Q(memberships__user=user)
        if roles:
            membership &= Q(memberships__role__in=roles)
        return self.filter(membership).distinct()

    def with_descendants(self) -> "PartnerQuerySet":
        """These partners and all below them. Trees are two or three levels deep, so a query a level is cheap."""
        everyone = self.model._default_manager.get_queryset()
        found = level = set(self.values_list("pk", flat=True))
        while level:
            level = set(everyone.filter(parent__in=level).values_list("pk", flat=True)) - found
            found = found | level
        return everyone.filter(pk__in=found)
