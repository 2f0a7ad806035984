"""What a partner's customers say: score with interval, trend, drivers, comments, beside the other channels.

Shown are quarters the operator has released, to the partner's people and to staff who look through their eyes alike.
"""

from datetime import date
from typing import Any, cast

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core import columns, formats
from core.lists import ListView
from core.periods import berlin_date, parse_quarter
from partners.access import MONEY_MEMBERS, PartnerRequired, may_enter_partner_pages, partner_required
from partners.acting import PartnerRequest
from partners.models import Partner
from targets import nps, rating
from targets.actions import quality as actions
from targets.lag import lag
from targets.masking import Driver
from targets.models import AgreementItem
from targets.models.footfall import Footfall
from targets.models.quality import Reassignment, Response, SurveyClass, SurveyQuarter, SurveyResult
from targets.rating import Difference, State
from targets.scored import ScoreStanding, score_standings
from targets.scores import ResponseQuerySet
from targets.standing import with_changes
from targets.visits import quarters_of_visits

COMMENTS_SHOWN = 6


def shown_partner(request: HttpRequest) -> Partner:
    return cast(Partner, cast(PartnerRequest, request).partner)


def released(request: HttpRequest) -> ResponseQuerySet:
    """Answers about the partner shown, of quarters partners may look at."""
    visible: Any = Response.objects.visible_to(request.user)
    today = berlin_date(timezone.now())
    return cast(ResponseQuerySet, visible.released_to(shown_partner(request), today))


def chosen_quarter(request: HttpRequest, quarters: list[date]) -> date | None:
    """`?quarter=2026-Q2`, else the latest there is."""
    try:
        asked = parse_quarter(request.GET.get("quarter", ""))
    except ValueError:
        asked = None
    return asked if asked in quarters else max(quarters, default=None)


@require_GET
@partner_required()
def quality(request: HttpRequest) -> HttpResponse:
    """One quarter at a glance, all quarters as a trend."""
    partner, today = shown_partner(request), berlin_date(timezone.now())
    answers = released(request).counted()
    open_quarters = list(SurveyQuarter.objects.released(today).values_list("quarter", flat=True))
    trend = rating.trend(rating.own_quarters(answers, partner, open_quarters))
    trend = [each for each in trend if each.key in open_quarters]
    quarter = chosen_quarter(request, [each.key for each in trend])
    here = answers.filter(quarter=quarter) if quarter else answers.none()
    comments = here.exclude(comment="")
    context: dict[str, Any] = {
        "title": _("Quality"),
        "partner": partner,
        "quarter": quarter,
        "trend": trend,
        "this": next((each for each in trend if each.key == quarter), None),
        "states": State,
        "differences": Difference,
        "margin_at_minimum": 25,
        "minimum": nps.MIN_ANSWERS,
        "sees_money": may_enter_partner_pages(request, MONEY_MEMBERS),
        "next_release": SurveyQuarter.objects.filter(released_on__gt=today).order_by("released_on").first(),
    }
    if quarter:
        everybody: Any = Response.objects.counted().filter(quarter=quarter)
        visits: Any = Footfall.objects.filter(outlet__partner=partner)
        channels = [each for each in rating.channels(everybody, quarters=[quarter]) if each.rated]
        context |= {
            "questions": rating.questions(here),
            "recorded": SurveyResult.objects.filter(partner=partner, quarter=quarter).order_by("-pk").first(),
            "drivers": rating.drivers(here),
            "channels": [_beside(each, context["this"]) for each in channels],
            "own_channel": rating.channel_label(partner.kind),
            "comments": comments[:COMMENTS_SHOWN],
            "comment_count": comments.count(),
            "lag": lag(trend, quarters_of_visits(visits), today),
            "minimum_periods": nps.MIN_PERIODS,
            "settled": _settled_before(partner, quarter, open_quarters) if context["sees_money"] else [],
        }
    return render(request, "targets/partner/quality.html", context)


def _settled_before(partner: Partner, quarter: date, quarters: list[date]) -> list[ScoreStanding]:
    """Score targets over this quarter that were settled with another score than the page shows."""
    items = AgreementItem.objects.counting().filter(agreement__partner=partner, agreement__year=quarter.year)
    found = score_standings(with_changes(items), berlin_date(timezone.now()), quarters=quarters)
    return [each for each in found if quarter in each.span and each.later is not None]


def _beside(channel: rating.Rating, own: rating.Rating) -> tuple[rating.Rating, Difference]:
    """How the partner's own score stands to a channel's."""
    return channel, rating.difference(own.count, channel.count)


# ---- single answers ------------------------------------------------------------------------------------------------
class AnswerFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Comment"), field_name="comment", lookup_expr="icontains")
    driver = django_filters.ChoiceFilter(label=gettext_lazy("About"), choices=Driver.choices, method="by_driver")
    customers = django_filters.ChoiceFilter(
        label=gettext_lazy("Customers"), choices=SurveyClass.choices, field_name="customer_class"
    )
    side = django_filters.ChoiceFilter(
        label=gettext_lazy("Group"),
        choices=[
            ("promoters", gettext_lazy("promoters (9, 10)")),
            ("passives", gettext_lazy("passives (7, 8)")),
            ("detractors", gettext_lazy("detractors (0 to 6)")),
        ],
        method="by_side",
    )

    def by_driver(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(drivers__contains=[value])

    def by_side(self, rows: Any, _name: str, value: str) -> Any:
        low, high = {"promoters": (9, 10), "passives": (7, 8), "detractors": (0, 6)}[value]
        return rows.filter(score_touchpoint__range=(low, high))


class AnswerTable(columns.Table):
    answered_on = columns.DayColumn(verbose_name=gettext_lazy("Answered"))
    outlet = columns.Column(verbose_name=gettext_lazy("Outlet"), opt=True)
    customer_class = columns.Column(verbose_name=gettext_lazy("Customers"), opt=True)
    score_touchpoint = columns.NumberColumn(verbose_name=gettext_lazy("You"))
    score_operator = columns.NumberColumn(verbose_name=gettext_lazy("Operator"), opt=True)
    score_product = columns.NumberColumn(verbose_name=gettext_lazy("Product"), opt=True)
    comment = columns.Column(verbose_name=gettext_lazy("Comment"))
    status = columns.BadgeColumn(Response.Status, verbose_name=gettext_lazy("Status"), opt=True)

    class Meta:
        model = Response
        fields: tuple[str, ...] = ()
        order_by = "-answered_on"

    def render_answered_on(self, value: Any, record: Response) -> str:
        return format_html('<a href="{}">{}</a>', reverse("targets:answer", args=[record.pk]), formats.day(value))


class Answers(PartnerRequired, ListView):
    """Every answer of the released quarters, with its comment; personal data is masked."""

    model = Response
    table_class = AnswerTable
    filterset_class = AnswerFilter
    title = gettext_lazy("Answers of your customers")
    lead = gettext_lazy("Names, telephone numbers and addresses in comments are masked before they are stored.")
    export_name = "answers"
    empty_title = gettext_lazy("No answers yet")
    empty_text = gettext_lazy("What customers say about you appears here when the operator releases a quarter.")

    def get_queryset(self) -> QuerySet[Any]:
        return released(self.request).exclude(status=Response.Status.QUARANTINED).select_related("outlet")

    def crumbs(self) -> list[tuple[str, str]]:
        return [(_("Quality"), reverse("targets:quality"))]


@partner_required()
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer; owner and accounting may say that it is not theirs, and a second person decides."""
    this = get_object_or_404(_answers_ever_mine(request).select_related("outlet"), pk=pk)
    requests = this.reassignments.filter(from_partner=shown_partner(request)).select_related("requested_by")
    refusal = _refusal(request, this, waits=any(each.status == Reassignment.Status.REQUESTED for each in requests))
    if request.method == "POST":
        if cast(PartnerRequest, request).member_role not in MONEY_MEMBERS:
            raise PermissionDenied(refusal)
        by: Any = request.user
        actions.request_reassignment(
            this, by=by, exclude=True, reason=request.POST.get("reason", ""), now=timezone.now()
        )
        messages.success(request, _("Sent. The head of channel decides; until then the answer counts."))
        return redirect("targets:answer", pk)
    context = {
        "title": _("Answer of %(day)s") % {"day": formats.day(this.answered_on)},
        "crumbs": [
            (_("Quality"), reverse("targets:quality")),
            (_("Answers of your customers"), reverse("targets:answers")),
        ],
        "answer": this,
        "statuses": Response.Status,
        "requests": requests,
        "request_statuses": Reassignment.Status,
        "refusal": refusal,
    }
    return render(request, "targets/partner/answer.html", context)


def _answers_ever_mine(request: HttpRequest) -> QuerySet[Response]:
    """Those that are the partner's, and those it lost by asking: the page still tells how that ended."""
    lost = Reassignment.objects.visible_to(request.user).filter(from_partner=shown_partner(request))
    quarters = SurveyQuarter.objects.released(berlin_date(timezone.now())).values("quarter")
    mine = Q(pk__in=released(request).values("pk")) | Q(pk__in=lost.values("response"), quarter__in=quarters)
    return Response.objects.filter(mine)


def _refusal(request: HttpRequest, this: Response, *, waits: bool) -> str:
    """Why this person cannot ask now, or nothing."""
    if waits:
        return _("Somebody has asked for this answer already; it waits for a decision.")
    if this.partner_id != shown_partner(request).pk or this.status != Response.Status.COUNTED:
        return _("The answer does not count for you.")
    if cast(PartnerRequest, request).member_role not in MONEY_MEMBERS:
        return _("The owner or the accounting of the partner can ask.")
    return ""
