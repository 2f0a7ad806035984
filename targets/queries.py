"""Read access to targets, always through what the person may see."""

from typing import TYPE_CHECKING, Any

from django.db import models

from partners.models import Partner

if TYPE_CHECKING:
    # Named in quotes in the bases below, where the linter does not look.
    from targets.models import (  # noqa: F401
        Adjustment,
        Agreement,
        AgreementItem,
        Alert,
        Kpi,
        Proposal,
    )

# Bonus hangs on an agreement, so it is seen by who sees the partner's money.
DECIDES = {"head_of_channel", "commission_controller", "finance", "auditor"}
COUNTING = ["accepted", "in_force", "settled"]


class KpiQuerySet(models.QuerySet["Kpi"]):
    def visible_to(self, user: Any) -> "KpiQuerySet":
        return self if user.is_authenticated and user.is_active else self.none()


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, user: Any) -> "AgreementQuerySet":
        """Those of partners whose money the person sees; a partner's people not before it is offered."""
        seen = self.filter(partner__in=Partner.objects.money_visible_to(user))
        return seen.exclude(status="proposed") if getattr(user, "role", "") == "partner" else seen

    def counting(self) -> "AgreementQuerySet":
        """Agreed by both sides, whether the year has begun, runs, or is settled."""
        return self.filter(status__in=COUNTING)


class AgreementItemQuerySet(models.QuerySet["AgreementItem"]):
    def visible_to(self, user: Any) -> "AgreementItemQuerySet":
        seen = self.filter(agreement__partner__in=Partner.objects.money_visible_to(user))
        return seen.exclude(agreement__status="proposed") if getattr(user, "role", "") == "partner" else seen

    def counting(self) -> "AgreementItemQuerySet":
        return self.filter(agreement__status__in=COUNTING)


class AdjustmentQuerySet(models.QuerySet["Adjustment"]):
    def visible_to(self, user: Any) -> "AdjustmentQuerySet":
        return self.filter(item__agreement__partner__in=Partner.objects.money_visible_to(user))


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, user: Any) -> "ProposalQuerySet":
        """The office's own business until it is approved; a channel manager sees what concerns own partners."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role in DECIDES:
            return self
        if user.role == "channel_manager":
            own = Partner.objects.money_visible_to(user)
            return self.filter(models.Q(members__agreement__partner__in=own) | models.Q(requested_by=user)).distinct()
        return self.none()


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, user: Any) -> "AlertQuerySet":
        return self.filter(user=user) if user.is_authenticated else self.none()
