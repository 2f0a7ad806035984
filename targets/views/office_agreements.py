"""Agreements in the office: proposed for many or one, offered by a second person, each with its trail."""

from typing import Any, cast

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.audit import history_of
from core.formats import number
from partners.access import MONEY_OFFICE, OfficeList, office_required
from partners.models import Partner
from targets import actions
from targets.actions import bulk
from targets.actions.agreements import OFFERS, PROPOSES, Goal
from targets.forms import ByHandForm, FileForm, NewAgreementsForm
from targets.history import waiting_for
from targets.models import Agreement, Kpi
from targets.queries import COUNTING
from targets.scored import score_standings
from targets.standing import State, standings, with_changes
from targets.tables import AgreementTable
from targets.views.office import AgreementFilter, tabs
from targets.views.partner import as_of_context
from targets.wording import document

Status = Agreement.Status
LARGEST_FILE = 5 * 1024 * 1024


class Agreements(OfficeList):
    roles = MONEY_OFFICE
    model = Agreement
    table_class = AgreementTable
    filterset_class = AgreementFilter
    template_name = "targets/office/agreements.html"
    title = gettext_lazy("Targets")
    lead = gettext_lazy("Proposed by one person, offered by another, accepted by the partner.")
    export_name = "agreements"
    empty_title = gettext_lazy("No agreements yet")
    empty_text = gettext_lazy("Propose them for many partners at once, from a file, or one by one.")

    def get_queryset(self) -> QuerySet[Any]:
        rows: Any = super().get_queryset()
        return rows.select_related("partner__manager", "proposed_by", "offered_by").annotate(targets=Count("items"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        role = cast(Any, self.request.user).role
        waiting = Agreement.objects.visible_to(self.request.user).filter(status=Status.PROPOSED)
        to_offer = waiting.exclude(proposed_by=cast(Any, self.request.user)).count() if role in OFFERS else 0
        return super().get_context_data(**kwargs) | {"may_propose": role in PROPOSES, "to_offer": to_offer}

    def tabs(self) -> list[Any]:
        return tabs("office_agreements")


@require_GET
@office_required(*MONEY_OFFICE)
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    people = ("partner", "proposed_by", "offered_by", "accepted_by")
    this = get_object_or_404(Agreement.objects.visible_to(request.user).select_related(*people), pk=pk)
    items = with_changes(this.items.all()).order_by("kpi__code")
    role = cast(Any, request.user).role
    own = this.proposed_by_id == request.user.pk
    context = {
        "title": f"{this.partner} · {this.year}",
        "crumbs": [
            (_("Targets"), reverse("targets:office_targets")),
            (_("Agreements"), reverse("targets:office_agreements")),
        ],
        "agreement": this,
        "statuses": Status,
        "states": State,
        "rows": standings(items, timezone.localdate()) if this.status in COUNTING else [],
        "items": items,
        "text": this.document or document(this),
        "waiting": [proposal for _agreement, proposal in waiting_for([this.pk])],
        "may_offer": this.status == Status.PROPOSED and role in OFFERS and not own,
        "may_withdraw": this.status in (Status.PROPOSED, Status.OFFERED) and role in PROPOSES,
        "own_proposal": this.status == Status.PROPOSED and own,
        "history": history_of(this),
        "scores": score_standings(items, timezone.localdate()) if this.status in COUNTING else [],
        **as_of_context(request, this),
    }
    return render(request, "targets/office/agreement.html", context)


@require_POST
@office_required(*MONEY_OFFICE)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Offers a proposal, or withdraws it."""
    this = get_object_or_404(Agreement.objects.visible_to(request.user), pk=pk)
    by = cast(Any, request.user)
    if request.POST.get("decision") == "offer":
        actions.offer_agreement(this, by=by)
        messages.success(request, _("Offered. The partner reads it from now on."))
    else:
        actions.withdraw_agreement(this, by=by, reason=request.POST.get("reason", ""))
        messages.success(request, _("Withdrawn."))
    return redirect("targets:office_agreement", pk)


@require_POST
@office_required(*MONEY_OFFICE)
def offer_all(request: HttpRequest) -> HttpResponse:
    """Offers every proposal that somebody else made."""
    rows = Agreement.objects.visible_to(request.user).filter(status=Status.PROPOSED)
    offered, left = bulk.offer_all(rows, by=cast(Any, request.user))
    text = ngettext("%(n)s agreement offered.", "%(n)s agreements offered.", offered) % {"n": number(offered)}
    if left:
        text += " " + _("%(n)s are left to somebody else.") % {"n": number(left)}
    messages.success(request, text)
    return redirect("targets:office_agreements")


@require_http_methods(["GET", "POST"])
@office_required(*PROPOSES)
def new(request: HttpRequest) -> HttpResponse:
    """Three ways to propose: from last year's actuals, from a file, by hand."""
    way = request.POST.get("way", "")
    year = timezone.localdate().year + 1
    forms_: dict[str, Any] = {
        "actuals": NewAgreementsForm(request.POST if way == "actuals" else None, initial={"year": year}, prefix="a"),
        "file": FileForm(
            request.POST if way == "file" else None, request.FILES or None, initial={"year": year}, prefix="f"
        ),
        "hand": ByHandForm(request.POST if way == "hand" else None, initial={"year": year}, prefix="h"),
    }
    made = None
    if way in forms_ and forms_[way].is_valid():
        made = _propose(request, way, forms_[way])
        n = len(made.proposed)
        messages.success(
            request, ngettext("%(n)s agreement proposed.", "%(n)s agreements proposed.", n) % {"n": number(n)}
        )
        if not made.left_out:
            return redirect(reverse("targets:office_agreements") + "?status=proposed")
    context = {
        "title": _("Propose agreements"),
        "crumbs": [
            (_("Targets"), reverse("targets:office_targets")),
            (_("Agreements"), reverse("targets:office_agreements")),
        ],
        "forms": forms_,
        "made": made,
    }
    return render(request, "targets/office/new_agreements.html", context)


def _propose(request: HttpRequest, way: str, form: Any) -> bulk.Made:
    by, data = cast(Any, request.user), form.cleaned_data
    if way == "file":
        text = data["file"].read(LARGEST_FILE).decode("utf-8-sig", errors="replace")
        return bulk.propose_from_csv(text, year=data["year"], duties=form.duties, by=by)
    if way == "hand":
        partner = get_object_or_404(Partner.objects.visible_to(by), number=data["partner"].strip())
        goals = [Goal(kpi, annual, period, bulk.weights_for(kpi, partner.kind)) for kpi, annual, period in form.goals]
        ours, theirs = form.duties
        made = actions.propose_agreement(
            partner, year=data["year"], goals=goals, operator_duties=ours, partner_duties=theirs, by=by
        )
        return bulk.Made([made])
    partners: Any = Partner.objects.visible_to(by).exclude(status__in=["terminated", "prospect"])
    partners = partners.filter(kind__in=data["kinds"]) if data["kinds"] else partners
    partners = partners.filter(manager=data["manager"]) if data["manager"] else partners
    return bulk.propose_from_actuals(
        partners,
        year=data["year"],
        kpis=data["kpis"] or Kpi.objects.filter(active=True).exclude(measure="nps"),
        growth_percent=data["growth"],
        period=data["period"],
        duties=form.duties,
        by=by,
    )
