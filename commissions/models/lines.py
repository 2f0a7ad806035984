"""Proposed and posted lines: identity, result, and every input that explains the cents."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commissions.models.runs import Run
from commissions.models.schedules import Basis, Component, Kind, Window
from commissions.queries import DraftLineQuerySet, LineQuerySet
from core.choices import ToneChoices
from core.fields import MoneyField
from partners.models import Partner
from sales.models import Order


class Cause(ToneChoices):
    """Why a line is there: the first input that differs in value from the booked line before it (formats, rule 5)."""

    EARNED = "earned", "earned", _("earned")
    LATE_EVENT = "late_event", "earned", _("reported late")
    CORRECTED = "corrected", "coming", _("corrected")
    REATTRIBUTED = "reattributed", "held", _("re-attributed")
    CONTRACT = "contract", "held", _("contract changed")
    CANCELLED = "cancelled", "taken", _("cancelled")
    REINSTATED = "reinstated", "earned", _("cancellation revoked")
    SCHEDULE_CHANGED = "schedule_changed", "coming", _("schedule changed")
    CERTIFICATE = "certificate", "held", _("certificate")
    HOLD = "hold", "held", _("hold")
    TARGET = "target", "coming", _("target adjusted")
    SURVEY = "survey", "coming", _("survey result changed")
    RE_RATED = "re_rated", "coming", _("re-rated")
    MANUAL = "manual", "neutral", _("manual")


class HoldReason(models.TextChoices):
    """Why a fact earns nothing yet (formats, rule 6). Empty: nothing is in the way."""

    NO_CONTRACT = "no_contract", _("no contract on the signature date")
    NOT_IN_SCHEDULE = "not_in_schedule", _("not in the schedule")
    NOT_IN_PORTFOLIO = "not_in_portfolio", _("product not in the portfolio on the signature date")
    CERTIFICATE_MISSING = "certificate_missing", _("certificate missing on the signature date")
    CAMPAIGN_NOT_REGISTERED = "campaign_not_registered", _("not registered for the campaign before the signature date")
    WITHHELD = "withheld", _("withheld by the commission controller")
    EVIDENCE_MISSING = "evidence_missing", _("proof of the cancellation missing")


class LineFields(models.Model):
    """Identity, result and every input of a line; `explain` recomputes the cents from these columns alone.

    Identity (rule 4): partner, component, month, order, revenue month; for a follower also the component and partner it
    follows, for a bundle the customer instead of the order, for a manual line the fact itself.
    amount = entitled − booked, both EUR net; entitled = full − clawed; full = base × rate rounded half-up once to
    `round_to`; clawed = full × n / d rounded to the cent. A notice is the 0.00 line that says a fact is held, and what
    it would be worth (`would_be`).

    `measure` is what a step of the component was chosen by: what the window had reached (slab), where the order begins
    in it (graduated), what was attained of the target `measured_of`, promoters less detractors of `measured_of`
    answers. Of a window bonus, `measured_of` is what the month before had reached; of a campaign bonus, `measure` is the
    amount that still fitted under the campaign's cap.
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    partner = models.ForeignKey(Partner, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    order = models.ForeignKey(
        Order, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    component = models.ForeignKey(
        Component, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    manual = models.ForeignKey(
        "commissions.ManualLine", models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    certificate = models.ForeignKey(
        "training.Certificate", models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    distributor = models.ForeignKey(
        Partner, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    # Whose the order was when this was calculated; another than `partner` on a line that takes back.
    attributed_to = models.ForeignKey(
        Partner, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    previous_id = models.BigIntegerField(null=True)  # last posted Line of this identity: what this one corrects
    followed_partner = models.ForeignKey(
        Partner, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    month = models.DateField(_("month"))
    revenue_month = models.DateField(_("revenue month"), null=True)
    signed_on = models.DateField(_("signed"), null=True)
    activated_on = models.DateField(_("activated"), null=True)
    cancelled_on = models.DateField(_("cancelled"), null=True)
    service_date = models.DateField(_("service date"))
    clawed_n = models.IntegerField(default=0)
    clawed_d = models.IntegerField(default=1)
    is_notice = models.BooleanField(default=False)
    has_evidence = models.BooleanField(default=False)
    component_code = models.CharField(_("component"), max_length=60, blank=True, db_collation="C")
    followed_code = models.CharField(_("follows"), max_length=60, blank=True, db_collation="C")
    customer_no = models.CharField(_("customer"), max_length=60, blank=True, db_collation="C")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, blank=True)
    cause = models.CharField(_("cause"), max_length=16, choices=Cause.choices)
    hold_reason = models.CharField(_("held because"), max_length=24, choices=HoldReason.choices, blank=True)
    schedule = models.CharField(_("schedule"), max_length=60, blank=True)
    level = models.CharField(_("level"), max_length=20, blank=True)
    product = models.CharField(_("product"), max_length=60, blank=True)
    transaction = models.CharField(max_length=10, blank=True)
    customer_class = models.CharField(max_length=10, blank=True)
    dealer_code = models.CharField(_("dealer code"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=24, blank=True)
    basis = models.CharField(max_length=14, choices=Basis.choices, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3, null=True)
    # A price of four places times a quantity of three: cut off, it would be another base whenever it is compared.
    measure = models.DecimalField(_("measure"), max_digits=21, decimal_places=7, null=True)
    measured_of = models.DecimalField(_("measured of"), max_digits=21, decimal_places=7, null=True)
    base = models.DecimalField(_("base"), max_digits=21, decimal_places=7, default=0)
    rate = models.DecimalField(_("rate"), max_digits=14, decimal_places=4, default=0)
    round_to = models.DecimalField(max_digits=4, decimal_places=2, default="0.01")
    full = MoneyField(_("full amount"), default=0)
    clawed = MoneyField(_("clawed back"), default=0)
    entitled = MoneyField(_("entitled"), default=0)
    booked = MoneyField(_("booked before"), default=0)
    amount = MoneyField(_("amount"))
    would_be = MoneyField(_("would be"), null=True)
    vat_percent = models.DecimalField(_("VAT percent"), max_digits=4, decimal_places=2, default=0)
    # Digest of all other columns, so that `recheck` notices the smallest change in any, also outside the arithmetic.
    seal = models.BigIntegerField()

    class Meta:
        abstract = True


class DraftLine(LineFields):
    """Proposed line of a run, in a table of its own for each run: posting hands that table over to `Line` as it is."""

    # Given when the line is drafted; the statement itself is written when the run is posted.
    statement = models.ForeignKey(
        "commissions.Statement", models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )

    objects = DraftLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft line")
        verbose_name_plural = _("draft lines")

    def __str__(self) -> str:
        return f"{self.component_code} {self.month:%Y-%m} {self.amount}"


class Line(LineFields):
    """Posted line, partitioned by run. Append-only: the database refuses UPDATE, DELETE and TRUNCATE."""

    statement = models.ForeignKey(
        "commissions.Statement", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        indexes = [
            # A primary key would have to hold the run as well. Numbers go up as rows are written, hence no tree.
            BrinIndex(fields=["id"], name="line_number", pages_per_range=16),
            models.Index(fields=["partner"], name="line_partner"),
            models.Index(fields=["order"], name="line_order"),
            models.Index(fields=["manual"], name="line_manual", condition=Q(manual__isnull=False)),
            models.Index(fields=["customer_no"], name="line_bundle", condition=Q(customer_no__gt="")),
            models.Index(fields=["partner"], name="line_withheld", condition=Q(hold_reason="withheld")),
        ]

    def __str__(self) -> str:
        return f"{self.component_code} {self.month:%Y-%m} {self.amount}"


class Contribution(models.Model):
    """By how much a run changed what one order counts for in the measure of a component and month. Append-only.

    The sum over posted runs is what the order counts for now; it is how a run knows what to take out of a measure
    when an order is cancelled, corrected or given to another partner. `clawed` is summed like them: 1 of an order that takes
    no room, since something of it is clawed back, but has a place in its graduated window to come back to.
    """

    pk = models.CompositePrimaryKey("run_id", "order_id", "partner_id", "component_code", "month")
    run = models.ForeignKey(Run, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    order = models.ForeignKey(Order, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    partner = models.ForeignKey(Partner, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    component_code = models.CharField(max_length=60, db_collation="C")
    month = models.DateField()
    units = models.DecimalField(max_digits=18, decimal_places=4)
    turnover = models.DecimalField(max_digits=21, decimal_places=7)
    clawed = models.SmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["order"], name="contribution_order")]

    def __str__(self) -> str:
        return f"{self.component_code} {self.month:%Y-%m} {self.units}"


class MeasuredMonth(models.Model):
    """By how much a run changed a partner's measure of a component and month: the sum of its contributions. Append-only."""

    run = models.ForeignKey(Run, models.DO_NOTHING, db_constraint=False, related_name="+")
    partner = models.ForeignKey(Partner, models.DO_NOTHING, db_constraint=False, related_name="+")
    component_code = models.CharField(max_length=60, db_collation="C")
    month = models.DateField(db_index=True)
    units = models.DecimalField(max_digits=18, decimal_places=4)
    turnover = models.DecimalField(max_digits=21, decimal_places=7)

    def __str__(self) -> str:
        return f"{self.component_code} {self.month:%Y-%m} {self.units}"


class CapUse(models.Model):
    """By how much a run changed what one order takes under the caps of a campaign. Append-only.

    The sum over posted runs is what it takes now, at its place by `signed_on` and order number: `units`, whether or not they
    fit, and EUR before any clawback as far as the units fit (0 without a cap by amount). `digest` is of what it is asked by:
    while that is the same, and no rate was reached, the order moves nobody behind it.
    """

    run = models.ForeignKey(Run, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    order = models.ForeignKey(Order, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    campaign = models.CharField(max_length=60, db_collation="C")
    signed_on = models.DateField()
    digest = models.UUIDField()
    units = models.DecimalField(max_digits=18, decimal_places=4)
    wanted = models.DecimalField(max_digits=18, decimal_places=4)

    class Meta:
        indexes = [
            models.Index(fields=["order"], name="cap_use_order"),
            models.Index(fields=["campaign", "signed_on"], name="cap_use_place"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} {self.signed_on:%Y-%m-%d} {self.units}"


class Restatement(models.Model):
    """How a closing line that keeps a reserve stands since this run, although its amount did not move. Append-only.

    No line is posted of what changes no amount; but by which schedule and from when an order may still be taken back is
    asked until the reserve is released.
    """

    pk = models.CompositePrimaryKey("run_id", "order_id", "partner_id", "component_code", "month")
    run = models.ForeignKey(Run, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    order = models.ForeignKey(Order, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    partner = models.ForeignKey(Partner, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    component_code = models.CharField(max_length=60, db_collation="C")
    month = models.DateField()
    schedule = models.CharField(max_length=60)
    signed_on = models.DateField()
    activated_on = models.DateField()
    full = models.DecimalField(max_digits=14, decimal_places=2)
    clawed = models.DecimalField(max_digits=14, decimal_places=2)
    entitled = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        indexes = [models.Index(fields=["order"], name="restatement_order")]

    def __str__(self) -> str:
        return f"{self.component_code} {self.month:%Y-%m} {self.activated_on}"


class SettledWindow(models.Model):
    """A partner's window whose measure is final: what it had reached when the run settled it (rule 12). Append-only."""

    run = models.ForeignKey(Run, models.DO_NOTHING, db_constraint=False, related_name="+")
    partner = models.ForeignKey(Partner, models.DO_NOTHING, db_constraint=False, related_name="+")
    component_code = models.CharField(max_length=60, db_collation="C")
    window = models.CharField(max_length=9, choices=Window.choices)
    valid_from = models.DateField()
    units = models.DecimalField(max_digits=18, decimal_places=4)
    turnover = models.DecimalField(max_digits=21, decimal_places=7)  # of a target's period: the target
    # Of a bonus: what it was paid by, which a later version does not change any more.
    component = models.ForeignKey(
        Component, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.component_code} {self.window} {self.valid_from}"
