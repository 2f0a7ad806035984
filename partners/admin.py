"""Master data of partners and people. What has consequences for money or rights is an action with a reason, not a field:
putting a contract in force, ending it, moving a partner through its life."""

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.admin import Inline, MasterData, Page
from core.periods import berlin_date
from partners import actions
from partners.models import Contract, DealerCode, Membership, Outlet, Partner, PartnerChange, User
from partners.queries import DECIDES_CHANGES


class PostalRegion(admin.SimpleListFilter):
    """The first digit of the postcode, the way Germans cut their country into ten."""

    title = _("postal region")
    parameter_name = "region"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(digit, f"{digit}____") for digit in "0123456789"]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(postcode__startswith=self.value()) if self.value() else queryset


class OutletInline(Inline):
    model = Outlet
    fields = ["name", "street", "postcode", "city"]


class DealerCodeInline(Inline):
    model = DealerCode
    fields = ["code", "valid_from", "valid_until"]


class ContractInline(Inline):
    """New drafts only; one in force is changed on its own page, through actions."""

    model = Contract
    fk_name = "partner"
    fields = ["status", "valid_from", "valid_until", "schedule", "level", "parent", "self_billing_accepted_on"]
    readonly_fields = ["status"]
    autocomplete_fields = ["parent"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: Any = super().get_queryset(request)
        return rows.visible_to(request.user)


class MembershipInline(Inline):
    model = Membership
    fields = ["user", "role", "valid_from", "valid_until"]
    autocomplete_fields = ["user"]


@admin.register(Partner)
class PartnerAdmin(MasterData):
    list_display = ["number", "legal_name", "kind", "level", "status", "city", "manager", "parent"]
    list_filter = ["status", "kind", "level", PostalRegion, ("manager", admin.RelatedOnlyFieldListFilter), "vat_status"]
    list_select_related = ["manager", "parent"]
    list_per_page = 100
    search_fields = ["number", "legal_name"]
    search_help_text = _("Number, name, contact, town of partner or outlet, dealer code")
    autocomplete_fields = ["parent", "manager", "deputy"]
    inlines = [OutletInline, ContractInline, MembershipInline]
    parts = [(Outlet, "partner"), (Contract, "partner"), (Membership, "partner")]
    actions = ["onboard", "activate", "suspend", "terminate"]
    fieldsets = [
        (
            None,
            {
                "fields": [("number", "status"), "legal_name", ("kind", "level"), "parent"],
                "description": _(
                    "Schedules may ask for the kind: after a change the next run prices all of the partner's months anew."
                ),
            },
        ),
        (_("Looked after by"), {"fields": [("manager", "deputy")]}),
        (_("Address"), {"fields": ["street", ("postcode", "city", "country")]}),
        (_("Contact"), {"fields": [("contact_name", "contact_phone", "contact_email")]}),
        (
            _("Tax and bank"),
            {
                "fields": [("vat_status", "vat_id", "tax_number"), ("iban", "account_holder")],
                "description": _(
                    "VAT status and bank account change with two people: propose it under “Changes of bank account or "
                    "VAT status”, and somebody else confirms it there."
                ),
            },
        ),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Partner | None = None) -> list[str]:
        """The number is printed on every statement, and the state is moved by the actions of the list.

        Where payouts go to and how they are taxed takes a second person once the partner exists; level and
        distributor follow the contract in force.
        """
        if obj is None:
            return []
        # Set by hand, they would be what the contract says again tomorrow.
        under_contract = Contract.objects.on(berlin_date(timezone.now())).filter(partner=obj).exists()
        follows = ["level", "parent"] if under_contract else []
        return ["number", "status", "vat_status", "vat_id", "iban", "account_holder", *follows]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.search(search_term), False

    @admin.action(description=_("Begin onboarding"), permissions=["change"])
    def onboard(self, request: HttpRequest, rows: Any) -> None:
        self.do(request, rows, actions.change_status, status=Partner.Status.ONBOARDING)

    @admin.action(description=_("Activate (again)"), permissions=["change"])
    def activate(self, request: HttpRequest, rows: Any) -> None:
        self.do(request, rows, actions.change_status, status=Partner.Status.ACTIVE)

    @admin.action(description=_("Suspend"), permissions=["change"])
    def suspend(self, request: HttpRequest, rows: Any) -> None:
        self.do(request, rows, actions.change_status, status=Partner.Status.SUSPENDED)

    @admin.action(description=_("Terminate, for good"), permissions=["change"])
    def terminate(self, request: HttpRequest, rows: Any) -> None:
        self.do(request, rows, actions.change_status, status=Partner.Status.TERMINATED)


class PartnerChangeForm(forms.ModelForm):
    class Meta:
        model = PartnerChange
        fields = ["partner", "what", "iban", "account_holder", "vat_status", "vat_id", "effective_from", "reason"]

    def clean_iban(self) -> str:
        return str(self.cleaned_data["iban"]).replace(" ", "").upper()

    def clean(self) -> dict[str, Any]:
        """What the action would refuse is said beside the field."""
        said = super().clean() or {}
        needed = {PartnerChange.What.BANK: "iban", PartnerChange.What.VAT: "vat_status"}.get(said.get("what", ""))
        if needed and not said.get(needed) and needed not in self.errors:
            self.add_error(needed, _("This is what is to change: please fill it in."))
        if said.get("vat_status") == Partner.Vat.EU and not said.get("vat_id"):
            self.add_error("vat_id", _("Reverse charge needs the partner's VAT ID (§ 13b UStG)."))
        waiting = PartnerChange.objects.filter(
            partner=said.get("partner"), what=said.get("what", ""), status=PartnerChange.Status.PROPOSED
        )
        if waiting.exists():
            raise forms.ValidationError(_("Such a change of this partner is waiting already."))
        return said


@admin.register(PartnerChange)
class PartnerChangeAdmin(Page):
    """Proposed here by one person, confirmed or declined in the list by another."""

    form = PartnerChangeForm
    readers = DECIDES_CHANGES | {"auditor"}
    editors = DECIDES_CHANGES
    list_display = [
        "partner",
        "what",
        "iban",
        "vat_status",
        "reason",
        "status",
        "proposed_by",
        "proposed_at",
        "decided_by",
    ]
    list_filter = ["status", "what"]
    list_select_related = ["partner", "proposed_by", "decided_by"]
    search_fields = ["partner__number", "partner__legal_name"]
    date_hierarchy = "proposed_at"
    autocomplete_fields = ["partner"]
    actions = ["confirm", "decline"]
    fieldsets = [
        (None, {"fields": ["partner", "what"]}),
        (_("Bank account"), {"fields": [("iban", "account_holder")]}),
        (_("VAT status"), {"fields": [("vat_status", "vat_id"), "effective_from"]}),
        (None, {"fields": ["reason"]}),
    ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A proposal is decided as it stands; a wrong one is declined and made anew."""
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def save_model(self, request: HttpRequest, obj: PartnerChange, form: Any, change: bool) -> None:
        said = form.cleaned_data
        by: Any = request.user
        if obj.what == PartnerChange.What.BANK:
            made = actions.propose_bank_account(
                obj.partner, iban=said["iban"], account_holder=said["account_holder"], by=by, reason=said["reason"]
            )
        else:
            made = actions.propose_vat_status(
                obj.partner,
                vat_status=said["vat_status"],
                vat_id=said["vat_id"],
                effective_from=said["effective_from"],
                by=by,
                reason=said["reason"],
            )
        obj.pk = made.pk

    @admin.action(description=_("Confirm, as the second person"), permissions=["decide"])
    def confirm(self, request: HttpRequest, rows: Any) -> None:
        self.do(request, rows, actions.confirm_partner_change)

    @admin.action(description=_("Decline (needs a reason)"), permissions=["decide"])
    def decline(self, request: HttpRequest, rows: Any) -> None:
        self.do(request, rows, actions.decline_partner_change)


@admin.register(Contract)
class ContractAdmin(MasterData):
    list_display = ["partner", "status", "valid_from", "valid_until", "schedule", "level", "self_billing_accepted_on"]
    list_filter = ["status", "schedule", "level"]
    list_select_related = ["partner"]
    date_hierarchy = "valid_from"
    search_fields = ["partner__number", "partner__legal_name", "schedule"]
    autocomplete_fields = ["partner", "parent"]
    actions = ["put_in_force", "take_back", "end_today"]
    fieldsets = [
        (None, {"fields": ["partner", "status", ("valid_from", "valid_until")]}),
        (_("What it agrees"), {"fields": ["schedule", "level", "parent"]}),
        (_("Self-billing, § 14 (2) UStG"), {"fields": [("self_billing_accepted_on", "self_billing_accepted_by")]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Contract | None = None) -> list[str]:
        """A contract in force decides money: only the self-billing agreement can still be noted on it."""
        if obj is None or obj.status == Contract.Status.DRAFT:
            return ["status"]
        return ["partner", "status", "valid_from", "valid_until", "schedule", "level", "parent"]

    @admin.action(description=_("Put in force"), permissions=["change"])
    def put_in_force(self, request: HttpRequest, rows: Any) -> None:
        self.do(request, rows, actions.put_contract_in_force)

    @admin.action(description=_("Take back to draft (entered wrongly)"), permissions=["change"])
    def take_back(self, request: HttpRequest, rows: Any) -> None:
        self.do(request, rows, actions.take_contract_back)

    @admin.action(description=_("End with today as the first day without it"), permissions=["change"])
    def end_today(self, request: HttpRequest, rows: Any) -> None:
        self.do(request, rows, actions.end_contract, until=berlin_date(timezone.now()))


@admin.register(Outlet)
class OutletAdmin(MasterData):
    list_display = ["name", "partner", "postcode", "city"]
    list_select_related = ["partner"]
    search_fields = ["name", "city", "postcode", "partner__number", "partner__legal_name", "dealer_codes__code"]
    autocomplete_fields = ["partner"]
    inlines = [DealerCodeInline]
    parts = [(DealerCode, "outlet")]


@admin.register(DealerCode)
class DealerCodeAdmin(MasterData):
    list_display = ["code", "outlet", "partner", "valid_from", "valid_until"]
    list_select_related = ["outlet__partner"]
    search_fields = ["code", "outlet__name", "outlet__partner__number"]
    autocomplete_fields = ["outlet"]
    date_hierarchy = "valid_from"

    @admin.display(description=_("partner"))
    def partner(self, code: DealerCode) -> str:
        return str(code.outlet.partner)


@admin.register(Membership)
class MembershipAdmin(MasterData):
    list_display = ["user", "partner", "role", "valid_from", "valid_until"]
    list_filter = ["role"]
    list_select_related = ["user", "partner"]
    search_fields = ["user__name", "user__email", "partner__number", "partner__legal_name"]
    autocomplete_fields = ["user", "partner"]
    date_hierarchy = "valid_from"


class PersonForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name", "email", "language", "role", "is_staff", "is_active"]

    def clean_email(self) -> str:
        """People sign in with it in any case; two spellings of one address would be two accounts."""
        return str(self.cleaned_data["email"]).lower()


class MembershipsOfPerson(Inline):
    model = Membership
    fields = ["partner", "role", "valid_from", "valid_until"]
    autocomplete_fields = ["partner"]


@admin.register(User)
class UserAdmin(MasterData):
    """People are invited, never given a password: they set their own by the link that the invitation carries."""

    form = PersonForm
    list_display = ["name", "email", "role", "is_active", "is_staff", "last_login"]
    list_filter = ["role", "is_active", "is_staff", "language"]
    search_fields = ["name", "email"]
    date_hierarchy = "joined_at"
    readonly_fields = ["last_login", "joined_at"]
    inlines = [MembershipsOfPerson]
    parts = [(Membership, "user")]
    actions = ["invite", "remove_second_factor"]
    fieldsets = [
        (None, {"fields": ["name", "email", "language"]}),
        (_("Rights"), {"fields": ["role", ("is_active", "is_staff")]}),
        (_("Trail"), {"fields": [("joined_at", "last_login")]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Nobody gives rights to themselves, administrators least of all."""
        own = ["role", "is_active", "is_staff"] if obj and obj.pk == request.user.pk else []
        return [*own, "last_login", "joined_at"]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    @admin.action(description=_("Send an invitation to set a password"), permissions=["change"])
    def invite(self, request: HttpRequest, people: Any) -> None:
        for person in people.filter(is_active=True):
            invitation = ResetPasswordForm({"email": person.email})
            if invitation.is_valid():
                invitation.save(request)
        self.message_user(request, _("The invitations are on their way."))

    @admin.action(description=_("Remove a lost second factor"), permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, people: Any) -> None:
        self.do(request, people, actions.remove_second_factor)
