"""Who may see whom: every look-up of partner-owned data starts here.

Three questions, each with one answer for the whole product:

- `Partner.objects.visible_to(user)`: whose orders and master data a person may see. A distributor's people see the
  partners below it; nobody sees a sibling.
- `Partner.objects.money_visible_to(user)`: whose statements and lines. Sub-partners' money is not the distributor's
  business, and a seller sees orders but no statement.
- `Partner.objects.own(user)`: the partners a person works for.

Contracts follow with one rule of their own: a draft is the operator's and its managers' business only (F0-42).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from knox.models import AuthToken

from core.fields import covering
from core.periods import berlin_date

if TYPE_CHECKING:
    # Named in quotes in the bases below, where the linter does not look.
    from partners.models import Contract, Membership, Outlet, Partner, PartnerChange, User  # noqa: F401

# Rights follow from the role's word; spelled as text because models.py imports this module.
SEES_ALL_MONEY = {"head_of_channel", "commission_controller", "finance", "auditor"}
SEES_ALL_PARTNERS = SEES_ALL_MONEY | {"trainer", "administrator"}
SEES_DRAFT_CONTRACTS = {"head_of_channel", "channel_manager", "commission_controller", "auditor", "administrator"}
DECIDES_CHANGES = {"finance", "administrator"}  # of bank account and VAT status, two of them each time
MONEY_MEMBERS = ["owner", "accounting"]
FULL_LOAD = 60  # partners; above it a manager cannot visit each of them once a quarter (F0-24)


class PartnerQuerySet(models.QuerySet["Partner"]):
    def visible_to(self, user: "User | AnonymousUser") -> "PartnerQuerySet":
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role in SEES_ALL_PARTNERS:
            return self
        if user.role == "channel_manager":
            return self.filter(Q(manager=user) | Q(deputy=user))
        return self.filter(pk__in=self._everyone().own(user).with_descendants())

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
        everyone = self._everyone()
        found = level = set(self.values_list("pk", flat=True))
        while level:
            level = set(everyone.filter(parent__in=level).values_list("pk", flat=True)) - found
            found = found | level
        return everyone.filter(pk__in=found)

    def under_contract_on(self, day: date) -> "PartnerQuerySet":
        """Who had a contract in force on a day, today or long ago (F0-02); never more than one a partner."""
        return self.filter(covering(day, "contracts__"), contracts__status="in_force")

    def in_area(self, digits: str) -> "PartnerQuerySet":
        """Partners whose seat or outlet has a postcode that begins with these digits, the region's."""
        here = Q(postcode__startswith=digits) | Q(outlets__postcode__startswith=digits)
        return self.filter(pk__in=self._everyone().order_by().filter(here).values("pk"))

    def counts_by_status(self) -> dict[str, int]:
        """How many partners in each state, in the order of a partner's life; states nobody is in count 0."""
        counted = dict(self.order_by().values_list("status").annotate(Count("pk")))
        states: Any = self.model._meta.get_field("status")
        return {status: counted.get(status, 0) for status, _label in states.flatchoices}

    def search(self, text: str) -> "PartnerQuerySet":
        """By number, name, contact or town of the partner, by name or town of an outlet, by dealer code."""
        fields = ["number", "legal_name", "contact_name", "city", "outlets__name", "outlets__city"]
        found = Q()
        for word in text.split():
            anywhere = Q(outlets__dealer_codes__code__iexact=word)
            for field in fields:
                anywhere |= Q(**{f"{field}__icontains": word})
            found &= anywhere
        # A subquery instead of joins: a partner with ten outlets is still found once.
        everyone = self._everyone().order_by()
        return self.filter(pk__in=everyone.filter(found).values("pk")) if text.strip() else self

    def _everyone(self) -> "PartnerQuerySet":
        return cast("PartnerQuerySet", self.model._default_manager.get_queryset())


class ContractQuerySet(models.QuerySet["Contract"]):
    def on(self, day: date) -> "ContractQuerySet":
        """In force on a day: at most one a partner (exclusion constraint)."""
        return self.filter(covering(day), status="in_force")

    def visible_to(self, user: Any) -> "ContractQuerySet":
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role == "partner":
            own = _partners(self).own(user, roles=MONEY_MEMBERS)
            return self.filter(partner__in=own).exclude(status="draft")
        seen = self.filter(partner__in=_partners(self).visible_to(user))
        return seen if user.role in SEES_DRAFT_CONTRACTS else seen.exclude(status="draft")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def on(self, day: date) -> "MembershipQuerySet":
        return self.filter(covering(day))

    def visible_to(self, user: Any) -> "MembershipQuerySet":
        """A partner's people see their own team; a distributor's do not see the sub-partner's staff."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        partners = _partners(self)
        return self.filter(partner__in=partners.own(user) if user.role == "partner" else partners.visible_to(user))


class OutletQuerySet(models.QuerySet["Outlet"]):
    def visible_to(self, user: Any) -> "OutletQuerySet":
        return self.filter(partner__in=_partners(self).visible_to(user))


class PartnerChangeQuerySet(models.QuerySet["PartnerChange"]):
    def visible_to(self, user: Any) -> "PartnerChangeQuerySet":
        """Account numbers in full: those who enter and check them, and those who audit them."""
        sees = user.is_authenticated and user.is_active and user.role in DECIDES_CHANGES | {"auditor"}
        return self if sees else self.none()

    def waiting_for(self, user: Any) -> "PartnerChangeQuerySet":
        """What this person may confirm: somebody else proposed it. An auditor only reads."""
        if user.role not in DECIDES_CHANGES:
            return self.none()
        return self.visible_to(user).filter(status="proposed").exclude(proposed_by=user)


def tokens_of(user: "User | AnonymousUser") -> models.QuerySet[Any]:
    """The API tokens of a person, newest first; nobody sees another's."""
    found: models.QuerySet[Any] = AuthToken.objects.filter(user_id=user.pk).order_by("-created")
    return found


def _partners(rows: models.QuerySet[Any]) -> PartnerQuerySet:
    """All partners, reached through the relation: models.py imports this module, so it cannot import models.py."""
    found: PartnerQuerySet = rows.model._meta.get_field("partner").related_model._default_manager.get_queryset()
    return found


@dataclass(frozen=True)
class Load:
    """What one manager carries: partners not yet terminated, and those looked after as deputy."""

    manager: "User"
    partners: int
    deputising: int

    @property
    def too_high(self) -> bool:
        return self.partners > FULL_LOAD


@dataclass(frozen=True)
class Loads:
    managers: list[Load]
    unassigned: int

    @property
    def average(self) -> Decimal:
        """Partners per manager, one decimal: 500 / 18 = 27.8."""
        total = sum(load.partners for load in self.managers)
        return (Decimal(total) / max(len(self.managers), 1)).quantize(Decimal("0.1"))

    @property
    def too_high(self) -> list[Load]:
        return [load for load in self.managers if load.too_high]


def loads(partners: PartnerQuerySet, people: "models.QuerySet[User]") -> Loads:
    """Load of every active channel manager among `people`, heaviest first; three queries whatever their number."""
    living = partners.exclude(status="terminated").order_by()
    managed = dict(living.values_list("manager").annotate(Count("pk")))
    deputised = dict(living.values_list("deputy").annotate(Count("pk")))
    managers = people.filter(role="channel_manager", is_active=True)
    found = [Load(each, managed.get(each.pk, 0), deputised.get(each.pk, 0)) for each in managers]
    return Loads(sorted(found, key=lambda load: -load.partners), unassigned=managed.get(None, 0))
