"""What waits for one person: every step that somebody of this role may take now, most urgent first.

    for task in queue_of(user, now):
        task.title, task.note, task.url

Only what this very person can do: whoever had a month calculated does not find its approval here. Reading only, a
constant number of queries.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from commissions.actions.holds import CONTROLS, HEAD_DECIDES_ABOVE
from commissions.actions.runs import APPROVES, CALCULATES
from commissions.actions.schedules import PUBLISHES
from commissions.models import ManualLine, Run, ScheduleVersion
from commissions.months import Month, months
from core.formats import day, money, number
from core.formats import month as written
from partners.models import PartnerChange, Role, User
from sales.actions import DELIVERS
from sales.campaigns import KEEPS_CAMPAIGNS
from sales.models import Campaign, CustomerSpend, Parked
from sales.spending import DECIDES
from targets.actions.adjustments import APPROVES as ADJUSTS
from targets.actions.quality import DECIDES as DECIDES_ON_ANSWERS
from targets.models import Agreement, Alert, Proposal, Reassignment, Response
from training.models import Certificate

Status = Run.Status


@dataclass(frozen=True)
class Task:
    """One thing to do. `due` is the statutory date where there is one."""

    title: str
    note: str
    url: str
    button: str
    due: date | None = None
    urgent: bool = False
    count: int = 1


def queue_of(user: User, now: datetime) -> list[Task]:
    found = [
        *_months(user, now),
        *_schedules(user),
        *_manual_lines(user),
        *_campaigns(user),
        *_certificates(user),
        *_feed(user),
        *_targets(user),
        *_partner_changes(user),
        *_segments(user),
        *_answers(user),
    ]
    return sorted(found, key=lambda task: (not task.urgent, task.due or date.max))


def next_deadline(user: User, now: datetime) -> Month | None:
    """The oldest month that is not posted yet; while all complete ones are, that is the open month itself."""
    if not Run.objects.visible_to(user).exists():
        return None
    return next((month for month in reversed(months(user, now)) if not month.closed), None)


def _months(user: User, now: datetime) -> list[Task]:
    if user.role not in {*CALCULATES, *APPROVES}:
        return []
    tasks = [_month(row, user) for row in months(user, now) if row.over and not row.closed]
    return [task for task in tasks if task]


def _month(row: Month, user: User) -> Task | None:
    run, month = row.run, written(row.month)
    facts: dict[str, Any] = {"due": row.deadline, "urgent": row.urgent}
    if run is None or run.status == Status.DRAFT:
        if user.role not in CALCULATES:
            return None
        url = reverse("commissions:run", args=[run.pk]) if run else reverse("commissions:runs")
        return Task(
            _("Calculate %(month)s") % {"month": month}, _("not calculated yet"), url, _("To the runs"), **facts
        )
    url = reverse("commissions:run", args=[run.pk])
    if run.status == Status.PARKED and user.role in CALCULATES:
        return Task(_("Clear up %(month)s") % {"month": month}, _("findings hold it up"), url, _("Look"), **facts)
    if (
        run.status == Status.IN_REVIEW
        and user.role in APPROVES
        and user.pk not in (run.calculated_by_id, run.created_by_id)
    ):
        return Task(
            _("Approve %(month)s") % {"month": month}, money(run.net), url, pgettext("button", "Review"), **facts
        )
    if run.status == Status.APPROVED and not run.posted_by_id and user.role in APPROVES:
        return Task(_("Post %(month)s") % {"month": month}, money(run.net), url, _("To the run"), **facts)
    return None


def _schedules(user: User) -> list[Task]:
    if user.role not in PUBLISHES:
        return []
    drafts = ScheduleVersion.objects.visible_to(user).filter(status=ScheduleVersion.Status.DRAFT)
    return [
        Task(
            _("Publish schedule %(schedule)s") % {"schedule": draft.schedule.title},
            _("for orders signed from %(day)s, draft by %(name)s")
            % {"day": day(draft.valid_from), "name": draft.created_by or _("the system")},
            reverse("commissions:version", args=[draft.pk]),
            _("Look"),
        )
        for draft in drafts.exclude(created_by=user).select_related("schedule", "created_by").order_by("created_at")
    ]


def _manual_lines(user: User) -> list[Task]:
    if user.role not in CONTROLS:
        return []
    waiting = ManualLine.objects.filter(status=ManualLine.Status.PROPOSED).exclude(proposed_by=user)
    return [
        Task(
            _("Manual line for %(partner)s") % {"partner": line.partner},
            f"{money(line.amount, signed=True)} · {line.reason}",
            reverse("commissions:manual_line", args=[line.pk]),
            _("Decide"),
        )
        for line in waiting.select_related("partner").order_by("proposed_at")
        if abs(line.amount) <= HEAD_DECIDES_ABOVE or user.role == Role.HEAD_OF_CHANNEL
    ]


def _campaigns(user: User) -> list[Task]:
    """Terms that somebody else wrote: they pay nothing, or not as changed, before they are approved."""
    if user.role not in KEEPS_CAMPAIGNS:
        return []
    waiting = Campaign.objects.waiting().select_related("saved_by", "proposed_by").order_by("valid_from", "code")
    return [
        Task(
            _("Campaign %(title)s") % {"title": each},
            _("a change waits") if each.proposal else _("signed from %(day)s on") % {"day": day(each.valid_from)},
            reverse("sales:campaign", args=[each.pk]),
            _("Decide"),
        )
        for each in waiting
        if each.author_id != user.pk
    ]


def _certificates(user: User) -> list[Task]:
    if user.role not in CONTROLS:
        return []
    count = Certificate.objects.waiting_for(user).count()
    if not count:
        return []
    title = ngettext("%(n)s certificate to decide on", "%(n)s certificates to decide on", count) % {"n": number(count)}
    note = _("backdated, or to be revoked: each moves money that was decided already")
    return [Task(title, note, reverse("training:certificates") + "?status=waiting", _("Decide"), count=count)]


def _answers(user: User) -> list[Task]:
    """Re-assignments of survey responses for the head of channel, the quarantine for those who deliver."""
    tasks = []
    waiting = Reassignment.objects.visible_to(user).waiting().exclude(requested_by=user).count()
    if waiting and user.role in DECIDES_ON_ANSWERS:
        title = ngettext("%(n)s answer to re-assign", "%(n)s answers to re-assign", waiting) % {"n": number(waiting)}
        url = reverse("targets:reassignments") + "?status=requested"
        tasks.append(Task(title, _("a customer's answer is said to be another's"), url, _("Decide"), count=waiting))
    kept = Response.objects.visible_to(user).quarantined().count()
    if kept and user.role in DELIVERS:
        title = ngettext("%(n)s answer in quarantine", "%(n)s answers in quarantine", kept) % {"n": number(kept)}
        url = reverse("targets:responses") + "?status=quarantined"
        tasks.append(Task(title, _("fits nobody, counts for nobody"), url, _("Look"), count=kept))
    return tasks


def _targets(user: User) -> list[Task]:
    """Adjustments and agreements that somebody else proposed, and messages not read yet."""
    tasks = []
    if user.role in ADJUSTS:
        asked = Proposal.objects.visible_to(user).filter(status=Proposal.Status.PROPOSED).exclude(requested_by=user)
        tasks += [
            Task(
                _("Adjustment of targets: %(title)s") % {"title": each.title},
                f"{each.get_reason_code_display()} · {each.reason}",
                reverse("targets:office_adjustment", args=[each.pk]),
                _("Decide"),
            )
            for each in asked.order_by("requested_at")
        ]
        waiting = Agreement.objects.visible_to(user).filter(status=Agreement.Status.PROPOSED)
        if count := waiting.exclude(proposed_by=user).count():
            title = ngettext("%(n)s target agreement to offer", "%(n)s target agreements to offer", count)
            url = reverse("targets:office_agreements") + "?status=proposed"
            note = _("proposed by somebody else, unseen by the partners")
            tasks.append(Task(title % {"n": number(count)}, note, url, _("Look"), count=count))
    if unread := Alert.objects.visible_to(user).filter(in_portal=True, read_at=None).count():
        title = ngettext("%(n)s message about targets", "%(n)s messages about targets", unread) % {"n": number(unread)}
        note = _("forecasts, confirmations, settlements")
        tasks.append(Task(title, note, reverse("targets:alerts"), _("Read"), count=unread))
    return tasks


def _feed(user: User) -> list[Task]:
    if user.role not in DELIVERS:
        return []
    labels = dict(Parked.Cause.choices)
    groups = Parked.objects.open().values_list("cause").annotate(n=Count("pk")).order_by("-n")
    return [
        Task(
            _("Feed: %(cause)s") % {"cause": labels.get(cause, cause)},
            ngettext("%(n)s event takes no effect yet", "%(n)s events take no effect yet", n) % {"n": number(n)},
            f"{reverse('sales:exceptions')}?cause={cause}",
            _("Clear up"),
            count=n,
        )
        for cause, n in groups
    ]


def _partner_changes(user: User) -> list[Task]:
    waiting = PartnerChange.objects.waiting_for(user).select_related("partner", "proposed_by").order_by("proposed_at")
    url = f"{reverse('admin:partners_partnerchange_changelist')}?status__exact={PartnerChange.Status.PROPOSED}"
    return [
        Task(
            _("%(what)s of %(partner)s") % {"what": capfirst(change.get_what_display()), "partner": change.partner},
            _("proposed by %(name)s: %(reason)s") % {"name": change.proposed_by, "reason": change.reason},
            url,
            _("Decide"),
        )
        for change in waiting
    ]


def _segments(user: User) -> list[Task]:
    count = CustomerSpend.objects.suggested().count() if user.role in DECIDES else 0
    if not count:
        return []
    title = ngettext("%(n)s customer in another segment", "%(n)s customers in another segment", count)
    url = f"{reverse('sales:spends')}?status={CustomerSpend.Status.SUGGESTED}"
    note = _("they spend more or less than estimated")
    return [Task(title % {"n": number(count)}, note, url, _("Decide"), count=count)]
