"""Adjusting many agreements: say the change, look at its effect on each partner, have a second person approve it."""

from collections.abc import Sequence
from typing import Any, cast

import django_filters
from django.contrib import messages
from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.audit import history_of
from core.export import file_asked_for, file_response
from core.formats import number
from core.money import cents
from partners.access import MONEY_OFFICE, OfficeList, office_required
from targets import actions
from targets.actions.adjustments import APPROVES, PROPOSES
from targets.arithmetic import Change, decimal, shown
from targets.forms import AdjustmentForm
from targets.models import Agreement, AgreementItem, Proposal
from targets.preview import Effect, preview, total
from targets.standing import with_changes
from targets.steps import changes_of, read_step
from targets.tables import ProposalTable
from targets.views.office import tabs
from targets.wording import span_name, what_it_says

Status = Proposal.Status
SHOWN = 200


class ProposalFilter(django_filters.FilterSet):
    year = django_filters.NumberFilter(label=gettext_lazy("Year"))
    status = django_filters.ChoiceFilter(label=gettext_lazy("Status"), choices=Status.choices)


class Adjustments(OfficeList):
    roles = MONEY_OFFICE
    model = Proposal
    table_class = ProposalTable
    filterset_class = ProposalFilter
    template_name = "targets/office/adjustments.html"
    title = gettext_lazy("Targets")
    lead = gettext_lazy("Every change of targets: who asked, who approved, and how many partners have confirmed it.")
    export_name = "adjustments"
    empty_title = gettext_lazy("Nothing was adjusted")
    empty_text = gettext_lazy(
        "Suspended months, a share of the year or a new target are proposed here for many partners at once."
    )

    def get_queryset(self) -> QuerySet[Any]:
        rows: Any = super().get_queryset()
        concerned = Count("members", filter=Q(members__excepted=False), distinct=True)
        confirmed = Count("confirmations", distinct=True)
        asked = Q(status=Status.APPROVED, needs_confirmation=True)
        open_ones = Case(When(asked, then=concerned - confirmed), default=Value(0))
        rows = rows.select_related("requested_by", "decided_by").annotate(agreements=concerned)
        return rows.annotate(unconfirmed=open_ones)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may_propose": cast(Any, self.request.user).role in PROPOSES}

    def tabs(self) -> list[Any]:
        return tabs("office_adjustments")


@require_http_methods(["GET", "POST"])
@office_required(*PROPOSES)
def new(request: HttpRequest) -> HttpResponse:
    """The form; with `preview` its effect below it, with `propose` the proposal."""
    today = timezone.localdate()
    form = AdjustmentForm(request.POST or None, initial={"year": today.year, "effective_on": today})
    context: dict[str, Any] = {
        "title": _("Adjust targets"),
        "crumbs": [
            (_("Targets"), reverse("targets:office_targets")),
            (_("Adjustments"), reverse("targets:office_adjustments")),
        ],
        "form": form,
    }
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        agreements = list(_meant(request, data))
        if request.POST.get("step") == "propose":
            left_out = {
                each.pk: data["excepted"][each.partner.number]
                for each in agreements
                if each.partner.number in data["excepted"]
            }
            proposal = actions.propose_adjustment(
                agreements,
                year=data["year"],
                title=data["title"],
                steps=data["steps"],
                reason_code=data["reason_code"],
                reason=data["reason"],
                effective_on=data["effective_on"],
                kpis=data["kpis"],
                exceptions=left_out,
                by=cast(Any, request.user),
            )
            messages.success(request, _("Proposed. A second person approves it."))
            return redirect("targets:office_adjustment", proposal.pk)
        changes = [read_step(step, data["year"]) for step in data["steps"]]
        wanted = [each for each in agreements if each.partner.number not in data["excepted"]]
        context |= _effects(wanted, [kpi.pk for kpi in data["kpis"]], changes)
        context["left_out"] = len(agreements) - len(wanted)
        context["unknown"] = sorted(set(data["excepted"]) - {each.partner.number for each in agreements})
    return render(request, "targets/office/new_adjustment.html", context)


@require_GET
@office_required(*MONEY_OFFICE)
def adjustment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One proposal: what it says, its effect (while it is open), its exceptions, who confirmed."""
    this = get_object_or_404(
        Proposal.objects.visible_to(request.user).select_related("requested_by", "decided_by", "reverses"), pk=pk
    )
    seen = Agreement.objects.visible_to(request.user)
    members = this.members.filter(agreement__in=seen).select_related("agreement__partner")
    changes = changes_of(this)
    role = cast(Any, request.user).role
    own = this.requested_by_id == request.user.pk
    is_open = this.status == Status.PROPOSED
    context: dict[str, Any] = {
        "title": this.title,
        "crumbs": [
            (_("Targets"), reverse("targets:office_targets")),
            (_("Adjustments"), reverse("targets:office_adjustments")),
        ],
        "proposal": this,
        "statuses": Status,
        "sentences": what_it_says(this),
        "kpis": list(this.kpis.all()),
        "exceptions": members.filter(excepted=True),
        "open": is_open,
        "refusal": _refusal(role, own=own) if is_open else "",
        "unconfirmed": _unconfirmed(this, seen) if this.status == Status.APPROVED else [],
        "history": history_of(this),
        "undone_by": this.reversals.exclude(status=Status.DECLINED).first(),
        "may_undo": this.status == Status.APPROVED and not this.reverses_id and role in PROPOSES,
    }
    if is_open:
        agreements = [member.agreement for member in members if not member.excepted]
        context |= _effects(agreements, [kpi.pk for kpi in context["kpis"]], changes, undone=this.reverses_id)
        if kind := file_asked_for(request):
            return file_response(
                kind, *_as_rows(context["all_effects"]), name=f"adjustment-{this.pk}", title=_("Effect per partner")
            )
    return render(request, "targets/office/adjustment.html", context)


@require_POST
@office_required(*MONEY_OFFICE)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    this = get_object_or_404(Proposal.objects.visible_to(request.user), pk=pk)
    by, reason = cast(Any, request.user), request.POST.get("reason", "")
    if request.POST.get("decision") == "approve":
        count = actions.approve_adjustment(this, by=by, reason=reason)
        text = ngettext("Approved: %(n)s agreement changed.", "Approved: %(n)s agreements changed.", count)
        messages.success(request, text % {"n": number(count)} + " " + _("Each partner is asked to confirm."))
    else:
        actions.decline_adjustment(this, by=by, reason=reason)
        messages.success(request, _("Declined; nothing changes."))
    return redirect("targets:office_adjustment", pk)


@require_POST
@office_required(*PROPOSES)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks to take an approved adjustment back; a second person decides."""
    this = get_object_or_404(Proposal.objects.visible_to(request.user), pk=pk)
    asked = actions.propose_undo(
        this, reason=request.POST.get("reason", ""), effective_on=this.effective_on, by=cast(Any, request.user)
    )
    messages.success(request, _("Proposed. A second person approves it."))
    return redirect("targets:office_adjustment", asked.pk)


def _meant(request: HttpRequest, data: dict[str, Any]) -> QuerySet[Agreement]:
    rows: Any = Agreement.objects.visible_to(request.user)
    rows = rows.counting().filter(year=data["year"]).select_related("partner")
    rows = rows.filter(partner__kind__in=data["kinds"]) if data["kinds"] else rows
    return rows.filter(partner__manager=data["manager"]) if data["manager"] else rows


def _effects(
    agreements: Sequence[Agreement], kpis: Sequence[int], changes: Sequence[Change], *, undone: int | None = None
) -> dict[str, Any]:
    items = with_changes(AgreementItem.objects.filter(agreement__in=agreements))
    items = items.filter(kpi__in=kpis) if kpis else items
    effects = preview(list(items), changes, timezone.localdate(), undone=undone)
    before, after = total(effects)
    return {
        "previewed": True,
        "all_effects": effects,
        "effects": effects[:SHOWN],
        "hidden": max(len(effects) - SHOWN, 0),
        "agreements": len(agreements),
        "before": before,
        "after": after,
        "gain": after - before,
        "winners": sum(1 for each in effects if each.gain > 0),
        "losers": sum(1 for each in effects if each.gain < 0),
    }


def _as_rows(effects: Sequence[Effect]) -> tuple[list[str], list[list[Any]]]:
    head = [
        _("Partner"),
        _("Name"),
        _("KPI"),
        _("Period"),
        _("Unit"),
        _("Target before"),
        _("Target after"),
        _("Percent before"),
        _("Percent after"),
        _("Bonus before"),
        _("Bonus after"),
        _("Difference"),
    ]
    rows = []
    for each in effects:
        sides, partner = (each.before, each.after), each.item.agreement.partner
        rows.append(
            [
                partner.number,
                partner.legal_name,
                each.item.kpi.title,
                span_name(each.span),
                each.item.get_unit_display(),
                *(None if side.target is None else cents(decimal(side.target)) for side in sides),
                *(shown(side.percent) for side in sides),
                *(side.bonus for side in sides),
                each.gain,
            ]
        )
    return head, rows


def _refusal(role: str, *, own: bool) -> str:
    if role not in APPROVES:
        return _("Head of channel or finance decides.")
    return _("You asked for this yourself; a second person decides.") if own else ""


def _unconfirmed(proposal: Proposal, seen: QuerySet[Agreement]) -> QuerySet[Agreement]:
    if not proposal.needs_confirmation:
        return seen.none()
    concerned = seen.filter(pk__in=proposal.events.values("item__agreement"))
    confirmed = proposal.confirmations.values("agreement")
    return concerned.exclude(pk__in=confirmed).select_related("partner").order_by("partner__sort_key")
