"""Who: people, partners, outlets with their dealer codes, contracts, memberships.

What a line is paid by hangs on dates, so everything that can change over time carries its validity: a dealer code
belongs to one outlet on a day, a partner has at most one contract in force on a day, a person is a member of a
partner from a day on. `Partner.level` and `Partner.parent` say how things are today and follow the contract in
force (actions.follow_contracts, daily); what they were on a signature date stands in the contract.
"""

from typing import Any

import pghistory
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core.choices import ToneChoices
from core.fields import VALIDITY, Validity
from partners.queries import (
    ContractQuerySet,
    MembershipQuerySet,
    OutletQuerySet,
    PartnerChangeQuerySet,
    PartnerQuerySet,
)
from partners.validation import sort_key, validate_iban, validate_tax_number, validate_vat_id


class Role(models.TextChoices):
    """What a person is to the portal; exactly one, so that rights can be read off one word."""

    PARTNER = "partner", _("partner")
    HEAD_OF_CHANNEL = "head_of_channel", _("head of channel")
    CHANNEL_MANAGER = "channel_manager", _("channel manager")
    COMMISSION_CONTROLLER = "commission_controller", _("commission controller")
    FINANCE = "finance", _("finance")
    TRAINER = "trainer", _("trainer")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person; without `password` one who cannot sign in (a seller known only for a certificate)."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, role=Role.ADMINISTRATOR, is_superuser=True, is_staff=True, **fields)


@pghistory.track(exclude=["password", "last_login"], append_only=True)
class User(AbstractBaseUser, PermissionsMixin):
    """A person. Signs in with the e-mail address; `is_staff` only opens the Django admin."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(
        _("language"), max_length=2, choices=[("de", "Deutsch"), ("en", "English")], default="de"
    )
    role = models.CharField(_("role"), max_length=24, choices=Role.choices, default=Role.PARTNER)
    is_staff = models.BooleanField(_("may open the administration"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_office(self) -> bool:
        """Whether the person works for the operator."""
        return self.role != Role.PARTNER

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


@pghistory.track(append_only=True)
class Partner(models.Model):
    """A company that sells for the operator. Its number never changes; its rows outlive it (§ 87c HGB, GoBD)."""

    class Kind(models.TextChoices):
        SYSTEM_PARTNER = "system_partner", _("system partner")
        EXCLUSIVE = "exclusive", _("exclusive partner")
        SPECIALIST_DEALER = "specialist_dealer", _("specialist dealer")
        AGENCY = "agency", _("agency")
        OWN_BRANCH = "own_branch", _("own store")
        DISTRIBUTOR = "distributor", _("distributor")

    class Status(ToneChoices):
        PROSPECT = "prospect", "neutral", _("prospect")
        ONBOARDING = "onboarding", "coming", _("onboarding")
        ACTIVE = "active", "earned", _("active")
        SUSPENDED = "suspended", "held", _("suspended")
        TERMINATED = "terminated", "taken", _("terminated")

    class Vat(models.TextChoices):
        """How the partner is taxed. Percent and wording follow in the statement (domain rules of § 19, § 13b UStG)."""

        REGULAR = "regular", _("regular VAT")
        SMALL_BUSINESS = "small_business", _("small business, § 19 UStG")
        EU = "eu", _("other EU state, reverse charge")
        NONE = "none", _("no entrepreneur")

    number = models.CharField(_("partner number"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    level = models.CharField(_("level"), max_length=20, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("distributor")
    )
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.ACTIVE)
    legal_name = models.CharField(_("legal name"), max_length=200)
    sort_key = models.CharField(max_length=220, editable=False, db_index=True)
    street = models.CharField(_("street"), max_length=120, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    city = models.CharField(_("town"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, default="DE")
    contact_name = models.CharField(_("contact"), max_length=120, blank=True)
    contact_phone = models.CharField(_("telephone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    vat_status = models.CharField(_("VAT status"), max_length=16, choices=Vat.choices, default=Vat.REGULAR)
    vat_id = models.CharField(_("VAT ID"), max_length=20, blank=True, validators=[validate_vat_id])
    tax_number = models.CharField(_("tax number"), max_length=20, blank=True, validators=[validate_tax_number])
    iban = models.CharField("IBAN", max_length=34, blank=True, validators=[validate_iban])
    account_holder = models.CharField(_("account holder"), max_length=70, blank=True)
    manager = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="managed_partners",
        limit_choices_to={"role": Role.CHANNEL_MANAGER},
        verbose_name=_("partner manager"),
    )
    deputy = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deputised_partners",
        limit_choices_to={"role": Role.CHANNEL_MANAGER},
        verbose_name=_("deputy"),
    )

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["sort_key", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(parent=models.F("pk")), name="partner_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.legal_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = sort_key(self.legal_name)
        super().save(*args, **kwargs)

    @property
    def masked_iban(self) -> str:
        """Country and last four digits, enough to recognise the own account."""
        return f"{self.iban[:2]}•• •••• •••• {self.iban[-4:]}" if self.iban else ""


@pghistory.track(append_only=True)
class Outlet(models.Model):
    """A place where a partner sells. Its dealer codes connect orders to the partner."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="outlets", verbose_name=_("partner"))
    name = models.CharField(_("name"), max_length=120)
    street = models.CharField(_("street"), max_length=120, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    city = models.CharField(_("town"), max_length=80, blank=True)

    objects = OutletQuerySet.as_manager()

    class Meta:
        verbose_name = _("outlet")
        verbose_name_plural = _("outlets")
        ordering = ["partner", "name", "pk"]

    def __str__(self) -> str:
        return self.name


@pghistory.track(append_only=True)
class DealerCode(Validity):
    """Sales-outlet number in the operator's order system; belongs to exactly one outlet on a day."""

    code = models.CharField(_("dealer code"), max_length=40)
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="dealer_codes", verbose_name=_("outlet"))

    class Meta(Validity.Meta):
        verbose_name = _("dealer code")
        verbose_name_plural = _("dealer codes")
        ordering = ["code", "valid_from"]
        constraints = [
            *Validity.Meta.constraints,
            ExclusionConstraint(
                name="dealer_code_one_outlet_a_day",
                expressions=[("code", RangeOperators.EQUAL), (VALIDITY, RangeOperators.OVERLAPS)],
                violation_error_message=_("On some of these days the dealer code belongs to another outlet."),
            ),
        ]

    def __str__(self) -> str:
        return self.code


@pghistory.track(append_only=True)
class Contract(Validity):
    """The agreement under which a partner sells from a day on: schedule, level and distributor of that time.

    Nothing is paid before a contract is in force (held as `no_contract`). A self-billing agreement
    (§ 14 (2) sentence 5 UStG) makes the statement a Gutschrift; without one the partner sends an invoice.
    """

    class Status(ToneChoices):
        DRAFT = "draft", "neutral", _("draft")
        IN_FORCE = "in_force", "earned", _("in force")

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="contracts", verbose_name=_("partner"))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.DRAFT)
    # The code, not a key: commissions/ lies above this room, and a contract may name a schedule still to be published.
    schedule = models.CharField(_("schedule"), max_length=60)
    level = models.CharField(_("level"), max_length=20, blank=True)
    parent = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("distributor")
    )
    self_billing_accepted_on = models.DateField(_("self-billing agreed on"), null=True, blank=True)
    self_billing_accepted_by = models.CharField(_("self-billing agreed by"), max_length=120, blank=True)

    objects = ContractQuerySet.as_manager()

    class Meta(Validity.Meta):
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["partner", "valid_from"]
        constraints = [
            *Validity.Meta.constraints,
            ExclusionConstraint(
                name="contract_one_in_force_a_day",
                expressions=[("partner", RangeOperators.EQUAL), (VALIDITY, RangeOperators.OVERLAPS)],
                condition=Q(status="in_force"),
                violation_error_message=_("The partner has another contract in force on some of these days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner} {self.valid_from:%Y-%m-%d}"


@pghistory.track(append_only=True)
class Membership(Validity):
    """A person works for a partner from a day on. Leaving ends it; what was sold before keeps its certificates."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        ACCOUNTING = "accounting", _("accounting")
        SELLER = "seller", _("seller")

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name=_("person"))
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="memberships", verbose_name=_("partner"))
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)

    objects = MembershipQuerySet.as_manager()

    class Meta(Validity.Meta):
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["partner", "role", "user"]
        constraints = [
            *Validity.Meta.constraints,
            ExclusionConstraint(
                name="membership_once_a_day",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("partner", RangeOperators.EQUAL),
                    (VALIDITY, RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("The person is a member of this partner on some of these days already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"


class FormerVatStatus(models.Model):
    """A VAT status that the partner had until a day (exclusive), `valid_from` empty: since ever.

    Services of those days keep their tax, whatever is in the master data now (§ 27 (1) UStG).
    """

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="former_vat", verbose_name=_("partner"))
    vat_status = models.CharField(_("VAT status"), max_length=16, choices=Partner.Vat.choices)
    valid_from = models.DateField(_("valid from"), null=True)
    valid_until = models.DateField(_("valid until"))

    class Meta:
        verbose_name = _("former VAT status")
        verbose_name_plural = _("former VAT statuses")
        ordering = ["partner", "valid_until"]
        constraints = [
            ExclusionConstraint(
                name="former_vat_status_one_a_day",
                expressions=[("partner", RangeOperators.EQUAL), (VALIDITY, RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner}: {self.get_vat_status_display()}"


class PartnerChange(models.Model):
    """A new bank account or VAT status that one person proposed and another has to confirm.

    Whoever can redirect a payout alone can pay it to himself: until the second person agrees nothing changes. Rows stay
    after the decision and are the proof of both names.
    """

    class What(models.TextChoices):
        BANK = "bank", _("bank account")
        VAT = "vat", _("VAT status")

    class Status(ToneChoices):
        PROPOSED = "proposed", "coming", _("proposed")
        CONFIRMED = "confirmed", "earned", _("confirmed")
        DECLINED = "declined", "neutral", _("declined")

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="changes", verbose_name=_("partner"))
    what = models.CharField(_("what changes"), max_length=4, choices=What.choices)
    iban = models.CharField("IBAN", max_length=34, blank=True, validators=[validate_iban])
    account_holder = models.CharField(_("account holder"), max_length=70, blank=True)
    vat_status = models.CharField(_("VAT status"), max_length=16, blank=True, choices=Partner.Vat.choices)
    vat_id = models.CharField(_("VAT ID"), max_length=20, blank=True, validators=[validate_vat_id])
    effective_from = models.DateField(
        _("counts from"), null=True, blank=True, help_text=_("VAT status only: first day of service. Empty: today.")
    )
    reason = models.CharField(_("reason"), max_length=200)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PROPOSED)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed"))
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects = PartnerChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of bank account or VAT status")
        verbose_name_plural = _("changes of bank account or VAT status")
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "what"], condition=Q(status="proposed"), name="partner_change_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("proposed_by")),
                name="partner_change_two_people",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_by__isnull=True, decided_at__isnull=True)
                | Q(~Q(status="proposed"), decided_by__isnull=False, decided_at__isnull=False),
                name="partner_change_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner}: {self.get_what_display()}"
