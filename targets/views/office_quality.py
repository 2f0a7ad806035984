"""Satisfaction in the office: channels side by side, partners, when partners may look."""

from datetime import date
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core import columns, formats
from core.errors import Refused
from core.periods import add_months, berlin_date, first_of_quarter, parse_quarter, quarter_code
from core.templatetags.formats import formats_badge
from partners.access import OfficeList, may_enter_office, office_required
from partners.models import Partner
from partners.rights import require
from targets import rating
from targets.actions import quality as actions
from targets.lag import lag
from targets.models.footfall import Footfall
from targets.models.quality import Reassignment, Response, SurveyQuarter, SurveyResult
from targets.nps import MIN_ANSWERS, MIN_PERIODS, answers_needed
from targets.nps import Count as Counted
from targets.rating import Difference, State
from targets.visits import quarters_of_visits

Status = Response.Status


def tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """The pages of this subject; what waits for somebody carries its number."""
    quarantined = Response.objects.visible_to(request.user).quarantined().count()
    waiting = Reassignment.objects.visible_to(request.user).waiting().count()
    answers = reverse("targets:responses")
    pages = [
        ("channels", _("Channels"), reverse("targets:office_quality"), None),
        ("partners", _("Partners"), reverse("targets:partner_scores"), None),
        ("answers", _("Answers"), answers, None),
        ("quarantine", _("Quarantine"), f"{answers}?status=quarantined", quarantined),
        ("requests", _("Re-assignments"), f"{reverse('targets:reassignments')}?status=requested", waiting),
        ("quarters", _("Quarters"), reverse("targets:quarters"), None),
        ("results", _("Recorded results"), reverse("targets:results"), None),
        ("plans", _("Action plans"), reverse("targets:plans"), None),
        ("deliveries", _("Deliveries"), reverse("targets:deliveries"), None),
    ]
    return [{"label": label, "url": url, "count": count, "current": key == current} for key, label, url, count in pages]


def _answers() -> Any:
    """Every counted answer: channels are compared over all of them, whoever looks."""
    return Response.objects.counted()


def _quarters() -> list[date]:
    """Quarters somebody answered in, newest first."""
    recorded = SurveyResult.objects.order_by().values_list("quarter", flat=True).distinct()
    return sorted({*rating.quarters_of(_answers()), *recorded}, reverse=True)


def _asked(request: HttpRequest, quarters: list[date]) -> date | None:
    try:
        asked = parse_quarter(request.GET.get("quarter", ""))
    except ValueError:
        asked = None
    return asked if asked in quarters else next(iter(quarters), None)


# ---- channels ------------------------------------------------------------------------------------------------------
@require_GET
@office_required()
def overview(request: HttpRequest) -> HttpResponse:
    """Channels of one quarter, best first, with a mark where the difference means nothing; and over time."""
    quarters = _quarters()
    quarter = _asked(request, quarters)
    answers = _answers()
    here = answers.filter(quarter=quarter) if quarter else answers.none()
    channels = rating.channels(here, quarters=[quarter] if quarter else [])
    everybody = rating.questions(here)
    visits: Any = Footfall.objects.all()
    whole = rating.trend(rating.all_quarters(answers))
    shown = sorted(quarters)[-8:]
    context = {
        "title": _("Quality"),
        "tabs": tabs(request, "channels"),
        "quarter": quarter,
        "quarter_label": formats.quarter(quarter),
        "quarters": [(quarter_code(each), formats.quarter(each), each == quarter) for each in quarters],
        "channels": channels,
        "best": next((each for each in channels if each.best), None),
        "differences": Difference,
        "states": State,
        "questions": everybody,
        "drivers": rating.drivers(here),
        "course_quarters": [formats.quarter(each) for each in shown],
        "course": rating.course(answers, shown),
        "lag": lag(whole, quarters_of_visits(visits), berlin_date(timezone.now())),
        "minimum": MIN_ANSWERS,
        "minimum_periods": MIN_PERIODS,
        "needed": [(points, answers_needed(points)) for points in (10, 15, 20, 25)],
        "released": SurveyQuarter.objects.filter(quarter=quarter).first() if quarter else None,
    }
    return render(request, "targets/office/quality.html", context)


# ---- partners ------------------------------------------------------------------------------------------------------
class PartnerScoreTable(columns.Table):
    number = columns.LinkColumn("portal:partner", "number", verbose_name=gettext_lazy("Number"))
    legal_name = columns.Column(verbose_name=gettext_lazy("Partner"), order_by=("sort_key",))
    kind = columns.Column(verbose_name=gettext_lazy("Kind"), opt=True)
    answers = columns.NumberColumn(verbose_name=gettext_lazy("Answers"))
    score = columns.Column(verbose_name=gettext_lazy("Score"), attrs={part: {"class": "num"} for part in ("th", "td")})
    interval = columns.Column(
        verbose_name=gettext_lazy("Interval"), empty_values=(), orderable=False, opt=True, whole=True
    )
    # Sorting by it puts those that are rated first, best first: the list's own sequence.
    state = columns.Column(verbose_name=gettext_lazy("Status"), accessor="enough", order_by=("enough", "score"))

    class Meta:
        model = Partner
        fields: tuple[str, ...] = ()
        order_by = "-state"

    def rating(self, record: Any) -> rating.Rating:
        return rating.rate(record.number, Counted(record.promoters, record.passives, record.detractors))

    def render_score(self, record: Any) -> str:
        return self.rating(record).score_text

    def value_score(self, record: Any) -> Any:
        return self.rating(record).score

    def render_interval(self, record: Any) -> str:
        return self.rating(record).interval_text

    def render_state(self, record: Any) -> str:
        return formats_badge(State, self.rating(record).state)

    def value_state(self, record: Any) -> str:
        return str(self.rating(record).state.label)


class PartnerScoreFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Partner"), method="by_text")
    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=Partner.Kind.choices)
    rated = django_filters.ChoiceFilter(
        label=gettext_lazy("Rating"),
        choices=[("rated", gettext_lazy("rated")), ("not_rated", gettext_lazy("not rated"))],
        method="by_rated",
    )
    quarter = django_filters.ChoiceFilter(
        label=gettext_lazy("Quarter"),
        choices=lambda: [(quarter_code(each), formats.quarter(each)) for each in _quarters()],
        method="as_is",
        empty_label=gettext_lazy("the latest"),
    )

    def by_text(self, rows: Any, _name: str, value: str) -> Any:
        return rows.search(value)

    def by_rated(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(answers__gte=MIN_ANSWERS) if value == "rated" else rows.filter(answers__lt=MIN_ANSWERS)

    def as_is(self, rows: Any, _name: str, _value: str) -> Any:
        """The quarter is chosen before the rows are counted; here is only its field."""
        return rows


class PartnerScores(OfficeList):
    """Partners of one quarter; the question about the touchpoint, which is the one that pays."""

    model = Partner
    table_class = PartnerScoreTable
    filterset_class = PartnerScoreFilter
    title = gettext_lazy("Quality by partner")
    lead = gettext_lazy("The question about the partner, which is the one that pays; counted as the engine counts it.")
    export_name = "partner-scores"
    empty_title = gettext_lazy("No answers in this quarter")
    empty_text = gettext_lazy("Partners appear here as soon as a customer has answered about them.")

    @property
    def quarter(self) -> date:
        return _asked(self.request, _quarters()) or first_of_quarter(berlin_date(timezone.now()))

    def get_queryset(self) -> QuerySet[Any]:
        """Counts as the engine counts them: answers and recorded results, with the quarter before where pooled."""
        quarter = self.quarter
        pooled = SurveyQuarter.objects.filter(quarter=quarter, pooled=True).exists()
        quarters = [quarter, add_months(quarter, -3)] if pooled else [quarter]
        here = Q(responses__status=Status.COUNTED, responses__quarter__in=quarters)
        sums = {
            "promoters": _sum(here & Q(responses__score_touchpoint__gte=9), "promoters", quarters),
            "passives": _sum(here & Q(responses__score_touchpoint__range=(7, 8)), "passives", quarters),
            "detractors": _sum(here & Q(responses__score_touchpoint__lte=6), "detractors", quarters),
        }
        rows = super().get_queryset().annotate(**sums)
        rows = rows.annotate(answers=F("promoters") + F("passives") + F("detractors")).filter(answers__gt=0)
        lead = (F("promoters") - F("detractors")) * Value(100.0) / F("answers")
        return rows.annotate(score=lead, enough=Case(When(answers__gte=MIN_ANSWERS, then=Value(1)), default=Value(0)))

    def tabs(self) -> list[Any]:
        return tabs(self.request, "partners")


def _sum(here: Q, name: str, quarters: list[date]) -> Any:
    """Single answers that fit, and the latest recorded result of each quarter."""
    total: Any = Count("responses", filter=here)
    for quarter in quarters:
        latest = SurveyResult.objects.filter(partner=OuterRef("pk"), quarter=quarter).order_by("-pk")
        total = total + Coalesce(Subquery(latest.values(name)[:1]), 0)
    return total


# ---- quarters ------------------------------------------------------------------------------------------------------
@office_required()
def quarters(request: HttpRequest) -> HttpResponse:
    """From when partners see a quarter, and whether it is pooled with the one before."""
    today = berlin_date(timezone.now())
    by: Any = request.user
    if request.method == "POST":
        _set_quarter(request, by)
        return redirect("targets:quarters")
    this = first_of_quarter(today)
    rules = {rule.quarter: rule for rule in SurveyQuarter.objects.all()}
    found = sorted({this, add_months(this, -3), *_quarters(), *rules}, reverse=True)
    counts = rating.all_quarters(_answers())
    rows = [
        {
            "code": quarter_code(each),
            "label": formats.quarter(each),
            "answers": counts.get(each, Counted()).answers,
            "rule": rules.get(each),
            "visible": bool(each in rules and (day := rules[each].released_on) and day <= today),
        }
        for each in found
    ]
    context = {
        "title": _("Quarters"),
        "tabs": tabs(request, "quarters"),
        "rows": rows,
        "may_release": may_enter_office(request, actions.KEEPS_RESULTS),
        "may_pool": may_enter_office(request, actions.DECIDES),
        "needed": answers_needed(25),
    }
    return render(request, "targets/office/quarters.html", context)


def _set_quarter(request: HttpRequest, by: Any) -> None:
    """POST `quarter` with `released_on` (empty hides), or with `pooled` 1 or 0."""
    try:
        quarter = parse_quarter(request.POST.get("quarter", ""))
        day = request.POST.get("released_on", "")
        on = date.fromisoformat(day) if day else None
    except ValueError as error:
        require(by, *actions.KEEPS_RESULTS)
        raise Refused(_("Name a quarter as 2026-Q2 and a day as 2026-07-31.")) from error
    reason, now = request.POST.get("reason", ""), timezone.now()
    if "pooled" in request.POST:
        actions.pool_quarter(quarter, pooled=request.POST["pooled"] == "1", by=by, reason=reason, now=now)
    else:
        actions.release_quarter(quarter, on=on, by=by, reason=reason, now=now)
    messages.success(request, _("Saved."))
