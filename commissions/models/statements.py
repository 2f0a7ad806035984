"""The document: what a partner is told and paid for one month."""

from decimal import Decimal

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from commissions.models.lines import Line
from commissions.models.runs import Run
from commissions.queries import LineQuerySet, ReserveQuerySet, StatementQuerySet
from core.fields import MoneyField
from partners.models import Partner
from sales.models import Order


class Statement(models.Model):
    """Commission statement (§ 87c HGB) of one partner and run; a Gutschrift where self-billing is agreed. Append-only.

    net = sum of its lines. `brought_forward` (≤ 0) is what the statement before carried. All EUR (rules 19 and 20).
    """

    number = models.CharField(_("statement number"), max_length=20, unique=True)
    run = models.ForeignKey(Run, models.DO_NOTHING, db_constraint=False, related_name="statements")
    partner = models.ForeignKey(Partner, models.DO_NOTHING, db_constraint=False, related_name="statements")
    previous = models.ForeignKey("self", models.DO_NOTHING, db_constraint=False, db_index=False, null=True)
    month = models.DateField(_("month"))
    issued_on = models.DateField(_("issued"))
    due_on = models.DateField(_("due"))  # last day of the month after the statement's (§ 87a (4), § 87c (1) HGB)
    vat_status = models.CharField(_("VAT status"), max_length=16, choices=Partner.Vat.choices)
    self_billed = models.BooleanField(_("self-billed"))
    payee = models.JSONField(encoder=DjangoJSONEncoder)  # name, address, tax numbers, IBAN as on the day of issue
    lines_count = models.BigIntegerField(_("lines"))
    net = MoneyField(_("net"))
    brought_forward = MoneyField(_("brought forward"))
    vat = MoneyField(_("VAT"))
    gross = MoneyField(_("gross"))
    reserve_withheld = MoneyField(_("reserve withheld"), default=0)
    reserve_released = MoneyField(_("reserve released"), default=0)
    reserve_drawn = MoneyField(_("reserve drawn"), default=0)
    carried_forward = MoneyField(_("carried forward"))
    payable = MoneyField(_("payable"))
    # Digest of all other columns: what cannot be computed again (payee, tax status) cannot change unnoticed either.
    seal = models.UUIDField()

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["-month", "-pk"]
        constraints = [models.UniqueConstraint(fields=["partner", "month"], name="statement_one_a_month")]

    def __str__(self) -> str:
        return self.number

    @property
    def lines(self) -> LineQuerySet:
        return Line.objects.of([self])


class StatementVat(models.Model):
    """One VAT rate group of a statement; the tax is computed on the group's total, never per line (rule 19). Append-only."""

    statement = models.ForeignKey(Statement, models.DO_NOTHING, db_constraint=False, related_name="vat_groups")
    percent = models.DecimalField(_("VAT percent"), max_digits=4, decimal_places=2)
    net = MoneyField(_("net"))
    brought_forward = MoneyField(_("brought forward"))
    vat = MoneyField(_("VAT"))
    carried_forward = MoneyField(_("carried forward"))

    class Meta:
        ordering = ["statement", "-percent"]
        constraints = [models.UniqueConstraint(fields=["statement", "percent"], name="statement_vat_once")]

    def __str__(self) -> str:
        return f"{self.percent} %"

    @property
    def base(self) -> Decimal:
        """What the tax is computed on."""
        return self.net + self.brought_forward


class ReserveMovement(models.Model):
    """What a statement did to one cohort of the partner's reserve, and found in it (rule 21). Append-only.

    A cohort is what one month's first postings had kept back. Its balance is the sum of withheld − released − drawn over
    all statements. Every statement has a row for each cohort that was open before it, moved or not, so that a release
    that was due and did not come would be noticed. All EUR.
    """

    id = models.BigAutoField(primary_key=True)
    statement = models.ForeignKey(
        Statement, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="reserve_movements"
    )
    partner = models.ForeignKey(Partner, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    cohort = models.DateField(_("kept back in"))
    # What would be taken back if all orders of the cohort ended on the run's last day; NULL where it was not asked.
    exposure = MoneyField(_("could be taken back"), null=True)
    withheld = MoneyField(_("kept back"), default=0)
    released = MoneyField(_("released"), default=0)
    drawn = MoneyField(_("set off"), default=0)
    seal = models.UUIDField()

    objects = ReserveQuerySet.as_manager()

    class Meta:
        verbose_name = _("movement of the reserve")
        verbose_name_plural = _("movements of the reserve")
        ordering = ["-statement", "cohort"]
        indexes = [models.Index(fields=["partner", "cohort"], name="reserve_partner")]
        constraints = [
            models.UniqueConstraint(fields=["statement", "cohort"], name="reserve_once_a_statement"),
            models.CheckConstraint(condition=Q(withheld__gte=0, released__gte=0, drawn__gte=0), name="reserve_adds_up"),
        ]

    def __str__(self) -> str:
        return f"{self.cohort:%Y-%m}"


class ReserveLine(models.Model):
    """A closing line with a reserve as a run posted it: what the exposure of its cohort is asked of. Append-only.

    `is_first`: money was posted of it for the first time, so it belongs to the cohort of the run's month. All others say
    how such a line stands since. The columns are the posted line's; they are here once more because a month would
    otherwise read all lines of a year to find these.
    """

    pk = models.CompositePrimaryKey("run_id", "order_id", "partner_id", "component_code", "month")
    run = models.ForeignKey(Run, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    order = models.ForeignKey(Order, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    partner = models.ForeignKey(Partner, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    component_code = models.CharField(max_length=60, db_collation="C")
    month = models.DateField()
    is_first = models.BooleanField()
    schedule = models.CharField(max_length=60)
    signed_on = models.DateField(null=True)
    activated_on = models.DateField(null=True)
    full = MoneyField()
    clawed = MoneyField()
    entitled = MoneyField()

    def __str__(self) -> str:
        return f"{self.component_code} {self.month:%Y-%m} {self.entitled}"
