"""Single answers in the office: the quarantine and its repair, who is asked to move one, who decides."""

from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core import columns
from core.audit import history_of
from core.errors import Refused
from partners.access import OfficeList, may_enter_office, office_required
from partners.models import Outlet, Partner
from partners.rights import require
from targets.actions import quality as actions
from targets.actions.deliveries import DELIVERS
from targets.models.quality import Reassignment, Response, SurveyClass, Touchpoint
from targets.views.office_quality import tabs

Status = Response.Status


# ---- answers -------------------------------------------------------------------------------------------------------
class ResponseTable(columns.Table):
    response_id = columns.LinkColumn("targets:response", "pk", verbose_name=gettext_lazy("Response"), whole=True)
    answered_on = columns.DayColumn(verbose_name=gettext_lazy("Answered"), opt=True)
    place = columns.Column(verbose_name=gettext_lazy("Touchpoint"), opt=True)
    dealer_code = columns.Column(verbose_name=gettext_lazy("Dealer code"), opt=True)
    partner = columns.Column(verbose_name=gettext_lazy("Partner"), order_by=("partner__sort_key",))
    customer_class = columns.Column(verbose_name=gettext_lazy("Customers"), opt=True)
    score_touchpoint = columns.NumberColumn(verbose_name=gettext_lazy("Touchpoint, 0–10"))
    comment = columns.Column(verbose_name=gettext_lazy("Comment"), opt=True)
    cause = columns.Column(verbose_name=gettext_lazy("Cause"))
    status = columns.BadgeColumn(Status, verbose_name=gettext_lazy("Status"))

    class Meta:
        model = Response
        fields: tuple[str, ...] = ()
        order_by = "-answered_on"


class ResponseFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Response, dealer code, comment"), method="by_text")
    status = django_filters.ChoiceFilter(label=gettext_lazy("Status"), choices=Status.choices)
    cause = django_filters.ChoiceFilter(
        label=gettext_lazy("Cause"), choices=[each for each in Response.Cause.choices if each[0]]
    )
    partner = django_filters.CharFilter(label=gettext_lazy("Partner number"), field_name="partner__number")
    touchpoint = django_filters.ChoiceFilter(label=gettext_lazy("Touchpoint"), choices=Touchpoint.choices)
    customers = django_filters.ChoiceFilter(
        label=gettext_lazy("Customers"), choices=SurveyClass.choices, field_name="customer_class"
    )

    def by_text(self, rows: Any, _name: str, value: str) -> Any:
        value = value.strip()
        return rows.filter(Q(response_id__iexact=value) | Q(dealer_code__iexact=value) | Q(comment__icontains=value))


class Responses(OfficeList):
    """Single answers; with `?status=quarantined` those that fit nobody, by cause and with the repair at hand."""

    model = Response
    table_class = ResponseTable
    filterset_class = ResponseFilter
    template_name = "targets/office/responses.html"
    title = gettext_lazy("Survey responses")
    export_name = "responses"
    empty_title = gettext_lazy("No answers")
    empty_text = gettext_lazy("Answers appear here when a file was uploaded or sent to the API.")

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("partner")

    @property
    def quarantine(self) -> bool:
        return self.request.GET.get("status") == Status.QUARANTINED

    def tabs(self) -> list[Any]:
        return tabs(self.request, "quarantine" if self.quarantine else "answers")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        causes: list[Any] = []
        if self.quarantine:
            rows: Any = Response.objects.visible_to(self.request.user)
            found = rows.quarantined().order_by().values_list("cause").annotate(n=Count("pk")).order_by("-n", "cause")
            causes = [(cause, Response.Cause(cause).label, number) for cause, number in found]
        return super().get_context_data(**kwargs) | {
            "quarantine": self.quarantine,
            "causes": causes,
            "may_retry": may_enter_office(self.request, DELIVERS),
        }


class MoveForm(forms.Form):
    """Where an answer belongs; exactly one of the first three, or none to take it out."""

    dealer_code = forms.CharField(
        label=gettext_lazy("To the outlet with the dealer code"), required=False, max_length=40
    )
    partner = forms.CharField(label=gettext_lazy("or to the partner number"), required=False, max_length=20)
    touchpoint = forms.ChoiceField(
        label=gettext_lazy("or to a channel without partner"),
        required=False,
        choices=[
            ("", "–"),
            (Touchpoint.HOTLINE.value, Touchpoint.HOTLINE.label),
            (Touchpoint.ONLINE.value, Touchpoint.ONLINE.label),
        ],
    )
    exclude = forms.BooleanField(label=gettext_lazy("It must not count at all"), required=False)
    reason = forms.CharField(label=gettext_lazy("Reason and proof"), max_length=500)

    def place(self, response: Response, user: Any) -> dict[str, Any]:
        """Arguments for the action. Raises Refused for codes and numbers that name nothing."""
        data = self.cleaned_data
        if sum(bool(data[name]) for name in ("dealer_code", "partner", "touchpoint", "exclude")) != 1:
            raise Refused(_("Say exactly one thing: an outlet, a partner, a channel, or that it must not count."))
        if code := data["dealer_code"].strip():
            on = Q(dealer_codes__valid_until=None) | Q(dealer_codes__valid_until__gt=response.answered_on)
            outlet = (
                Outlet.objects.visible_to(user)
                .filter(on, dealer_codes__code=code, dealer_codes__valid_from__lte=response.answered_on)
                .first()
            )
            if outlet is None:
                raise Refused(_("No outlet had this dealer code on the day of the answer."))
            return {"outlet": outlet}
        if number := data["partner"].strip():
            partner = Partner.objects.visible_to(user).filter(number=number).first()
            if partner is None:
                raise Refused(_("There is no partner with this number."))
            return {"partner": partner}
        return {"exclude": True} if data["exclude"] else {"touchpoint": data["touchpoint"]}


@office_required()
def response(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer: what was delivered, whose it is, what was asked and decided; asking for a change."""
    by: Any = request.user
    rows: Any = Response.objects.visible_to(by)
    this = get_object_or_404(rows.select_related("partner", "outlet", "delivery"), pk=pk)
    may_ask = may_enter_office(request, actions.REQUESTS)
    form = MoveForm(request.POST or None)
    if request.method == "POST":
        require(by, *actions.REQUESTS)
        if form.is_valid():
            try:
                place = form.place(this, by)
                actions.request_reassignment(
                    this, by=by, reason=form.cleaned_data["reason"], now=timezone.now(), **place
                )
                messages.success(request, _("Sent. The head of channel decides."))
                return redirect("targets:response", pk)
            except Refused as refusal:
                form.add_error(None, str(refusal))
    requests = list(
        this.reassignments.select_related("requested_by", "decided_by", "partner", "outlet", "from_partner")
    )
    waits = next((each for each in requests if each.status == Reassignment.Status.REQUESTED), None)
    context = {
        "title": _("Response %(key)s") % {"key": this.response_id},
        "crumbs": [
            (_("Quality"), reverse("targets:office_quality")),
            (_("Survey responses"), reverse("targets:responses")),
        ],
        "response": this,
        "statuses": Status,
        "request_statuses": Reassignment.Status,
        "requests": requests,
        "waits": waits,
        "form": form if may_ask and not waits else None,
        "may_decide": may_enter_office(request, actions.DECIDES) and waits and waits.requested_by_id != by.pk,
        "history": [entry for each in requests for entry in history_of(each)],
    }
    return render(request, "targets/office/response.html", context)


# ---- re-assignments ------------------------------------------------------------------------------------------------
class ReassignmentTable(columns.Table):
    requested_at = columns.MomentColumn(verbose_name=gettext_lazy("Requested"))
    response = columns.Column(verbose_name=gettext_lazy("Response"), order_by=("response__response_id",), whole=True)
    from_partner = columns.Column(verbose_name=gettext_lazy("From"), opt=True)
    to = columns.Column(verbose_name=gettext_lazy("To"), accessor="pk", orderable=False)
    requested_by = columns.Column(verbose_name=gettext_lazy("Requested by"), opt=True)
    reason = columns.Column(verbose_name=gettext_lazy("Reason"), opt=True)
    status = columns.BadgeColumn(Reassignment.Status, verbose_name=gettext_lazy("Status"))

    class Meta:
        model = Reassignment
        fields: tuple[str, ...] = ()
        order_by = "-requested_at"

    def render_response(self, value: Any, record: Reassignment) -> str:
        return format_html('<a href="{}">{}</a>', reverse("targets:response", args=[record.response_id]), value)

    def value_response(self, value: Any) -> str:
        return str(value)

    def render_to(self, record: Reassignment) -> str:
        if record.kind == Reassignment.Kind.EXCLUDE:
            return str(record.get_kind_display())
        return str(record.outlet or record.partner or record.get_touchpoint_display())

    def value_to(self, record: Reassignment) -> str:
        return self.render_to(record)


class ReassignmentFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(label=gettext_lazy("Status"), choices=Reassignment.Status.choices)
    partner = django_filters.CharFilter(label=gettext_lazy("Partner number"), method="by_partner")

    def by_partner(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(Q(from_partner__number=value) | Q(partner__number=value))


class Reassignments(OfficeList):
    model = Reassignment
    table_class = ReassignmentTable
    filterset_class = ReassignmentFilter
    title = gettext_lazy("Re-assignments")
    lead = gettext_lazy("Somebody asks to move an answer or to take it out; the head of channel decides.")
    export_name = "reassignments"
    empty_title = gettext_lazy("Nothing here")
    empty_text = gettext_lazy("Requests of partners and of staff appear here.")

    def get_queryset(self) -> QuerySet[Any]:
        people = ("response", "from_partner", "partner", "outlet", "requested_by")
        return super().get_queryset().select_related(*people)

    def tabs(self) -> list[Any]:
        return tabs(self.request, "requests")


@require_POST
@office_required(*actions.DECIDES)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Agrees to a re-assignment or declines it with a reason."""
    asked = get_object_or_404(Reassignment.objects.visible_to(request.user), pk=pk)
    by: Any = request.user
    reason, now = request.POST.get("reason", ""), timezone.now()
    if request.POST.get("decision") == "approve":
        actions.approve_reassignment(asked, by=by, reason=reason, now=now)
    else:
        actions.decline_reassignment(asked, by=by, reason=reason, now=now)
    messages.success(request, _("Decided. The next run takes it into account."))
    return redirect("targets:response", asked.response_id)
