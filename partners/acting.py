"""Whose data the partner pages show: `request.partner`, and whether staff are looking (`request.viewing_as`).

A partner's people see the partner they belong to; with several they choose one (`switch`). Staff who may see a
partner's money may look through its eyes (`start`): reading only, audited when it begins and when it ends, until they
leave it, sign out, or lose the right.

    request.partner      # Partner or None
    request.member_role  # "owner", "accounting", "seller"; "" for staff
    request.viewing_as   # the partner, while staff are looking; else None
"""

from collections.abc import Callable
from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import record
from core.fields import covering
from core.periods import berlin_date
from partners.models import Membership, Partner, User

CHOSEN, VIEWING = "partner", "viewing_as"
READING = {"GET", "HEAD", "OPTIONS"}
# While looking, only these may be posted: to stop looking, and to leave altogether.
WAYS_OUT = {"partners:stop_viewing_as", "account_logout"}


class PartnerRequest(HttpRequest):
    """What `ShownPartner` adds to a request; for type annotations."""

    partner: Partner | None
    member_role: str
    viewing_as: Partner | None


class ShownPartner:
    """Middleware: one query for a partner's people, one for staff while they are looking, none for anybody else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        shown = cast(PartnerRequest, request)
        shown.partner, shown.viewing_as, shown.member_role = None, None, ""
        if isinstance(request.user, User) and request.user.is_office:
            shown.partner = shown.viewing_as = _looked_at(request)
        elif isinstance(request.user, User) and (membership := _membership(request, request.user)):
            shown.partner, shown.member_role = membership.partner, membership.role
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """A post made with a partner's eyes would be the partner's act; no staff may do that, not even by mistake."""
        viewing = getattr(request, "viewing_as", None)
        match = request.resolver_match
        if viewing and request.method not in READING and match and match.view_name not in WAYS_OUT:
            raise PermissionDenied(_("While you see what a partner sees, nothing can be changed."))


def start(request: HttpRequest, partner: Partner) -> None:
    """Staff begin to see what `partner` sees. 403 for partner people and for staff who may not see its money."""
    user = request.user
    if not isinstance(user, User) or not user.is_office:
        raise PermissionDenied
    if not Partner.objects.money_visible_to(user).filter(pk=partner.pk).exists():
        raise PermissionDenied
    record(by=user, verb="view_as_partner", obj=partner)
    request.session[VIEWING] = partner.pk


def stop(request: HttpRequest) -> Partner | None:
    """Ends the look and returns the partner; nothing happens if there was none."""
    partner = Partner.objects.filter(pk=request.session.pop(VIEWING, None)).first()
    if partner:
        record(by=request.user, verb="stop_view_as_partner", obj=partner)
    return partner


def switch(request: HttpRequest, partner: Partner) -> None:
    """A person who belongs to several partners turns to another of them. 403 if it is not one of them."""
    if not Partner.objects.own(cast(User, request.user)).filter(pk=partner.pk).exists():
        raise PermissionDenied
    request.session[CHOSEN] = partner.pk


def _looked_at(request: HttpRequest) -> Partner | None:
    """Asked again at every request: a manager who loses the partner loses the view at once."""
    pk = request.session.get(VIEWING)
    return Partner.objects.money_visible_to(cast(User, request.user)).filter(pk=pk).first() if pk else None


def _membership(request: HttpRequest, user: User) -> Membership | None:
    """The chosen one, else the first by partner name."""
    today = berlin_date(timezone.now())
    mine = list(user.memberships.filter(covering(today)).select_related("partner").order_by("partner__sort_key", "pk"))
    chosen = request.session.get(CHOSEN)
    return next((each for each in mine if each.partner_id == chosen), mine[0] if mine else None)
