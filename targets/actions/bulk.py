"""Agreements for many partners at once: from last year's actuals with a growth rate, or from a file.

Each becomes a proposal of its own that a second person offers; partners who have an agreement for the year are left
out and named, so that doing it twice does no harm.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import sql
from core.audit import record
from core.errors import Conflict, FourEyes, Refused
from core.periods import add_months, last_of_month
from partners.models import Partner, User
from partners.rights import require
from targets.actions.agreements import OFFERS, PROPOSES, Goal, offer_agreement, propose_agreement
from targets.arithmetic import EVEN
from targets.models import Agreement, Kpi, Period, SeasonalWeights
from targets.models.kpi import check_weights

COLUMNS = ["partner", "kpi", "annual", "unit", "period"]


@dataclass
class Made:
    """What became of it: agreements proposed, and what was left out with the reason (line or partner, reason)."""

    proposed: list[Agreement] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def weights_for(kpi: Kpi, partner_kind: str) -> Sequence[Decimal]:
    """The most special seasonal weights there are: of KPI and kind, of the KPI, of the kind, the operator's default."""
    known = {(row.kpi_id, row.partner_kind): row.weights for row in SeasonalWeights.objects.all()}
    for key in ((kpi.pk, partner_kind), (kpi.pk, ""), (None, partner_kind), (None, "")):
        if key in known:
            return list(known[key])
    return EVEN


def propose_from_actuals(
    partners: Iterable[Partner],
    *,
    year: int,
    kpis: Iterable[Kpi],
    growth_percent: Decimal,
    by: User | None,
    period: str = "half_year",
    duties: tuple[str, str] = ("", ""),
    now: datetime | None = None,
) -> Made:
    """Last year's actual × (1 + growth), in whole units; a partner who sold nothing of a KPI gets no target for it."""
    require(by, *PROPOSES)
    made, chosen = Made(), list(kpis)
    sold: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for kpi in chosen:
        for row in sql.rows("targets/kpi_months", kpi=kpi.pk, year=year - 1, partner=None):
            sold[row.partner_id, kpi.pk] += row.value
    factor = 1 + growth_percent / 100
    for partner in partners:
        goals = [
            Goal(
                kpi,
                (sold[partner.pk, kpi.pk] * factor).quantize(Decimal(1), ROUND_HALF_UP),
                period,
                weights_for(kpi, partner.kind),
            )
            for kpi in chosen
            if sold[partner.pk, kpi.pk] > 0 and (not kpi.partner_kinds or partner.kind in kpi.partner_kinds)
        ]
        if not goals:
            made.left_out.append((str(partner), _("sold nothing of it last year")))
            continue
        _propose(made, partner, year, goals, by, duties, str(partner), now)
    return made


def propose_from_csv(
    text: str, *, year: int, by: User | None, duties: tuple[str, str] = ("", ""), now: datetime | None = None
) -> Made:
    """One row a target: partner,kpi,annual,unit,period. A row that is wrong is named, the others go through.

    `duties`: what the operator does and what the partner does, the same for all.
    """
    require(by, *PROPOSES)
    made = Made()
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    missing = [name for name in COLUMNS[:3] if name not in (rows.fieldnames or [])]
    if missing:
        raise Refused(
            _("Missing columns: %(names)s. A file has the columns %(all)s.")
            % {"names": ", ".join(missing), "all": ", ".join(COLUMNS)}
        )
    visible = Partner.objects.visible_to(by) if by is not None else Partner.objects.all()
    partners = {partner.number: partner for partner in visible}
    kpis = {kpi.code: kpi for kpi in Kpi.objects.filter(active=True)}
    goals: dict[str, list[Goal]] = defaultdict(list)
    for line, row in enumerate(rows, start=2):
        try:
            goal = _goal(row, partners, kpis)
        except Refused as refusal:
            made.left_out.append((_("line %(n)s") % {"n": line}, str(refusal)))
            continue
        goals[row["partner"].strip()].append(goal)
    for number, wanted in goals.items():
        _propose(made, partners[number], year, wanted, by, duties, number, now)
    return made


def offer_all(agreements: Iterable[Agreement], *, by: User | None, now: datetime | None = None) -> tuple[int, int]:
    """Offers what this person may; returns (offered, left to somebody else)."""
    require(by, *OFFERS)
    offered = left = 0
    for agreement in agreements:
        try:
            offer_agreement(agreement, by=by, now=now)
            offered += 1
        except (FourEyes, Conflict):
            left += 1
    return offered, left


def save_weights(
    *,
    kpi: Kpi | None,
    partner_kind: str,
    weights: Sequence[Decimal],
    by: User | None,
    source: str = "operator",
    now: datetime | None = None,
) -> SeasonalWeights:
    """Sets the seasonal weights of a KPI, a kind, both, or all; agreements made before keep theirs."""
    require(by, *PROPOSES[:2])
    check_weights(list(weights))
    with transaction.atomic():
        values = {"weights": list(weights), "source": source}
        saved, _new = SeasonalWeights.objects.update_or_create(kpi=kpi, partner_kind=partner_kind, defaults=values)
        record(
            by=by, verb="save_weights", obj=saved, now=now or timezone.now(), weights=[str(each) for each in weights]
        )
    return saved


def learned_weights(kpi: Kpi, partner_kind: str, today: date) -> list[Decimal]:
    """How the last whole years of months that are over spread what partners of a kind sold, in percent of the year.

    Whole years, since a month that is in it twice would seem twice as strong: in July the half-year before last is not
    looked at. Refused while less than twelve months are counted.
    """
    wanted = set(Partner.objects.filter(kind=partner_kind).values_list("pk", flat=True)) if partner_kind else None
    sold: dict[date, Decimal] = defaultdict(Decimal)
    for year in watched(today):
        for row in sql.rows("targets/kpi_months", kpi=kpi.pk, year=year, partner=None):
            if wanted is None or row.partner_id in wanted:
                sold[row.month] += max(row.value, Decimal(0))
    if not any(sold.values()):
        raise Refused(_("Nothing was sold of it, so there is nothing to learn from."))
    over, month = [], min(sold)
    while last_of_month(month) <= today:
        over.append(month)
        month = add_months(month, 1)
    whole = len(over) // 12 * 12
    if not whole:
        raise Refused(_("Less than twelve whole months of it are counted; a year cannot be learned from them."))
    sums = [Decimal(0)] * 12
    for month in over[-whole:]:
        sums[month.month - 1] += sold[month]
    return [(each * 100 / sum(sums)).quantize(Decimal("0.01"), ROUND_HALF_UP) for each in sums]


def _propose(
    made: Made,
    partner: Partner,
    year: int,
    goals: Sequence[Goal],
    by: User | None,
    duties: tuple[str, str],
    name: str,
    now: datetime | None,
) -> None:
    operators, partners = duties
    try:
        agreement = propose_agreement(
            partner, year=year, goals=goals, by=by, operator_duties=operators, partner_duties=partners, now=now
        )
    except Refused as refusal:
        made.left_out.append((name, str(refusal)))
    else:
        made.proposed.append(agreement)


def _goal(row: dict[str, str | None], partners: dict[str, Partner], kpis: dict[str, Kpi]) -> Goal:
    number, code = (row["partner"] or "").strip(), (row["kpi"] or "").strip()
    if number not in partners:
        raise Refused(_("partner: %(value)s is no partner of yours") % {"value": number})
    if code not in kpis:
        raise Refused(
            _("kpi: %(value)s is not known; known are %(known)s") % {"value": code, "known": ", ".join(sorted(kpis))}
        )
    unit = (row.get("unit") or "").strip()
    if unit and unit != kpis[code].unit:
        raise Refused(
            _("unit: %(kpi)s is measured in %(right)s, not in %(value)s")
            % {"kpi": code, "right": kpis[code].unit, "value": unit}
        )
    period = (row.get("period") or "half_year").strip()
    if period not in Period.values:
        raise Refused(_("period: %(value)s is none of %(all)s") % {"value": period, "all": ", ".join(Period.values)})
    try:
        annual = Decimal((row["annual"] or "").strip().replace(",", "."))
    except InvalidOperation:
        annual = Decimal(-1)
    if not annual.is_finite() or annual < 0:
        raise Refused(_("annual: a number such as 1000 is needed, not %(value)s") % {"value": row["annual"]})
    return Goal(kpis[code], annual, period, weights_for(kpis[code], partners[number].kind))


def watched(day: date) -> list[int]:
    """The years the counts hold: this one and the one before."""
    return [day.year - 1, day.year]
