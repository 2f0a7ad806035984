"""Results of a survey that arrive counted: recorded by hand, the latest of a partner and quarter counts."""

from typing import Any, cast

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core import columns, formats
from partners.access import OfficeList, office_required
from partners.models import Partner
from targets.actions import quality as actions
from targets.forms import ResultForm
from targets.models.quality import SurveyResult
from targets.rating import rate
from targets.views.office_quality import tabs


class ResultTable(columns.Table):
    partner = columns.Column(verbose_name=gettext_lazy("Partner"), order_by=("partner__sort_key",))
    quarter = columns.Column(verbose_name=gettext_lazy("Quarter"))
    promoters = columns.NumberColumn(verbose_name=gettext_lazy("Promoters"), opt=True)
    passives = columns.NumberColumn(verbose_name=gettext_lazy("Passives"), opt=True)
    detractors = columns.NumberColumn(verbose_name=gettext_lazy("Detractors"), opt=True)
    recorded_at = columns.MomentColumn(verbose_name=gettext_lazy("Recorded"), opt=True)
    recorded_by = columns.Column(verbose_name=gettext_lazy("by"), opt=True)
    reason = columns.Column(verbose_name=gettext_lazy("Reason"), opt=True, whole=True)
    score = columns.Column(verbose_name=gettext_lazy("Score"), accessor="pk", orderable=False, chief=True)

    class Meta:
        model = SurveyResult
        fields: tuple[str, ...] = ()

    def render_quarter(self, value: Any) -> str:
        return formats.quarter(value)

    def render_score(self, record: SurveyResult) -> str:
        return rate("", record.count).text


class ResultFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Partner"), method="by_partner")

    def by_partner(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(partner__in=Partner.objects.search(value))


class Results(OfficeList):
    """Every record; what a later one replaced stays to be read."""

    model = SurveyResult
    table_class = ResultTable
    filterset_class = ResultFilter
    template_name = "targets/office/results.html"
    title = gettext_lazy("Recorded results")
    lead = gettext_lazy(
        "Answers that somebody else counted. They count beside single answers; of a partner and quarter the latest does."
    )
    export_name = "results"
    empty_title = gettext_lazy("Nothing was recorded")
    empty_text = gettext_lazy("Where a survey delivers counts instead of answers, record them here.")

    def get_queryset(self) -> QuerySet[Any]:
        rows: Any = super().get_queryset()
        return rows.select_related("partner", "recorded_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        role = cast(Any, self.request.user).role
        return super().get_context_data(**kwargs) | {"may_record": role in actions.KEEPS_RESULTS}

    def tabs(self) -> list[Any]:
        return tabs(self.request, "results")


@require_http_methods(["GET", "POST"])
@office_required(*actions.KEEPS_RESULTS)
def record(request: HttpRequest) -> HttpResponse:
    form = ResultForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        actions.record_survey(
            data["partner"], data["quarter"], data["promoters"], data["passives"], data["detractors"],
            reason=data["reason"], by=cast(Any, request.user), now=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("Recorded. The next run knows it."))
        return redirect("targets:results")
    context = {
        "title": _("Record a result"),
        "crumbs": [
            (_("Quality"), reverse("targets:office_quality")),
            (_("Recorded results"), reverse("targets:results")),
        ],
        "form": form,
    }
    return render(request, "targets/office/record_result.html", context)
