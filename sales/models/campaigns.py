"""Extra pay for a time, and who takes part in it."""

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.choices import ToneChoices
from core.fields import MoneyField, Validity
from partners.models import Partner
from sales.models.catalogue import Titled
from sales.queries import CampaignQuerySet, CampaignRegistrationQuerySet


class CampaignTerms(Titled, Validity):
    """What a campaign grants: the days on which an order must be signed, who must have said beforehand that it takes
    part, how much there is, and what is left out. Lists of codes and numbers; NULL leaves nothing out.
    """

    description_de = models.TextField(_("description (German)"), blank=True)
    description_en = models.TextField(_("description (English)"), blank=True)
    registration_required = models.BooleanField(
        _("registration required"),
        default=False,
        help_text=_("Only orders count that were signed on or after the day the partner registered."),
    )
    # Over all partners together, filled by signature date, then order (rule 17). NULL: as much as is sold.
    cap_units = models.DecimalField(
        _("at most this many units"), max_digits=12, decimal_places=3, null=True, blank=True
    )
    cap_amount = MoneyField(_("at most this much, EUR net"), null=True, blank=True)
    exclude_products = ArrayField(models.CharField(max_length=60), null=True, blank=True)
    exclude_families = ArrayField(models.CharField(max_length=40), null=True, blank=True)
    exclude_partners = ArrayField(models.CharField(max_length=20), null=True, blank=True)  # partner numbers
    stackable = models.BooleanField(
        _("may be added to others"),
        default=True,
        help_text=_("Of several campaigns on one order that may not be added up, only the highest pays."),
    )

    class Meta(Validity.Meta):
        abstract = True

    @property
    def description(self) -> str:
        german = (get_language() or "de").startswith("de")
        return (self.description_de if german else self.description_en) or self.description_de or self.description_en


@pghistory.track(append_only=True)
class Campaign(CampaignTerms):
    """Extra pay for orders that name `code` and were signed within its days; the schedule says how much (rule 17).

    Only approved terms pay, and the columns of an approved row always hold approved terms: a later change waits in
    `proposal` until a second person agrees, so that nothing is taken back while it waits.
    """

    class Status(ToneChoices):
        DRAFT = "draft", "coming", pgettext_lazy("campaign", "waits for approval")
        APPROVED = "approved", "earned", _("approved")

    code = models.CharField(_("code"), max_length=60, unique=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    saved_at = models.DateTimeField(_("saved"))
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("saved by")
    )
    approved_at = models.DateTimeField(_("approved on"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    proposal = models.JSONField(_("proposed change"), null=True, blank=True)  # terms by field name, as text
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proposed by")
    )

    objects = CampaignQuerySet.as_manager()

    class Meta(CampaignTerms.Meta):
        abstract = False
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-valid_from", "code"]
        constraints = [
            *Validity.Meta.constraints,
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("saved_by")),
                name="campaign_four_eyes",
                violation_error_message=_("Who wrote a campaign cannot approve it."),
            ),
            models.CheckConstraint(
                condition=(Q(cap_units__isnull=True) | Q(cap_units__gt=0))
                & (Q(cap_amount__isnull=True) | Q(cap_amount__gt=0)),
                name="campaign_caps_above_zero",
                violation_error_message=_("A cap must lie above zero."),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.code

    @property
    def waits(self) -> bool:
        """Whether a second person has to decide."""
        return self.status == self.Status.DRAFT or self.proposal is not None

    @property
    def author_id(self) -> int | None:
        """Who wrote what waits, and therefore cannot approve it."""
        return self.saved_by_id if self.proposal is None else self.proposed_by_id


class CampaignRegistration(models.Model):
    """A partner takes part from `registered_on` until before `withdrawn_on`: a fact that is added and ended, no more.

    It counts for orders signed on these days. The trigger of migration 0003 refuses everything but the one end.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="registrations", verbose_name=_("campaign"))
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="registrations", verbose_name=_("partner"))
    registered_on = models.DateField(_("registered"))
    registered_at = models.DateTimeField(_("recorded"))
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("registered by")
    )
    withdrawn_on = models.DateField(_("withdrawn"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )

    objects = CampaignRegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign registration")
        verbose_name_plural = _("campaign registrations")
        ordering = ["-registered_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "partner"], condition=Q(withdrawn_on__isnull=True), name="registered_once"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("registered_on")),
                name="registration_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign.code}: {self.partner}"
