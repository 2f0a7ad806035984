"""The administration's three kinds of pages, and the ones for what the core itself keeps.

    class PartnerAdmin(MasterData):      # administrators edit, others who see everything read; history by field
    class LineAdmin(Ledger):             # nobody adds, changes or deletes, whoever asks
    class HoldAdmin(ReadOnly):           # changed elsewhere, through actions

Rights follow from the role's word, never from Django's permission tables: those could be granted behind our back, and
a superuser would pass them all. Rows start from `visible_to(user)` like everywhere else.
"""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_celery_beat.admin import PeriodicTaskAdmin
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from core.errors import Refused
from core.history import changes
from core.models import AuditEntry

ADMINISTRATOR = frozenset({"administrator"})
# Who may enter the administration at all; managers and trainers find what they need in the office.
READERS = frozenset({"administrator", "head_of_channel", "commission_controller", "finance", "auditor"})
MONEY_READERS = READERS - ADMINISTRATOR


class ByRole:
    """Rights of a page or an inline: `readers` open it, `editors` may add and change, nobody deletes.

    Rows of master data are ended by a date, never removed: lines and audit entries point to them for ten years.
    """

    readers: Collection[str] = READERS
    editors: Collection[str] = ADMINISTRATOR

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _role(request) in self.readers

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _role(request) in self.editors

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _role(request) in self.editors

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


class Reason(ActionForm):
    """One field beside the list's actions: what is done to money or rights says why."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)


class Page(ByRole, admin.ModelAdmin):
    """What all pages share. `parts` names models whose changes belong to this object's history, and their key to it."""

    parts: list[tuple[type[models.Model], str]] = []
    list_per_page = 50
    view_on_site = False
    show_full_result_count = False
    action_form = Reason

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: Any = super().get_queryset(request)
        return rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if obj is None or not self.has_view_permission(request, obj):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Changes: %s") % obj,
            "changes": changes(obj, self.parts),
            "object": obj,
            "opts": self.opts,
            "module_name": self.opts.verbose_name_plural,
        }
        return TemplateResponse(request, "admin/object_history.html", context)

    def do(self, request: HttpRequest, rows: Any, verb: Any, **arguments: Any) -> None:
        """Runs an action of a room on each selected row; what is refused is said, the others go through."""
        reason, done = request.POST.get("reason", ""), 0
        for row in rows:
            try:
                verb(row, by=request.user, reason=reason, **arguments)
                done += 1
            except Refused as refusal:
                self.message_user(request, f"{row}: {refusal}", messages.ERROR)
            except ValidationError as error:
                self.message_user(request, f"{row}: {' '.join(error.messages)}", messages.ERROR)
            except PermissionDenied:
                refused = _("This is not yours to decide.")
                self.message_user(request, f"{row}: {refused}", messages.ERROR)
        if done:
            self.message_user(request, _("Done: %(count)s.") % {"count": done}, messages.SUCCESS)


class MasterData(Page):
    """Data that people keep: edited here, its history written by the database."""


class ReadOnly(Page):
    """Shown as it is. It changes only through the actions of its room, which ask who may and write the trail."""

    editors: Collection[str] = frozenset()


class CappedPaginator(Paginator):
    """Counts no further than a list can sensibly be leafed through: counting millions takes longer than showing them."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: self.most].count())


class Ledger(ReadOnly):
    """Facts and posted amounts. Even if this page were wrong, the database refuses the change (append-only triggers)."""

    readers: Collection[str] = MONEY_READERS
    paginator = CappedPaginator
    actions = None


class Inline(ByRole, admin.TabularInline):
    """Parts of an object, changed together with it."""

    extra = 0
    show_change_link = True

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """The head of the column is no label to a screen reader."""
        return named(super().formfield_for_dbfield(db_field, request, **kwargs))


class ReadOnlyInline(Inline):
    editors: Collection[str] = frozenset()


def named(field: Any) -> Any:
    """Says what is asked for at the input itself, where no label of the page belongs to it."""
    if field:
        field.widget.attrs["aria-label"] = field.label
    return field


def _role(request: HttpRequest) -> str:
    """The role's word; nothing for guests and people who left."""
    user: Any = request.user
    return user.role if user.is_authenticated and user.is_active else ""


@admin.register(AuditEntry)
class AuditEntryAdmin(Ledger):
    readers = READERS
    date_hierarchy = "at"
    list_display = ["at", "actor", "verb", "object_label", "reason"]
    list_filter = ["verb", "object_type"]
    list_select_related = ["actor"]
    search_fields = ["object_label", "object_id", "actor__name", "reason"]


@admin.register(PeriodicTask)
class BeatTaskAdmin(ByRole, PeriodicTaskAdmin):
    """When what runs. The package's own template carries an inline script, which our CSP refuses."""

    readers = ADMINISTRATOR
    change_form_template = None
    date_hierarchy = None
    list_display = ["name", "enabled", "task", "scheduler", "last_run_at"]
    list_filter = ["enabled"]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """A day and a time share one label, which then belongs to neither."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        return named(field) if isinstance(db_field, models.DateTimeField) else field


@admin.register(CrontabSchedule)
class CrontabAdmin(ByRole, admin.ModelAdmin):
    readers = ADMINISTRATOR
    list_display = ["__str__", "human_readable"]


@admin.register(IntervalSchedule)
class IntervalAdmin(ByRole, admin.ModelAdmin):
    readers = ADMINISTRATOR
