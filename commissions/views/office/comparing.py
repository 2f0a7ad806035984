"""Two versions of a schedule, compared, with what a change of the past has moved."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from commissions import schedule_document
from commissions.comparison import compare
from commissions.models import Run, ScheduleVersion
from commissions.queries import SCHEDULE_READERS
from commissions.schedule_document import DocumentError
from commissions.views.office.documents import side_by_side
from core.periods import add_months
from partners.access import office_required


@require_GET
@office_required(*SCHEDULE_READERS)
def compare_versions(request: HttpRequest, pk: int) -> HttpResponse:
    """`?with=` names the older one; without it the one that is in force when this one begins."""
    seen = ScheduleVersion.objects.visible_to(request.user).select_related("schedule", "published_by", "created_by")
    after = get_object_or_404(seen, pk=pk)
    others = list(seen.filter(schedule=after.schedule).exclude(pk=pk).order_by("-valid_from", "-sequence", "-pk"))
    chosen = request.GET.get("with", "")
    before = next((each for each in others if str(each.pk) == chosen), None) or _before(after, others)
    comparison, problems = None, []
    if before:
        try:
            comparison = compare(schedule_document.parse(before.document), schedule_document.parse(after.document))
        except DocumentError as refused:
            problems = refused.problems
    settled, corrected_by = _settled(after)
    past = bool(settled and after.valid_from < add_months(settled.month, 1))
    context = {
        "title": _("%(version)s, compared") % {"version": after},
        "crumbs": [
            (_("Schedules"), reverse("commissions:schedules")),
            (str(after), reverse("commissions:version", args=[pk])),
        ],
        "before": before,
        "after": after,
        "others": others,
        "comparison": comparison,
        "problems": problems,
        "past": past,
        "settled": settled,
        "corrected_by": corrected_by,
        "pairs": side_by_side(before.document, after.document) if before else [],
    }
    return render(request, "commissions/office/compare.html", context)


def _settled(after: ScheduleVersion) -> tuple[Run | None, Run | None]:
    """The last month that was posted when the version was published, or by now; and the run that posted what it changed."""
    posted = Run.objects.posted()
    if after.published_at is None:
        return posted.order_by("-month").first(), None
    before, since = posted.filter(posted_at__lte=after.published_at), posted.filter(posted_at__gt=after.published_at)
    return before.order_by("-month").first(), since.order_by("posted_at").first()


def _before(after: ScheduleVersion, others: list[ScheduleVersion]) -> ScheduleVersion | None:
    """The published version that this one follows, else any other."""
    published = [each for each in others if each.sequence and each.sequence < (after.sequence or 10**6)]
    return next(
        (each for each in published if each.valid_from <= after.valid_from), next(iter(published or others), None)
    )
