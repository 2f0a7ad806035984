"""The doors of pages: for staff (with roles), or for a partner's people (with roles of membership).

    class RunBoard(OfficeRequired, TemplateView):
        roles = {Role.COMMISSION_CONTROLLER, Role.FINANCE}

    @office_required(Role.TRAINER)
    def courses(request): ...

    class Statements(PartnerRequired, ListView):
        roles = {"owner", "accounting"}          # staff who see through the partner's eyes always pass

Guests are sent to sign in, everybody else gets 403. A door only says which kind of page it is; whose rows it shows
is `visible_to(user)`, and a row of somebody else is 404.
"""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, cast

from django.contrib.auth.mixins import AccessMixin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from core.lists import ListView
from partners.acting import PartnerRequest
from partners.models import Membership, Role, User

OFFICE: frozenset[str] = frozenset(set(Role.values) - {Role.PARTNER.value})
# Staff who see amounts: of the partners that are visible to them.
MONEY_OFFICE: frozenset[str] = frozenset(
    role.value
    for role in (Role.HEAD_OF_CHANNEL, Role.CHANNEL_MANAGER, Role.COMMISSION_CONTROLLER, Role.FINANCE, Role.AUDITOR)
)
MEMBERS: frozenset[str] = frozenset(Membership.Role.values)
MONEY_MEMBERS: frozenset[str] = frozenset({Membership.Role.OWNER.value, Membership.Role.ACCOUNTING.value})

View = Callable[..., HttpResponseBase]


def may_enter_office(request: HttpRequest, roles: Collection[str] = OFFICE) -> bool:
    return isinstance(request.user, User) and request.user.is_office and request.user.role in roles


def may_enter_partner_pages(request: HttpRequest, roles: Collection[str] = MEMBERS) -> bool:
    """There is a partner to show, and the person is staff looking at it or has one of the roles there."""
    shown = cast(PartnerRequest, request)
    return bool(shown.partner) and (bool(shown.viewing_as) or shown.member_role in roles)


class OfficeRequired(AccessMixin):
    """For class-based pages of the office."""

    roles: Collection[str] = OFFICE

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_enter_office(request, self.roles):
            return self.handle_no_permission()
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class OfficeList(OfficeRequired, ListView):
    """A list in the office shell."""

    layout = "layouts/office.html"


class PartnerRequired(AccessMixin):
    """For class-based pages of a partner's people; `request.partner` is set behind it."""

    roles: Collection[str] = MEMBERS

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_enter_partner_pages(request, self.roles):
            return self.handle_no_permission()
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


def office_required(*roles: str) -> Callable[[View], View]:
    """For function pages of the office; without roles every member of staff may enter."""
    return _door(lambda request: may_enter_office(request, roles or OFFICE))


def partner_required(*roles: str) -> Callable[[View], View]:
    """For function pages of a partner's people; without roles every member may enter."""
    return _door(lambda request: may_enter_partner_pages(request, roles or MEMBERS))


def _door(open_to: Callable[[HttpRequest], bool]) -> Callable[[View], View]:
    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if open_to(request):
                return view(request, *args, **kwargs)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            raise PermissionDenied

        return guarded

    return guard
