"""What one partner has earned, what is coming and what is held, as the books and the nightly figures say now.

    figures = figures_of(partner)
    figures.last          the last posted statement: payable, due date
    figures.coming        sum of the proposal for the open month, net, with its "as of"
    figures.held          by reason: what would be paid if it fell away, and how many orders

A held fact posts one notice when its reason appears and never again; it is over as soon as a later line of the same
fact carries another reason or none, or the order is not what the notice was about any more.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.text import capfirst

from commissions.models import Cause, DraftLine, HoldReason, Kind, Line, Run, Statement
from core.fields import covering
from core.periods import add_months, last_of_month
from partners.models import Membership, Partner
from sales.models import ProductFamily
from training.models import Certificate

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Held:
    """One reason: EUR that would be paid (or, below zero, taken back) and the orders it concerns."""

    reason: str
    label: str
    orders: int
    amount: Decimal
    at_risk: Decimal


@dataclass(frozen=True)
class Coming:
    """The proposal for months not posted yet, EUR net. `expected_on`: last day on which its statement is due by law."""

    month: date
    net: Decimal
    lines: int
    as_of: datetime | None
    expected_on: date


@dataclass(frozen=True)
class Figures:
    last: Statement | None
    coming: Coming | None
    held: tuple[Held, ...]

    @property
    def held_total(self) -> Decimal:
        return sum((each.amount for each in self.held), ZERO)

    @property
    def at_risk(self) -> Decimal:
        return sum((each.at_risk for each in self.held), ZERO)


def provisional_run() -> Run | None:
    """The figures partners see for months that are not posted: the latest finished proposal of the nightly run."""
    return Run.objects.provisional().first()


def figures_of(partner: Partner, statements: QuerySet[Statement]) -> Figures:
    """A constant number of queries. `statements`: those the person may see."""
    run = provisional_run()
    last = statements.filter(partner=partner).order_by("-month").first()
    return Figures(last, _coming(partner, run), tuple(held_of(partner, run)))


def _coming(partner: Partner, run: Run | None) -> Coming | None:
    if run is None:
        return None
    sums = DraftLine.objects.filter(run=run, partner=partner).aggregate(net=Sum("amount"), lines=Count("pk"))
    expected = last_of_month(add_months(run.month, 1))
    return Coming(run.month, sums["net"] or ZERO, sums["lines"], run.snapshot_at, expected)


def held_of(partner: Partner, run: Run | None) -> list[Held]:
    """By reason, largest first; posted notices that still hold and those of the proposal."""
    found: dict[str, tuple[int, Decimal, Decimal]] = {}
    for notices in (posted_notices(partner, run), proposed_notices(partner, run)):
        # Joined through the statements: lines have no index on the partner, statements do.
        rows = notices.order_by().values("hold_reason").annotate(
            orders=Count("order", distinct=True),
            positive=Coalesce(Sum("would_be", filter=Q(would_be__gt=0)), ZERO),
            negative=Coalesce(Sum("would_be", filter=Q(would_be__lt=0)), ZERO),
        )  # fmt: skip
        for row in rows:
            orders, amount, risk = found.get(row["hold_reason"], (0, ZERO, ZERO))
            found[row["hold_reason"]] = (orders + row["orders"], amount + row["positive"], risk + row["negative"])
    held = [
        Held(reason, str(HoldReason(reason).label), orders, amount, risk)
        for reason, (orders, amount, risk) in found.items()
    ]
    return sorted(held, key=lambda each: -each.amount)


def posted_notices(partner: Partner, run: Run | None) -> QuerySet[Line]:
    """Notices on the partner's statements that nothing later, posted or proposed, has ended."""
    notices: QuerySet[Any] = Line.objects.filter(partner=partner, is_notice=True).filter(_still_true())
    notices = _ended_by(notices, Line.objects.filter(pk__gt=OuterRef("pk")))
    return _ended_by(notices, DraftLine.objects.filter(run=run)) if run else notices


def proposed_notices(partner: Partner, run: Run | None) -> QuerySet[DraftLine]:
    return DraftLine.objects.filter(run=run, partner=partner, is_notice=True) if run else DraftLine.objects.none()


def _ended_by(notices: QuerySet[Any], later: QuerySet[Any]) -> QuerySet[Any]:
    """Without the notices whose fact one of the `later` lines shows with another reason, or with none.

    A notice without component (no contract, not in the schedule) ends with any line of its order that has one.
    """
    order = later.filter(order=OuterRef("order"), partner=OuterRef("partner"))
    fact = order.filter(
        Q(revenue_month=OuterRef("revenue_month")) | Q(revenue_month__isnull=True),
        component_code=OuterRef("component_code"),
        month=OuterRef("month"),
    ).exclude(hold_reason=OuterRef("hold_reason"))
    return notices.exclude(Exists(fact)).exclude(Exists(order.exclude(component_code="")), component_code="")


def _still_true() -> Q:
    """The order is still the partner's and still what the notice was about."""
    return Q(
        order__partner=F("partner"),
        order__product=F("product"),
        order__signed_on=F("signed_on"),
        order__activated_on=F("activated_on"),
    )


@dataclass(frozen=True)
class Waiting:
    """Money that waits for the certificate of one product family. `held_now`: somebody of the partner has one today.

    What was signed before the certificate's first day stays unpaid unless an older certificate turns up, so with
    `held_now` nothing is left for the partner to do.
    """

    family: str
    orders: int
    amount: Decimal
    order_no: str  # one of them, to look at
    held_now: bool = False


def waiting_for_certificates(partner: Partner, run: Run | None, today: date) -> list[Waiting]:
    """By product family, most money first."""
    members = Membership.objects.on(today).filter(partner=partner).values("user")
    has = set(
        Certificate.objects.counting()
        .filter(covering(today), holder__in=members)
        .values_list("family__code", flat=True)
    )
    titles = {family.code: family.title for family in ProductFamily.objects.all()}
    sums: dict[str, Waiting] = {}
    for notices in (posted_notices(partner, run), proposed_notices(partner, run)):
        rows = notices.order_by().filter(hold_reason=HoldReason.CERTIFICATE_MISSING).values("component__certificate")
        for row in rows.annotate(n=Count("order", distinct=True), eur=Sum("would_be"), one=Max("order__order_no")):
            code = row["component__certificate"] or ""
            before = sums.get(code, Waiting("", 0, ZERO, ""))
            amount = before.amount + (row["eur"] or ZERO)
            sums[code] = Waiting(titles.get(code, code), before.orders + row["n"], amount, row["one"], code in has)
    return sorted(sums.values(), key=lambda each: -each.amount)


@dataclass(frozen=True)
class News:
    """What one cause adds to the open month so far."""

    label: str
    orders: int
    amount: Decimal


def since_last_statement(partner: Partner, run: Run | None) -> list[News]:
    """The proposal by cause, what was earned by kind of component, EUR net."""
    if run is None:
        return []
    lines = DraftLine.objects.filter(run=run, partner=partner, is_notice=False)
    what = Case(When(cause=Cause.EARNED, then=F("kind")), default=Value(""), output_field=CharField())
    rows = lines.order_by().values("cause", what=what).annotate(n=Count("order", distinct=True), eur=Sum("amount"))
    found = []
    places = list(Cause.values)
    for row in sorted(rows, key=lambda row: (places.index(row["cause"]), row["what"])):
        label = capfirst(str(Kind(row["what"]).label if row["what"] else Cause(row["cause"]).label))
        found.append(News(label, row["n"], row["eur"]))
    return found
