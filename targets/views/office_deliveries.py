"""Files of survey responses and of visits in the office: sent, counted, their rejected rows."""

from collections.abc import Iterator
from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from core import columns
from core.errors import Refused
from core.export import file_asked_for, file_response
from partners.access import OfficeList, may_enter_office, office_required
from targets import responses
from targets.actions import deliveries as actions
from targets.issues import header, issue_text
from targets.models.quality import Delivery
from targets.views.office_quality import tabs

Kind = Delivery.Kind
ISSUES_SHOWN = 100


class DeliveryTable(columns.Table):
    received_at = columns.MomentColumn(verbose_name=gettext_lazy("Received"), opt=True)
    filename = columns.LinkColumn("targets:delivery", "pk", verbose_name=gettext_lazy("File"), empty_values=())
    kind = columns.Column(verbose_name=gettext_lazy("Kind"), opt=True)
    rows = columns.NumberColumn(verbose_name=gettext_lazy("Rows"))
    accepted = columns.NumberColumn(verbose_name=gettext_lazy("Accepted"), opt=True)
    duplicate = columns.NumberColumn(verbose_name=gettext_lazy("Duplicates"), opt=True)
    quarantined = columns.NumberColumn(verbose_name=gettext_lazy("Quarantined"))
    rejected = columns.NumberColumn(verbose_name=gettext_lazy("Rejected"))
    by = columns.Column(verbose_name=gettext_lazy("By"), opt=True)

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = ()
        order_by = "-received_at"

    def render_filename(self, value: Any, record: Delivery, bound_column: Any) -> str:
        return str(bound_column.column.render(value or record.get_source_display(), record))


class DeliveryFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("File"), field_name="filename", lookup_expr="icontains")
    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=Kind.choices)
    source = django_filters.ChoiceFilter(label=gettext_lazy("Source"), choices=Delivery.Source.choices)


class Deliveries(OfficeList):
    model = Delivery
    table_class = DeliveryTable
    filterset_class = DeliveryFilter
    template_name = "targets/office/deliveries.html"
    title = gettext_lazy("Deliveries")
    lead = gettext_lazy("Files of survey responses and visits. The same file again changes nothing.")
    totals = {name: Sum(name) for name in ("rows", "accepted", "duplicate", "quarantined", "rejected")}
    export_name = "deliveries"
    empty_title = gettext_lazy("No file yet")
    empty_text = gettext_lazy("Upload survey responses or visits here, or send them to the API.")

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("by")

    def tabs(self) -> list[Any]:
        return tabs(self.request, "deliveries")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may_send": may_enter_office(self.request, actions.DELIVERS)}


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What the file holds"), choices=Kind.choices)
    file = forms.FileField(label=gettext_lazy("File"), help_text=gettext_lazy("CSV (UTF-8) or JSON, up to 4 MB."))


@office_required(*(role for role in actions.COUNTS_VISITS if role != "partner"))
def upload(request: HttpRequest) -> HttpResponse:
    """Takes a file at once and leads to what became of its rows."""
    form = UploadForm(request.POST or None, request.FILES or None, initial={"kind": request.GET.get("kind")})
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        receive = actions.RECEIVE[form.cleaned_data["kind"]]
        try:
            if file.size > actions.LARGEST:
                raise actions.TooLarge(
                    _("The file is larger than %(most)d MB. Split it.") % {"most": actions.LARGEST // 2**20}
                )
            delivery = receive(
                file.read(), source=Delivery.Source.UPLOAD, by=request.user, now=timezone.now(), filename=file.name
            )
            return redirect("targets:delivery", delivery.pk)
        except Refused as refusal:
            form.add_error("file", str(refusal))
    context = {
        "title": _("Upload a file"),
        "crumbs": [(_("Quality"), reverse("targets:office_quality")), (_("Deliveries"), reverse("targets:deliveries"))],
        "form": form,
        "formats": [
            (_("survey responses"), responses.COLUMNS, responses.REQUIRED),
            (_("footfall"), actions.FOOTFALL_COLUMNS, actions.FOOTFALL_REQUIRED),
        ],
    }
    return render(request, "targets/office/upload.html", context)


@require_GET
@office_required()
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: counts, and which rows were rejected for what."""
    this = get_object_or_404(Delivery.objects.visible_to(request.user).select_related("by"), pk=pk)
    context = {
        "title": this.filename or this.get_source_display(),
        "crumbs": [(_("Quality"), reverse("targets:office_quality")), (_("Deliveries"), reverse("targets:deliveries"))],
        "delivery": this,
        "parts": [
            (_("accepted"), this.accepted, "earned"),
            (_("duplicates"), this.duplicate, ""),
            (_("in quarantine"), this.quarantined, "held"),
            (_("rejected"), this.rejected, "taken"),
        ],
        "issues": [(issue, issue_text(issue.code)) for issue in this.issues.all()[:ISSUES_SHOWN]],
        "issue_count": this.issues.count(),
    }
    return render(request, "targets/office/delivery.html", context)


@require_GET
@office_required()
def delivery_report(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every rejected row as a file: line, identifier, field, value, what would be right."""
    this = get_object_or_404(Delivery.objects.visible_to(request.user), pk=pk)

    def lines() -> Iterator[list[Any]]:
        for issue in this.issues.all().iterator(chunk_size=2000):
            yield [issue.line, issue.key, issue.field, issue.value, issue_text(issue.code)]

    return file_response(file_asked_for(request), header(), lines(), name=f"delivery-{pk}", title=this.filename)


@require_POST
@office_required(*actions.DELIVERS)
def retry(request: HttpRequest) -> HttpResponse:
    """Looks again at the quarantine after master data was added."""
    done = actions.retry_quarantine(by=request.user, now=timezone.now(), cause=request.POST.get("cause", ""))  # type: ignore[arg-type]
    text = _("%(n)d of %(all)d answers count now.") % {"n": done.accepted, "all": done.rows}
    messages.success(request, text)
    return redirect(f"{reverse('targets:responses')}?status=quarantined")
