"""What is counted: the KPI with its unit and its match, and how a year is spread over its months."""

from decimal import Decimal
from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partners.models import Partner
from sales.models import Titled, Transaction
from targets.queries import KpiQuerySet


class Unit(models.TextChoices):
    PIECES = "pieces", _("pieces")
    EUR = "EUR", "EUR"
    POINTS = "points", _("points")


class Measure(models.TextChoices):
    """`units` counts quantities, `turnover` EUR net, `nps` is the partner's score and counts no order."""

    UNITS = "units", _("units")
    TURNOVER = "turnover", _("turnover")
    NPS = "nps", _("customer satisfaction (NPS)")


class TurnoverOf(models.TextChoices):
    ORDER_VALUE = "order_value", _("order value")
    MONTHLY_PRICE = "monthly_price", _("monthly price")


class Period(models.TextChoices):
    YEAR = "year", _("year")
    HALF_YEAR = "half_year", _("half-year")
    QUARTER = "quarter", _("quarter")

    @property
    def months(self) -> int:
        return {"year": 12, "half_year": 6, "quarter": 3}[self.value]


def codes(name: Any) -> ArrayField:
    """A list of codes; empty means any."""
    return ArrayField(models.CharField(max_length=60), verbose_name=name, default=list, blank=True)


def month_weights() -> ArrayField:
    """Twelve weights, January first; they say a proportion, so 100, 1 or 12 in total all mean the same."""
    return ArrayField(models.DecimalField(max_digits=9, decimal_places=4), size=12, verbose_name=_("monthly weights"))


def check_weights(weights: list[Decimal]) -> None:
    if len(weights) != 12 or any(weight < 0 for weight in weights) or not sum(weights):
        raise ValidationError(_("Twelve weights are needed, none below zero and at least one above."))


class Counted(models.Model):
    """What counts, how much. An agreement keeps its own copy: editing a KPI never changes what was agreed."""

    unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices, default=Unit.PIECES)
    measure = models.CharField(_("measure"), max_length=10, choices=Measure.choices, default=Measure.UNITS)
    turnover_of = models.CharField(
        _("turnover of"), max_length=16, choices=TurnoverOf.choices, default=TurnoverOf.ORDER_VALUE
    )
    families = codes(_("product families"))
    transactions = codes(_("transactions"))
    # {"product code": "1.5"}: with unit points only the products named here count, each with its points.
    points = models.JSONField(_("points per product"), default=dict, blank=True, encoder=DjangoJSONEncoder)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(measure="units", unit__in=["pieces", "points"])
                | Q(measure="turnover", unit="EUR")
                | Q(measure="nps", unit="points"),
                name="%(class)s_unit_of_measure",
                violation_error_message=_("Units are pieces or points, turnover is EUR, a score is points."),
            )
        ]

    def clean(self) -> None:
        unknown = [code for code in self.transactions if code not in Transaction.values]
        if unknown:
            raise ValidationError({"transactions": _("Unknown: %(codes)s") % {"codes": ", ".join(unknown)}})


@pghistory.track(append_only=True)
class Kpi(Titled, Counted):
    """A number by which partners are measured: `mobile-units`, pieces, family mobile, new contracts."""

    code = models.CharField(_("code"), max_length=60, unique=True)
    partner_kinds = codes(_("partner kinds"))
    active = models.BooleanField(_("can be agreed"), default=True)

    objects = KpiQuerySet.as_manager()

    class Meta(Counted.Meta):
        verbose_name = _("KPI")
        verbose_name_plural = _("KPIs")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.title


@pghistory.track(append_only=True)
class SeasonalWeights(models.Model):
    """How a year usually spreads over its months: the operator's default, or that of one partner kind or KPI."""

    class Source(models.TextChoices):
        OPERATOR = "operator", _("set by the operator")
        LEARNED = "learned", _("learned from past years")

    kpi = models.ForeignKey(Kpi, models.PROTECT, null=True, blank=True, verbose_name=_("KPI"))
    partner_kind = models.CharField(_("partner kind"), max_length=20, choices=Partner.Kind.choices, blank=True)
    weights = month_weights()
    source = models.CharField(_("source"), max_length=10, choices=Source.choices, default=Source.OPERATOR)

    class Meta:
        verbose_name = _("seasonal weights")
        verbose_name_plural = _("seasonal weights")
        ordering = ["partner_kind", "kpi"]
        constraints = [
            models.UniqueConstraint(fields=["kpi", "partner_kind"], name="weights_once"),
            models.UniqueConstraint(
                fields=["partner_kind"], condition=Q(kpi__isnull=True), name="weights_once_for_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi or '*'} {self.partner_kind or '*'}"

    def clean(self) -> None:
        check_weights(self.weights)
