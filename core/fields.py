"""Columns that several rooms share: money, and half-open validity `[valid_from, valid_until)` as two plain dates."""

from datetime import date
from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _


class DateRange(Func):
    """`daterange(valid_from, valid_until)` for exclusion constraints; an absent end means open."""

    function = "daterange"
    output_field = DateRangeField()


VALIDITY = DateRange(F("valid_from"), F("valid_until"))


class Validity(models.Model):
    """Adds `valid_from` (inclusive) and `valid_until` (exclusive, empty = open) with the check that they are in order."""

    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True, help_text=_("First day no longer valid."))

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="%(app_label)s_%(class)s_validity",
                violation_error_message=_("The end must lie after the start."),
            )
        ]

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


class MoneyField(models.DecimalField):
    """EUR with cents, up to 999,999,999,999.99; signed, because differences and clawbacks are amounts too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_digits": 14, "decimal_places": 2, **kwargs})


def covering(day: date, prefix: str = "") -> Q:
    """Rows whose validity contains `day`."""
    start, end = f"{prefix}valid_from__lte", f"{prefix}valid_until"
    return Q(**{start: day}) & (Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gt": day}))
