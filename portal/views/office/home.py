"""My day: what waits for me, how long is left, and how my partners' month is going."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from commissions.models import Run
from commissions.review import PartnerSum, review_of
from partners.access import office_required
from partners.models import Partner, Role, User
from portal.queue import next_deadline, queue_of
from sales.models import FeedImport

SHOWN = 25


@dataclass(frozen=True)
class Row:
    """A partner, or for those who see all of them a partner manager with his partners' sum; EUR net."""

    label: str
    url: str
    now: Decimal
    before: Decimal
    partners: int = 1

    @property
    def change(self) -> Decimal:
        return self.now - self.before


@dataclass(frozen=True)
class Portfolio:
    """The open month so far (the last one, while none is open) beside the posted one before it, over the partners whose
    money the person may see."""

    run: Run
    last_month: Any
    rows: list[Row]
    by_manager: bool

    @property
    def posted(self) -> bool:
        return self.run.status == Run.Status.POSTED

    @property
    def now(self) -> Decimal:
        return sum((row.now for row in self.rows), Decimal(0))

    @property
    def before(self) -> Decimal:
        return sum((row.before for row in self.rows), Decimal(0))

    @property
    def largest(self) -> Decimal:
        return max((abs(row.now) for row in self.rows), default=Decimal(1)) or Decimal(1)


@require_GET
@office_required()
def home(request: HttpRequest) -> HttpResponse:
    user, now = request.user, timezone.now()
    assert isinstance(user, User)  # noqa: S101 - the door lets nobody else in; for the type checker
    portfolio = portfolio_of(user)
    context = {
        "title": _("My day"),
        "tasks": queue_of(user, now),
        "deadline": next_deadline(user, now),
        "portfolio": portfolio,
        "rows": portfolio.rows[:SHOWN] if portfolio else [],
        "imports": FeedImport.objects.visible_to(user)[:5],
        "import_outcomes": FeedImport.Outcome,
        "now": now,
    }
    return render(request, "portal/office/home.html", context)


def portfolio_of(user: User) -> Portfolio | None:
    """None for roles that see no money, and before anything was calculated."""
    seen = Partner.objects.money_visible_to(user)
    under_way = Run.objects.filter(kind=Run.Kind.MONTHLY, status__in=[Run.Status.IN_REVIEW, Run.Status.POSTED])
    run = Run.objects.provisional().first() or under_way.order_by("-month").first()
    if run is None or not seen.exists():
        return None
    sums = review_of(run)
    if user.role == Role.CHANNEL_MANAGER:
        mine = set(seen.values_list("pk", flat=True))
        rows = [_partner(each) for each in sums.partners if each.pk in mine]
    else:
        rows = _managers(sums.partners)
    ordered = sorted(rows, key=lambda row: (-row.now, row.label))
    return Portfolio(run, sums.last_month, ordered, by_manager=user.role != Role.CHANNEL_MANAGER)


def _partner(each: PartnerSum) -> Row:
    return Row(f"{each.number} {each.name}", reverse("portal:partner", args=[each.number]), each.net, each.before)


def _managers(partners: list[PartnerSum]) -> list[Row]:
    names = dict(User.objects.filter(role=Role.CHANNEL_MANAGER).values_list("pk", "name"))
    grouped: dict[int | None, list[PartnerSum]] = {}
    for each in partners:
        grouped.setdefault(each.manager_id, []).append(each)
    home = reverse("partners:partners")
    return [
        Row(
            names.get(pk or 0, "–"),
            f"{home}?manager={pk}" if pk else home,
            sum((each.net for each in group), Decimal(0)),
            sum((each.before for each in group), Decimal(0)),
            partners=len(group),
        )
        for pk, group in grouped.items()
    ]
