"""Certificates: recorded here, decided by a second person where the past is touched (actions.py)."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import READERS, MasterData
from training import actions
from training.models import Certificate

FOUR_EYES = ["approve", "decline", "propose_revocation", "approve_revocation", "decline_revocation"]


@admin.register(Certificate)
class CertificateAdmin(MasterData):
    readers = READERS | {"trainer"}
    editors = frozenset({"administrator", "trainer"})
    list_display = ["holder", "family", "status", "valid_from", "valid_until", "recorded_by", "approved_by"]
    list_filter = ["status", "family"]
    list_select_related = ["holder", "family", "recorded_by", "approved_by"]
    date_hierarchy = "valid_from"
    search_fields = ["holder__name", "holder__email", "holder__memberships__partner__number", "family__code"]
    autocomplete_fields = ["holder", "family"]
    actions = FOUR_EYES
    fields = ["holder", "family", ("valid_from", "valid_until"), "reason"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """All of them, also of people who belong to no partner yet: who works here sees every partner anyway."""
        return Certificate.objects.all()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A certificate is never edited: it is recorded, approved, revoked."""
        return False

    def get_fields(self, request: HttpRequest, obj: Certificate | None = None) -> Any:
        people = ["recorded_at", "recorded_by", "approved_by", "revocation_proposed_by", "revoked_by"]
        return [*self.fields, "status", *people] if obj else self.fields

    def save_model(self, request: HttpRequest, obj: Certificate, form: Any, change: bool) -> None:
        """The only way in is the action, which decides whether a second person is needed."""
        recorded = actions.record_certificate(
            obj.holder,
            obj.family,
            valid_from=obj.valid_from,
            valid_until=obj.valid_until,
            by=request.user,  # type: ignore[arg-type]
            reason=obj.reason or "-",
        )
        obj.pk, obj.status = recorded.pk, recorded.status
        if obj.status == Certificate.Status.PROPOSED:
            self.message_user(request, _("It begins in the past, so a second person has to agree."), messages.WARNING)

    @admin.action(description=_("Approve (second person)"))
    def approve(self, request: HttpRequest, rows: Any) -> None:
        self.do(request, rows, actions.approve_certificate)

    @admin.action(description=_("Decline"))
    def decline(self, request: HttpRequest, rows: Any) -> None:
        self.do(request, rows, actions.decline_certificate)

    @admin.action(description=_("Propose to revoke"))
    def propose_revocation(self, request: HttpRequest, rows: Any) -> None:
        self.do(request, rows, actions.propose_revocation)

    @admin.action(description=_("Revoke (second person)"))
    def approve_revocation(self, request: HttpRequest, rows: Any) -> None:
        self.do(request, rows, actions.approve_revocation)

    @admin.action(description=_("Do not revoke"))
    def decline_revocation(self, request: HttpRequest, rows: Any) -> None:
        self.do(request, rows, actions.decline_revocation)
