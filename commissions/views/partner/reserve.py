"""The reserve of the partner shown: what each month kept back, what is left of it, and until when."""

from typing import Any, cast

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commissions.models import ReserveMovement
from commissions.tables import ReserveTable, statement_tabs
from core.lists import ListView
from partners.access import MONEY_MEMBERS, PartnerRequired
from partners.acting import PartnerRequest


class Reserve(PartnerRequired, ListView):
    roles = MONEY_MEMBERS
    model = ReserveMovement
    table_class = ReserveTable
    title = gettext_lazy("Reserve")
    lead = gettext_lazy(
        "Part of a closing commission is kept back while its order may still be cancelled. It is released after twelve "
        "months, and before that as far as it exceeds what could still be taken back."
    )
    export_name = "reserve"
    totals = {"kept": Sum("kept"), "freed": Sum("freed"), "used": Sum("used"), "left": Sum("left")}
    empty_title = gettext_lazy("Nothing is kept back")
    empty_text = gettext_lazy("No component of your schedules keeps anything back so far.")

    def get_queryset(self) -> QuerySet[Any]:
        partner = cast(PartnerRequest, self.request).partner
        own = ReserveMovement.objects.visible_to(self.request.user).filter(partner=partner)
        return own.cohorts()

    def tabs(self) -> list[Any]:
        return statement_tabs("commissions:statements", "commissions:reserve", current="commissions:reserve")

    def crumbs(self) -> list[tuple[str, str]]:
        return [(_("Statements"), reverse("commissions:statements"))]
