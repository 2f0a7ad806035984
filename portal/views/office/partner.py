"""Everything about one partner on one page, as far as the person may see it (money only for those who see money)."""

import itertools
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from commissions.actions.holds import CONTROLS
from commissions.earnings import held_of, provisional_run
from commissions.models import DraftLine, Hold, HoldReason, Statement
from core.charts import Bar
from core.formats import month, month_short
from core.models import AuditEntry
from core.periods import berlin_date
from partners.access import may_enter_office, office_required
from partners.models import Contract, Membership, Outlet, Partner
from portal.wording import verb_in_words
from sales.models import Order
from training.models import Certificate

STATEMENTS, MOMENTS = 12, 15


@dataclass(frozen=True)
class Moment:
    """One change of the partner: by an action (with its reason) or of its master data."""

    at: datetime
    what: str
    who: str
    note: str


@require_GET
@office_required()
def partner(request: HttpRequest, number: str) -> HttpResponse:
    people = ("manager", "deputy", "parent")
    this = get_object_or_404(Partner.objects.visible_to(request.user).select_related(*people), number=number)
    today = berlin_date(timezone.now())
    user: Any = request.user
    sees_money = Partner.objects.money_visible_to(user).filter(pk=this.pk).exists()
    context: dict[str, Any] = {
        "title": this.legal_name,
        "crumbs": [(_("Partners"), reverse("partners:partners"))],
        "partner": this,
        "statuses": Partner.Status,
        "contract_statuses": Contract.Status,
        "standings": Certificate.Standing,
        "order_statuses": Order.Status,
        "contracts": Contract.objects.visible_to(user)
        .filter(partner=this)
        .select_related("parent")
        .order_by("-valid_from"),
        "team": Membership.objects.on(today).filter(partner=this).select_related("user"),
        "outlets": Outlet.objects.filter(partner=this).prefetch_related("dealer_codes"),
        "children": Partner.objects.filter(parent=this),
        "certificates": [
            (each, each.standing_on(today))
            for each in Certificate.objects.filter(holder__memberships__partner=this)
            .select_related("holder", "family")
            .distinct()
        ],
        "orders": _orders(this),
        "moments": _moments(this),
        "sees_money": sees_money,
        "today": today,
        "may_hold": user.role in CONTROLS,
        "may_change": may_enter_office(request, {"administrator"}),
    }
    return render(request, "portal/office/partner.html", context | (_money(this) if sees_money else {}))


def _orders(this: Partner) -> list[tuple[str, int]]:
    counted = dict(Order.objects.filter(partner=this).order_by().values_list("status").annotate(Count("pk")))
    return [(status, counted[status]) for status in Order.Status.values if status in counted]


def _money(this: Partner) -> dict[str, Any]:
    statements = list(Statement.objects.filter(partner=this).order_by("-month")[:STATEMENTS])
    run = provisional_run()
    coming = DraftLine.objects.filter(run=run, partner=this).aggregate(net=Sum("amount"))["net"] if run else None
    # As the partner's own page counts it: noted on statements or proposed for the next one, and not over.
    rows = held_of(this, run)
    # Money that stays with the partner until a cancellation is proven is the opposite of held money.
    unproven = [row for row in rows if row.reason == HoldReason.EVIDENCE_MISSING]
    held = [row for row in rows if row.reason != HoldReason.EVIDENCE_MISSING]
    bars = [Bar(month_short(each.month), each.net, title=month(each.month)) for each in reversed(statements)]
    if run and coming is not None:
        bars.append(Bar(month_short(run.month), coming, title=month(run.month), open=True))
    return {
        "statements": statements,
        "bars": bars,
        "run": run,
        "coming": coming,
        "held": held,
        "held_sum": sum((row.amount for row in held), Decimal(0)),
        "unproven": unproven[0] if unproven else None,
        "holds": Hold.objects.filter(partner=this, released_at__isnull=True).select_related("placed_by"),
    }


def _moments(this: Partner) -> list[Moment]:
    """Newest first: actions on the partner and what hangs on it, and changes of its master data by field."""
    own = Q(object_type="partners.partner", object_id=str(this.pk))
    for model, rows in (
        ("partners.contract", this.contracts.values_list("pk", flat=True)),
        ("partners.membership", this.memberships.values_list("pk", flat=True)),
        ("commissions.hold", this.holds.values_list("pk", flat=True)),
        ("commissions.manualline", this.manual_lines.values_list("pk", flat=True)),
    ):
        own |= Q(object_type=model, object_id__in=[str(pk) for pk in rows])
    entries = AuditEntry.objects.filter(own).select_related("actor").order_by("-at")[:MOMENTS]
    found = [
        Moment(each.at, verb_in_words(each.verb), each.actor.name if each.actor else _("the system"), each.reason)
        for each in entries
    ]
    return sorted([*found, *_changes(this)], key=lambda moment: moment.at, reverse=True)[:MOMENTS]


def _changes(this: Partner) -> list[Moment]:
    """Names of the fields that changed, never their values: an IBAN has no business on a time line."""
    history: Any = apps.get_model("partners", "PartnerEvent")
    versions = list(history.objects.filter(pgh_obj_id=this.pk).order_by("-pgh_id")[: MOMENTS + 1])
    hidden = {"sort_key", "id"}
    fields = [field for field in Partner._meta.concrete_fields if field.name not in hidden]
    found = []
    for after, before in itertools.pairwise(versions):
        names = [str(f.verbose_name) for f in fields if getattr(after, f.attname) != getattr(before, f.attname)]
        if names:
            found.append(Moment(after.pgh_created_at, _("master data changed"), "", ", ".join(names)))
    if versions and len(versions) <= MOMENTS:
        found.append(Moment(versions[-1].pgh_created_at, _("created"), "", ""))
    return found
