"""Telling people what they would otherwise find too late: a forecast below a band, a change to confirm, a settlement,
a score.

Each message goes once to each of the partner's owners and accounting people and to the partner's manager, in the portal
and by e-mail, unless the person chose otherwise. A change that is not confirmed is recalled once after 14 days.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.fields import covering
from core.formats import day as written
from core.formats import quarter
from core.periods import add_months, berlin_date
from partners.models import Membership, Partner, User
from targets import bonus
from targets.arithmetic import percent
from targets.history import waiting_for
from targets.models import Agreement, AgreementItem, Alert, AlertChoice, Snapshot, SurveyQuarter
from targets.models.alerts import AlertKind
from targets.nps import Count
from targets.queries import COUNTING
from targets.rating import Difference, difference, rate
from targets.scores import counts_by_partner, pool

REMIND_AFTER = timedelta(days=14)
NEWS_OF_SCORES = timedelta(days=30)
SETTLES_WITHIN = timedelta(days=7)
# Without a bonus there are no bands; these two are worth a word all the same.
PLAIN_BANDS = (bonus.Band(Decimal(80), Decimal(0)), bonus.Band(Decimal(100), Decimal(0)))


@dataclass(frozen=True, eq=False)
class News:
    kind: AlertKind
    subject: str
    facts: dict[str, str]
    agreement: int | None = None
    item: int | None = None
    partner: int | None = None


def raise_alerts(*, now: datetime | None = None) -> int:
    """Finds what is new since the last time, writes the alerts and mails them. Returns the number of alerts."""
    now = now or timezone.now()
    today = berlin_date(now)
    found = [*_below_band(today), *_to_confirm(now), *_settling(today), *_scores(today)]
    agreed = Agreement.objects.in_bulk({each.agreement for each in found if each.agreement})
    concerned = {each: each.partner or agreed[each.agreement or 0].partner_id for each in found}
    partners = Partner.objects.select_related("manager").in_bulk(concerned.values())
    choices = {(row.user_id, row.kind): row for row in AlertChoice.objects.all()}
    readers = _readers(partners, today)
    rows = []
    for each in found:
        partner = partners[concerned[each]]
        people = [*readers.get(partner.pk, []), *([partner.manager] if partner.manager else [])]
        for person in people:
            choice = choices.get((person.pk, each.kind))
            if choice is None or choice.portal or choice.email:
                rows.append(_alert(each, person, in_portal=choice is None or choice.portal, now=now))
    with transaction.atomic():
        before = set(Alert.objects.values_list("user", "subject"))
        fresh = [row for row in rows if (row.user_id, row.subject) not in before]
        Alert.objects.bulk_create(fresh, ignore_conflicts=True)
    mail_alerts(now=now)
    return len(fresh)


def mail_alerts(*, now: datetime) -> int:
    """Mails what was not mailed yet to those who want it; a mail that fails is tried again the next night."""
    if not settings.MAIL_NOTICES:
        return 0
    silent = AlertChoice.objects.filter(email=False).values_list("user", "kind")
    waiting = Alert.objects.filter(mailed_at=None, created_at__gte=now - timedelta(days=3), user__is_active=True)
    for user, kind in silent:
        waiting = waiting.exclude(user=user, kind=kind)
    sent = 0
    with get_connection() as connection:
        for alert in waiting.select_related("user", "agreement__partner", "partner").exclude(user__email=""):
            message = _mail(alert)
            message.connection = connection
            if message.send(fail_silently=True):
                Alert.objects.filter(pk=alert.pk).update(mailed_at=now)
                sent += 1
    return sent


def read_alerts(user: User, *, now: datetime | None = None) -> int:
    """Marks all of a person's alerts as read."""
    return Alert.objects.visible_to(user).filter(read_at=None).update(read_at=now or timezone.now())


def choose(user: User, kind: str, *, portal: bool, email: bool) -> None:
    """Where a person wants to hear of one kind."""
    AlertChoice.objects.update_or_create(user=user, kind=kind, defaults={"portal": portal, "email": email})


def words(alert: Alert) -> str:
    """The alert as one sentence, in the reader's language."""
    facts: dict[str, Any] = {**alert.facts, "partner": str(alert.about)}
    if alert.kind == AlertKind.BELOW_BAND:
        return _("%(partner)s, %(kpi)s: at today's pace %(share)s %%, below the step of %(band)s %%.") % facts
    if alert.kind == AlertKind.CONFIRM:
        return _("%(partner)s: “%(title)s” waits for the partner's confirmation.") % facts
    if alert.kind == AlertKind.SCORE:
        facts["quarter"] = quarter(date.fromisoformat(facts["quarter"]))
        if facts["fallen"]:
            return (
                _("%(partner)s: the score of %(quarter)s is %(score)s, significantly below the quarter before.") % facts
            )
        return _("%(partner)s: the score of %(quarter)s is out: %(score)s of %(answers)s answers.") % facts
    facts["day"] = written(date.fromisoformat(facts["day"]))
    return _("%(partner)s, %(kpi)s: the period is settled on %(day)s; cancellations until then still count.") % facts


def _below_band(today: date) -> Iterator[News]:
    """Targets whose forecast has lost a band since the last evening counted a week ago or before; not in the first
    quarter of a period."""
    now = _running(today)
    counted = Snapshot.objects.filter(day__lte=today - timedelta(days=7), day__gt=today - timedelta(days=21))
    evening = counted.order_by("-day").values_list("day", flat=True).first()
    before = {(row.item_id, row.period_from): row for row in _running(evening)} if evening else {}
    items = AgreementItem.objects.select_related("agreement", "kpi").in_bulk([row.item_id for row in now])
    bands = bonus.bands_of(
        {each.agreement.partner_id for each in items.values()}, {each.kpi.code for each in items.values()}, today
    )
    for row in now:
        earlier = before.get((row.item_id, row.period_from))
        quarter = row.period_from + (row.period_until - row.period_from) / 4
        if earlier is None or not row.target or row.seasonal is None or earlier.seasonal is None or today < quarter:
            continue
        item = items[row.item_id]
        steps = bands.get((item.agreement.partner_id, item.kpi.code)) or PLAIN_BANDS
        was, is_ = (
            bonus.reached(steps, earlier.seasonal, earlier.target),
            bonus.reached(steps, row.seasonal, row.target),
        )
        if was and (is_ is None or is_.from_percent < was.from_percent):
            share = percent(row.seasonal, row.target) or 0
            facts = {"kpi": item.kpi.title, "share": str(int(share)), "band": f"{was.from_percent:.0f}"}
            subject = f"band {item.pk} {row.period_from} {was.from_percent:.0f}"
            yield News(AlertKind.BELOW_BAND, subject, facts, item.agreement_id, item.pk)


def _running(day: date) -> list[Snapshot]:
    rows = Snapshot.objects.filter(day=day, period_from__lte=day, period_until__gt=day, target__gt=0)
    return list(rows.filter(item__agreement__status__in=COUNTING))


def _to_confirm(now: datetime) -> Iterator[News]:
    agreements = list(Agreement.objects.counting().values_list("pk", flat=True))
    for agreement, proposal in waiting_for(agreements):
        since = proposal.decided_at or proposal.requested_at
        reminder = now - since >= REMIND_AFTER
        subject = f"confirm {agreement} {proposal.pk}{' again' if reminder else ''}"
        yield News(AlertKind.CONFIRM, subject, {"title": proposal.title}, agreement)


def _settling(today: date) -> Iterator[News]:
    """Periods that are settled within a week."""
    after = timedelta(days=settings.TARGET_SETTLE_AFTER_DAYS - 1)
    rows = Snapshot.objects.filter(
        day=today, period_until__gt=today - after, period_until__lte=today - after + SETTLES_WITHIN, target__gt=0
    )
    items = AgreementItem.objects.select_related("kpi").in_bulk(rows.values_list("item_id", flat=True))
    for row in rows:
        item = items[row.item_id]
        facts = {"kpi": item.kpi.title, "day": str(row.period_until + after)}
        yield News(AlertKind.SETTLES_SOON, f"settles {item.pk} {row.period_from}", facts, item.agreement_id, item.pk)


def _scores(today: date) -> Iterator[News]:
    """Scores of quarters that partners may see since at most a month: each once, and whether it fell significantly."""
    rules = SurveyQuarter.objects.filter(released_on__lte=today, released_on__gt=today - NEWS_OF_SCORES)
    fresh = set(rules.values_list("quarter", flat=True))
    pooled = SurveyQuarter.objects.pooled()
    by_partner: dict[int, dict[date, Count]] = {}
    back = {add_months(each, -3 * n) for each in fresh for n in range(3)}
    for (partner, of_quarter), count in counts_by_partner(back).items():
        by_partner.setdefault(partner, {})[of_quarter] = count
    for partner, own in by_partner.items():
        counts = pool(own, pooled)
        for each in sorted(fresh & counts.keys()):
            this, before = counts[each], counts.get(add_months(each, -3), Count())
            if this.rated():
                facts = {
                    "quarter": str(each),
                    "score": rate("", this).score_text,
                    "answers": str(this.answers),
                    "fallen": "yes" if difference(this, before) == Difference.WORSE else "",
                }
                yield News(AlertKind.SCORE, f"score {partner} {each}", facts, partner=partner)


def _readers(partners: Iterable[int], today: date) -> dict[int, list[User]]:
    found: dict[int, list[User]] = {}
    rows = Membership.objects.filter(covering(today), Q(role="owner") | Q(role="accounting"), partner__in=partners)
    for row in rows.filter(user__is_active=True).select_related("user"):
        found.setdefault(row.partner_id, []).append(row.user)
    return found


def _alert(news: News, person: User, *, in_portal: bool, now: datetime) -> Alert:
    return Alert(
        user=person,
        kind=news.kind,
        agreement_id=news.agreement,
        partner_id=news.partner,
        item_id=news.item,
        subject=news.subject,
        facts=news.facts,
        created_at=now,
        in_portal=in_portal,
    )


def _mail(alert: Alert) -> EmailMessage:
    with override(alert.user.language):
        title = str(AlertKind(alert.kind).label)
        ending = _("You choose in the portal, under Targets, which of these messages you get.")
        subject = _("Targets: %(title)s") % {"title": title}
        return EmailMessage(subject, f"{words(alert)}\n\n{ending}\n", to=[alert.user.email])
