"""A partner's targets: how far, what is needed, what it is worth, how it came about, and the yes to it."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.formats import day as written_day
from partners.access import MONEY_MEMBERS, partner_required
from partners.acting import PartnerRequest
from targets import actions
from targets.arithmetic import percent, periods
from targets.course import course
from targets.difficulty import difficulty
from targets.gauge import Gauge, gauge
from targets.history import agreed_as_of, months_as_of, versions, waiting_for
from targets.models import Agreement, AgreementItem, Proposal, Snapshot, SurveyQuarter
from targets.queries import COUNTING
from targets.scored import ScoreStanding, score_standings
from targets.standing import Standing, State, current_span, earlier, standing_of, standings, with_changes
from targets.support import running
from targets.wording import change_document, document, span_name, what_it_says

Status = Agreement.Status


def own_agreements(request: HttpRequest) -> QuerySet[Agreement]:
    partner = cast(PartnerRequest, request).partner
    return Agreement.objects.visible_to(request.user).filter(partner=partner).exclude(status=Status.WITHDRAWN)


@require_GET
@partner_required(*MONEY_MEMBERS)
def targets(request: HttpRequest) -> HttpResponse:
    """All targets of a year, what waits for an answer, and the other years."""
    agreements = list(own_agreements(request).order_by("-year"))
    today = timezone.localdate()
    year = _year(request, agreements, today)
    chosen = next((each for each in agreements if each.year == year), None)
    items = with_changes(AgreementItem.objects.filter(agreement=chosen)).order_by("kpi__code") if chosen else []
    counting = bool(chosen and chosen.status in COUNTING)
    day = min(today, date(year, 12, 31))
    before = earlier(items, day) if counting else {}
    rows = [(each, gauge(each), before.get(each.item.pk, [])) for each in standings(items, day)] if counting else []
    half, measures = running(cast(Any, cast(PartnerRequest, request).partner), request.user)
    context = {
        "title": _("Targets"),
        "agreement": chosen,
        "year": year,
        "items": items,
        "statuses": Status,
        "states": State,
        "rows": rows,
        "tabs": [{"label": str(each), "url": f"?year={each}", "current": each == year} for each in _years(agreements)],
        "offered": [each for each in agreements if each.status == Status.OFFERED],
        "waiting": to_confirm(agreements),
        "may_decide": may_decide(request),
        "scores": _scores(items, day, today) if counting else [],
        "half": half,
        "measures": measures if year == half.start.year else [],
    }
    return render(request, "targets/partner/targets.html", context)


def _scores(items: Any, day: date, today: date) -> list[ScoreStanding]:
    """Score targets with the answers of quarters that partners may see already."""
    released = SurveyQuarter.objects.released(today).values_list("quarter", flat=True)
    return score_standings(items, day, quarters=released)


@require_GET
@partner_required(*MONEY_MEMBERS)
def target(request: HttpRequest, pk: int) -> HttpResponse:
    """One target: gauge, course, needed months, what-if, versions."""
    own = with_changes(AgreementItem.objects.filter(agreement__in=own_agreements(request)))
    item = get_object_or_404(own.exclude(measure="nps"), pk=pk)
    context = target_context(request, item)
    context["crumbs"] = [(_("Targets"), f"{reverse('targets:targets')}?year={item.agreement.year}")]
    htmx = getattr(request, "htmx", None)
    only_what_if = htmx and htmx.target == "what-if-result"
    template = "targets/what_if.html" if only_what_if else "targets/partner/target.html"
    return render(request, template, context)


def target_context(request: HttpRequest, item: AgreementItem) -> dict[str, Any]:
    """What a page about one target shows, for partners and for the office."""
    today = timezone.localdate()
    spans = periods(item.agreement.year, item.period)
    span = current_span(item, min(today, date(item.agreement.year, 12, 31)))
    chosen = request.GET.get("period", "")
    span = next((each for each in spans if str(each.start) == chosen), span)
    standing = standing_of(item, span, today)
    snapshots = Snapshot.objects.filter(item=item, period_from=span.start, day__lte=today).order_by("day")
    as_of = _day(request.GET.get("as_of", ""))
    return {
        "title": item.kpi.title,
        "item": item,
        "standing": standing,
        "states": State,
        "gauge": gauge(standing),
        "course": course(standing, list(snapshots)),
        "spans": [
            {"label": capfirst(span_name(each)), "url": f"?period={each.start}", "current": each.start == span.start}
            for each in spans
        ],
        "what_if": what_if(standing, request.GET.get("units", "")),
        "versions": versions(item),
        "difficulty": difficulty(item, span),
        "as_of": as_of,
        "as_of_months": months_as_of(item, as_of).items() if as_of else None,
    }


def as_of_context(request: HttpRequest, this: Agreement) -> dict[str, Any]:
    """`?as_of=2026-03-01`: the whole agreement as it was agreed on that day."""
    as_of = _day(request.GET.get("as_of", ""))
    return {"as_of": as_of, "agreed": agreed_as_of(with_changes(this.items.all()), as_of) if as_of else []}


def what_if(standing: Standing, wanted: str) -> dict[str, Any] | None:
    """The bonus if the period ended with `wanted` units; without a wish, at today's pace."""
    if not standing.target or not standing.bands:
        return None
    most = int(standing.target * 3 / 2) + 1
    pace = int(standing.forecast.seasonal or standing.actual)
    try:
        units = min(max(Decimal(wanted), Decimal(0)), Decimal(most)).quantize(Decimal(1))
    except InvalidOperation:
        units = Decimal(min(pace, most))
    return {
        "units": units,
        "most": most,
        "step": max(1, most // 1000),
        "percent": percent(units, standing.target),
        "bonus": standing.bonus_of(units),
        "more": units - standing.actual,
    }


def running_targets(request: HttpRequest) -> list[Standing]:
    """Targets of the partner shown whose period runs and is not suspended."""
    today = timezone.localdate()
    counting = own_agreements(request).filter(year=today.year, status__in=COUNTING)
    items = with_changes(AgreementItem.objects.filter(agreement__in=counting)).order_by("kpi__code")
    return [each for each in standings(items, today) if each.running]


def home_gauges(request: HttpRequest) -> list[tuple[Standing, Gauge]]:
    """The running targets of the partner shown, for its home page."""
    found = [(each, gauge(each)) for each in running_targets(request)]
    return [(each, drawn) for each, drawn in found if drawn][:2]


def changes_to_confirm(request: HttpRequest) -> list[dict[str, Any]]:
    """What waits for the partner's answer, for its home page."""
    agreements = list(own_agreements(request))
    address = reverse("targets:targets")
    tasks = [
        {
            "strong": _("Targets %(year)s") % {"year": each.year},
            "title": _("are offered"),
            "note": _("read, then accept or decline"),
            "url": reverse("targets:agreement", args=[each.pk]),
            "button": _("Look"),
        }
        for each in agreements
        if each.status == Status.OFFERED
    ]
    return tasks + [
        {
            "strong": each["proposal"].title,
            "title": _("waits for your confirmation"),
            "note": "; ".join(each["sentences"]),
            "url": f"{address}?year={each['agreement'].year}",
            "button": _("Look"),
        }
        for each in to_confirm(agreements)
    ]


def to_confirm(agreements: list[Agreement]) -> list[dict[str, Any]]:
    """Announced changes that wait for the partner's yes."""
    by_id = {each.pk: each for each in agreements}
    return [
        {"agreement": by_id[agreement], "proposal": proposal, "sentences": _sentences(proposal)}
        for agreement, proposal in waiting_for(list(by_id))
    ]


def may_decide(request: HttpRequest) -> bool:
    """A person of the partner, not staff looking through its eyes."""
    shown = cast(PartnerRequest, request)
    return not shown.viewing_as and shown.member_role in MONEY_MEMBERS


@require_GET
@partner_required(*MONEY_MEMBERS)
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """The text of an agreement, to read, print and accept."""
    this = get_object_or_404(own_agreements(request), pk=pk)
    context = {
        "title": _("Target agreement %(year)s") % {"year": this.year},
        "crumbs": [(_("Targets"), f"{reverse('targets:targets')}?year={this.year}")],
        "agreement": this,
        "statuses": Status,
        "text": this.document or document(this),
        "open": this.status == Status.OFFERED,
        "may_decide": may_decide(request),
        **as_of_context(request, this),
    }
    return render(request, "targets/partner/agreement.html", context)


@require_POST
@partner_required(*MONEY_MEMBERS)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Accepts what was offered, or declines it with a reason."""
    this = get_object_or_404(own_agreements(request), pk=pk)
    by: Any = request.user
    if request.POST.get("decision") == "accept":
        actions.accept_agreement(this, by=by, document=document(this))
        messages.success(request, _("Accepted. Thank you, here is to a good year."))
        return redirect("targets:agreement", pk)
    actions.decline_agreement(this, by=by, reason=request.POST.get("reason", ""))
    messages.success(request, _("Declined. Your partner manager sees your reason."))
    return redirect("targets:targets")


@require_POST
@partner_required(*MONEY_MEMBERS)
def confirm(request: HttpRequest, pk: int, proposal: int) -> HttpResponse:
    """The partner's yes to a change; from now on the new version counts."""
    this = get_object_or_404(own_agreements(request), pk=pk)
    change = get_object_or_404(Proposal.objects.filter(events__item__agreement=this).distinct(), pk=proposal)
    text = change_document(this, change.title, change.reason, _sentences(change), written_day(change.effective_on))
    actions.confirm_adjustment(this, change, by=cast(Any, request.user), document=text)
    messages.success(request, _("Confirmed. The changed target counts from now on."))
    return redirect(f"{reverse('targets:targets')}?year={this.year}")


def _sentences(proposal: Proposal) -> list[str]:
    return what_it_says(proposal)


def _years(agreements: list[Agreement]) -> range:
    """From the last agreed year to the first, also those between of which nothing was agreed: a gap would read as lost."""
    years = [each.year for each in agreements]
    return range(max(years), min(years) - 1, -1) if years else range(0)


def _year(request: HttpRequest, agreements: list[Agreement], today: date) -> int:
    asked = request.GET.get("year", "")
    years = _years(agreements)
    if asked.isdigit() and int(asked) in years:
        return int(asked)
    return today.year if today.year in years or not years else years[0]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
