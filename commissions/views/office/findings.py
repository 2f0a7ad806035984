"""What control and the firewall found in a run: in words, with everything behind it, and the way past it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from commissions import actions
from commissions.actions.holds import CONTROLS
from commissions.actions.runs import WAIVES
from commissions.firewall import DUPLICATE_DAYS, LIMITS, TIMES, Check, rows_of
from commissions.models import Finding, HoldReason, Kind, Run, Schedule
from commissions.queries import RUN_READERS
from commissions.review import review_of, titles_by_code
from commissions.tables import FindingTable
from core.choices import ToneChoices
from core.export import file_asked_for, table_response
from core.formats import money, number, percent
from core.formats import month as written
from partners.access import may_enter_office, office_required
from sales.models import Product

NAMED = 3  # things named in a finding's row on the run's page
Titles = dict[str, tuple[str, str]]


class Weight(ToneChoices):
    """How much a finding weighs for the approval."""

    CONTRADICTION = "contradiction", "taken", gettext_lazy("contradiction")
    BLOCKS = "blocks", "taken", gettext_lazy("blocks")
    WARNS = "warns", "held", gettext_lazy("warning")
    WAIVED = "waived", "neutral", gettext_lazy("waived")


@dataclass(frozen=True)
class Shown:
    """A finding in the reader's words. `named` are the first things found, `url` leads to all of them."""

    finding: Finding
    weight: Weight
    label: str
    text: str
    url: str = ""
    amount: Decimal | None = None
    named: list[str] = field(default_factory=list)

    @property
    def in_the_way(self) -> bool:
        return self.weight in (Weight.CONTRADICTION, Weight.BLOCKS)


def shown_findings(run: Run) -> list[Shown]:
    """Contradictions, then what blocks, then what is only worth a look; waived ones keep their place."""
    found = list(run.findings.select_related("waived_by").order_by("waivable", "-blocking", "pk"))
    titles = titles_by_code() if found else {}
    return [_shown(finding, run, titles) for finding in found]


def _shown(finding: Finding, run: Run, titles: Titles) -> Shown:
    if not finding.waivable:
        return _contradiction(finding, run)
    amount = finding.detail.get("amount")
    sample = finding.detail.get("sample", [])[:NAMED]
    return Shown(
        finding,
        weight_of(finding),
        str(Check(finding.check_name).label) if finding.check_name in Check.values else finding.check_name,
        explained(finding),
        reverse("commissions:finding", args=[run.pk, finding.pk]),
        Decimal(amount) if amount and Decimal(amount) else None,
        [name for row in sample if (name := _name(finding.check_name, row, titles))],
    )


def weight_of(finding: Finding) -> Weight:
    if finding.waived_at:
        return Weight.WAIVED
    if not finding.waivable:
        return Weight.CONTRADICTION
    return Weight.BLOCKS if finding.blocking else Weight.WARNS


def _contradiction(finding: Finding, run: Run) -> Shown:
    """In words; the check's name stays beside it for whoever repairs it."""
    words = {
        "no_cause": _("Lines without a cause"),
        "left_below_zero": _("A closing commission would fall below zero"),
        "clawed_more_than_full": _("More would be taken back than was ever due"),
        "no_version": _("Lines without a schedule version"),
        "no_parent": _("Corrections without the line they correct"),
        "strangers_order": _("Money for somebody else's order"),
        "does_not_add_up": _("Lines whose amount is not entitled minus booked"),
        "identity_twice": _("The same line twice"),
        "order_without_answer": _("Activated orders with neither a line nor a reason"),
        "booked_does_not_add_up": _("Booked amounts that differ from the posted lines"),
    }
    order = finding.detail.get("order")
    return Shown(
        finding,
        Weight.CONTRADICTION,
        words.get(finding.check_name, finding.check_name),
        _("Check “%(code)s”. It cannot be waived: nothing is paid that cannot be right.")
        % {"code": finding.check_name},
        f"{reverse('commissions:run_lines', args=[run.pk])}?order_id={order}" if order else "",
    )


def _name(check: str, row: dict[str, Any], titles: Titles) -> str:
    """How one thing is called in a row of few words."""
    if check == Check.COMPONENT:
        return component_title(row["code"], titles)
    if check == Check.UNTESTED:
        return _schedules().get(row["code"], row["code"])
    if check in (Check.DUPLICATES, Check.UNPAID):
        return str(row["order_no"])
    return str(row["name"] or row["code"])


def explained(finding: Finding) -> str:
    """What was asked, what came out, and from where on it blocks."""
    limit = LIMITS.get(finding.check_name)
    measure = Decimal(finding.detail.get("measure") or 0)
    if limit is None:
        return ""
    asked = {
        Check.TOTAL: _("The total differs by %(measure)s from the mean of the last posted months."),
        Check.COMPONENT: _("It had lines in each of the last posted months, %(measure)s a month, and has none now."),
        Check.DUPLICATES: _(
            "Closing commission for the same customer and product, signed within %(days)s days: %(measure)s."
        ),
        Check.UNPAID: _("Activated, but no component or no contract covers them: %(measure)s of the lines."),
        Check.MOVERS: _(
            "More than %(times)s times their mean, or less than 1/%(times)s of it; the largest change: %(measure)s."
        ),
        Check.NEGATIVES: _("Their net was positive the month before; now they are %(measure)s below zero together."),
        Check.WITHOUT: _("%(measure)s of the partners with a contract in force have no line."),
        Check.CAMPAIGNS: _("%(measure)s orders name a code that no approved campaign has; it pays them nothing."),
        Check.UNTESTED: _("No worked example says what they should pay: %(measure)s."),
    }
    written_as: dict[str, Callable[[Decimal], str]] = {"%": _one_place, "EUR": money}
    write = written_as.get(limit.unit, number)
    words = {"measure": write(measure), "days": DUPLICATE_DAYS, "times": TIMES}
    text = str(asked[Check(finding.check_name)]) % words
    if limit.block is not None:
        text += " " + _("Blocks at %(limit)s or more.") % {"limit": write(limit.block)}
    return text


def _one_place(value: Decimal) -> str:
    return percent(value, places=1)


def component_title(code: str, titles: Titles) -> str:
    if code == Kind.MANUAL:
        return _("Manual lines")
    if not code:
        return _("Not in the schedule or without contract")
    german, english = titles.get(code, (code, code))
    return german if (get_language() or "de").startswith("de") else english


# ---- pages -----------------------------------------------------------------------------------------------------------
def _found(request: HttpRequest, pk: int, key: int) -> Finding:
    rows = Finding.objects.visible_to(request.user).filter(run=pk, waivable=True)
    return get_object_or_404(rows.select_related("run", "run__calculated_by", "waived_by"), pk=key)


@require_GET
@office_required(*RUN_READERS)
def finding(request: HttpRequest, pk: int, finding: int) -> HttpResponseBase:
    """Everything behind a finding, as a list to work off and to take along, and the form to waive it."""
    this = _found(request, pk, finding)
    run, sums = this.run, review_of(this.run)
    shown = _shown(this, run, sums.titles)
    may_hold = may_enter_office(request, CONTROLS) and run.status != Run.Status.POSTED
    table = FindingTable(rows_of(this, sums), request=request, run=run, check=this.check_name, may_hold=may_hold)
    table.words = _codes(this, sums.titles)
    table.order_by = request.GET.get("sort", "")
    if kind := file_asked_for(request):
        return table_response(table, name=f"run-{run.month:%Y-%m}-{this.check_name}", title=shown.label, kind=kind)
    page = request.GET.get("page", "1")
    table.paginate(page=int(page) if page.isdecimal() else 1, per_page=100)
    context = {
        "title": shown.label,
        "crumbs": [
            (_("Runs"), reverse("commissions:runs")),
            (written(run.month), reverse("commissions:run", args=[pk])),
        ],
        "run": run,
        "finding": this,
        "shown": shown,
        "weights": Weight,
        "table": table,
        "refusal": _refusal(this, request.user),
        "open": run.status == Run.Status.IN_REVIEW and this.waived_at is None,
    }
    return render(request, "commissions/office/finding.html", context)


def _codes(this: Finding, titles: Titles) -> dict[str, str]:
    """What the codes of this finding's rows are called."""
    match this.check_name:
        case Check.COMPONENT:
            return {code: component_title(code, titles) for code in titles}
        case Check.UNPAID:
            return Product.objects.all().titles() | {code: str(label) for code, label in HoldReason.choices}
        case Check.DUPLICATES:
            return Product.objects.all().titles()
        case Check.UNTESTED:
            return _schedules()
    return {}


def _schedules() -> dict[str, str]:
    return {each.code: each.title for each in Schedule.objects.all()}


def _refusal(this: Finding, user: Any) -> str:
    """Why this person cannot waive it, or nothing if they can."""
    if user.role not in WAIVES:
        return _("Controlling, finance or the head of channel waives.")
    if this.blocking and user.pk in (this.run.calculated_by_id, this.run.created_by_id):
        return _("You had this month calculated yourself; a second person has to look into it.")
    return ""


@require_POST
@office_required(*RUN_READERS)
def waive(request: HttpRequest, pk: int, finding: int) -> HttpResponse:
    this = _found(request, pk, finding)
    actions.waive_finding(this, by=request.user, now=timezone.now(), reason=request.POST.get("reason", ""))
    messages.success(request, _("Waived, with your name and reason."))
    return redirect("commissions:run", pk)
